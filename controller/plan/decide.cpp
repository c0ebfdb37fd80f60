// SPDX-License-Identifier: Apache-2.0
// First what an interrupted rollout left is put in order: there is at most one container in the
// place and at most one way back. Then the container's differences and state decide.
//
// The executor replaces in these steps, and may be killed between any two of them (C the container,
// N the next, P the previous):
//   C N | rename C, P N | restart policy of P, P N | stop P, P N | rename N, C P | start C, C P | remove P, C
// so: N is always redone; P without C is put back; C with P is settled, or replaced with P as way
// back.
#include "controller/plan/decide.hpp"

#include <fmt/format.h>

#include "controller/plan/ownership.hpp"

namespace trueup::plan {
namespace {

using model::ContainerState;
using model::Health;
using model::ObservedContainer;

bool runs(const ObservedContainer& container) { return container.state == ContainerState::running; }

Cause interrupted() { return Cause{Drift::state, "left over by an interrupted rollout"}; }

Cause left_over() {
    return Cause{Drift::state, "left over by an interrupted recreate of docker compose"};
}

// A container that the engine cannot run again stands for nothing.
const ObservedContainer* usable(const Slot& slot, const ObservedContainer* container,
                                Decision& decision) {
    if (container == nullptr) return nullptr;
    if (container->state != ContainerState::dead && container->state != ContainerState::removing)
        return container;
    decision.at_once.push_back(Removal{container, state_cause(*container)});
    decision.at_once.back().stands_in_place = container == slot.current;
    return nullptr;
}

// The place holds a container that must be replaced, and a way back from an earlier attempt: one of
// them goes. True: the previous one is to take the place again.
bool choose_way_back(Decision& decision, const Cause& cause) {
    const ObservedContainer& current = *decision.current;
    const bool well = current.health == Health::none || current.health == Health::healthy;
    if (runs(current) && well) {
        decision.before_start.push_back(Removal{decision.previous, interrupted()});
        decision.previous = nullptr;
        return false;
    }
    // Not proven to work: the previous one stays the way back. While it runs it may serve somebody,
    // so it goes only when all is prepared.
    const bool at_once = !runs(current);
    (at_once ? decision.at_once : decision.before_start)
        .push_back(Removal{decision.current, cause});
    decision.current = nullptr;
    decision.cause = cause;
    return at_once;
}

// Nothing in the place but the way back: it takes the place. It was stopped by us, whatever its
// exit code, so it is started; but a one-shot is not run again that had finished, or is to be
// replaced.
std::optional<Cause> recover(Decision& decision, const Wanted& wanted,
                             const model::Project& project, const model::Observed& observed,
                             const Images& images) {
    decision.current = decision.previous;
    decision.previous = nullptr;
    decision.recovered = true;
    const ObservedContainer& current = *decision.current;
    auto wrong = difference(current, wanted, project, observed, images);
    const bool awaited = is_awaited(project, decision.service->name);
    decision.finished = awaited && has_completed(project, *decision.service, current);
    decision.start_recovered = !decision.finished && (runs(current) || !awaited || !wrong);
    return wrong;
}

// True: docker compose had begun to recreate the container that is in the place, and may have stopped it.
bool clear_surplus(const Slot& slot, Decision& decision) {
    bool recreate = false;
    for (const ObservedContainer* each : slot.surplus) {
        const bool left = is_left_over(each->name, slot.name);
        recreate = recreate || left;
        const Cause cause =
            left ? left_over() : Cause{Drift::state, "a second container for " + slot.name};
        (was_never_started(*each) ? decision.at_once : decision.before_start)
            .push_back(Removal{each, cause});
    }
    return recreate;
}

// A one-shot that succeeded and stands, or was removed since: nothing that happened to its container, its
// networks or its image makes it run again.
bool rests_on_its_completion(const Slot& slot, const Decision& decision,
                             const model::Project& project, const model::Observed& observed) {
    if (decision.previous != nullptr) return false;
    const ObservedContainer* current = decision.current;
    const bool stands =
        current != nullptr && current->state == ContainerState::exited && current->exit_code == 0 &&
        render::is_hash_of(current->config_hash, render::config_hash(project, *slot.service),
                           slot.service->unkeyed_hash);
    return (current == nullptr || stands) && is_done(project, *slot.service, slot.number, observed);
}

// Where it stands on a network that was made anew, and that is overlooked, it cannot be started: what
// heals its state heals that too.
Verdict unless_cut_off(Verdict verdict, const Wanted& wanted) {
    return wanted.overlooked.contains(Drift::runtime) ? Verdict::replace : verdict;
}

void judge_state(Decision& decision, const Wanted& wanted, bool stopped_by_recreate,
                 const model::Project& project) {
    const ObservedContainer& current = *decision.current;
    const bool settles = decision.previous != nullptr || decision.start_recovered;
    decision.cause =
        settles ? Cause{Drift::state, "its rollout was interrupted"} : state_cause(current);
    if (decision.recovered) {
        decision.verdict = decision.start_recovered ? Verdict::settle : Verdict::keep;
        return;
    }
    switch (current.state) {
        case ContainerState::running:
            if (settles || current.age.count == 0 || wanted.overlooked.contains(Drift::process) ||
                !may_be_outdated(project, *decision.service))
                break;
            decision.verdict = unless_cut_off(Verdict::restart, wanted);
            decision.cause = Cause{Drift::process, model::to_text(current.age, current.started_at)};
            return;
        case ContainerState::restarting: break;
        case ContainerState::paused: decision.verdict = Verdict::unpause; return;
        case ContainerState::exited:
            decision.finished =
                !stopped_by_recreate && has_completed(project, *decision.service, current);
            if (decision.finished) break;
            decision.verdict = unless_cut_off(Verdict::start, wanted);
            return;
        case ContainerState::created:
        case ContainerState::removing:
        case ContainerState::dead:
            decision.verdict = unless_cut_off(Verdict::start, wanted);
            return;
    }
    if (settles) decision.verdict = Verdict::settle;
}

}    // namespace

std::optional<SystemTime> set_down_by_person(const ObservedContainer& container) {
    if (container.state == ContainerState::paused) return container.paused_at;
    // Whose stop it was that nobody heard: rather a person's.
    const bool stopped =
        container.ended.cause == model::EndCause::stopped &&
        (container.ended.by == model::Actor::person || container.ended.by == model::Actor::unknown);
    if (container.state != ContainerState::exited || !stopped) return std::nullopt;
    return container.ended.at;
}

bool was_never_started(const ObservedContainer& container) {
    return container.state == ContainerState::created && container.started_at.empty();
}

bool holds_nothing(const ObservedContainer& container, const model::Observed& observed,
                   const Policy& policy) {
    return was_never_started(container) && !container.adopted &&
           is_ours(container, observed, policy.identity);
}

Cause state_cause(const ObservedContainer& container) {
    if (container.state != ContainerState::exited)
        return Cause{Drift::state, std::string(model::to_string(container.state))};
    if (set_down_by_person(container)) return Cause{Drift::state, "stopped by a person"};
    if (container.ended.cause == model::EndCause::oom)
        return Cause{Drift::state, "ended by the kernel, out of memory"};
    return Cause{Drift::state, fmt::format("exited with code {}", container.exit_code)};
}

Decision decide(const Slot& slot, const Wanted& wanted, const model::Project& project,
                const model::Observed& observed, const Images& images) {
    Decision decision;
    decision.service = slot.service;
    decision.number = slot.number;
    decision.name = slot.name;
    for (const ObservedContainer* each : slot.prepared)
        decision.at_once.push_back(Removal{each, interrupted()});
    const bool stopped_by_recreate = clear_surplus(slot, decision);
    decision.current = usable(slot, slot.current, decision);
    decision.previous = usable(slot, slot.previous, decision);
    decision.settled_before = slot.previous == nullptr;
    if (slot.current != nullptr && decision.current == nullptr)
        decision.cause = state_cause(*slot.current);
    if (decision.cause.text.empty()) decision.cause = Cause{Drift::state, "missing"};

    if (rests_on_its_completion(slot, decision, project, observed)) {
        decision.finished = true;
        return decision;
    }
    std::optional<Cause> wrong;
    if (decision.current != nullptr)
        wrong = difference(*decision.current, wanted, project, observed, images);
    bool put_back = decision.current == nullptr;
    if (wrong && decision.previous != nullptr) put_back = choose_way_back(decision, *wrong);
    if (put_back && decision.previous != nullptr)
        wrong = recover(decision, wanted, project, observed, images);
    decision.adopts =
        decision.current != nullptr && !wrong && wanted.is_adoptable(*decision.current);
    if (decision.current == nullptr) {
        decision.verdict = Verdict::create;
    } else if (wrong) {
        decision.verdict = Verdict::replace;
        decision.cause = *wrong;
    } else {
        judge_state(decision, wanted, stopped_by_recreate, project);
        decision.misnamed = is_left_over(decision.current->name, slot.name);
        if (decision.misnamed && decision.verdict == Verdict::keep) decision.cause = left_over();
    }
    return decision;
}

}    // namespace trueup::plan
