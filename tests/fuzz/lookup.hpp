// SPDX-License-Identifier: Apache-2.0
// Variables for the targets that substitute: some are set, one is empty, the rest is not there.
#pragma once

#include <optional>
#include <string>

namespace trueup::fuzz {

inline std::optional<std::string> lookup(const std::string& name) {
    if (name == "EMPTY") return std::string();
    return name.starts_with("S") ? std::optional(name + "$value") : std::nullopt;
}

}    // namespace trueup::fuzz
