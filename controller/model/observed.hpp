// SPDX-License-Identifier: Apache-2.0
// What really runs, as the engine told it: a snapshot of one project. Plain values. Labels are
// parsed already; the code comparison's result is part of it, so diff() needs nothing else.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/base/clock.hpp"
#include "controller/model/project.hpp"

namespace trueup::model {

enum class ContainerState : std::uint8_t {
    created,
    running,
    paused,
    restarting,
    removing,
    exited,
    dead
};
enum class Health : std::uint8_t { none, starting, healthy, unhealthy };

std::string_view to_string(ContainerState state);
std::string_view to_string(Health health);

// Result of comparing code with the commit. `unknown`: not looked at, or cannot be.
enum class CodeStatus : std::uint8_t { unknown, fresh, stale };

// One path that differs. mode: the same content, and 755 where the commit has 644 or the reverse.
enum class FileChange : std::uint8_t { modified, missing, extra, mode };
struct FileDifference {
    std::string path;    // in the commit; of extra: in the container
    FileChange change = FileChange::modified;

    auto operator<=>(const FileDifference&) const = default;
};
std::string_view to_string(FileChange change);

// A .pyc that CPython would run in place of the commit's code. unproven: nobody could tell, for want
// of an interpreter.
enum class BytecodeFault : std::uint8_t { differs, sourceless, broken, uncompilable, unproven };
struct BytecodeFinding {
    std::string path;      // beside the source in the commit; else in the container
    std::string source;    // in the commit, else in the container; "" = it needs none
    BytecodeFault fault = BytecodeFault::differs;

    auto operator<=>(const BytecodeFinding&) const = default;
};
// "app/__pycache__/x.cpython-311.pyc is not what app/x.py of 9f3c1e2 compiles to".
std::string to_text(const BytecodeFinding& finding, std::string_view commit);

struct CodeState {
    CodeStatus status = CodeStatus::unknown;
    std::string code_id;    // what it was compared with: hash of mappings and object ids
    std::vector<FileDifference> differences;    // at most 20 are kept
    std::size_t difference_count = 0;
    std::vector<BytecodeFinding> bytecode;    // at most 20 are kept
    std::size_t bytecode_count = 0;
    // Files of the commit that a step of the image's build modified or removed, and that are as it left
    // them: by their paths in the container, at most 20 are kept. No differences.
    std::vector<FileDifference> of_build;
    std::size_t of_build_count = 0;
    std::size_t files = 0;                  // compared
    std::optional<SystemTime> proven_at;    // when it was last looked at

    bool operator==(const CodeState&) const = default;
};
// Of an image that holds other code, why the builder's cache is not trusted any more, for metrics: the
// first kind of difference there is of modified, missing, extra, mode; else bytecode.
std::string_view distrust_reason(const CodeState& image);

// What lies on the host, is mounted read-only into a container, and is not what it was when the container's
// process started.
struct ProcessAge {
    std::string path;                     // in the container: the first such file
    std::optional<SystemTime> changed;    // when; nothing: it is gone, or its times do not tell
    bool removed = false;
    std::size_t count = 0;    // of such files; 0 = none is known
    std::string unseen{};     // what could not be looked at, and why; "" = nothing

    bool operator==(const ProcessAge&) const = default;
};
// "started 2026-01-01T10:02:11Z, /etc/app.conf changed 2026-01-01T10:14:02Z".
std::string to_text(const ProcessAge& age, std::string_view started_at);

enum class MountedKind : std::uint8_t { volume, bind, tmpfs, other };
struct ObservedMount {
    MountedKind kind = MountedKind::volume;
    std::string source;    // volume: its name; bind: path on the engine's host; tmpfs: ""
    bool writable = true;

    bool operator==(const ObservedMount&) const = default;
};

// Why a container's last run ended. Told by the engine's events, so `none` also means that nobody
// listened when it did.
enum class EndCause : std::uint8_t {
    none,
    crash,      // by itself, whatever the exit code
    stopped,    // asked to end through the engine: `docker stop`, `docker kill -s TERM`
    killed,     // through the engine, without having been asked
    oom         // the kernel, out of memory
};
std::string_view to_string(EndCause cause);

// Whose doing it was. engine: its restart policy, its own stop or start. person: anybody else who
// speaks to the engine, a program too. unknown: it was before this controller listened.
enum class Actor : std::uint8_t { unknown, trueup, engine, person };
std::string_view to_string(Actor actor);

struct Ending {
    EndCause cause = EndCause::none;
    Actor by = Actor::unknown;       // of stopped and killed
    std::optional<SystemTime> at;    // by the engine's clock
    // Nobody heard why, and the engine was started since: its own end may have been the cause.
    bool before_engine = false;

