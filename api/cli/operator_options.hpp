// SPDX-License-Identifier: Apache-2.0
// What may be said to a running controller, and to nobody. Declared here, done in the verbs' files.
#pragma once

#include <CLI/App.hpp>

#include <functional>

#include "api/cli/verbs.hpp"

namespace trueup::cli {

// Set by the verb that was said: does it, and returns the exit code.
using Chosen = std::function<int()>;

void add_server_option(CLI::App& verb, ServerChoice& choice);

// get describe explain events history
void add_reading_verbs(CLI::App& app, Chosen& chosen);
// suspend resume reconcile confirm forget
void add_operator_verbs(CLI::App& app, Chosen& chosen);
// backup version completion volumes
void add_local_verbs(CLI::App& app, Chosen& chosen);

}    // namespace trueup::cli
