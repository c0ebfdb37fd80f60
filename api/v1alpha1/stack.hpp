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
    Position url_position;
    Position revision_position;

    // By content: a line added above it in the file is not another spec.
    bool operator==(const GitSource& other) const {
        return url == other.url && commit == other.commit && branch == other.branch;
    }
};

struct ComposeSpec {
    std::vector<std::string> files;
    std::string project;    // "" = metadata.name
    std::vector<std::string> profiles;
    std::map<std::string, std::string> variables;
    std::vector<std::string> variable_files;    // in the commit

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

struct StackSpec {
    std::string environment;
    GitSource git;
    std::string path = ".";    // project directory inside the commit
    ComposeSpec compose;
    std::vector<CodeSpec> code;
    BuildMode build_mode = BuildMode::build;
    std::optional<std::chrono::nanoseconds> rollout_timeout;
    bool prune = true;
    std::chrono::nanoseconds interval = std::chrono::minutes(1);

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
    std::string proof = "none";       // files | none
    std::string fresh = "Unknown";    // True | False | Unknown
    std::string drift;                // names the differing files, "" = none
    std::optional<SystemTime> proven_at;

    bool operator==(const ServiceStatus&) const = default;
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
    Position position;    // of the document in its file

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