    bool operator==(const Ending&) const = default;
};

// A container that another tool created, against the one that trueup would create for its service.
struct Comparison {
    std::string config_hash;    // of the service, as it was compared
    Strings differences;        // render::differences(); empty = as good as ours

    bool operator==(const Comparison&) const = default;
};

struct ObservedContainer {
    std::string id;
    std::string name;        // without the leading "/"
    std::string project;     // com.docker.compose.project
    std::string service;     // com.docker.compose.service
    int number = 0;          // com.docker.compose.container-number
    std::string image_id;    // config digest
    bool owned = false;      // carries an owner label of trueup
    std::string owner;       // dev.trueup.owner: the controller's name
    bool one_off = false;
    std::string stack;          // dev.trueup.stack
    std::string config_hash;    // dev.trueup.config-hash
    std::string revision;       // dev.trueup.revision: the commit it was created for
    ContainerState state = ContainerState::created;
    Health health = Health::none;
    int exit_code = 0;
    int restart_count = 0;
    std::string started_at;    // RFC 3339 as the engine gives it; "" before the first start
    std::int64_t pid = 0;
    std::string restart_policy;
    StringMap networks;                             // network name -> network id
    std::map<std::string, ObservedMount> mounts;    // destination -> what is there
    std::string seal;                               // dev.trueup.seal
    std::string made_as;                            // dev.trueup.name
    std::string content;                            // dev.trueup.content
    // Folders of the commit that it binds in another content, as render/content.hpp names them: the path of
    // the first file that differs, as far as anybody can tell.
    StringMap first_changes;
    // Taken over from another tool: owner, stack, config_hash, revision and recipe_id are what the
    // store remembers, since no label can be written later.
    bool adopted = false;
    std::string recipe_id;    // of an adopted one: what its image is as good as built from
    std::optional<Comparison> comparison;    // of one that may be adopted
    std::string image_reference;             // as it was created: a tag, a digest or an id
    bool oom_killed = false;                 // of the last run, as inspect tells it
    std::string finished_at;                 // RFC 3339; "" before the first end
    std::string error;                       // of the last start: "port is already allocated"…
    // These three are from events: only engine::Cache tells them.
    Ending ended;                           // the last one, also while it runs again
    std::optional<SystemTime> paused_at;    // while paused: since when, or first seen so
    Actor last_start_by = Actor::unknown;
    CodeState code;
    ProcessAge age;

    bool operator==(const ObservedContainer&) const = default;
};

struct ObservedNetwork {
    std::string id;
    std::string name;
    std::string key;    // com.docker.compose.network
    bool owned = false;
    std::string seal;    // dev.trueup.seal
    std::string stack;
    std::string config_hash;
    std::string project;    // com.docker.compose.project
    // Names of the containers on it, running or not, that are not of the snapshot: only where somebody
    // asked the engine, before it is removed.
    Strings others;

    bool operator==(const ObservedNetwork&) const = default;
};

struct ObservedVolume {
    std::string name;
    std::string key;
    bool owned = false;
    std::string seal;
    std::string stack;
    std::string config_hash;
    std::string project;

    bool operator==(const ObservedVolume&) const = default;
};

struct ObservedImage {
    std::string id;
    Strings references;       // tags
    std::string recipe_id;    // dev.trueup.recipe; "" when trueup did not build it
    std::string revision;     // org.opencontainers.image.revision
    std::string owner;        // dev.trueup.owner: it was made from a container (`docker commit`)
    std::string seal;         // likewise
    CodeState code;           // of the image against the commit that is desired

    bool operator==(const ObservedImage&) const = default;
};

// A one-shot that succeeded: what it was run from. The store remembers it, since the container may be
// removed; nothing runs again that is run from the same.
struct Completion {
    std::string config_hash;
    std::string image;    // recipe of a built one, id of a pulled one

    bool operator==(const Completion&) const = default;
};
using Completions = std::map<std::pair<std::string, int>, Completion>;    // service, number

struct Observed {
    std::vector<ObservedContainer> containers;    // of the project, ours and foreign, by name
    // With the stack's label, and of another project: it was renamed, or somebody says so.
    std::vector<ObservedContainer> elsewhere;
    std::vector<ObservedNetwork> networks;    // of the project, or named by it
    std::vector<ObservedVolume> volumes;
    // By id: those of containers, desired references and recipes.
    std::map<std::string, ObservedImage> images;
    // Reference as desired -> id; absent = not on the engine.
    std::map<std::string, std::string> image_of_reference;
    Completions completed;

    // A container of the project, or of the stack elsewhere.
    bool has_container(const std::string& id) const;

    bool operator==(const Observed&) const = default;
};

}    // namespace trueup::model
