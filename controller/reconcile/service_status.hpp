// SPDX-License-Identifier: Apache-2.0
// What the last look says of each service: state, health, and whether its code was proven. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/v1alpha1/stack.hpp"
#include "controller/model/observed.hpp"
#include "controller/plan/plan.hpp"
#include "controller/reconcile/desired.hpp"

namespace trueup::reconcile {

std::vector<v1alpha1::ServiceStatus> service_statuses(const Desired& desired,
                                                      const model::Observed& observed);

// Healthy: every replica runs and its health check (if any) passes; finished one-shots count as
// healthy. Unknown/Progressing while health checks start; False/Degraded or False/Missing
// otherwise. One that Docker's restart policy has started again and again is degraded also while it
// runs, until it has run for a minute.
v1alpha1::Condition health_condition(const Desired& desired, const model::Observed& observed,
                                     SystemTime now);
// When the first container that crash-loops will have run for that minute; nothing when none does.
std::optional<SystemTime> crash_loop_ends(const model::Observed& observed, SystemTime now);

// Fresh: True when every service that is built from the commit, and every other with code mappings, is
// proven: file by file, or, where its image has no file of the commit, by the build (the image carries
// the recipe of exactly this context) and, for an image that is only named, by its id. False when one
// differs, or a process is older than what is mounted read-only into it (ProcessOutdated); Unknown
// otherwise, with the line of the Dockerfile that could not be followed.
v1alpha1::Condition fresh_condition(const Desired& desired, const model::Observed& observed);

// Of a service that is not fresh: its code is not known to differ, but its process is too old.
bool is_outdated(const model::Observed& observed, const std::string& service);

}    // namespace trueup::reconcile
