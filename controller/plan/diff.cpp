// SPDX-License-Identifier: Apache-2.0
// Containers are arranged by the place they stand in, each place is judged on its own (decide), and
// the judgements are written down as actions (writer). A stack in which nothing differs costs no
// more than the judging.
#include <fmt/format.h>

#include "controller/plan/writer.hpp"

namespace trueup::plan {
namespace {

using model::ObservedContainer;

Plan block(std::string reason, std::string message) {
    Plan plan;
    plan.blocked = Plan::Blocked{std::move(reason), std::move(message)};
    return plan;
}

Plan await_adoption(const Slots& slots, const Inputs& inputs) {
    std::string names;
    for (const ObservedContainer* container : slots.foreign)
        names += (names.empty() ? "" : ", ") + container->name;
    return block("AwaitingAdoption",
                 fmt::format("project {} has containers that trueup did not create for stack {} "
                             "and does not touch: {}. "
                             "Remove them, or choose another project name",
                             inputs.project.name, inputs.policy.identity.stack, names));
}

}    // namespace

Plan diff(const model::Project& project, const model::Observed& observed, const Policy& policy,
          SystemTime now) {
    const Inputs inputs{project, observed, policy};
    const Slots slots = arrange(project, observed, policy.identity);
    if (!slots.foreign.empty()) return await_adoption(slots, inputs);
    if (auto blocked = find_blocking_resource(inputs))
        return block(blocked->reason, blocked->message);
    return Writer(inputs, slots, now).write();
}

}    // namespace trueup::plan
