// SPDX-License-Identifier: Apache-2.0
// Containers, as lists and inspect answers tell them.
#include <array>
#include <charconv>

#include "controller/engine/codec.hpp"
#include "controller/engine/json_read.hpp"
#include "controller/model/labels.hpp"

namespace trueup::engine::codec {
namespace {

namespace labels = model::labels;

model::ContainerState container_state(std::string_view word) {
    using model::ContainerState;
    static constexpr std::array<std::pair<std::string_view, ContainerState>, 7> words{
        {{"created", ContainerState::created},
         {"running", ContainerState::running},
         {"paused", ContainerState::paused},
         {"restarting", ContainerState::restarting},
         {"removing", ContainerState::removing},
         {"exited", ContainerState::exited},
         {"dead", ContainerState::dead}}};
    for (const auto& [name, state] : words) {
        if (name == word) return state;
    }
    return ContainerState::dead;
}

model::Health health_of(std::string_view word) {
    if (word == "starting") return model::Health::starting;
    if (word == "healthy") return model::Health::healthy;
    return word == "unhealthy" ? model::Health::unhealthy : model::Health::none;
}

void read_labels(const json::value& all, model::ObservedContainer& container) {
    container.project = text(all, labels::compose_project);
    container.service = text(all, labels::compose_service);
    const std::string replica = text(all, labels::compose_number);
    std::from_chars(replica.data(), replica.data() + replica.size(), container.number);
    container.owned = has(all, labels::owner);
    container.owner = text(all, labels::owner);
    const std::string one_off = text(all, labels::compose_oneoff);
    container.one_off = one_off == "True" || one_off == "true";
    container.stack = text(all, labels::stack);
    container.config_hash = text(all, labels::config_hash);
    container.revision = text(all, labels::revision);
    container.seal = text(all, labels::seal);
    container.made_as = text(all, labels::name);
    container.content = text(all, labels::content);
}

std::string without_slash(std::string name) {
    if (name.starts_with('/')) name.erase(0, 1);
    return name;
}

void read_networks(const json::value& networks, model::ObservedContainer& container) {
    if (!networks.is_object()) return;
    for (const auto& member : networks.as_object()) {
        container.networks[std::string(member.key())] = text(member.value(), "NetworkID");
    }
}

model::MountedKind mounted_kind(std::string_view word) {
    if (word == "volume") return model::MountedKind::volume;
    if (word == "bind") return model::MountedKind::bind;
    return word == "tmpfs" ? model::MountedKind::tmpfs : model::MountedKind::other;
}

// A volume's Source is where the engine keeps it; its name is what it is known by.
void read_mounts(const json::value& mounts, model::ObservedContainer& container) {
    for (const json::value& mount : array(mounts)) {
        model::ObservedMount& seen = container.mounts[text(mount, "Destination")];
        seen.kind = mounted_kind(text(mount, "Type"));
        seen.source = text(mount, seen.kind == model::MountedKind::volume ? "Name" : "Source");
        seen.writable = truth(mount, "RW");
    }
}

// The engine writes "never" as a time of the year 1.
std::string moment(const json::value& state, std::string_view key) {
    std::string time = text(state, key);
    return time.starts_with("0001-") ? std::string() : time;
}

model::ObservedContainer listed(const json::value& entry) {
    model::ObservedContainer container;
    container.id = text(entry, "Id");
    // A container linked into others has several names; its own is the one with a single slash.
    for (const json::value& name : array(at(entry, "Names"))) {
        const std::string candidate = without_slash(text(name));
        if (candidate.find('/') == std::string::npos) container.name = candidate;
    }
    container.image_id = text(entry, "ImageID");
    container.image_reference = text(entry, "Image");
    read_labels(at(entry, "Labels"), container);
    container.state = container_state(text(entry, "State"));
    const StatusText status = status_text(text(entry, "Status"));
    container.health = status.health;
    container.exit_code = status.exit_code;
    read_networks(at(at(entry, "NetworkSettings"), "Networks"), container);
    read_mounts(at(entry, "Mounts"), container);
    return container;
}

}    // namespace

StatusText status_text(std::string_view status) {
    StatusText result;
    if (status.ends_with("(healthy)")) result.health = model::Health::healthy;
    if (status.ends_with("(unhealthy)")) result.health = model::Health::unhealthy;
    if (status.ends_with("(health: starting)")) result.health = model::Health::starting;
    if (status.starts_with("Exited (")) {
        status.remove_prefix(8);
        std::from_chars(status.data(), status.data() + status.size(), result.exit_code);
    }
    return result;
}

Result<std::vector<model::ObservedContainer>> containers(std::string_view list) {
    return list_of<model::ObservedContainer>(list, "", listed);
}

Result<model::ObservedContainer> container(std::string_view inspect) {
    const auto parsed = parse(inspect);
    if (!parsed) return parsed.error();
    const json::value& entry = *parsed;
    const json::value& state = at(entry, "State");
    model::ObservedContainer container;
    container.id = text(entry, "Id");
    if (container.id.empty())
        return Error(Errc::unavailable, "the engine's answer is no container");
    container.name = without_slash(text(entry, "Name"));
    container.image_id = text(entry, "Image");
    container.image_reference = text(at(entry, "Config"), "Image");
    read_labels(at(at(entry, "Config"), "Labels"), container);
    container.state = container_state(text(state, "Status"));
    container.health = health_of(text(at(state, "Health"), "Status"));
    container.exit_code = to_int(number(at(state, "ExitCode")));
    container.restart_count = to_int(number(at(entry, "RestartCount")));
    container.started_at = moment(state, "StartedAt");
    container.finished_at = moment(state, "FinishedAt");
    container.oom_killed = truth(state, "OOMKilled");
    container.error = text(state, "Error");
    container.pid = number(at(state, "Pid"));
    container.restart_policy = text(at(at(entry, "HostConfig"), "RestartPolicy"), "Name");
    read_networks(at(at(entry, "NetworkSettings"), "Networks"), container);
    read_mounts(at(entry, "Mounts"), container);
    return container;
}

}    // namespace trueup::engine::codec
