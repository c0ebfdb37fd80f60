// SPDX-License-Identifier: Apache-2.0
// What a reconcile found and did, in the words of the store: events, corrections, what was applied,
// revisions. Pure. What lasts is told once and not again at every look, so that a stack in which
// nothing changes writes nothing.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>

#include "controller/reconcile/findings.hpp"
#include "controller/reconcile/registry.hpp"
#include "controller/store/records.hpp"

namespace trueup::reconcile {

// What was told of a stack, until it changes. Lost with the program: the store folds what is then
// told again.
struct Told {
    std::set<std::tuple<plan::Drift, std::string, std::string>> drift;    // kind, thing, text
    std::set<std::pair<plan::Drift, std::string>> suppressed;    // what recurs: kind, thing
    std::string withheld;                                        // the gate's reason and the plan
    std::string failure;                                         // reason and message
    std::string failed_revision;                                 // commit and services that failed
    std::set<std::string> images;                                // of the last revision
};

// Before the plan is carried out, or instead of that.
store::Changes record_found(const Entry& entry, const Findings& findings, Told& told);

// Afterwards. `applied`: what the store has; nullptr = nothing.
store::Changes record_done(const Entry& entry, const Findings& findings,
                           const store::Applied* applied, Told& told, SystemTime now);

// What is wanted is just what was applied last. `applied`: what the store has; nullptr = nothing.
bool was_applied(const store::Applied* applied, const Desired& desired);

// What a person may say yes to, of a plan that is blocked or holds something.
std::optional<v1alpha1::ConfirmationStatus> to_confirm(const plan::Plan& plan);

// The plan brings something that the operator wants anew: it does not only put right.
bool deploys(const plan::Plan& plan);

}    // namespace trueup::reconcile
