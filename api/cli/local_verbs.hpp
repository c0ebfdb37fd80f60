// SPDX-License-Identifier: Apache-2.0
// Verbs that ask nobody: each prints on stdout, problems on stderr, and returns the exit code.
#pragma once

#include <string>

#include "controller/app/options.hpp"

namespace trueup::cli {

// `trueup backup FILE`: a copy of what the controller of that configuration remembers, also while it
// runs.
int backup(const app::CommonChoice& choice, const std::string& file);
// `trueup version [-o json|yaml]`
int version(const std::string& output);

}    // namespace trueup::cli
