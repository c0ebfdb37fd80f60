// SPDX-License-Identifier: Apache-2.0
// What trueup remembers, as plain values. None of it decides what runs: the engine and the desired
// state do; losing it loses history, suspensions and adoptions, never a stack. No secret's value
// may be put into any of these.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "controller/base/clock.hpp"

namespace trueup::store {

// --- who did or caused something ---

inline constexpr std::string_view actor_trueup = "trueup";
inline constexpr std::string_view actor_engine = "engine";    // a restart policy, dockerd itself
inline constexpr std::string_view actor_kernel = "kernel";    // the OOM killer
inline constexpr std::string_view actor_unknown = "unknown";
std::string person(std::string_view name);    // "person:<name>"; "person" without one

// --- events ---

enum class EventType : std::uint8_t { normal, warning };
std::string_view to_string(EventType type);    // "Normal" "Warning", as in Kubernetes

enum class About : std::uint8_t { stack, source, engine, controller };
std::string_view to_string(About about);    // "stack" "source" "engine" "controller"

// Something that happened. One that repeats an event of the last hour in all but its times is folded
// into it: count grows, last_time and sequence move.
struct Event {
    // Set by the store; grows with every new or repeated event: "what came after" is a number.
    std::int64_t sequence = 0;
    About about = About::stack;
    std::string name;       // of the stack, the source, the engine; "" of the controller
    std::string service;    // "" when it belongs to none
    EventType type = EventType::normal;
    std::string reason;     // one CamelCase word, for programs
    std::string message;    // a sentence, for people
    std::string actor = std::string(actor_trueup);
    std::string cause;    // why: "code: app/main.py differs from 9f3c1e2"; "" = not known
    SystemTime first_time;
    SystemTime last_time;    // == first_time in what is written
    int count = 1;

    bool operator==(const Event&) const = default;
};

struct EventQuery {
    std::optional<About> about;    // nothing = all
    std::optional<std::string> name;
    std::int64_t after = 0;     // only those with a greater sequence
    std::size_t limit = 100;    // the newest so many, oldest first
};

// --- revisions ---

enum class Outcome : std::uint8_t { deployed, proven, failed, rolled_back };
std::string_view to_string(Outcome outcome);    // "deployed" "proven" "failed" "rolled-back"

struct ServiceIdentity {
    std::string service;
    std::string image_id;
    std::string config_hash;
    std::string code_id;           // "" = it has no code that could be compared
    std::string proof = "none";    // files | build | digest | none
    std::optional<SystemTime> proven_at;

    bool operator==(const ServiceIdentity&) const = default;
};

// One state that a stack was brought to. Number 0 is what was found when the stack was adopted.
struct Revision {
    std::string stack;
    int number = -1;    // -1: the store gives the next one, from 1
    std::string commit;
    std::string spec_digest;
    std::string environment;
    std::string project;
    SystemTime time;
    std::string actor = std::string(actor_trueup);
    std::string cause;
    Outcome outcome = Outcome::deployed;
    std::string message;    // of a failed one: why
    std::vector<ServiceIdentity> services;
    std::vector<std::string> images;    // ids to retain, so that there is a way back to it

    bool operator==(const Revision&) const = default;
};

// --- what steers the controller ---

inline constexpr std::string_view every_stack = "*";

// Look and report, but change nothing.
struct Suspension {
    std::string stack;                  // or every_stack
    std::optional<SystemTime> until;    // nothing = until resumed
    std::string reason;
    std::string actor;
    SystemTime since;

    bool operator==(const Suspension&) const = default;
};

// A person said yes to exactly `token`: a digest or a name of what was asked.
struct Confirmation {
    std::string stack;
    std::string token;
    std::string actor;
    SystemTime time;

    bool operator==(const Confirmation&) const = default;
};

// A container that trueup did not create and takes for its own: what its labels would say, could
// they be written later.
struct AdoptedContainer {
    std::string id;
    std::string stack;
    std::string service;
    int number = 1;
    std::string config_hash;
    std::string image_id;
    std::string revision;     // commit
    std::string recipe_id;    // what its image is as good as built from; "" = it is pulled

    bool operator==(const AdoptedContainer&) const = default;
};

// One time that a drift was put right, for the breaker of DriftRecurs.
struct Correction {
    std::string stack;
    std::string service;         // or the target, where there is none
    std::string drift;           // plan::to_string(Drift)
    std::string applied_hash;    // plan::applied_hash() of the service, as it was put right
    SystemTime time;

    bool operator==(const Correction&) const = default;
};

// What was brought to run last, and held.
struct Applied {
    std::string stack;
    std::string commit;
    std::string spec_digest;
    std::map<std::string, std::string> services;    // name -> plan::applied_hash()
    SystemTime time;

    bool operator==(const Applied&) const = default;
};

// The last time that an image was pulled for a stack.
struct Pulled {
    std::string stack;
    std::string reference;
    std::string commit;    // that was desired then
    SystemTime time;

    bool operator==(const Pulled&) const = default;
};

// A one-shot that succeeded, and what it was run from: model::Completion.
struct Completed {
    std::string stack;
    std::string service;
    int number = 1;
    std::string config_hash;
    std::string image;

    bool operator==(const Completed&) const = default;
};

// The image that was proven last for a service, and which of its code its build made in its own way:
// code::Manifest, each "OBJECT_ID", with " x" where it is executable and " l" where it is a link.
struct ProvenImage {
    std::string stack;
    std::string service;
    std::string image_id;
    std::string code_id;                            // what it was compared with
    std::map<std::string, std::string> manifest;    // by path in the container; UTF-8

    bool operator==(const ProvenImage&) const = default;
};

// A stack that a desired-state file names: what is needed when the file is gone, also while no
// controller ran.
struct KnownStack {
    std::string stack;
    std::string file;
    std::string environment;
    std::string project;
    std::string engine;
    std::string deletion_policy;    // v1alpha1::to_string(DeletionPolicy)

    bool operator==(const KnownStack&) const = default;
};

// --- changes: what write() takes ---

struct Resume {    // lifts the suspension of exactly that stack, or of every_stack
    std::string stack;
};
struct Unconfirm {    // what was confirmed is done
    std::string stack;
    std::string token;
};
struct Release {    // an adopted container is gone, or is ours by label
    std::string container;
};
// The last request (value of the annotation) that was acted on.
struct RequestHandled {
    std::string stack;
    std::string request;
};
struct Outcomes {    // what became of a revision later
    std::string stack;
    int number = 0;
    Outcome outcome = Outcome::deployed;
    std::string message;
};
// The oldest revisions beyond `limit` go; number 0, the newest and the newest proven one stay.
struct HistoryLimit {
    std::string stack;
    int limit = 10;
};
// The stack is gone: all but its events and revisions is forgotten.
struct Forget {
    std::string stack;
};

using Change = std::variant<Event, Revision, Outcomes, HistoryLimit, Suspension, Resume,
                            Confirmation, Unconfirm, AdoptedContainer, Release, Correction, Applied,
                            Pulled, Completed, ProvenImage, RequestHandled, KnownStack, Forget>;
using Changes = std::vector<Change>;

}    // namespace trueup::store
