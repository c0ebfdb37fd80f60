// SPDX-License-Identifier: Apache-2.0
// What a rollout takes at most. docs/compose.md is made from these numbers.
#pragma once

#include <chrono>
#include <cstddef>

namespace trueup::rollout {

inline constexpr std::size_t bind_bytes = std::size_t{1}
                                          << 30U;           // all files of one bind together
inline constexpr std::chrono::minutes one_shot_time{60};    // to end, where others wait for it

}    // namespace trueup::rollout
