// SPDX-License-Identifier: Apache-2.0
// Each condition has a function of its own that looks at the findings; make_status calls them in a
// row. Where the wanted commit is not to be had, Healthy and Fresh are of what was applied last. A stage
// that failed otherwise leaves them as the last look saw them, unless the engine could not be asked: then
// they are Unknown.
#include "controller/reconcile/status.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controller/reconcile/running.hpp"
#include "controller/reconcile/service_status.hpp"

namespace trueup::reconcile {
namespace {

using v1alpha1::Condition;
using v1alpha1::ConditionStatus;
using v1alpha1::StackStatus;

std::string short_id(const std::string& commit) { return commit.substr(0, 7); }

Condition condition(std::string type, ConditionStatus status, std::string reason,
                    std::string message) {
    Condition made;
    made.type = std::move(type);
    made.status = status;
    made.reason = std::move(reason);
    made.message = std::move(message);
    return made;
}

bool looked(const Findings& findings) {
    return findings.desired != nullptr && findings.observed.has_value();
}

// The engine did not answer, so nothing that is said of the containers holds any more.
bool blind(const Findings& findings) {
    return findings.error && !is_terminal(*findings.error) && !findings.observed &&
           findings.stage >= Stage::observe;
}

// The reason is the first one's: each is told with its own.
Condition held_condition(const std::vector<plan::Held>& held) {
    std::string message;
    for (const plan::Held& each : held)
        message += (message.empty() ? "" : "; ") + plan::to_text(each);
    return condition("Synced", ConditionStatus::no,
                     std::string(plan::to_string(held.front().reason)), std::move(message));
}

// "3 actions to do; first: …"
std::string describe_plan(const plan::Plan& plan) {
    const std::size_t count = plan.actions.size();
    if (count == 0) return "nothing to do";
    return fmt::format("{} {} to do; first: {}", count, count == 1 ? "action" : "actions",
                       plan::to_text(plan.actions.front()));
}

// Somebody switched applying off, and there is something to apply.
bool withheld(const Findings& findings) {
    return !findings.gate.apply && !findings.remaining.actions.empty();
}

Condition removing(const Findings& findings) {
    if (!findings.gate.apply) {
        return condition("Synced", ConditionStatus::no, findings.gate.reason,
                         findings.gate.message);
    }
    if (findings.remaining.empty() && !findings.remaining.held.empty())
        return held_condition(findings.remaining.held);
    return condition("Synced", ConditionStatus::no, "Removing",
                     "its file is gone, and it is removed: sync.deletionPolicy is delete");
}

Condition synced(const Findings& findings, const StackStatus& previous) {
    if (findings.removes && findings.observed) return removing(findings);
    if (findings.stands_in && findings.error) {
        return condition(
            "Synced", ConditionStatus::no, failure_reason(findings),
            fmt::format("{}; commit {}, which was applied, is kept meanwhile",
                        findings.error->message(), short_id(findings.desired->commit.id)));
    }
    if (looked(findings) && !findings.plan.blocked) {
        if (withheld(findings)) {
            return condition(
                "Synced", ConditionStatus::no, findings.gate.reason,
                fmt::format("{}; {}", findings.gate.message, describe_plan(findings.remaining)));
        }
        if (findings.remaining.empty() && !findings.remaining.held.empty())
            return held_condition(findings.remaining.held);
        if (findings.remaining.empty()) {
            return condition("Synced", ConditionStatus::yes, "Succeeded",
                             fmt::format("what runs is what commit {} says",
                                         short_id(findings.desired->commit.id)));
        }
        return condition("Synced", ConditionStatus::no, "OutOfSync",
                         describe_plan(findings.remaining));
    }
    if (findings.plan.blocked) {
        return condition("Synced", ConditionStatus::no, findings.plan.blocked->reason,
                         findings.plan.blocked->message);
    }
    if (!findings.gate.apply && !findings.error) {
        return condition("Synced", ConditionStatus::no, findings.gate.reason,
                         findings.gate.message);
    }
    const Condition* before = v1alpha1::find_condition(previous, "Synced");
    if (blind(findings) || before == nullptr) {
        return condition("Synced", ConditionStatus::unknown,
                         findings.error ? failure_reason(findings) : "Pending",
                         findings.error ? findings.error->message() : "not looked at yet");
    }
    // A newer desired state could not be read: what runs is not it.
    return condition("Synced", ConditionStatus::no, failure_reason(findings),
                     findings.error->message());
}

Condition healthy(const Findings& findings, const StackStatus& previous, SystemTime now) {
    if (looked(findings)) return health_condition(*findings.desired, *findings.observed, now);
    const Condition* before = v1alpha1::find_condition(previous, "Healthy");
    if (before != nullptr && !blind(findings)) return *before;
    return condition("Healthy", ConditionStatus::unknown,
                     findings.error ? failure_reason(findings) : "Pending",
                     findings.error ? findings.error->message() : "not looked at yet");
}

Condition fresh(const Findings& findings, const StackStatus& previous) {
    if (looked(findings)) return fresh_condition(*findings.desired, *findings.observed);
    const Condition* before = v1alpha1::find_condition(previous, "Fresh");
    if (before != nullptr && !blind(findings)) return *before;
    return condition("Fresh", ConditionStatus::unknown,
                     findings.error ? failure_reason(findings) : "Pending",
                     findings.error ? findings.error->message() : "not looked at yet");
}

Condition ready(const StackStatus& status, const Entry& entry, const Findings& findings) {
    const Condition& is_synced = *v1alpha1::find_condition(status, "Synced");
    const Condition& is_healthy = *v1alpha1::find_condition(status, "Healthy");
    const Condition& is_fresh = *v1alpha1::find_condition(status, "Fresh");
    if (blind(findings)) {
        return condition("Ready", ConditionStatus::unknown, failure_reason(findings),
                         findings.error->message());
    }
    if (findings.error) {
        return condition("Ready", ConditionStatus::no, failure_reason(findings),
                         findings.error->message());
    }
    for (const Condition* part : {&is_synced, &is_fresh, &is_healthy}) {
        if (part->status == ConditionStatus::no)
            return condition("Ready", ConditionStatus::no, part->reason, part->message);
    }
    // What runs is as it was, and not what somebody has written since.
    if (entry.file_error) {
        return condition(
            "Ready", ConditionStatus::no, "InvalidFile",
            "its file is invalid, the last good one is in force: " + entry.file_error->message());
    }
    if (is_healthy.status == ConditionStatus::unknown) {
        return condition("Ready", ConditionStatus::unknown, is_healthy.reason, is_healthy.message);
    }
    const bool proven = is_fresh.status == ConditionStatus::yes;
    return condition(
        "Ready", ConditionStatus::yes, "ReconciliationSucceeded",
        fmt::format("commit {} runs{}", short_id(findings.desired->commit.id),
                    proven ? ", proven" : "; its code was not proven: " + is_fresh.message));
}

// What is put right no more, since it comes back each time; "" when there is none.
std::string recurring(const plan::Plan& remaining) {
    std::string message;
    for (const plan::Held& held : remaining.held) {
        if (held.reason == plan::HoldReason::drift_recurs)
            message += (message.empty() ? "" : "; ") + plan::to_text(held);
    }
    return message;
}

void set_stalled(StackStatus& status, const Entry& entry, const Findings& findings,
                 SystemTime now) {
    const bool terminal = findings.error && is_terminal(*findings.error);
    if (terminal || findings.plan.blocked) {
        auto stalled = condition("Stalled", ConditionStatus::yes, failure_reason(findings),
                                 findings.error->message());
        stalled.observed_generation = entry.stack.metadata.generation;
        v1alpha1::set_condition(status, std::move(stalled), now);
    } else if (std::string message = recurring(findings.remaining); !message.empty()) {
        auto stalled = condition("Stalled", ConditionStatus::yes,
                                 std::string(plan::to_string(plan::HoldReason::drift_recurs)),
                                 std::move(message));
        stalled.observed_generation = entry.stack.metadata.generation;
        v1alpha1::set_condition(status, std::move(stalled), now);
    } else {
        v1alpha1::remove_condition(status, "Stalled");
    }
}

// Suspended is there only while it is true, with what it holds back and until when.
void set_held(StackStatus& status, const Entry& entry, const Findings& findings, SystemTime now) {
    status.suspension = findings.gate.suspension;
    if (status.suspension) {
        auto suspended =
            condition("Suspended", ConditionStatus::yes, "Suspended", findings.gate.message);
        suspended.observed_generation = entry.stack.metadata.generation;
        v1alpha1::set_condition(status, std::move(suspended), now);
    } else {
        v1alpha1::remove_condition(status, "Suspended");
    }
    if (findings.observed)
        status.pending_plan =
            withheld(findings) ? plan::to_text(findings.remaining) : std::string();
    status.confirmation = findings.confirmation;
    status.last_handled_reconcile_at = findings.handled_request;
    if (!findings.store_problem.empty()) {
        status.warnings.push_back("what trueup remembers cannot be written: " +
                                  findings.store_problem);
    }
}

void add_file_warnings(StackStatus& status, const Entry& entry) {
    if (entry.file_gone && !entry.moved_to.empty()) {
        status.warnings.push_back(fmt::format(
            "its desired-state file {} names engine '{}' now, which is another controller's; what "
            "runs on engine '{}' is left as it is",
            entry.file, entry.moved_to, entry.stack.spec.engine));
    } else if (entry.file_gone && !entry.removal) {
        status.warnings.push_back(fmt::format(
            "its desired-state file {} is gone; the stack is left as it is", entry.file));
    }
    if (entry.file_error) {
        status.warnings.push_back(
            "its desired-state file is invalid now, the last good one stays in force: " +
            entry.file_error->message());
    }
}

}    // namespace

std::string_view to_string(Stage stage) {
    switch (stage) {
        case Stage::fetch: return "fetch";
        case Stage::load: return "load";
        case Stage::observe: return "observe";
        case Stage::diff: return "diff";
        case Stage::apply: return "apply";
        case Stage::verify: return "verify";
        case Stage::done: return "done";
    }
    return "done";
}

std::string failure_reason(const Findings& findings) {
    if (!findings.reason.empty()) return findings.reason;
    if (findings.error->code() == Errc::unavailable && findings.stage != Stage::fetch)
        return "EngineUnavailable";
    switch (findings.stage) {
        case Stage::fetch:
            return findings.error->code() == Errc::not_found ? "RevisionNotFound" : "FetchFailed";
        case Stage::load: return "InvalidCompose";
        case Stage::observe:
            return findings.error->code() == Errc::denied ? "EngineUnavailable" : "ObserveFailed";
        case Stage::diff:
            return findings.plan.blocked ? findings.plan.blocked->reason : "DiffFailed";
        case Stage::apply:
            if (findings.error->code() == Errc::unhealthy) return "HealthCheckFailed";
            return findings.error->code() == Errc::invalid ? "BuildFailed" : "ApplyFailed";
        case Stage::verify: return "VerificationFailed";
        case Stage::done: return "Failed";
    }
    return "Failed";
}

StackStatus make_status(const Entry& entry, const Findings& findings, SystemTime now) {
    // What waits for a yes to its new name is not missing: it runs under the old one.
    if (const auto renamed = under_old_name(findings)) return make_status(entry, *renamed, now);
    const StackStatus& previous = entry.stack.status;
    StackStatus status = previous;
    status.observed_generation = entry.stack.metadata.generation;
    status.warnings.clear();
    v1alpha1::remove_condition(status, "Reconciling");
    for (Condition made : {synced(findings, previous), healthy(findings, previous, now),
                           fresh(findings, previous)}) {
        made.observed_generation = status.observed_generation;
        v1alpha1::set_condition(status, std::move(made), now);
    }
    Condition summary = ready(status, entry, findings);
    summary.observed_generation = status.observed_generation;
    v1alpha1::set_condition(status, std::move(summary), now);
    set_stalled(status, entry, findings, now);

    if (findings.desired) {
        if (!findings.stands_in) status.desired_commit = findings.desired->commit.id;
        for (const Problem& warning : findings.desired->project.warnings)
            status.warnings.push_back(to_string(warning));
    }
    if (looked(findings)) {
        status.services = service_statuses(*findings.desired, *findings.observed);
        status.running_commit =
            running_commit(*findings.desired, *findings.observed, findings.remaining);
    }
    if (!findings.plan.actions.empty()) {
        status.last_plan = plan::to_text(findings.plan);
        status.last_reconcile_time = now;
    }
    for (const std::string& service : findings.restored) {
        status.warnings.push_back(fmt::format(
            "service {}: the new container failed, the one before was put back", service));
    }
    set_held(status, entry, findings, now);
    add_file_warnings(status, entry);
    return status;
}

StackStatus status_in_progress(const Entry& entry, const Findings& findings, SystemTime now) {
    StackStatus status = make_status(entry, findings, now);
    // A failure of the same desired state stays told until this attempt has ended.
    const Condition* before = v1alpha1::find_condition(entry.stack.status, "Ready");
    if (before != nullptr && before->status == ConditionStatus::no &&
        before->observed_generation == entry.stack.metadata.generation) {
        v1alpha1::set_condition(status, *before, now);
    }
    const std::size_t count = findings.plan.actions.size();
    auto reconciling =
        condition("Reconciling", ConditionStatus::yes, "Progressing",
                  fmt::format("{} {}; first: {}", count, count == 1 ? "action" : "actions",
                              plan::to_text(findings.plan.actions.front())));
    reconciling.observed_generation = entry.stack.metadata.generation;
    v1alpha1::set_condition(status, std::move(reconciling), now);
    return status;
}

}    // namespace trueup::reconcile
