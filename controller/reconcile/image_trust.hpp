// SPDX-License-Identifier: Apache-2.0
// Which of the commit's files that an image has otherwise are its build's doing (code/changes.hpp): the
// others become differences of the comparison.
#pragma once

#include <memory>
#include <string>

#include "controller/reconcile/desired.hpp"
#include "controller/reconcile/parts.hpp"
#include "controller/reconcile/proofs.hpp"

namespace trueup::reconcile {

// `comparison` is of the image, which trueup built of what is desired. Errors: of the engine.
Task<void> judge_changes(Parts parts, Proofs& proofs, std::shared_ptr<const Desired> desired,
                         std::shared_ptr<const code::ExpectedCode> expected, std::string image_id,
                         code::Comparison& comparison);

}    // namespace trueup::reconcile
