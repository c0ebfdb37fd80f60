// SPDX-License-Identifier: Apache-2.0
// Images that are pulled although the engine has them (`pull_policy`). Inside plan/ only.
#pragma once

#include <optional>

#include "controller/plan/plan.hpp"

namespace trueup::plan {

// The operator wants what the registry has by now, whatever the engine has.
bool follows_registry(const model::Service& service);

// Why the image of a service that does not build is to be pulled now; nothing when it is not. `always`:
// once for each commit; what speaks of time: once it is over, by what is remembered.
std::optional<Cause> pull_due(const model::Service& service, const Policy& policy, SystemTime now);

}    // namespace trueup::plan
