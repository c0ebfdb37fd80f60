// SPDX-License-Identifier: Apache-2.0
// What can be said at once, without asking anybody.
#include "controller/reconcile/reconciler_run.hpp"

namespace trueup::reconcile {

std::optional<Findings> Reconciler::known(const std::string& stack) const {
    const auto found = memory_.find(stack);
    if (found == memory_.end() || !shown(*found->second).desired) return std::nullopt;
    Findings findings;
    findings.stage = Stage::diff;
    findings.desired = shown(*found->second).desired;
    findings.stands_in = found->second->standing != nullptr;
    findings.observed = snapshot(*findings.desired);
    findings.plan = plan::diff(findings.desired->project, *findings.observed,
                               policy(*findings.desired, stack), parts_.clock.now());
    findings.remaining = findings.plan;
    for (const model::ObservedContainer& container : findings.observed->containers) {
        if (readings_.is_half_watched(container.id)) findings.half_watched.insert(container.id);
    }
    return findings;
}

std::optional<SystemTime> Reconciler::asked_at(const std::string& stack) const {
    const auto found = memory_.find(stack);
    return found == memory_.end() ? std::nullopt : found->second->asked_at;
}

}    // namespace trueup::reconcile
