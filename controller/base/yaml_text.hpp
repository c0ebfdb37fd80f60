// SPDX-License-Identifier: Apache-2.0
// What the text of a YAML file tells before and beside its parser, which has no limits, and finds the
// trouble with a tab only after it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "controller/base/yaml.hpp"

namespace trueup::base::yaml {

// Too long, not UTF-8, or control characters in it.
std::optional<Problem> check_text(std::string_view text, const std::string& file,
                                  const Limits& limits);

// A tab in the indentation of line `number` (from 1) or the one before.
std::optional<Position> find_tab(std::string_view text, std::uint32_t number,
                                 const std::string& file);

}    // namespace trueup::base::yaml
