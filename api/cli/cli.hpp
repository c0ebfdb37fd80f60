// SPDX-License-Identifier: Apache-2.0
// The verbs. Exit codes: 0 done or no difference, 1 difference found (diff), 2 error.
#pragma once

namespace trueup::cli {

inline constexpr int exit_done = 0;
inline constexpr int exit_difference = 1;
inline constexpr int exit_error = 2;

int run(int argc, char** argv);

}    // namespace trueup::cli
