// SPDX-License-Identifier: Apache-2.0
// Why it is so: what holds trueup up, and what it has seen of a push.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "controller/base/text.hpp"
#include "controller/reconcile/explain_answers.hpp"

namespace trueup::reconcile {
namespace {

using v1alpha1::Condition;
using v1alpha1::ConditionStatus;

const Condition* condition(const Known& known, std::string_view type) {
    return v1alpha1::find_condition(known.entry.stack.status, type);
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

// "at 2026-11-24T10:15:00Z, in 1m30s"
std::string when(SystemTime time, SystemTime now) {
    return time <= now
               ? "now"
               : fmt::format("at {}, in {}", base::to_rfc3339(time), time_between(now, time));
}

// --- waits ---

struct Wait {
    std::string text;
    Evidence evidence;
};
using Waits = std::vector<Wait>;

void add_suspension(const Known& known, Waits& waits) {
    const std::string& name = known.entry.stack.metadata.name;
    if (known.entry.stack.spec.suspend) {
        waits.push_back({fmt::format("its file: {} says suspend: true", known.entry.file),
                         {"spec.suspend is true", "source", std::nullopt}});
    }
    if (!known.suspension) return;
    const store::Suspension& suspension = *known.suspension;
    const bool all = suspension.stack == store::every_stack;
    const std::string until =
        suspension.until ? "the end of its suspension, " + when(*suspension.until, known.now)
                         : fmt::format(
                               "a person: it is suspended until somebody says trueup "
                               "resume {}",
                               all ? "--all" : name);
    std::string said = fmt::format("{} suspended {}", suspension.actor, all ? "every stack" : "it");
    if (!suspension.reason.empty()) said += ": " + suspension.reason;
    waits.push_back({until, {std::move(said), "events", suspension.since}});
}

void add_operator(const Known& known, Waits& waits) {
    const std::string& name = known.entry.stack.metadata.name;
    const bool differs = known.look && !known.look->remaining.empty();
    const bool manual = known.entry.stack.spec.sync.mode == v1alpha1::SyncMode::manual;
    if (manual && differs) {
        waits.push_back(
            {fmt::format("a person: sync.mode is manual; trueup reconcile {} starts it", name),
             {"spec.sync.mode is manual", "source", std::nullopt}});
    }
    if (known.entry.stack.status.confirmation) {
        waits.push_back({fmt::format("a person's yes: trueup confirm {}", name),
                         {known.entry.stack.status.confirmation->message, "status", std::nullopt}});
    }
    const Condition* stalled = condition(known, "Stalled");
    if (stalled == nullptr) return;
    waits.push_back(
        {fmt::format("somebody to mend this: {}: {}", stalled->reason, stalled->message),
         {"Stalled since", "status", stalled->last_transition_time}});
}

// What differs and is left alone: for a while, or until somebody says so.
void add_held(const Known& known, Waits& waits) {
    if (!known.look) return;
    const Condition* stalled = condition(known, "Stalled");
    for (const plan::Held& held : known.look->remaining.held) {
        // Told as what it is stalled for.
        if (stalled != nullptr && stalled->reason == plan::to_string(held.reason)) continue;
        const std::string until =
            held.until ? when(*held.until, known.now) : "until something changes";
        waits.push_back({fmt::format("{}: {} is left as it is, {}", held.rule, held.target, until),
                         {fmt::format("{}: {}", plan::to_string(held.cause.drift), held.cause.text),
                          "engine", std::nullopt}});
    }
}

// Ready may have become False long before, by another failure: only an event has the time of this one.
Evidence failure_evidence(const Known& known, const Condition* ready) {
    if (ready == nullptr) return {"no status yet", "status", std::nullopt};
    Evidence evidence{ready->reason + ": " + ready->message, "status", std::nullopt};
    for (auto event = known.events.rbegin(); event != known.events.rend(); ++event) {
        if (event->reason != ready->reason) continue;
        evidence.seen_in = "events";
        evidence.time = event->last_time;
        break;
    }
    return evidence;
}

void add_attempt(const Known& known, Waits& waits) {
    const Condition* ready = condition(known, "Ready");
    const Condition* reconciling = condition(known, "Reconciling");
    if (reconciling != nullptr) {
        waits.push_back({"the attempt that runs now: " + reconciling->message,
                         {"Reconciling", "status", reconciling->last_transition_time}});
    } else if (known.failures > 0 && known.next_look) {
        waits.push_back(
            {fmt::format("the next attempt, {}: {} failed", when(*known.next_look, known.now),
                         known.failures == 1 ? "one" : fmt::format("{} in a row", known.failures)),
             failure_evidence(known, ready)});
    }
    const Condition* healthy = condition(known, "Healthy");
    if (healthy != nullptr && healthy->reason == "Progressing") {
        waits.push_back({"health checks that have not decided: " + healthy->message,
                         {"Healthy is Unknown", "status", healthy->last_transition_time}});
    }
}

void add_surroundings(const Known& known, Waits& waits) {
    if (known.engine) {
        waits.push_back({"the engine, which is not followed",
                         {known.engine->message(), "engine", std::nullopt}});
    }
    if (known.seat && !known.engine) {
        waits.push_back({fmt::format("its turn on engine {}, which comes by itself: {}",
                                     known.entry.stack.spec.engine, known.seat->message()),
                         {known.seat->message(), "engine", std::nullopt}});
    }
    if (known.entry.file_gone) {
        waits.push_back({fmt::format("its file {} to come back", known.entry.file),
                         {"the file is gone", "source", known.source.last_read}});
    }
}

Waits waits_of(const Known& known) {
    Waits waits;
    add_suspension(known, waits);
    add_operator(known, waits);
    add_held(known, waits);
    add_attempt(known, waits);
    add_surroundings(known, waits);
    return waits;
}

// --- push ---

// Where the file names the revision: "shop.yaml:6:52".
std::string revision_place(const Known& known) {
    const Position& place = known.entry.stack.spec.git.revision_position;
    return place.file.empty() ? known.entry.file : to_string(place);
}

std::string push_text(const Known& known) {
    const v1alpha1::GitSource& git = known.entry.stack.spec.git;
    const v1alpha1::StackStatus& status = known.entry.stack.status;
    const Condition* ready = condition(known, "Ready");
    if (!known.source.readable)
        return "No: the desired state cannot be read; the last good one stays in force.";
    if (known.entry.file_error) {
        return fmt::format("No: {} is invalid; what it said before stays in force.",
                           known.entry.file);
    }
    if (known.entry.file_gone) return fmt::format("No: {} is gone.", known.entry.file);
    const bool failed = ready != nullptr && ready->status != ConditionStatus::yes &&
                        (ready->reason == "FetchFailed" || ready->reason == "RevisionNotFound");
    if (failed) return "No: the commit could not be fetched: " + first_line(ready->message);
    const std::string commit = short_commit(status.desired_commit);
    if (status.desired_commit.empty()) return "Not yet: the repository was not read yet.";
    if (git.branch.empty()) {
        return fmt::format("Yes: commit {} is what {} names, and it is here.", commit,
                           revision_place(known));
    }
    std::string next = fmt::format("trueup reconcile {} asks now", known.entry.stack.metadata.name);
    if (known.next_look)
        next = fmt::format("asked again {}; ", when(*known.next_look, known.now)) + next;
    return fmt::format(
        "Up to commit {}: that was branch {} {}. A push after that is not seen yet; "
        "{}.",
        commit, git.branch, known.asked_at ? ago(*known.asked_at, known.now) : "at the last look",
        next);
}

void add_invalid_files(const Known& known, Answer& answer) {
    for (const InvalidFile& file : known.source.invalid_files) {
        answer.evidence.push_back(
            {fmt::format("{} is invalid: {}", file.name, first_line(file.error.message())),
             "source", file.since});
    }
}

}    // namespace

bool is_waiting(const Known& known) { return !waits_of(known).empty(); }

Answer explain_waiting(const Known& known) {
    Answer answer;
    answer.topic = "waits";
    answer.question = "What does it wait for, and until when?";
    for (Wait& wait : waits_of(known)) {
        answer.text += answer.text.empty() ? "For " : "; for ";
        answer.text += wait.text;
        answer.evidence.push_back(std::move(wait.evidence));
    }
    if (!answer.text.empty()) {
        answer.text += ".";
        return answer;
    }
    answer.text = "For nothing.";
    if (known.next_look) {
        answer.text += fmt::format(" It looks again {}, and at once when something changes.",
                                   when(*known.next_look, known.now));
    }
    return answer;
}

Answer explain_push(const Known& known) {
    Answer answer;
    answer.topic = "push";
    answer.question = "Was my push seen?";
    answer.text = push_text(known);
    const v1alpha1::GitSource& git = known.entry.stack.spec.git;
    std::string desired = fmt::format("desired state {}", known.source.name);
    if (!known.source.revision.empty())
        desired += " at commit " + short_commit(known.source.revision);
    answer.evidence.push_back({desired + " was read", "source", known.source.last_read});
    if (known.source.error) {
        answer.evidence.push_back(
            {first_line(known.source.error->message()), "source", std::nullopt});
    }
    answer.evidence.push_back(
        {fmt::format("{} says {} {}", revision_place(known),
                     git.branch.empty() ? "commit" : "branch",
                     git.branch.empty() ? short_commit(git.commit) : git.branch),
         "source", known.source.last_read});
    if (!known.entry.stack.status.desired_commit.empty()) {
        answer.evidence.push_back(
            {fmt::format("{} has commit {}", git.url,
                         short_commit(known.entry.stack.status.desired_commit)),
             "git", known.asked_at});
    }
    add_invalid_files(known, answer);
    return answer;
}

}    // namespace trueup::reconcile
