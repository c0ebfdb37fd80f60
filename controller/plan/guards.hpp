// SPDX-License-Identifier: Apache-2.0
// Changes after which a stack would run on, without its data or beside itself: nothing of the plan is
// done until a person has said yes to exactly this. Inside plan/ only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/plan/decide.hpp"
#include "controller/plan/resources.hpp"

namespace trueup::plan {

struct GuardedChange {
    std::string reason;     // ProjectRenamed, VolumesGone, VolumeRenamed, MountChanged
    std::string message;    // what would happen
};

// The stack was deployed under another project name before.
std::optional<GuardedChange> renamed_project(const Slots& slots, const Inputs& inputs);

// The stack ran, and neither a container nor a volume of it is there any more: the engine is another
// one, or has lost its data.
std::optional<GuardedChange> lost_volumes(const Slots& slots, const Inputs& inputs);

// Of a new container in the slot: where it would write to something else than the one before it, or
// no longer to what that one wrote to. Where none is left: than a service that goes, or where a volume
// would be made anew that the service had under another name.
std::vector<GuardedChange> changed_mounts(const Slot& slot, const Slots& slots,
                                          const Inputs& inputs);

// Nothing when there is no such change, or a person confirmed just these.
std::optional<Plan::Blocked> guard(std::vector<GuardedChange> changes, const Policy& policy);

}    // namespace trueup::plan
