// SPDX-License-Identifier: Apache-2.0
// The token of a change that a guard holds back begins so. A yes to it is for one time: who carried
// the change out takes the yes back, or the same change would go through unasked when it comes again.
// (A yes to put a drift right once more is kept: it is where the count of corrections begins anew.)
#pragma once

#include <string_view>

namespace trueup::plan {

inline constexpr std::string_view guard_token = "guard-";

}    // namespace trueup::plan
