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

// What to do about one that says whose it is; "" where it can be taken over.
std::string advice_of(const ObservedContainer& container, const Inputs& inputs) {
    switch (claim_of(container, inputs.observed, inputs.policy.identity)) {
        case Claim::other_controller:
            return fmt::format(
                "Controller {0} has project {1}, and one of the two has to give it up: take its "
                "Stack away from controller {2}; or from {0} (`trueup detach -f FILE` shows how), "
                "start it anew with `docker compose up -d --force-recreate`, and set `adopt: true` "
                "here. If {0} is what controller {2} was called before, call it that again",
                container.owner, inputs.project.name, inputs.policy.identity.controller);
        case Claim::other_stack:
            return fmt::format(
                "Call the Stack {} again if it is the same, choose another project name, or end "
                "what runs with `docker compose -p {} down`, which keeps the volumes",
                container.stack, inputs.project.name);
        case Claim::nobody: break;
    }
    return {};
}

// Of a container that is not ours: what speaks against it, or what it is.
std::string what_it_is(const ObservedContainer& container, const Inputs& inputs) {
    std::string why = why_foreign(container, inputs.observed, inputs.policy.identity);
    const auto service = inputs.project.services.find(container.service);
    if (!why.empty() || service == inputs.project.services.end()) return why;
    const std::string name =
        render::container_name(inputs.project.name, service->second, container.number);
    return is_left_over(container.name, name)
               ? "left over by an interrupted recreate of docker compose"
               : why;
}

Plan await_adoption(const Slots& slots, const Inputs& inputs) {
    std::string names;
    std::string advice;
    for (const ObservedContainer* container : slots.foreign) {
        const std::string why = what_it_is(*container, inputs);
        names += fmt::format("{}{}{}", names.empty() ? "" : ", ", container->name,
                             why.empty() ? why : fmt::format(" ({})", why));
        if (advice.empty()) advice = advice_of(*container, inputs);
    }
    const bool claimed = !advice.empty();
    if (!claimed) {
        advice = fmt::format(
            "Remove them, choose another project name, or take them over: `trueup adopt {}` shows "
            "what that would do",
            inputs.project.name);
    }
    return block(claimed ? "DuplicateProject" : "AwaitingAdoption",
                 fmt::format("project {} has containers that trueup did not create for stack {} "
                             "and does not touch: {}. {}",
                             inputs.project.name, inputs.policy.identity.stack, names, advice));
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
