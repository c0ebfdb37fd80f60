// SPDX-License-Identifier: Apache-2.0
// Who else is on the networks that a plan removes: containers of other projects and of none, which the
// cache does not know. A stopped one too would never start again without its network.
#pragma once

#include "controller/engine/engine.hpp"
#include "controller/plan/plan.hpp"

namespace trueup::reconcile {

// Asks the engine, only where the plan removes a network, and notes them in ObservedNetwork::others.
// True: there are some, and the plan has to be made anew.
Task<bool> note_others(engine::Engine& engine, const plan::Plan& plan, model::Observed& observed);

}    // namespace trueup::reconcile
