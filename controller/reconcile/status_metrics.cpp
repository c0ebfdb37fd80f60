// SPDX-License-Identifier: Apache-2.0
// A status in the words of the metrics.
#include <utility>

#include "controller/reconcile/status.hpp"

namespace trueup::reconcile {

using v1alpha1::Condition;
using v1alpha1::ConditionStatus;
using v1alpha1::StackStatus;

DriftedThings drifted_things(const plan::Plan& plan) {
    DriftedThings things;
    for (const plan::Action& action : plan.actions) {
        // What differs is what the image is for; one that is only looked for anew differs in nothing.
        if (std::holds_alternative<plan::PullImage>(action.step)) continue;
        things.emplace(action.cause.drift, action.service.empty() ? action.target : action.service);
    }
    for (const plan::Held& held : plan.held)
        things.emplace(held.cause.drift, held.service.empty() ? held.target : held.service);
    return things;
}

namespace {

std::string sync_word(const StackStatus& status) {
    const Condition* found = v1alpha1::find_condition(status, "Synced");
    if (found == nullptr || found->status == ConditionStatus::unknown) return "Unknown";
    return found->status == ConditionStatus::yes ? "Synced" : "OutOfSync";
}

std::string health_word(const StackStatus& status) {
    const Condition* found = v1alpha1::find_condition(status, "Healthy");
    if (found == nullptr) return "Unknown";
    if (found->status == ConditionStatus::yes) return "Healthy";
    if (found->status == ConditionStatus::unknown)
        return found->reason == "Progressing" ? "Progressing" : "Unknown";
    return found->reason == "Missing" ? "Missing" : "Degraded";
}

double unix_seconds(SystemTime time) {
    return std::chrono::duration<double>(time.time_since_epoch()).count();
}

metrics::ServiceCode code_metrics(const v1alpha1::ServiceStatus& service,
                                  const metrics::StackState* previous, SystemTime now) {
    metrics::ServiceCode code;
    code.service = service.name;
    code.stale = service.fresh == "False";
    code.proven = service.fresh != "Unknown";
    code.method = service.proof;
    code.proven_at = service.proven_at ? unix_seconds(*service.proven_at) : 0;
    // Whether an image is the right one is asked with every look.
    const bool by_image = service.proof == "build" || service.proof == "digest";
    if (by_image && code.proven) code.proven_at = unix_seconds(now);
    if (!code.stale) return code;
    code.stale_since = unix_seconds(now);
    if (previous == nullptr) return code;
    for (const metrics::ServiceCode& before : previous->code) {
        if (before.service == service.name && before.stale) code.stale_since = before.stale_since;
    }
    return code;
}

}    // namespace

metrics::StackState metrics_state(const Entry& entry, const StackStatus& status,
                                  const Findings& findings, const metrics::StackState* previous,
                                  SystemTime now) {
    metrics::StackState state;
    state.labels.stack = entry.stack.metadata.name;
    state.labels.environment = entry.stack.spec.environment;
    state.engine = entry.stack.spec.engine;
    state.desired_commit = status.desired_commit;
    state.running_commit = status.running_commit;
    state.sync = sync_word(status);
    state.health = health_word(status);
    state.suspended = status.suspension.has_value();
    for (const Condition& each : status.conditions) {
        state.conditions.emplace_back(each.type, std::string(v1alpha1::to_string(each.status)));
    }
    for (const auto& service : status.services)
        state.code.push_back(code_metrics(service, previous, now));
    std::map<std::string, int> drift;
    for (const auto& [kind, thing] : drifted_things(findings.remaining))
        ++drift[std::string(plan::to_string(kind))];
    for (auto& [kind, count] : drift) state.drift.emplace_back(kind, count);
    return state;
}

}    // namespace trueup::reconcile
