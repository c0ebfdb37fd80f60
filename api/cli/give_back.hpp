// SPDX-License-Identifier: Apache-2.0
// How a stack is given back to plain docker compose: what compose will go on with, and the command to
// run. Pure.
#pragma once

#include <string>

#include "api/v1alpha1/stack.hpp"
#include "controller/reconcile/findings.hpp"

namespace trueup::cli {

// `file`: of the Stack. `found`: a look at it that came as far as its plan.
std::string give_back_text(const v1alpha1::Stack& stack, const std::string& file,
                           const reconcile::Findings& found);

}    // namespace trueup::cli
