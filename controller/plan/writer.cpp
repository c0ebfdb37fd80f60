// SPDX-License-Identifier: Apache-2.0
#include "controller/plan/writer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "controller/plan/hold.hpp"
#include "controller/plan/one_shot.hpp"
#include "controller/plan/order.hpp"
#include "controller/plan/pulls.hpp"

namespace trueup::plan {

using model::ObservedContainer;
using model::Service;

bool makes_container(const Decision& decision) {
    return decision.verdict == Verdict::create || decision.verdict == Verdict::replace;
}

namespace {

bool does_nothing(const Decision& decision) {
    return decision.verdict == Verdict::keep && decision.at_once.empty() &&
           decision.before_start.empty() && !decision.recovered && !decision.misnamed &&
           !decision.adopts;
}

}    // namespace

Writer::Writer(const Inputs& inputs, const Slots& slots, SystemTime now)
    : inputs_(inputs), slots_(slots), now_(now), images_(inputs.project, inputs.observed, slots) {
    for (const auto* containers : {&inputs.observed.containers, &inputs.observed.elsewhere}) {
        for (const ObservedContainer& container : *containers) names_.insert(container.name);
    }
    for (const Containers* containers : {&slots.ours, &slots.moved}) {
        for (const ObservedContainer* each : *containers) holders_[each->name] = each->id;
    }
    for (const ObservedContainer* each : slots.adoptable) holders_[each->name] = each->id;
}

// A drift that recurs is left alone, and hides no other one of the same container: judged again without
// it, the place gets what that one asks for. Of a state nothing is left to judge.
Decision Writer::decide_slot(const Slot& slot, const Wanted& wanted) {
    Decision decision = decide(slot, wanted, inputs_.project, inputs_.observed, images_);
    std::set<Drift> recurring;
    while (!does_nothing(decision)) {
        auto held = hold(decision, wanted, inputs_, now_);
        if (!held) break;
        const Drift drift = held->cause.drift;
        const bool recurs = held->reason == HoldReason::drift_recurs;
        held_.push_back(std::move(*held));
        if (!recurs || drift == Drift::state || !recurring.insert(drift).second) break;
        Wanted rest = wanted;
        rest.overlooked = recurring;
        Decision other = decide(slot, rest, inputs_.project, inputs_.observed, images_);
        if (!acts(other)) break;
        other.adopts = false;
        other.finished = false;
        decision = std::move(other);
    }
    return decision;
}

bool Writer::decide_all() {
    bool any = false;
    for (const auto& [name, service] : inputs_.project.services) {
        OfService& entry = services_[name];
        Wanted wanted;
        wanted.service = &service;
        wanted.config_hash = render::config_hash(inputs_.project, service);
        wanted.ignores = !inputs_.policy.ignore.empty();
        wanted.image = images_.choose(service, wanted.config_hash);
        wanted.identity = &inputs_.policy.identity;
        wanted.adoptable = &slots_.adoptable;
        for (const Slot& slot : slots_.of_service.at(name)) {
            Decision decision = decide_slot(slot, wanted);
            any = any || !does_nothing(decision);
            if (auto done = completion(decision, inputs_.project))
                completed_.emplace(std::make_pair(name, slot.number), std::move(*done));
            entry.decisions.push_back(std::move(decision));
        }
        entry.image = std::move(wanted.image);
        entry.pull_due = pull_due(service, inputs_.policy, now_);
    }
    return any;
}

std::optional<Plan::Blocked> Writer::find_guarded_change() const {
    std::vector<GuardedChange> changes;
    if (auto renamed = renamed_project(slots_, inputs_)) changes.push_back(std::move(*renamed));
    if (auto lost = lost_volumes(slots_, inputs_)) changes.push_back(std::move(*lost));
    for (const auto& [name, entry] : services_) {
        const std::vector<Slot>& slots = slots_.of_service.at(name);
        for (std::size_t index = 0; index < slots.size(); ++index) {
            if (!makes_container(entry.decisions[index])) continue;
            for (GuardedChange& change : changed_mounts(slots[index], slots_, inputs_))
                changes.push_back(std::move(change));
        }
    }
    return guard(std::move(changes), inputs_.policy);
}

namespace {

// What is done to those that depend on a service of these decisions: as much as to any of them.
Verdict passed_on(const std::vector<Decision>& decisions) {
    if (std::any_of(decisions.begin(), decisions.end(), makes_container)) return Verdict::replace;
    const bool restarts = std::any_of(decisions.begin(), decisions.end(), [](const Decision& each) {
        return each.verdict == Verdict::restart;
    });
    return restarts ? Verdict::restart : Verdict::keep;
}

// Whether what reaches them is a correction as a whole.
bool corrects(const std::vector<Decision>& decisions) {
    return std::none_of(decisions.begin(), decisions.end(), makes_container) &&
           std::any_of(decisions.begin(), decisions.end(),
                       [](const Decision& each) { return each.corrects; });
}

std::string_view past(Verdict verdict) {
    return verdict == Verdict::replace ? "replaced" : "restarted";
}

// Another service's doing reaches it: it is to be replaced as well, or restarted where it runs.
bool is_reached(const Decision& decision, Verdict passed) {
    if (decision.finished || decision.held || passed == Verdict::keep) return false;
    const bool runs =
        decision.current != nullptr && decision.current->state == model::ContainerState::running;
    return passed == Verdict::replace || (runs && decision.verdict == Verdict::keep);
}

}    // namespace

// depends_on with `restart: true`: when the dependency is replaced or restarted, so are its dependents.
void Writer::pass_restarts_on(const Service& service) {
    for (const auto& [name, dependency] : service.depends_on) {
        const auto found = services_.find(name);
        if (!dependency.restart || found == services_.end()) continue;
        const Verdict passed = passed_on(found->second.decisions);
        for (Decision& decision : services_.at(service.name).decisions) {
            if (decision.verdict != Verdict::keep || !is_reached(decision, passed)) continue;
            decision.verdict = passed;
            decision.adopts = decision.adopts && passed == Verdict::restart;
            decision.corrects = corrects(found->second.decisions);
            decision.cause = Cause{
                Drift::state,
                fmt::format("service {}, which it is restarted with, is {}", name, past(passed))};
            if (auto held = protect(decision, inputs_)) held_.push_back(std::move(*held));
        }
    }
}

// What a container shares with another one is gone with it: the engine knows that one by its id, and
// joins it anew when it starts.
void Writer::pass_replacements_on(const Service& service) {
    for (const std::string& name : render::shared_services(service)) {
        const auto found = services_.find(name);
        if (found == services_.end()) continue;
        const Verdict passed = passed_on(found->second.decisions);
        for (Decision& decision : services_.at(service.name).decisions) {
            if (makes_container(decision) || !is_reached(decision, passed)) continue;
            decision.verdict = passed;
            decision.adopts = decision.adopts && passed == Verdict::restart;
            decision.corrects = corrects(found->second.decisions);
            decision.cause = Cause{
                Drift::state, fmt::format("service {}, whose namespace or volumes it shares, is {}",
                                          name, past(passed))};
            if (auto held = protect(decision, inputs_)) held_.push_back(std::move(*held));
        }
    }
}

int Writer::add(const Service& service, Step step, const Cause& cause, const Numbers& after) {
    return draft_.add("service " + service.name, service.name, std::move(step), cause, after);
}

int Writer::remove(const Removal& removal, const Numbers& after) {
    const ObservedContainer& container = *removal.container;
    RemoveContainer step;
    step.id = container.id;
    step.name = container.name;
    step.never_started = holds_nothing(container, inputs_.observed, inputs_.policy);
    const int number = draft_.add("container " + container.name, container.service, std::move(step),
                                  removal.cause, after);
    removed_by_[container.id] = number;
    return number;
}

bool Writer::may_remove(const Removal& removal) {
    auto held = hold_removal(removal, inputs_);
    if (held) held_.push_back(std::move(*held));
    return !held;
}

Plan Writer::write() {
    Plan plan;
    const bool busy =
        decide_all() || !slots_.excess.empty() || !slots_.orphans.empty() || !slots_.moved.empty();
    if (busy) plan.blocked = find_guarded_change();
    if (plan.blocked) return plan;
    const auto order = busy ? in_dependency_order(inputs_.project) : std::vector<const Service*>();
    for (const Service* service : order) {
        pass_replacements_on(*service);
        pass_restarts_on(*service);
    }
    resources_ = add_resources(inputs_, draft_);
    for (const Service* service : order) adopt(*service);
    for (const Service* service : order) clear_slots(*service);
    for (const Service* service : order) add_image(*service);
    for (const Service* service : order) {
        for (const Decision& decision : services_.at(service->name).decisions)
            prepare(*service, decision);
    }
    prepared_ = draft_.ends();
    remove_orphans();
    for (const Service* service : order) change(*service);
    if (inputs_.policy.prune) {
        const Cause unused{Drift::orphan,
                           fmt::format("no service of commit {} uses it",
                                       short_commit(inputs_.policy.identity.revision))};
        for (Held& each : prune_networks(inputs_, unused, removed_by_, draft_))
            held_.push_back(std::move(each));
    }
    for (const ObservedContainer* container : slots_.left)
        held_.push_back(leave_alone(*container, inputs_));
    pull_again();
    plan.completed = std::move(completed_);
    plan.actions = draft_.take();
    std::stable_sort(held_.begin(), held_.end(), [](const Held& left, const Held& right) {
        return left.target < right.target;
    });
    plan.held = std::move(held_);
    return plan;
}

}    // namespace trueup::plan
