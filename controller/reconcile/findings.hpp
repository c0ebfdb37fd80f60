// SPDX-License-Identifier: Apache-2.0
// What one reconcile found and did, stage by stage: the input of the status and the metrics.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/model/observed.hpp"
#include "controller/plan/plan.hpp"
#include "controller/reconcile/desired.hpp"
#include "controller/reconcile/gate.hpp"
#include "controller/rollout/rollout.hpp"

namespace trueup::reconcile {

enum class Stage : std::uint8_t { fetch, load, observe, diff, apply, verify, done };
std::string_view to_string(Stage stage);

struct Findings {
    Stage stage = Stage::fetch;                 // how far it came; done = everything held
    std::optional<Error> error;                 // of that stage
    std::string reason;                         // of the error, when the stage does not say it
    std::shared_ptr<const Desired> desired;     // nullptr before load
    std::optional<model::Observed> observed;    // the last look; nothing when there was none
    // `desired`, what was seen and what was done are of what was applied last: the wanted commit is not
    // to be had, as `stage` and `error` say.
    bool stands_in = false;
    plan::Plan plan;         // of the first look
    plan::Plan remaining;    // of the last look: what still differs
    Gate gate;               // whether the plan may be carried out
    std::size_t actions_done = 0;
    std::vector<rollout::ActionResult> done;    // each action that was started, as it ended
    bool removes = false;                       // the stack is to go: the plan removes it
    bool removed = false;                       // and nothing of it is left
    bool stopped = false;    // before all was done: somebody suspended the stack meanwhile
    std::optional<v1alpha1::ConfirmationStatus> confirmation;    // what waits for a person's yes
    std::string handled_request;           // the operator's request that was acted on last
    std::string store_problem;             // "" = all that is remembered is on disk
    std::vector<std::string> restored;     // services whose old container was put back
    std::set<std::string> half_watched;    // ids of containers of which not all code is watched
};

// The things that differ, each once, however many actions mend it: kind, and service or target.
using DriftedThings = std::set<std::pair<plan::Drift, std::string>>;
DriftedThings drifted_things(const plan::Plan& plan);

}    // namespace trueup::reconcile
