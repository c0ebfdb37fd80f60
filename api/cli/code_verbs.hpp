// SPDX-License-Identifier: Apache-2.0
// `trueup code hash|verify|diff`: usable alone, without stack, controller or configuration.
#pragma once

#include "api/cli/operator_options.hpp"

namespace CLI {
class App;
}

namespace trueup::cli {

// Exit codes: 0 proven or no difference, 1 differs, 2 error.
void add_code_verbs(CLI::App& app, Chosen& chosen);

}    // namespace trueup::cli
