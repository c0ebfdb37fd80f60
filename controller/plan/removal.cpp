// SPDX-License-Identifier: Apache-2.0
// Without a project nobody knows the order of the services: all containers go at once, as with
// `docker compose down`, and then the networks that nobody else is on.
#include <fmt/format.h>

#include "controller/plan/decide.hpp"
#include "controller/plan/draft.hpp"
#include "controller/plan/hold.hpp"
#include "controller/plan/ownership.hpp"

namespace trueup::plan {

using model::ObservedContainer;

Plan removal(const model::Observed& observed, const Policy& policy) {
    const model::Project nothing;
    const Inputs inputs{nothing, observed, policy};
    const Cause cause{Drift::orphan, fmt::format("stack {} is gone", policy.identity.stack)};
    const Cause adopted{Drift::orphan, cause.text + ", which had adopted it"};
    Plan plan;
    Draft draft;
    std::map<std::string, int> removed_by;
    for (const auto* containers : {&observed.containers, &observed.elsewhere}) {
        for (const ObservedContainer& container : *containers) {
            if (container.one_off || !is_ours(container, observed, policy.identity)) continue;
            const Cause& why = container.adopted ? adopted : cause;
            if (auto held = hold_removal(Removal{&container, why}, inputs)) {
                plan.held.push_back(std::move(*held));
                continue;
            }
            RemoveContainer step{container.id, container.name,
                                 holds_nothing(container, observed, policy), container.adopted};
            removed_by[container.id] = draft.add("container " + container.name, container.service,
                                                 std::move(step), why, {});
        }
    }
    for (Held& each : prune_networks(inputs, cause, removed_by, draft))
        plan.held.push_back(std::move(each));
    plan.actions = draft.take();
    return plan;
}

}    // namespace trueup::plan
