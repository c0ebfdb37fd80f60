// SPDX-License-Identifier: Apache-2.0
// What is to happen in one slot. Inside plan/ only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/plan/drift.hpp"
#include "controller/plan/slots.hpp"

namespace trueup::plan {

enum class Verdict : std::uint8_t { keep, settle, start, restart, unpause, create, replace };

struct Removal {
    const model::ObservedContainer* container = nullptr;
    Cause cause;
    // It stood in its place and cannot run again: goes only when something takes the place.
    bool stands_in_place = false;
};

struct Decision {
    const model::Service* service = nullptr;
    int number = 0;
    std::string name;
    Verdict verdict = Verdict::keep;
    Cause cause;
    // kept, started or replaced; nullptr: none
    const model::ObservedContainer* current = nullptr;
    // The way back, removed once all has settled.
    const model::ObservedContainer* previous = nullptr;
    bool finished = false;    // a one-shot that is done
    bool misnamed =
        false;    // an interrupted recreate of docker compose left its name to `current`
    // What differs is no rollout of ours that was interrupted: somebody wants something new, or
    // something changed by itself.
    bool settled_before = false;
    bool corrects = false;    // the latter: see Action
    bool held = false;        // deliberately not acted on
    bool adopts = false;      // another tool created `current`, and it is right

    std::vector<Removal> at_once;         // in nobody's way back and not running
    std::vector<Removal> before_start;    // may run: only after everything is prepared

    // An interrupted rollout left `current` under "<name>.previous": put back under its name, and
    // started, before all else.
    bool recovered = false;
    bool start_recovered = false;
};

// When somebody else than trueup stopped or paused it, and so it stands; nothing when it runs, or
// ended in any other way.
std::optional<SystemTime> set_down_by_person(const model::ObservedContainer& container);

bool was_never_started(const model::ObservedContainer& container);
// Then its anonymous volumes can go with it: trueup made it, and it never ran. Into what somebody else
// made files may have been copied.
bool holds_nothing(const model::ObservedContainer& container, const model::Observed& observed,
                   const Policy& policy);

// Why it does not run: "exited with code 137".
Cause state_cause(const model::ObservedContainer& container);

Decision decide(const Slot& slot, const Wanted& wanted, const model::Project& project,
                const model::Observed& observed, const Images& images);

}    // namespace trueup::plan
