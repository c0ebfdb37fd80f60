// SPDX-License-Identifier: Apache-2.0
// Findings -> conditions and metrics. Pure: the report stage decides nothing that the stages before
// it did not find.
#pragma once

#include "api/v1alpha1/stack.hpp"
#include "controller/metrics/metrics.hpp"
#include "controller/reconcile/findings.hpp"
#include "controller/reconcile/registry.hpp"

namespace trueup::reconcile {

// The word for the error of the findings, for conditions and events: the stage decides, as in Flux's
// reasons.
std::string failure_reason(const Findings& findings);

// The new status: `previous` gives transition times and what stays known while a stage fails.
v1alpha1::StackStatus make_status(const Entry& entry, const Findings& findings, SystemTime now);

// While actions run: what was found and is to be mended, and Reconciling=True with the plan.
v1alpha1::StackStatus status_in_progress(const Entry& entry, const Findings& findings,
                                         SystemTime now);

// What the metrics say of the stack after this status.
metrics::StackState metrics_state(const Entry& entry, const v1alpha1::StackStatus& status,
                                  const Findings& findings, const metrics::StackState* previous,
                                  SystemTime now);

}    // namespace trueup::reconcile
