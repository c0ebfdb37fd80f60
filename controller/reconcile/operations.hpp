// SPDX-License-Identifier: Apache-2.0
// What a person may tell the controller to do; the API calls these, and nothing else of it. Each is
// recorded with who said it (`actor`: store::person(name)), and takes effect at the next safe point.
//
// Errors of all: not_found (no such stack), invalid (the choice), conflict (what is asked does not
// fit what is there; says why), unavailable (in force now, but the disk could not take it: it ends
// with the program. Show it as a warning, not as a refusal).
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "api/v1alpha1/labels.hpp"
#include "controller/base/task.hpp"
#include "controller/reconcile/registry.hpp"
#include "controller/reconcile/request.hpp"
#include "controller/store/store.hpp"

namespace trueup::reconcile {

// Exactly one of the three.
struct Choice {
    std::string stack;
    bool all = false;             // also stacks that come later
    v1alpha1::Labels selector;    // labels of those that are there now
};

class Operations {
public:
    // `wake`: look at the stack now ("" = at all).
    using Wake = std::function<void(const std::string& stack)>;
    // All of it outlives this.
    Operations(store::Store& store, Registry& registry, const Clock& clock, Wake wake);

    // The names of the stacks that are meant; every_stack for `all`. A running rollout stops before
    // its next action; what was started is settled.
    Task<std::vector<std::string>> suspend(Choice choice, std::optional<std::chrono::seconds> time,
                                           std::string reason, std::string actor);
    // conflict: nothing that this could lift keeps it (spec.suspend of its file, or `all`, does).
    Task<std::vector<std::string>> resume(Choice choice, std::string actor);

    // Says yes to what the stack waits for (status.confirmation). `token` "" = whatever it waits for
    // now; else conflict when that is something else.
    Task<void> confirm(std::string stack, std::string token, std::string actor);

    // Nothing is remembered of the stack any more, its suspension neither; what runs is not touched.
    // conflict: a file names it, or it is to be removed.
    Task<void> forget(std::string stack, std::string actor);

    // Asks for a reconcile, which applies even where sync.mode is manual. The request's value: it was
    // acted on when status.lastHandledReconcileAt has it. conflict: the stack is suspended.
    Task<std::string> request_reconcile(std::string stack, std::string actor);
    // Sets or (no value) removes an annotation of a stack, until the controller ends; those of its
    // file stay as they are (conflict), but for requestedAt, which asks for a reconcile.
    Task<void> annotate(std::string stack, std::string key, std::optional<std::string> value,
                        std::string actor);

private:
    Result<std::vector<std::string>> names(const Choice& choice) const;
    store::Event event(const std::string& stack, std::string reason, std::string message,
                       const std::string& actor) const;

    store::Store& store_;
    Registry& registry_;
    const Clock& clock_;
    Wake wake_;
};

}    // namespace trueup::reconcile
