// SPDX-License-Identifier: Apache-2.0
// What is deliberately not acted on. Inside plan/ only.
#pragma once

#include <optional>

#include "controller/plan/decide.hpp"
#include "controller/plan/resources.hpp"

namespace trueup::plan {

// It would start, change, rename or make the container of its place.
bool acts(const Decision& decision);

// A decision that is held does nothing any more; what it would have done is told.

// The controller's own container would be replaced, renamed or removed.
std::optional<Held> protect(Decision& decision, const Inputs& inputs);

// Marks a decision that corrects what changed by itself; held where the policy says so. And the
// above.
std::optional<Held> hold(Decision& decision, const Wanted& wanted, const Inputs& inputs,
                         SystemTime now);

// The same for a container that is to be removed since nothing wants it.
std::optional<Held> hold_removal(const Removal& removal, const Inputs& inputs);

// Another tool created it, and nothing of the project wants it.
Held leave_alone(const model::ObservedContainer& container, const Inputs& inputs);

}    // namespace trueup::plan
