// SPDX-License-Identifier: Apache-2.0
// Services that run once. Inside plan/ only.
#pragma once

#include "controller/plan/decide.hpp"
#include "controller/plan/plan.hpp"

namespace trueup::plan {

// What a one-shot is run from now; nothing where the image is not known yet.
std::optional<model::Completion> definition(const model::Project& project,
                                            const model::Service& service,
                                            const model::Observed& observed);

// What is to be remembered of a slot that holds a one-shot which is done; nothing where its container is
// gone, or was made from something else.
std::optional<model::Completion> completion(const Decision& decision,
                                            const model::Project& project);

}    // namespace trueup::plan
