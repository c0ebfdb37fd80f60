// SPDX-License-Identifier: Apache-2.0
// What the store says of a stack, and what is told it: off switches before the plan, history after.
#include <algorithm>
#include <utility>

#include "controller/plan/guard_token.hpp"
#include "controller/reconcile/reconciler_run.hpp"
#include "controller/reconcile/request.hpp"

namespace trueup::reconcile {
namespace {

// How many kinds there are: plan::Drift counts from 1.
constexpr int drift_count = 10;

plan::Drift drift_of(const std::string& word) {
    for (int value = 1; value <= drift_count; ++value) {
        if (plan::to_string(static_cast<plan::Drift>(value)) == word)
            return static_cast<plan::Drift>(value);
    }
    return plan::Drift::state;
}

// The attempt was not to blame, so the request stands.
bool may_pass(const Error& error) {
    return error.code() == Errc::unavailable || error.code() == Errc::timeout ||
           error.code() == Errc::cancelled;
}

}    // namespace

plan::Policy Reconciler::policy(const Desired& desired, const std::string& stack) const {
    plan::Policy policy = desired.policy;
    if (options_.hand != nullptr) policy.self_container_id = options_.hand->own_container_id();
    if (const store::Applied* applied = parts_.store.applied(stack))
        policy.applied = plan::Applied{applied->commit, applied->services};
    for (const store::Correction& each : parts_.store.corrections(stack)) {
        policy.corrections.push_back(
            plan::Correction{each.service, drift_of(each.drift), each.time, each.applied_hash});
    }
    for (const auto& [reference, pulled] : parts_.store.pulls(stack))
        policy.pulls.emplace(reference, plan::Pull{pulled.commit, pulled.time});
    policy.confirmed = parts_.store.confirmed(stack);
    return policy;
}

// Who asks for a reconcile also wants the branch to be looked up.
void Reconciler::look_for_request(Run& run) const {
    const std::string request = request_of(run.entry.stack);
    run.requested =
        !request.empty() && request != parts_.store.handled_request(run.entry.stack.metadata.name);
    if (run.requested) run.memory.ask_again = true;
}

void Reconciler::look_at_gate(Run& run) const {
    const v1alpha1::Stack& stack = run.entry.stack;
    if (run.stop) {
        run.findings.gate = run.stop();
        if (!run.findings.gate.apply) return;
    }
    GateInputs inputs;
    inputs.suspended_by_file = stack.spec.suspend;
    inputs.orphaned = run.entry.file_gone && !run.entry.removal;
    if (run.findings.confirmation && run.entry.removal)
        inputs.awaits = run.findings.confirmation->message;
    inputs.suspension = parts_.store.suspension(stack.metadata.name, parts_.clock.now());
    inputs.mode = stack.spec.sync.mode;
    inputs.requested = run.requested;
    inputs.has_actions = !run.findings.plan.actions.empty();
    run.findings.gate = decide_gate(inputs);
}

// A suspension whose time is over ends with an event, once.
boost::asio::awaitable<void> Reconciler::lift_expired(Run& run) {
    const SystemTime now = parts_.clock.now();
    store::Changes changes;
    for (const std::string& name :
         {run.entry.stack.metadata.name, std::string(store::every_stack)}) {
        const auto found = parts_.store.suspensions().find(name);
        if (found == parts_.store.suspensions().end()) continue;
        const store::Suspension& suspension = found->second;
        if (!suspension.until || *suspension.until > now) continue;
        store::Event event;
        event.about = name == store::every_stack ? store::About::controller : store::About::stack;
        event.name = name == store::every_stack ? std::string() : name;
        event.reason = "Resumed";
        event.message = "its suspension by " + suspension.actor + " has ended: its time is over";
        event.cause = suspension.reason;
        changes.emplace_back(std::move(event));
        changes.emplace_back(store::Resume{name});
    }
    co_await parts_.store.write(std::move(changes));
}

// Before a deployment it is on disk what was begun; a correction does not wait for the disk.
boost::asio::awaitable<void> Reconciler::note_found(Run& run) {
    run.noted = record_found(run.entry, run.findings, run.memory.told);
    count_suppressed(run, run.noted);
    const bool deployment = run.findings.gate.apply && deploys(run.findings.plan);
    if (!deployment) co_return;
    store::Changes changes = std::exchange(run.noted, {});
    co_await parts_.store.write(std::move(changes));
}

void Reconciler::count_suppressed(const Run& run, const store::Changes& changes) {
    for (const store::Change& change : changes) {
        const auto* event = std::get_if<store::Event>(&change);
        if (event == nullptr || event->reason != "DriftRecurs") continue;
        const std::string kind = event->cause.substr(0, event->cause.find(':'));
        parts_.metrics.heal_suppressed(
            {run.entry.stack.metadata.name, run.entry.stack.spec.environment}, kind);
    }
}

// What is known already is not written again: a stack in which nothing changed costs no disk.
void Reconciler::note_completed(const Run& run, store::Changes& changes) const {
    const std::string& stack = run.entry.stack.metadata.name;
    const auto& known = parts_.store.completed(stack);
    for (const auto& [slot, done] : run.findings.remaining.completed) {
        store::Completed completed{stack, slot.first, slot.second, done.config_hash, done.image};
        const auto found = known.find(slot);
        if (found == known.end() || found->second != completed)
            changes.emplace_back(std::move(completed));
    }
}

// What was asked about is done, or is not wanted any more: should it come again, it is asked again.
void Reconciler::take_back_yes(const Run& run, store::Changes& changes) {
    const Findings& findings = run.findings;
    if (findings.error || !findings.observed || !findings.remaining.empty()) return;
    for (const std::string& token : run.confirmed) {
        if (token.starts_with(plan::guard_token))
            changes.emplace_back(store::Unconfirm{run.entry.stack.metadata.name, token});
    }
}

boost::asio::awaitable<void> Reconciler::note_done(Run& run) {
    const std::string name = run.entry.stack.metadata.name;
    Findings& findings = run.findings;
    store::Changes changes = std::move(run.noted);
    note_completed(run, changes);
    take_back_yes(run, changes);
    for (store::Change& change : record_done(run.entry, findings, parts_.store.applied(name),
                                             run.memory.told, parts_.clock.now()))
        changes.push_back(std::move(change));
    const bool ended = !findings.error || !may_pass(*findings.error);
    run.memory.refused = findings.error && findings.error->code() == Errc::denied;
    if (!run.memory.refused) run.memory.credential_fingerprint.clear();
    if (run.requested && ended && findings.gate.apply)
        changes.emplace_back(store::RequestHandled{name, request_of(run.entry.stack)});
    co_await parts_.store.write(std::move(changes));
    findings.handled_request = parts_.store.handled_request(name);
    if (const auto problem = parts_.store.problem()) findings.store_problem = problem->message();
}

}    // namespace trueup::reconcile
