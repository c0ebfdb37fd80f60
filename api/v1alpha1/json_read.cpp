// SPDX-License-Identifier: Apache-2.0
// JSON -> Stack, for clients of the API. The server wrote it, and may be newer: what is unknown or
// has another type counts as not set; only something that is no Stack at all is an error.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>

#include "api/v1alpha1/codec.hpp"
#include "controller/base/text.hpp"

namespace trueup::v1alpha1 {
namespace {

namespace json = boost::json;

const json::object& object_of(const json::object& object, std::string_view key) {
    static const json::object none;
    const json::value* value = object.if_contains(key);
    return value != nullptr && value->is_object() ? value->get_object() : none;
}

const json::array& array_of(const json::object& object, std::string_view key) {
    static const json::array none;
    const json::value* value = object.if_contains(key);
    return value != nullptr && value->is_array() ? value->get_array() : none;
}

std::string text_of(const json::object& object, std::string_view key,
                    std::string_view otherwise = {}) {
    const json::value* value = object.if_contains(key);
    if (value == nullptr || !value->is_string()) return std::string(otherwise);
    return std::string(value->get_string());
}

std::int64_t number_of(const json::object& object, std::string_view key, std::int64_t otherwise) {
    const json::value* value = object.if_contains(key);
    if (value == nullptr) return otherwise;
    if (value->is_int64()) return value->get_int64();
    return otherwise;
}

std::vector<std::string> texts_of(const json::object& object, std::string_view key) {
    std::vector<std::string> values;
    for (const json::value& value : array_of(object, key)) {
        if (value.is_string()) values.emplace_back(value.get_string());
    }
    return values;
}

std::map<std::string, std::string> map_of(const json::object& object, std::string_view key) {
    std::map<std::string, std::string> values;
    for (const auto& [name, value] : object_of(object, key)) {
        if (value.is_string()) values.emplace(std::string(name), std::string(value.get_string()));
    }
    return values;
}

std::optional<SystemTime> time_of(const json::object& object, std::string_view key) {
    return base::parse_rfc3339(text_of(object, key));
}

Metadata read_metadata(const json::object& object) {
    Metadata metadata;
    metadata.name = text_of(object, "name");
    metadata.uid = text_of(object, "uid");
    metadata.generation = number_of(object, "generation", 1);
    const std::string version = text_of(object, "resourceVersion");
    std::from_chars(version.data(), version.data() + version.size(), metadata.resource_version);
    metadata.creation_timestamp = time_of(object, "creationTimestamp").value_or(SystemTime());
    metadata.labels = map_of(object, "labels");
    metadata.annotations = map_of(object, "annotations");
    return metadata;
}

ComposeSpec read_compose(const json::object& object) {
    ComposeSpec compose;
    compose.files = texts_of(object, "files");
    compose.project = text_of(object, "project");
    compose.profiles = texts_of(object, "profiles");
    compose.variables = map_of(object, "variables");
    for (const json::value& value : array_of(object, "variableFiles")) {
        if (value.is_string()) compose.variable_files.push_back({std::string(value.get_string())});
        if (value.is_object())
            compose.variable_files.push_back({text_of(value.get_object(), "host"), true});
    }
    compose.host_directory = text_of(object, "hostDirectory");
    return compose;
}

// The value whose word the object holds; the default one otherwise.
template <class Value>
Value word_of(const json::object& object, std::string_view key,
              std::initializer_list<Value> values) {
    const std::string word = text_of(object, key);
    for (const Value value : values) {
        if (to_string(value) == word) return value;
    }
    return Value();
}

bool flag_of(const json::object& object, std::string_view key, bool fallback) {
    const json::value* flag = object.if_contains(key);
    return flag != nullptr && flag->is_bool() ? flag->get_bool() : fallback;
}

SyncSpec read_sync(const json::object& object) {
    SyncSpec sync;
    sync.mode = word_of(object, "mode", {SyncMode::automatic, SyncMode::manual});
    sync.drift_correction =
        word_of(object, "driftCorrection",
                {DriftCorrection::enabled, DriftCorrection::warn, DriftCorrection::disabled});
    sync.deletion_policy =
        word_of(object, "deletionPolicy", {DeletionPolicy::orphan, DeletionPolicy::remove});
    sync.grace = base::parse_duration(text_of(object, "grace")).value_or(sync.grace);
    sync.prune = flag_of(object, "prune", sync.prune);
    sync.interval = base::parse_duration(text_of(object, "interval")).value_or(sync.interval);
    for (const json::value& entry : array_of(object, "ignore")) {
        if (!entry.is_object()) continue;
        for (std::string& path : texts_of(entry.get_object(), "paths"))
            sync.ignore.push_back(std::move(path));
    }
    return sync;
}

StackSpec read_spec(const json::object& object) {
    StackSpec spec;
    spec.environment = text_of(object, "environment");
    const json::object& source = object_of(object, "source");
    const json::object& git = object_of(source, "git");
    spec.git.url = text_of(git, "url");
    spec.git.commit = text_of(git, "commit");
    spec.git.branch = text_of(git, "branch");
    spec.path = text_of(source, "path", ".");
    spec.compose = read_compose(object_of(object, "compose"));
    for (const json::value& value : array_of(object, "code")) {
        if (!value.is_object()) continue;
        const json::object& entry = value.get_object();
        spec.code.push_back(CodeSpec{text_of(entry, "service"), text_of(entry, "from"),
                                     text_of(entry, "to"), texts_of(entry, "ignore")});
    }
    if (text_of(object_of(object, "build"), "mode") == "never") spec.build_mode = BuildMode::never;
    spec.bytecode =
        word_of(object_of(object, "build"), "bytecode",
                {BytecodePolicy::purge, BytecodePolicy::reject, BytecodePolicy::ignore});
    spec.rollout_timeout = base::parse_duration(text_of(object_of(object, "rollout"), "timeout"));
    spec.sync = read_sync(object_of(object, "sync"));
    spec.engine = text_of(object, "engine", "default");
    spec.git.credentials = text_of(git, "credentials");
    spec.adopt = flag_of(object, "adopt", false);
    spec.suspend = flag_of(object, "suspend", false);
    spec.history_limit = static_cast<int>(number_of(object, "historyLimit", spec.history_limit));
    return spec;
}

Condition read_condition(const json::object& object) {
    Condition condition;
    condition.type = text_of(object, "type");
    const std::string status = text_of(object, "status");
    if (status == "True") condition.status = ConditionStatus::yes;
    if (status == "False") condition.status = ConditionStatus::no;
    condition.reason = text_of(object, "reason");
    condition.message = text_of(object, "message");
    condition.last_transition_time = time_of(object, "lastTransitionTime").value_or(SystemTime());
    condition.observed_generation = number_of(object, "observedGeneration", 0);
    return condition;
}

ServiceStatus read_service(const json::object& object) {
    ServiceStatus service;
    service.name = text_of(object, "name");
    service.state = text_of(object, "state");
    service.health = text_of(object, "health");
    service.image_id = text_of(object, "imageId");
    service.proof = text_of(object, "proof", "none");
    service.fresh = text_of(object, "fresh", "Unknown");
    service.drift = text_of(object, "drift");
    service.proven_at = time_of(object, "provenAt");
    for (const json::value& value : array_of(object, "code")) {
        if (!value.is_object()) continue;
        service.code[text_of(value.get_object(), "place")] = text_of(value.get_object(), "id");
    }
    return service;
}

SuspensionStatus read_suspension(const json::object& object) {
    SuspensionStatus suspension;
    suspension.actor = text_of(object, "actor");
    suspension.reason = text_of(object, "reason");
    suspension.since = time_of(object, "since");
    suspension.until = time_of(object, "until");
    return suspension;
}

StackStatus read_status(const json::object& object) {
    StackStatus status;
    status.observed_generation = number_of(object, "observedGeneration", 0);
    for (const json::value& value : array_of(object, "conditions")) {
        if (value.is_object()) status.conditions.push_back(read_condition(value.get_object()));
    }
    status.desired_commit = text_of(object, "desiredCommit");
    status.running_commit = text_of(object, "runningCommit");
    for (const json::value& value : array_of(object, "services")) {
        if (value.is_object()) status.services.push_back(read_service(value.get_object()));
    }
    status.warnings = texts_of(object, "warnings");
    status.last_plan = text_of(object, "lastPlan");
    status.last_reconcile_time = time_of(object, "lastReconcileTime");
    status.pending_plan = text_of(object, "pendingPlan");
    if (object.contains("suspension"))
        status.suspension = read_suspension(object_of(object, "suspension"));
    if (object.contains("confirmation")) {
        const json::object& waits = object_of(object, "confirmation");
        status.confirmation =
            ConfirmationStatus{text_of(waits, "token"), text_of(waits, "message")};
    }
    status.last_handled_reconcile_at = text_of(object, "lastHandledReconcileAt");
    return status;
}

}    // namespace

Result<Stack> from_json(const json::value& value) {
    if (!value.is_object()) return Error(Errc::invalid, "expected a JSON object that is a Stack");
    const json::object& object = value.get_object();
    if (text_of(object, "kind") != "Stack" || text_of(object, "apiVersion") != api_version) {
        return Error(Errc::invalid,
                     "the JSON object is not a Stack of " + std::string(api_version));
    }
    Stack stack;
    stack.metadata = read_metadata(object_of(object, "metadata"));
    stack.spec = read_spec(object_of(object, "spec"));
    stack.status = read_status(object_of(object, "status"));
    if (stack.metadata.name.empty()) return Error(Errc::invalid, "the Stack has no metadata.name");
    return stack;
}

}    // namespace trueup::v1alpha1
