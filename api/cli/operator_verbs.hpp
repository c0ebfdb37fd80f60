// SPDX-License-Identifier: Apache-2.0
// The verbs of an operator; each asks the controller, prints its answer on stdout, problems on
// stderr, and returns the exit code.
#pragma once

#include <string>
#include <vector>

#include "api/cli/verbs.hpp"
#include "api/v1alpha1/stack.hpp"

namespace trueup::cli {

// Which stacks: exactly one of them.
struct StacksChoice {
    std::string stack;
    bool all = false;
    std::string selector;
};

struct SuspendChoice {
    ServerChoice server;
    StacksChoice stacks;
    std::string time;    // "1h"; "" = until resumed
    std::string reason;
};
int suspend(const SuspendChoice& choice);
int resume(const ServerChoice& server, const StacksChoice& stacks);

struct ConfirmChoice {
    ServerChoice server;
    std::string stack;
    std::string token;    // "" = of what it waits for now, which is shown
    bool yes =
        false;    // without asking back; where there is no terminal it takes this, or the token
};
// Says yes to one question: where another one is asked by the time it arrives, it counts for nothing.
int confirm(const ConfirmChoice& choice);

int forget(const ServerChoice& server, const std::string& stack);

struct ReconcileChoice {
    ServerChoice server;
    std::string stack;
    std::string timeout = "10m";
    bool quiet = false;
};
// Asks for a reconcile, says what happens, and how it ended: 0 when the stack is ready.
int reconcile(const ReconcileChoice& choice);

// What a stack does now, for whoever waits: the action in work, or the engine that it waits for. "" =
// neither. Pure.
std::string progress_of(const v1alpha1::StackStatus& status);

struct EventsChoice {
    ServerChoice server;
    std::string stack;    // "" = of everything
    std::string since;    // "1h"; "" = all that are remembered
    bool watch = false;
};
int events(const EventsChoice& choice);
int history(const ServerChoice& server, const std::string& stack);
int explain(const ServerChoice& server, const std::string& stack);

}    // namespace trueup::cli
