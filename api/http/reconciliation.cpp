// SPDX-License-Identifier: Apache-2.0
#include "api/http/reconciliation.hpp"

namespace trueup::http {

namespace json = boost::json;
using v1alpha1::Condition;
using v1alpha1::ConditionStatus;

std::string_view to_string(Phase phase) {
    switch (phase) {
        case Phase::pending: return "Pending";
        case Phase::succeeded: return "Succeeded";
        case Phase::failed: return "Failed";
    }
    return "Failed";
}

Phase phase_of(const v1alpha1::StackStatus& status, bool handled) {
    const Condition* ready = v1alpha1::find_condition(status, "Ready");
    const bool under_way = v1alpha1::find_condition(status, "Reconciling") != nullptr;
    if (!handled || under_way || ready == nullptr) return Phase::pending;
    if (ready->status == ConditionStatus::yes) return Phase::succeeded;
    // A health check that has not decided yet.
    if (ready->status == ConditionStatus::unknown && ready->reason == "Progressing")
        return Phase::pending;
    return Phase::failed;
}

json::object reconciliation_to_json(const v1alpha1::Stack& stack, const std::string& request,
                                    Phase phase) {
    const Condition* told = v1alpha1::find_condition(stack.status, "Reconciling");
    if (told == nullptr) told = v1alpha1::find_condition(stack.status, "Ready");
    const Condition* fresh = v1alpha1::find_condition(stack.status, "Fresh");
    json::object status;
    status["request"] = request;
    status["phase"] = to_string(phase);
    status["reason"] = told == nullptr ? "Pending" : told->reason;
    status["message"] = told == nullptr ? "not looked at yet" : told->message;
    status["desiredCommit"] = stack.status.desired_commit;
    status["runningCommit"] = stack.status.running_commit;
    status["fresh"] =
        v1alpha1::to_string(fresh == nullptr ? ConditionStatus::unknown : fresh->status);
    json::object metadata;
    metadata["name"] = stack.metadata.name;
    json::object object;
    object["apiVersion"] = v1alpha1::api_version;
    object["kind"] = "Reconciliation";
    object["metadata"] = std::move(metadata);
    object["status"] = std::move(status);
    return object;
}

}    // namespace trueup::http
