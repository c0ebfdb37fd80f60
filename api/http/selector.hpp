// SPDX-License-Identifier: Apache-2.0
// Label selectors, as far as they are understood: "team=shop,tier=web". Pure.
#pragma once

#include <string_view>

#include "api/v1alpha1/labels.hpp"
#include "controller/base/result.hpp"

namespace trueup::http {

using v1alpha1::Labels;

// All of them must match; "==" is "=". Errc::invalid for anything else, nothing at all included:
// whoever sends an empty selector meant to name something.
Result<Labels> parse_selector(std::string_view text);

}    // namespace trueup::http
