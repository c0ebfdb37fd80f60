// SPDX-License-Identifier: Apache-2.0
// The questions of two o'clock in the morning, answered from what is known: what runs and how far it
// is proven, what differs, what is waited for, whether a push was seen, who restarted a container,
// whether there is a way back. Each answer carries its evidence: what was seen, where and when.
// Pure: values in, text and JSON out.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "controller/reconcile/findings.hpp"
#include "controller/reconcile/registry.hpp"
#include "controller/store/records.hpp"

namespace trueup::reconcile {

// All that is known of one stack at one moment.
struct Known {
    SystemTime now;
    Entry entry;                           // with its status
    SourceStatus source;                   // where the desired state comes from
    std::optional<Findings> look;          // by what is known now; nothing before the first look
    std::optional<Error> engine;           // why the engine is not followed
    std::optional<Error> seat;             // why nothing may be changed there: who has it
    std::optional<Error> store;            // why what is remembered is not on the disk
    std::optional<SystemTime> asked_at;    // when the git server was asked for the revision
    std::optional<store::Suspension> suspension;
    std::vector<store::Event> events;          // of the stack, oldest first
    std::vector<store::Revision> revisions;    // newest first
    std::set<std::string> images;              // those of the revisions that the engine has
    int failures = 0;                          // in a row
    bool in_work = false;
    std::optional<SystemTime> next_look;    // unless something happens before
};

struct Evidence {
    std::string text;
    std::string seen_in;               // engine | status | events | source | git | history
    std::optional<SystemTime> time;    // nothing: as of now

    bool operator==(const Evidence&) const = default;
};

struct Answer {
    std::string
        topic;    // one word, for programs: running | differs | waits | push | restarts | rollback
    std::string question;              // "What runs, and is it proven?"
    std::string text;                  // the answer, in a sentence or two
    std::vector<Evidence> evidence;    // the newest last

    bool operator==(const Answer&) const = default;
};

struct Explanation {
    std::string stack;
    SystemTime time;
    std::vector<Answer> answers;    // one a topic, in the order above; waits first where it does

    bool operator==(const Explanation&) const = default;
};

Explanation explain(const Known& known);

// {kind: Explanation, metadata: {name}, status: {time, answers: [{topic, question, answer,
//  evidence: [{text, seenIn, time}]}]}}
boost::json::object to_json(const Explanation& explanation);

}    // namespace trueup::reconcile
