// SPDX-License-Identifier: Apache-2.0
// Stack -> JSON, in Kubernetes' shape: camelCase, RFC 3339 times, resourceVersion as a string,
// empty optional fields left out. The spec is written with its defaults filled in.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "api/v1alpha1/codec.hpp"
#include "controller/base/text.hpp"

namespace trueup::v1alpha1 {
namespace {

namespace json = boost::json;

json::array to_array(const std::vector<std::string>& values) {
    json::array array;
    for (const std::string& value : values) array.emplace_back(value);
    return array;
}

json::object to_object(const std::map<std::string, std::string>& values) {
    json::object object;
    for (const auto& [key, value] : values) object[key] = value;
    return object;
}

void set_text(json::object& object, std::string_view key, const std::string& value) {
    if (!value.empty()) object[key] = value;
}

void set_texts(json::object& object, std::string_view key, const std::vector<std::string>& values) {
    if (!values.empty()) object[key] = to_array(values);
}

void set_map(json::object& object, std::string_view key,
             const std::map<std::string, std::string>& values) {
    if (!values.empty()) object[key] = to_object(values);
}

void set_object(json::object& object, std::string_view key, json::object value) {
    if (!value.empty()) object[key] = std::move(value);
}

json::object metadata_to_json(const Metadata& metadata) {
    json::object object;
    object["name"] = metadata.name;
    set_text(object, "uid", metadata.uid);
    object["resourceVersion"] = std::to_string(metadata.resource_version);
    object["generation"] = metadata.generation;
    object["creationTimestamp"] = base::to_rfc3339(metadata.creation_timestamp);
    set_map(object, "labels", metadata.labels);
    set_map(object, "annotations", metadata.annotations);
    return object;
}

json::object source_to_json(const StackSpec& spec) {
    json::object git;
    git["url"] = spec.git.url;
    set_text(git, "commit", spec.git.commit);
    set_text(git, "branch", spec.git.branch);
    set_text(git, "credentials", spec.git.credentials);
    json::object source;
    source["git"] = std::move(git);
    source["path"] = spec.path;
    return source;
}

json::object compose_to_json(const ComposeSpec& compose) {
    json::object object;
    set_texts(object, "files", compose.files);
    set_text(object, "project", compose.project);
    set_texts(object, "profiles", compose.profiles);
    set_map(object, "variables", compose.variables);
    json::array files;
    for (const VariableFile& file : compose.variable_files) {
        if (file.on_host) {
            files.push_back(json::object{{"host", file.path}});
        } else {
            files.emplace_back(file.path);
        }
    }
    if (!files.empty()) object["variableFiles"] = std::move(files);
    set_text(object, "hostDirectory", compose.host_directory);
    return object;
}

json::array code_to_json(const std::vector<CodeSpec>& code) {
    json::array array;
    for (const CodeSpec& entry : code) {
        json::object object;
        object["service"] = entry.service;
        object["from"] = entry.from;
        object["to"] = entry.to;
        set_texts(object, "ignore", entry.ignore);
        array.push_back(std::move(object));
    }
    return array;
}

json::object sync_to_json(const SyncSpec& spec) {
    json::object sync;
    sync["mode"] = to_string(spec.mode);
    sync["driftCorrection"] = to_string(spec.drift_correction);
    sync["grace"] = base::format_duration(spec.grace);
    sync["deletionPolicy"] = to_string(spec.deletion_policy);
    sync["prune"] = spec.prune;
    sync["interval"] = base::format_duration(spec.interval);
    if (!spec.ignore.empty())
        sync["ignore"] = json::array{json::object{{"paths", to_array(spec.ignore)}}};
    return sync;
}

json::object spec_to_json(const StackSpec& spec) {
    json::object object;
    object["environment"] = spec.environment;
    object["engine"] = spec.engine;
    object["source"] = source_to_json(spec);
    set_object(object, "compose", compose_to_json(spec.compose));
    if (!spec.code.empty()) object["code"] = code_to_json(spec.code);
    json::object build;
    build["mode"] = spec.build_mode == BuildMode::build ? "build" : "never";
    if (spec.bytecode != BytecodePolicy::purge) build["bytecode"] = to_string(spec.bytecode);
    object["build"] = std::move(build);
    json::object rollout;
    if (spec.rollout_timeout) rollout["timeout"] = base::format_duration(*spec.rollout_timeout);
    set_object(object, "rollout", std::move(rollout));
    object["sync"] = sync_to_json(spec.sync);
    object["adopt"] = spec.adopt;
    object["suspend"] = spec.suspend;
    object["historyLimit"] = spec.history_limit;
    return object;
}

json::object condition_to_json(const Condition& condition) {
    json::object object;
    object["type"] = condition.type;
    object["status"] = to_string(condition.status);
    object["reason"] = condition.reason;
    object["message"] = condition.message;
    object["lastTransitionTime"] = base::to_rfc3339(condition.last_transition_time);
    object["observedGeneration"] = condition.observed_generation;
    return object;
}

json::object service_to_json(const ServiceStatus& service) {
    json::object object;
    object["name"] = service.name;
    set_text(object, "state", service.state);
    set_text(object, "health", service.health);
    set_text(object, "imageId", service.image_id);
    object["proof"] = service.proof;
    object["fresh"] = service.fresh;
    set_text(object, "drift", service.drift);
    if (service.proven_at) object["provenAt"] = base::to_rfc3339(*service.proven_at);
    json::array code;
    for (const auto& [place, id] : service.code) {
        json::object each;
        each["place"] = place;
        each["id"] = id;
        code.push_back(std::move(each));
    }
    if (!code.empty()) object["code"] = std::move(code);
    return object;
}

json::object suspension_to_json(const SuspensionStatus& suspension) {
    json::object object;
    set_text(object, "actor", suspension.actor);
    set_text(object, "reason", suspension.reason);
    if (suspension.since) object["since"] = base::to_rfc3339(*suspension.since);
    if (suspension.until) object["until"] = base::to_rfc3339(*suspension.until);
    return object;
}

}    // namespace

std::string_view to_string(BytecodePolicy policy) {
    switch (policy) {
        case BytecodePolicy::purge: return "purge";
        case BytecodePolicy::reject: return "reject";
        case BytecodePolicy::ignore: return "ignore";
    }
    return "purge";
}

std::string_view to_string(SyncMode mode) {
    return mode == SyncMode::automatic ? "automatic" : "manual";
}

std::string_view to_string(DriftCorrection correction) {
    switch (correction) {
        case DriftCorrection::enabled: return "enabled";
        case DriftCorrection::warn: return "warn";
        case DriftCorrection::disabled: return "disabled";
    }
    return "enabled";
}

std::string_view to_string(DeletionPolicy policy) {
    return policy == DeletionPolicy::orphan ? "orphan" : "delete";
}

json::object to_json(const StackStatus& status) {
    json::object object;
    object["observedGeneration"] = status.observed_generation;
    json::array conditions;
    for (const Condition& condition : status.conditions)
        conditions.push_back(condition_to_json(condition));
    object["conditions"] = std::move(conditions);
    set_text(object, "desiredCommit", status.desired_commit);
    set_text(object, "runningCommit", status.running_commit);
    json::array services;
    for (const ServiceStatus& service : status.services)
        services.push_back(service_to_json(service));
    object["services"] = std::move(services);
    set_texts(object, "warnings", status.warnings);
    set_text(object, "lastPlan", status.last_plan);
    if (status.last_reconcile_time)
        object["lastReconcileTime"] = base::to_rfc3339(*status.last_reconcile_time);
    set_text(object, "pendingPlan", status.pending_plan);
    if (status.suspension) object["suspension"] = suspension_to_json(*status.suspension);
    if (status.confirmation) {
        object["confirmation"] = json::object{{"token", status.confirmation->token},
                                              {"message", status.confirmation->message}};
    }
    set_text(object, "lastHandledReconcileAt", status.last_handled_reconcile_at);
    return object;
}

json::object to_json(const Stack& stack) {
    json::object object;
    object["apiVersion"] = api_version;
    object["kind"] = "Stack";
    object["metadata"] = metadata_to_json(stack.metadata);
    object["spec"] = spec_to_json(stack.spec);
    object["status"] = to_json(stack.status);
    return object;
}

json::object list_to_json(const std::vector<Stack>& stacks, std::uint64_t resource_version) {
    json::object metadata;
    metadata["resourceVersion"] = std::to_string(resource_version);
    json::array items;
    for (const Stack& stack : stacks) items.push_back(to_json(stack));
    json::object object;
    object["apiVersion"] = api_version;
    object["kind"] = "StackList";
    object["metadata"] = std::move(metadata);
    object["items"] = std::move(items);
    return object;
}

}    // namespace trueup::v1alpha1
