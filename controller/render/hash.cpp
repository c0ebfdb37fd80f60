// SPDX-License-Identifier: Apache-2.0
// The hash stays what it was in versions that knew fewer attributes, for a service that uses none of the
// later ones: else a new version of trueup would replace every container and run every one-shot again.
// So the first members are those of the first version in its order, and all that came later follows
// only where it says something.
#include <fmt/format.h>

#include <limits>
#include <map>
#include <utility>

#include "controller/base/digest.hpp"
#include "controller/render/json.hpp"
#include "controller/render/parts.hpp"

namespace trueup::render {
namespace {

namespace json = boost::json;
using model::MountKind;

// Takes the member out of `all`.
json::value take(json::object& all, std::string_view key) {
    const auto found = all.find(key);
    if (found == all.end()) return {};
    json::value value = std::move(found->value());
    all.stable_erase(found);
    return value;
}

void move_over(json::object& all, std::string_view key, json::object& to) {
    json::value value = take(all, key);
    if (!value.is_null()) to[key] = std::move(value);
}

template <class Container>
json::value or_empty(json::value value) {
    return value.is_null() ? json::value(Container()) : std::move(value);
}

// What `volumes` says, in the order of the targets.
std::map<std::string, model::Mount> mounts_of(const model::Service& service) {
    std::map<std::string, model::Mount> mounts;
    for (const model::Mount& mount : service.mounts) mounts.emplace(mount.target, mount);
    return mounts;
}

bool is_anonymous(const model::Mount& mount) {
    return mount.kind == MountKind::volume && mount.source.empty();
}

// "source:target:rw" of what Binds could say in the first version.
json::array binds(const model::Project& project, const model::Service& service) {
    json::array array;
    for (const auto& [target, mount] : mounts_of(service)) {
        if (is_anonymous(mount)) continue;
        std::string source = mount.source;
        if (mount.in_commit)
            source = "/" + mount.content_id;
        else if (mount.kind == MountKind::volume)
            source = project.volumes.at(mount.source).name;
        array.emplace_back(fmt::format("{}:{}:{}", source, target, mount.read_only ? "ro" : "rw"));
    }
    return array;
}

json::object anonymous_volumes(const model::Service& service) {
    json::object object;
    for (const auto& [target, mount] : mounts_of(service)) {
        if (is_anonymous(mount)) object[target] = json::object();
    }
    return object;
}

// Binds and Volumes above say all of it.
bool is_plain(model::Mount mount) {
    model::Mount plain;
    plain.kind = mount.kind;
    plain.source = mount.source;
    plain.target = mount.target;
    plain.read_only = mount.read_only;
    plain.in_commit = mount.in_commit;
    plain.content_id = mount.content_id;
    plain.content_is_directory = mount.content_is_directory;
    plain.consistency = mount.consistency;
    if (mount.in_commit) mount.create_host_path = plain.create_host_path;
    const bool known = mount.kind == MountKind::bind || mount.kind == MountKind::volume;
    return known && mount == plain;
}

// Binds and Mounts of everything that is not plain.
json::object further_mounts(const model::Project& project, const model::Service& service,
                            const Surroundings& around) {
    model::Service rest = service;
    std::erase_if(rest.mounts, [](const model::Mount& mount) { return is_plain(mount); });
    json::object host;
    add_mounts(project, rest, around, host);
    return host;
}

// What is written into the container; no content can be read out of the hash of all of it.
json::array files(const model::Project& project, const model::Service& service) {
    json::array array;
    for (const WrittenFile& file : written_files(project, service)) {
        json::object object;
        object["Path"] = file.target;
        object["Content"] = base::sha256_hex(file.content);
        object["Mode"] = file.mode;
        object["User"] = file.user;
        object["Group"] = file.group;
        array.push_back(std::move(object));
    }
    return array;
}

json::array hooks(const std::vector<model::Hook>& wanted) {
    json::array array;
    for (const model::Hook& hook : wanted) {
        json::object object;
        object["Command"] = to_array(hook.command);
        object["User"] = hook.user;
        object["Privileged"] = hook.privileged;
        object["WorkingDir"] = hook.working_dir;
        json::object environment;
        for (const auto& [name, value] : hook.environment)
            environment[name] = value ? json::value(*value) : json::value();
        object["Environment"] = std::move(environment);
        array.push_back(std::move(object));
    }
    return array;
}

}    // namespace

std::string config_hash(const model::Project& project, const model::Service& service) {
    if (!service.config_hash.empty()) return service.config_hash;
    // Written as for the newest engine, so that another version changes nothing.
    Surroundings around;
    around.capability.api_minor = std::numeric_limits<int>::max();
    json::object all = config(service, around);
    for (const char* key : {"AttachStdout", "AttachStderr"}) take(all, key);
    json::object all_of_host = host_config(project, service, around);
    for (const char* key : {"Binds", "Mounts", "Tmpfs", "VolumesFrom"}) take(all_of_host, key);

    json::object body;
    move_over(all, "Cmd", body);
    move_over(all, "Entrypoint", body);
    body["Env"] = or_empty<json::array>(take(all, "Env"));
    body["ExposedPorts"] = or_empty<json::object>(take(all, "ExposedPorts"));
    for (const char* key : {"WorkingDir", "User", "Hostname", "StopSignal", "StopTimeout"})
        move_over(all, key, body);
    json::value check = take(all, "Healthcheck");
    if (service.healthcheck) body["Healthcheck"] = or_empty<json::object>(std::move(check));
    set(body, "Volumes", anonymous_volumes(service));
    json::object host;
    host["Binds"] = binds(project, service);
    host["PortBindings"] = or_empty<json::object>(take(all_of_host, "PortBindings"));
    move_over(all_of_host, "RestartPolicy", host);
    move_over(all_of_host, "Init", host);
    body["HostConfig"] = std::move(host);
    body["Labels"] = to_object(service.labels);
    // What is built is told apart by its recipe; what is pulled only by its name.
    if (!service.build) body["Image"] = service.image;
    json::object networks;
    for (const NetworkEntry* entry : ordered_networks(service))
        networks[project.networks.at(entry->first).name] =
            endpoint(project, service, *entry, around);
    body["Networks"] = std::move(networks);

    set(body, "Further", std::move(all));
    set(body, "FurtherHostConfig", std::move(all_of_host));
    set(body, "FurtherMounts", further_mounts(project, service, around));
    set(body, "Platform", service.platform);
    set(body, "Files", files(project, service));
    set(body, "PostStart", hooks(service.post_start));
    set(body, "PreStop", hooks(service.pre_stop));
    return base::sha256_hex(json::serialize(body));
}

std::string keyed_hash(const std::string& key, const std::string& config_hash) {
    return key.empty() ? config_hash : base::hmac_sha256_hex(key, "config " + config_hash);
}

bool is_hash_of(const std::string& carried, const std::string& config_hash,
                const std::string& unkeyed_hash) {
    return carried == config_hash || (!unkeyed_hash.empty() && carried == unkeyed_hash);
}

std::string network_hash(const model::Network& network) {
    json::object all = network_settings(network);
    json::object body;
    body["Driver"] = network.driver;
    body["Options"] = to_object(network.driver_options);
    body["Internal"] = network.internal;
    body["Attachable"] = network.attachable;
    body["Labels"] = to_object(network.labels);
    for (const char* key : {"Driver", "Options", "Internal", "Attachable"}) take(all, key);
    for (auto& member : all) body[member.key()] = std::move(member.value());
    return base::sha256_hex(json::serialize(body));
}

std::string volume_hash(const model::Volume& volume) {
    json::object body;
    body["Driver"] = volume.driver;
    body["Options"] = to_object(volume.driver_options);
    body["Labels"] = to_object(volume.labels);
    return base::sha256_hex(json::serialize(body));
}

}    // namespace trueup::render
