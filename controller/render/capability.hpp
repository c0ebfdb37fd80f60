// SPDX-License-Identifier: Apache-2.0
// What an engine understands, by the version of its API (Docker Engine API version history).
#pragma once

#include <string_view>

#include "controller/base/error.hpp"
#include "controller/model/project.hpp"

namespace trueup::render {

struct Capability {
    int api_minor = 41;    // Engine API 1.<this>, the negotiated one

    // More than one network, and an address of its own in each, at create.
    bool takes_all_networks() const { return api_minor >= 44; }

    bool operator==(const Capability&) const = default;
};

// Of "1.45"; what cannot be read is the oldest that is supported.
Capability capability_of(std::string_view api_version);

// What the project asks for and an engine of this version would leave out without a word. Empty: it
// can do all of it.
Problems beyond(const model::Project& project, Capability capability);

}    // namespace trueup::render
