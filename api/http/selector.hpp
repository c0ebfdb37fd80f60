// SPDX-License-Identifier: Apache-2.0
// Label selectors, as far as they are understood: "team=shop,tier=web". Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "controller/base/result.hpp"

namespace trueup::http {

using Labels = std::map<std::string, std::string>;

// All of them must match; "==" is "=". Errc::invalid for anything else, nothing at all included:
// whoever sends an empty selector meant to name something.
Result<Labels> parse_selector(std::string_view text);

bool matches(const Labels& labels, const Labels& selector);

}    // namespace trueup::http
