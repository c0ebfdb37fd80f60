// SPDX-License-Identifier: Apache-2.0
// Containers are arranged by the place they stand in, each place is judged on its own (decide), and
// the judgements are written down as actions (writer). A stack in which nothing differs costs no
// more than the judging.
#include <fmt/format.h>

#include "controller/plan/ownership.hpp"
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
    for (const ObservedContainer* container : slots.foreign) {
        const std::string why = why_foreign(*container, inputs.observed, inputs.policy.identity);
        names += fmt::format("{}{}{}", names.empty() ? "" : ", ", container->name,
                             why.empty() ? why : fmt::format(" ({})", why));
    }
    return block("AwaitingAdoption",
                 fmt::format("project {0} has containers that trueup did not create for stack {1} "
                             "and does not touch: {2}. Remove them, choose another project name, "
                             "or take them over: `trueup adopt {0}` shows what that would do",
                             inputs.project.name, inputs.policy.identity.stack, names));
}

Plan await_comparison(const ObservedContainer& container, const Inputs& inputs) {
    return block("AwaitingAdoption",
                 fmt::format("container {} of project {} was not compared with what commit {} asks "
                             "for yet: nothing is taken over before",
                             container.name, inputs.project.name,
                             short_commit(inputs.policy.identity.revision)));
}

}    // namespace

Plan diff(const model::Project& project, const model::Observed& observed, const Policy& policy,
          SystemTime now) {
    const Inputs inputs{project, observed, policy};
    const Slots slots = arrange(project, observed, policy);
    if (!slots.foreign.empty()) return await_adoption(slots, inputs);
    for (const ObservedContainer* container : slots.adoptable) {
        const model::Service& service = project.services.at(container->service);
        const bool compared = container->comparison && container->comparison->config_hash ==
                                                           render::config_hash(project, service);
        if (!compared) return await_comparison(*container, inputs);
    }
    if (auto blocked = find_blocking_resource(inputs))
        return block(blocked->reason, blocked->message);
    return Writer(inputs, slots, now).write();
}

}    // namespace trueup::plan
