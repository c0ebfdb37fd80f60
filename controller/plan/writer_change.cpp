// SPDX-License-Identifier: Apache-2.0
// The change: everything that stops or starts something. What stops something waits for the whole
// preparation; a start waits for what its service depends on.
#include <fmt/format.h>

#include <algorithm>

#include "controller/plan/writer.hpp"

namespace trueup::plan {

using model::ObservedContainer;
using model::Service;

namespace {

// Others wait for it, and none of them requires it.
bool is_optional(const model::Project& project, const std::string& service_name) {
    bool optional = false;
    for (const auto& [name, service] : project.services) {
        const auto found = service.depends_on.find(service_name);
        if (found == service.depends_on.end()) continue;
        if (found->second.required) return false;
        optional = true;
    }
    return optional;
}

// It stays as it is, and that is not well.
bool is_left_unhealthy(const Decision& decision) {
    return decision.verdict == Verdict::keep && decision.current != nullptr &&
           decision.current->health == model::Health::unhealthy;
}

}    // namespace

void Writer::remove_orphans() {
    if (!inputs_.policy.prune) return;
    const std::string commit = short_commit(inputs_.policy.identity.revision);
    for (const ObservedContainer* container : slots_.orphans) {
        Removal removal{container, Cause{Drift::orphan, fmt::format("service {} is not in {}",
                                                                    container->service, commit)}};
        if (may_remove(removal)) orphans_gone_.insert(remove(removal, prepared_));
    }
    for (const ObservedContainer* container : slots_.moved) {
        const Removal removal{
            container, Cause{Drift::orphan,
                             fmt::format("the stack was project {} before", container->project)}};
        if (may_remove(removal)) orphans_gone_.insert(remove(removal, prepared_));
    }
}

// What the starts of a service wait for; where a dependency is up already but not ready yet, a wait
// for it joins the plan.
Numbers Writer::dependencies_of(const Service& service) {
    Numbers after;
    for (const auto& [name, dependency] : service.depends_on) {
        const auto found = inputs_.project.services.find(name);
        if (found == inputs_.project.services.end()) continue;
        const OfService& entry = services_.at(name);
        const bool hopeless =
            std::any_of(entry.decisions.begin(), entry.decisions.end(), is_left_unhealthy);
        const bool waits = dependency.condition != model::DependencyCondition::started &&
                           (dependency.required || !hopeless);
        if (waits) await(found->second, dependency.condition);
        const Numbers& numbers = waits ? entry.settles : entry.starts;
        after.insert(numbers.begin(), numbers.end());
    }
    return after;
}

void Writer::await(const Service& dependency, model::DependencyCondition condition) {
    OfService& entry = services_.at(dependency.name);
    for (const Decision& decision : entry.decisions) {
        // What is held on purpose is not waited for: it may stay so for good.
        if (entry.settled.contains(decision.number) || decision.finished || decision.held ||
            decision.current == nullptr)
            continue;
        const ObservedContainer& container = *decision.current;
        const bool completes = condition == model::DependencyCondition::completed_successfully;
        const bool unchecked = container.health == model::Health::none;
        // Without a health check it settles as what it is: a failure.
        const bool ready = container.health == model::Health::healthy ||
                           (unchecked && !must_be_healthy(inputs_.project, dependency.name));
        if (!completes && ready) continue;
        SettleContainer step;
        step.service = dependency.name;
        step.number = decision.number;
        step.name = decision.name;
        step.id = container.id;
        step.completes = completes;
        step.optional = is_optional(inputs_.project, dependency.name);
        const std::string state(completes   ? model::to_string(container.state)
                                : unchecked ? "no health check"
                                            : model::to_string(container.health));
        entry.settles.insert(add(dependency, std::move(step), Cause{Drift::state, state}, {}));
        entry.settled.insert(decision.number);
    }
}

void Writer::change(const Service& service) {
    OfService& entry = services_.at(service.name);
    Numbers after;
    const auto acts = [](const Decision& decision) {
        return decision.verdict != Verdict::keep && decision.verdict != Verdict::settle;
    };
    if (std::any_of(entry.decisions.begin(), entry.decisions.end(), acts))
        after = dependencies_of(service);
    if (std::any_of(entry.decisions.begin(), entry.decisions.end(), makes_container)) {
        after.insert(orphans_gone_.begin(), orphans_gone_.end());
    }
    for (const Decision& decision : entry.decisions) change_slot(service, decision, after);
    for (const ObservedContainer* container : slots_.excess) {
        if (container->service != service.name) continue;
        Numbers settled = prepared_;
        settled.insert(entry.settles.begin(), entry.settles.end());
        const Cause cause{Drift::state,
                          fmt::format("beyond {} {}", service.replicas,
                                      service.replicas == 1 ? "replica" : "replicas")};
        const Removal removal{container, cause};
        if (may_remove(removal)) remove(removal, settled);
    }
}

void Writer::change_slot(const Service& service, const Decision& decision, Numbers after) {
    OfService& entry = services_.at(service.name);
    const bool replaces = decision.verdict == Verdict::replace;
    const bool restarts = decision.verdict == Verdict::restart;
    if (!decision.before_start.empty() || replaces || restarts)
        after.insert(prepared_.begin(), prepared_.end());
    for (const Removal& removal : decision.before_start) after.insert(remove(removal, prepared_));
    if (decision.verdict == Verdict::keep) return;
    const Numbers& cleared = entry.cleared[decision.number];
    after.insert(cleared.begin(), cleared.end());

    SettleContainer settle;
    settle.service = service.name;
    settle.number = decision.number;
    settle.name = decision.name;
    settle.completes = is_awaited(inputs_.project, service.name);
    settle.optional = is_optional(inputs_.project, service.name);
    if (!makes_container(decision)) settle.id = decision.current->id;
    const ObservedContainer* previous = replaces ? decision.current : decision.previous;
    if (previous != nullptr) settle.previous = previous->id;
    if (decision.verdict != Verdict::settle)
        after = {start(service, decision, settle, std::move(after))};
    const int settled = add(service, std::move(settle), decision.cause, after);
    entry.settles.insert(settled);
    entry.settled.insert(decision.number);
    if (previous != nullptr) removed_by_[previous->id] = settled;
}

int Writer::start(const Service& service, const Decision& decision, const SettleContainer& settle,
                  Numbers after) {
    OfService& entry = services_.at(service.name);
    StartContainer start;
    start.service = service.name;
    start.number = decision.number;
    start.name = decision.name;
    start.id = settle.id;
    start.previous = settle.previous;
    start.unpause = decision.verdict == Verdict::unpause;
    start.restart = decision.verdict == Verdict::restart;
    if (decision.verdict == Verdict::replace) start.replaces = decision.current->id;
    // One replica after the other: the rest keeps serving meanwhile.
    if (start.restart || !start.replaces.empty())
        after.insert(entry.settles.begin(), entry.settles.end());
    if (const auto made = entry.prepared.find(decision.number); made != entry.prepared.end()) {
        after.insert(made->second);
        start.beside = std::get<PrepareContainer>(draft_.step(made->second)).beside;
    }
    const int number = add(service, std::move(start), decision.cause, after);
    if (decision.corrects) draft_.mark_correction(number);
    entry.starts.insert(number);
    return number;
}

}    // namespace trueup::plan
