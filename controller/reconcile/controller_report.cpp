// SPDX-License-Identifier: Apache-2.0
// After each reconcile one switch decides: terminal error -> wait for other input; other error ->
// backoff; success -> a resync after the stack's interval. Then status, metrics and log tell.
#include <algorithm>
#include <utility>

#include "controller/base/log.hpp"
#include "controller/reconcile/controller.hpp"
#include "controller/reconcile/service_status.hpp"
#include "controller/reconcile/status.hpp"

namespace trueup::reconcile {
namespace {

// The stack's interval and up to a tenth more, by name, so that a thousand stacks do not resync in
// one moment.
Milliseconds resync_delay(const std::string& name, const Entry& entry) {
    const auto interval = std::chrono::duration_cast<Milliseconds>(entry.stack.spec.sync.interval);
    const auto spread = static_cast<std::int64_t>(std::hash<std::string>{}(name) % 100);
    return interval + interval * spread / 1000;
}

// It waits for a person's yes.
bool asks(const Findings& findings) {
    return findings.plan.blocked && !findings.plan.blocked->token.empty();
}

}    // namespace

void Controller::settle(const std::string& name, const Entry& entry, Findings findings,
                        SteadyTime began) {
    // Stopped on purpose: what is known stays; the next run observes and continues.
    const bool cancelled = findings.error && findings.error->code() == Errc::cancelled;
    note_lost_history(name, findings);
    if (!cancelled) report(name, findings);
    requeue(name, entry, findings, began);
    if (!cancelled) log_findings(name, findings);
}

void Controller::report_plan(const std::string& name, const Findings& findings) {
    for (const plan::Action& action : findings.plan.actions) {
        log::info("plan", {{"stack", name}, {"action", plan::to_text(action)}});
    }
    note_lost_history(name, findings);
    const Entry* current = registry_.find(name);
    if (current == nullptr) return;
    const SystemTime now = clock_.now();
    publish(*current, status_in_progress(*current, findings, now), findings, findings.plan, now);
}

// A drift counts when it appears, not again while it lasts.
void Controller::count_drift(const std::string& name, const Entry& entry, DriftedThings things) {
    DriftedThings& known = drifted_[name];
    for (const auto& thing : things) {
        if (known.contains(thing)) continue;
        metrics_.drift_detected({name, entry.stack.spec.environment}, plan::to_string(thing.first));
    }
    known = std::move(things);
}

void Controller::publish(const Entry& entry, v1alpha1::StackStatus status, const Findings& findings,
                         const plan::Plan& differing, SystemTime now) {
    const std::string name = entry.stack.metadata.name;
    const auto before = exported_.find(name);
    auto state = metrics_state(entry, status, findings,
                               before == exported_.end() ? nullptr : &before->second, now);
    count_drift(name, entry, drifted_things(differing));
    registry_.set_status(name, std::move(status));
    metrics_.set_stack(state);
    exported_.insert_or_assign(name, std::move(state));
}

void Controller::report(const std::string& name, const Findings& findings) {
    const Entry* current = registry_.find(name);
    if (current == nullptr) return;
    const SystemTime now = clock_.now();
    publish(*current, make_status(*current, findings, now), findings, findings.remaining, now);
}

// Where a grace, a suspension or a crash loop ends.
void Controller::look_when_due(const std::string& name, const Findings& findings) {
    const SteadyTime now = clock_.steady();
    const auto steady =
        findings.observed ? crash_loop_ends(*findings.observed, clock_.now()) : std::nullopt;
    for (const auto& look : {plan::next_look(findings.remaining), findings.gate.until, steady}) {
        if (!look) continue;
        const auto wait = std::max(SystemTime::duration(0), *look - clock_.now());
        queue_.add_at(name, Priority::normal, now + wait, now);
    }
}

void Controller::requeue(const std::string& name, const Entry& entry, const Findings& findings,
                         SteadyTime began) {
    const SteadyTime now = clock_.steady();
    const double seconds = std::chrono::duration<double>(now - began).count();
    metrics_.queue_work(seconds);
    // What failed before was another commit: of a branch, since a new spec is a new start anyway.
    if (!findings.stands_in && findings.desired &&
        findings.desired->commit.id != entry.stack.status.desired_commit)
        queue_.forget(name);
    if (!findings.stands_in && asks(findings)) {
        // The yes and any change on the engine come by themselves.
        queue_.forget(name);
        queue_.add_at(name, Priority::resync, now + resync_delay(name, entry), now);
        metrics_.reconcile_done("requeue_after", seconds);
        return;
    }
    if (findings.stands_in) look_when_due(name, findings);
    if (findings.error) return requeue_failed(name, entry, *findings.error, seconds);
    if (findings.gate.apply && !findings.remaining.empty()) {
        queue_.add_rate_limited(name, now);
        metrics_.queue_retry();
        metrics_.reconcile_done("requeue", seconds);
        return;
    }
    queue_.forget(name);
    queue_.add_at(name, Priority::resync, now + resync_delay(name, entry), now);
    look_when_due(name, findings);
    metrics_.reconcile_done("success", seconds);
}

void Controller::requeue_failed(const std::string& name, const Entry& entry, const Error& error,
                                double seconds) {
    const SteadyTime now = clock_.steady();
    metrics_.reconcile_done("error", seconds);
    if (is_terminal(error)) {
        // Only other input helps; a branch or a file of the host may bring it untold.
        const auto& files = entry.stack.spec.compose.variable_files;
        const bool on_host =
            std::any_of(files.begin(), files.end(), [](const auto& file) { return file.on_host; });
        if (!entry.stack.spec.git.branch.empty() || on_host) {
            queue_.add_at(name, Priority::resync, now + resync_delay(name, entry), now);
        }
        metrics_.reconcile_terminal_error();
        return;
    }
    // What its file says by now is in the queue already, and did not fail.
    const Entry* current = registry_.find(name);
    if (current != nullptr && current->stack.metadata.generation != entry.stack.metadata.generation)
        return;
    queue_.add_rate_limited(name, now);
    metrics_.queue_retry();
}

// That a person is to say yes is no failure. Told once, until it is answered or another is asked.
void Controller::log_question(const std::string& name, const Findings& findings) {
    const std::string question =
        findings.confirmation ? findings.confirmation->message : std::string();
    // Nobody could look whether it is still asked.
    if (question.empty() && findings.error) return;
    if (std::exchange(questions_[name], question) == question || question.empty()) return;
    log::warning("the stack waits for a yes", {{"stack", name}, {"question", question}});
}

void Controller::log_findings(const std::string& name, const Findings& findings) {
    log_question(name, findings);
    const bool held = findings.error && findings.reason == "EngineHeld";
    if (!held) waiting_for_engine_.erase(name);
    if (held) {
        // To stand by is no failure, and each retry finds the same.
        if (waiting_for_engine_.insert(name).second)
            log::warning("the stack waits for its engine",
                         {{"stack", name}, {"why", findings.error->message()}});
    } else if (findings.error && !asks(findings)) {
        log::error("reconcile failed", {{"stack", name},
                                        {"stage", std::string(to_string(findings.stage))},
                                        {"error", findings.error->message()}});
    } else if (findings.actions_done > 0) {
        log::info("reconciled", {{"stack", name},
                                 {"commit", findings.desired ? findings.desired->commit.id : ""},
                                 {"actions", std::to_string(findings.actions_done)}});
    }
}

}    // namespace trueup::reconcile
