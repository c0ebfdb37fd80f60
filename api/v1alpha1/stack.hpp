// SPDX-License-Identifier: Apache-2.0
// What users write and read: the Stack. Values only, Kubernetes conventions (metadata.generation,
// status.observedGeneration, conditions). The YAML codec is in codec.hpp.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/clock.hpp"
#include "controller/base/error.hpp"

namespace trueup::v1alpha1 {

inline constexpr std::string_view api_version = "trueup.dev/v1alpha1";

struct GitSource {
    std::string url;
    std::string commit;    // full id; exactly one of commit and branch is set
    std::string branch;
    std::string credentials;    // a name in the controller's configuration; "" = none
    Position url_position;
    Position revision_position;

    // By content: a line added above it in the file is not another spec.
    bool operator==(const GitSource& other) const {
        return url == other.url && commit == other.commit && branch == other.branch &&
               credentials == other.credentials;
    }
};

// A file of variables for interpolation.
struct VariableFile {
    std::string path;    // relative to the project directory in the commit, or
    // an absolute path on the controller's host, below a root that its configuration allows
    bool on_host = false;

    bool operator==(const VariableFile&) const = default;
};

struct ComposeSpec {
    std::vector<std::string> files;
    std::string project;    // "" = metadata.name
    std::vector<std::string> profiles;
    std::map<std::string, std::string> variables;
    std::vector<VariableFile> variable_files;    // later ones win
    // Absolute folder on the engine's host: relative binds that are not in the commit live below it.
    std::string host_directory;

    bool operator==(const ComposeSpec&) const = default;
};

struct CodeSpec {
    std::string service;
    std::string from;
    std::string to;
    std::vector<std::string> ignore;

    bool operator==(const CodeSpec&) const = default;
};

enum class BuildMode : std::uint8_t { build, never };
// Of .pyc files in code directories that are not what the commit's sources compile to. purge: images
// get a layer without them; reject: such an image is refused; ignore: nobody looks.
enum class BytecodePolicy : std::uint8_t { purge, reject, ignore };
std::string_view to_string(BytecodePolicy policy);

// automatic: whatever differs is put right. manual: only when an operator says `reconcile`.
enum class SyncMode : std::uint8_t { automatic, manual };
// What is done about a running thing that no longer is what was applied last. warn: told, by event
// and metric, and left. disabled: shown by status and diff only.
enum class DriftCorrection : std::uint8_t { enabled, warn, disabled };
// What becomes of the stack when its file is gone. orphan: it is left running and reported. remove
// ("delete" in the file): its containers and networks go, never its volumes.
enum class DeletionPolicy : std::uint8_t { orphan, remove };

// As the file writes them.
std::string_view to_string(SyncMode mode);
std::string_view to_string(DriftCorrection correction);
std::string_view to_string(DeletionPolicy policy);

struct SyncSpec {
    SyncMode mode = SyncMode::automatic;
    DriftCorrection drift_correction = DriftCorrection::enabled;
    // A container that a person stopped or paused is reported at once and put back after this.
    std::chrono::nanoseconds grace = std::chrono::minutes(1);
    DeletionPolicy deletion_policy = DeletionPolicy::orphan;
    bool prune = true;    // containers and networks of ours that are not desired any more
    // JSON pointers into the canonical compose model ("/services/api/environment/DEBUG"): a
    // difference there alone is no drift.
    std::vector<std::string> ignore;
    std::chrono::nanoseconds interval = std::chrono::minutes(1);    // of resyncs: a safety net

    bool operator==(const SyncSpec&) const = default;
};

struct StackSpec {
    std::string environment;
    std::string engine = "default";    // an engine of the controller's configuration
    GitSource git;
    std::string path = ".";    // project directory inside the commit
    ComposeSpec compose;
    std::vector<CodeSpec> code;
    BuildMode build_mode = BuildMode::build;
    BytecodePolicy bytecode = BytecodePolicy::purge;
    std::optional<std::chrono::nanoseconds> rollout_timeout;
    SyncSpec sync;
    bool adopt = false;        // take over containers of the project that trueup did not create
    bool suspend = false;      // look and report, change nothing
    int history_limit = 10;    // revisions that are kept, each with its images

    bool operator==(const StackSpec&) const = default;
};

enum class ConditionStatus : std::uint8_t { unknown, yes, no };
std::string_view to_string(ConditionStatus status);    // "Unknown" "True" "False"

struct Condition {
    std::string type;
    ConditionStatus status = ConditionStatus::unknown;
    std::string reason;    // one CamelCase word, never empty
    std::string message;
    SystemTime last_transition_time;    // changes only when status changes
    std::int64_t observed_generation = 0;

    bool operator==(const Condition&) const = default;
};

struct ServiceStatus {
    std::string name;
    std::string state;     // "running 2/2", "exited (1)", "missing"
    std::string health;    // healthy | starting | unhealthy | none
    std::string image_id;
    std::string proof = "none";       // files | build | digest | none
    std::string fresh = "Unknown";    // True | False | Unknown
    std::string drift;                // names the differing files, "" = none
    std::optional<SystemTime> proven_at;
    // Proven file by file: git's id of the code that runs, by the folder or file in the container.
    std::map<std::string, std::string> code;

    bool operator==(const ServiceStatus&) const = default;
};

// Why nothing is changed now: spec.suspend, or what an operator said.
struct SuspensionStatus {
    std::string actor;     // "person:ada"; "" = spec.suspend of the file
    std::string reason;    // as the operator gave it
    std::optional<SystemTime> since;
    std::optional<SystemTime> until;

    bool operator==(const SuspensionStatus&) const = default;
};

// What waits for a person's yes (`trueup confirm`); `token` names exactly this.
struct ConfirmationStatus {
    std::string token;
    std::string message;

    bool operator==(const ConfirmationStatus&) const = default;
};

struct StackStatus {
    std::int64_t observed_generation = 0;
    std::vector<Condition> conditions;
    std::string desired_commit;
    std::string running_commit;    // proven or at least deployed; "" = none
    std::vector<ServiceStatus> services;
    std::vector<std::string> warnings;
    std::string last_plan;    // the actions of the last reconcile that did something
    std::optional<SystemTime> last_reconcile_time;
    std::string pending_plan;    // what is to do and is not done: suspended, or manual
    std::optional<SuspensionStatus> suspension;
    std::optional<ConfirmationStatus> confirmation;
    // The value of the annotation trueup.dev/requestedAt that was acted on last.
    std::string last_handled_reconcile_at;

    bool operator==(const StackStatus&) const = default;
};

struct Metadata {
    std::string name;
    std::string uid;
    std::int64_t generation = 1;
    std::uint64_t resource_version = 0;
    SystemTime creation_timestamp;
    std::map<std::string, std::string> labels;
    std::map<std::string, std::string> annotations;

    bool operator==(const Metadata&) const = default;
};

struct Stack {
    Metadata metadata;
    StackSpec spec;
    StackStatus status;
    Position position;           // of the document in its file
    Position engine_position;    // of spec.engine; not given = the default

    const std::string& project_name() const {
        return spec.compose.project.empty() ? metadata.name : spec.compose.project;
    }
    bool operator==(const Stack&) const = default;
};

// The condition of that type; nullptr when it was never set.
const Condition* find_condition(const StackStatus& status, std::string_view type);
// Sets or replaces; keeps last_transition_time while the status stays the same.
void set_condition(StackStatus& status, Condition condition, SystemTime now);
// For the abnormal-true ones (Reconciling, Stalled), which are present only while True.
void remove_condition(StackStatus& status, std::string_view type);

}    // namespace trueup::v1alpha1
