// SPDX-License-Identifier: Apache-2.0
// Whether a plan may be carried out now: the off switches. Pure.
#pragma once

#include <optional>
#include <string>

#include "api/v1alpha1/stack.hpp"
#include "controller/store/records.hpp"

namespace trueup::reconcile {

struct GateInputs {
    bool suspended_by_file = false;                   // spec.suspend
    bool orphaned = false;                            // its file is gone, and it is to stay
    std::string awaits;                               // a person's yes, to this; "" = none
    const store::Suspension* suspension = nullptr;    // in force; nullptr = none
    v1alpha1::SyncMode mode = v1alpha1::SyncMode::automatic;
    bool requested = false;      // an operator asked, and it was not acted on yet
    bool has_actions = false;    // there is something to do
};

struct Gate {
    bool apply = true;
    // "" = nothing is held back, else for the condition Synced: Suspended | Orphaned |
    // AwaitingConfirmation | ManualSync
    std::string reason;
    std::string message;                // for a person: what holds, by whom, how to lift it
    std::optional<SystemTime> until;    // it lifts itself then
    // Told as long as it lasts, also while there is nothing to do.
    std::optional<v1alpha1::SuspensionStatus> suspension;

    bool operator==(const Gate&) const = default;
};

// A suspension holds everything, also what an operator asked for; spec.suspend goes before what is
// stored. Manual holds what nobody asked for. The first of the reasons above that holds is told.
Gate decide_gate(const GateInputs& inputs);

}    // namespace trueup::reconcile
