// SPDX-License-Identifier: Apache-2.0
#include "controller/reconcile/gate.hpp"

#include <fmt/format.h>

namespace trueup::reconcile {
namespace {

Gate suspended_by_file() {
    Gate gate;
    gate.apply = false;
    gate.reason = "Suspended";
    gate.message = "suspended by spec.suspend of its file";
    gate.suspension.emplace();
    return gate;
}

Gate suspended_by(const store::Suspension& suspension) {
    Gate gate;
    gate.apply = false;
    gate.reason = "Suspended";
    gate.until = suspension.until;
    gate.message = fmt::format("{}suspended by {}",
                               suspension.stack == store::every_stack ? "every stack is " : "",
                               suspension.actor);
    if (suspension.until)
        gate.message += fmt::format(" until {}", base::to_rfc3339(*suspension.until));
    if (!suspension.reason.empty()) gate.message += ": " + suspension.reason;
    gate.suspension = v1alpha1::SuspensionStatus{suspension.actor, suspension.reason,
                                                 suspension.since, suspension.until};
    return gate;
}

Gate held(std::string reason, std::string message) {
    Gate gate;
    gate.apply = false;
    gate.reason = std::move(reason);
    gate.message = std::move(message);
    return gate;
}

}    // namespace

Gate decide_gate(const GateInputs& inputs) {
    if (inputs.suspended_by_file) return suspended_by_file();
    if (inputs.suspension != nullptr) return suspended_by(*inputs.suspension);
    if (inputs.orphaned)
        return held("Orphaned", "its desired-state file is gone; what runs is left as it is");
    if (!inputs.awaits.empty()) return held("AwaitingConfirmation", inputs.awaits);
    const bool manual = inputs.mode == v1alpha1::SyncMode::manual;
    if (!manual || inputs.requested || !inputs.has_actions) return Gate();
    return held("ManualSync", "sync.mode is manual: `trueup reconcile` carries it out");
}

}    // namespace trueup::reconcile
