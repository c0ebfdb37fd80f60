// SPDX-License-Identifier: Apache-2.0
#include "controller/engine/codec.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <algorithm>
#include <array>
#include <charconv>

#include "controller/model/labels.hpp"

namespace trueup::engine::codec {
namespace {

namespace json = boost::json;
namespace labels = model::labels;

const json::value null_value;

// The member, or null: reading what is not there is never an error.
const json::value& at(const json::value& value, std::string_view key) {
    const json::object* object = value.if_object();
    if (object == nullptr) return null_value;
    const json::value* found = object->if_contains(key);
    return found == nullptr ? null_value : *found;
}

std::string text(const json::value& value) {
    const json::string* string = value.if_string();
    return string == nullptr ? std::string() : std::string(*string);
}

std::string text(const json::value& value, std::string_view key) { return text(at(value, key)); }

std::int64_t number(const json::value& value) {
    if (const std::int64_t* integer = value.if_int64()) return *integer;
    if (const std::uint64_t* natural = value.if_uint64())
        return *natural > INT64_MAX ? INT64_MAX : static_cast<std::int64_t>(*natural);
    return 0;
}

int to_int(std::int64_t value) {
    return static_cast<int>(std::clamp<std::int64_t>(value, INT32_MIN, INT32_MAX));
}

const json::array& array(const json::value& value) {
    static const json::array none;
    const json::array* found = value.if_array();
    return found == nullptr ? none : *found;
}

std::string label(const json::value& all, std::string_view key) { return text(at(all, key)); }

bool has(const json::value& object, std::string_view key) {
    return object.is_object() && object.as_object().contains(key);
}

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
    container.project = label(all, labels::compose_project);
    container.service = label(all, labels::compose_service);
    const std::string replica = label(all, labels::compose_number);
    std::from_chars(replica.data(), replica.data() + replica.size(), container.number);
    container.owned = has(all, labels::owner);
    container.owner = label(all, labels::owner);
    const std::string one_off = label(all, labels::compose_oneoff);
    container.one_off = one_off == "True" || one_off == "true";
    container.stack = label(all, labels::stack);
    container.config_hash = label(all, labels::config_hash);
    container.revision = label(all, labels::revision);
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

model::ObservedContainer listed(const json::value& entry) {
    model::ObservedContainer container;
    container.id = text(entry, "Id");
    // A container linked into others has several names; its own is the one with a single slash.
    for (const json::value& name : array(at(entry, "Names"))) {
        const std::string candidate = without_slash(text(name));
        if (candidate.find('/') == std::string::npos) container.name = candidate;
    }
    container.image_id = text(entry, "ImageID");
    read_labels(at(entry, "Labels"), container);
    container.state = container_state(text(entry, "State"));
    const StatusText status = status_text(text(entry, "Status"));
    container.health = status.health;
    container.exit_code = status.exit_code;
    read_networks(at(at(entry, "NetworkSettings"), "Networks"), container);
    return container;
}

Error no_object() {
    return Error(Errc::unavailable, "the engine's answer is not the object it should be");
}

// Only a list of objects is a list.
template <class T, class Read>
Result<std::vector<T>> list_of(std::string_view body, std::string_view member, Read read) {
    const auto parsed = parse(body);
    if (!parsed) return parsed.error();
    if (!member.empty() && !parsed->is_object()) return no_object();
    const json::value& list = member.empty() ? *parsed : at(*parsed, member);
    std::vector<T> items;
    if (list.is_null()) return items;    // Go writes an empty list as null
    if (!list.is_array())
        return Error(Errc::unavailable, "the engine's answer is not the list it should be");
    items.reserve(list.as_array().size());
    for (const json::value& entry : list.as_array()) items.push_back(read(entry));
    return items;
}

model::ObservedNetwork network_of(const json::value& entry) {
    const json::value& all = at(entry, "Labels");
    model::ObservedNetwork network;
    network.id = text(entry, "Id");
    network.name = text(entry, "Name");
    network.key = label(all, labels::compose_network);
    network.owned = has(all, labels::owner);
    network.stack = label(all, labels::stack);
    network.config_hash = label(all, labels::config_hash);
    network.project = label(all, labels::compose_project);
    return network;
}

model::ObservedVolume volume_of(const json::value& entry) {
    const json::value& all = at(entry, "Labels");
    model::ObservedVolume volume;
    volume.name = text(entry, "Name");
    volume.key = label(all, labels::compose_volume);
    volume.owned = has(all, labels::owner);
    volume.stack = label(all, labels::stack);
    volume.config_hash = label(all, labels::config_hash);
    volume.project = label(all, labels::compose_project);
    return volume;
}

model::ObservedImage image_of(const json::value& entry, const json::value& all) {
    model::ObservedImage image;
    image.id = text(entry, "Id");
    for (const json::value& tag : array(at(entry, "RepoTags"))) {
        std::string reference = text(tag);
        if (reference != "<none>:<none>") image.references.push_back(std::move(reference));
    }
    for (const json::value& digest : array(at(entry, "RepoDigests"))) {
        std::string reference = text(digest);
        if (!reference.starts_with("<none>@")) image.references.push_back(std::move(reference));
    }
    image.recipe_id = label(all, labels::recipe);
    image.revision = label(all, labels::image_revision);
    return image;
}

}    // namespace

Result<json::value> parse(std::string_view body) {
    json::parse_options options;
    options.max_depth = 64;
    options.allow_invalid_utf8 = true;    // paths and log lines are bytes
    boost::system::error_code code;
    json::value value = json::parse(json::string_view(body.data(), body.size()), code, {}, options);
    if (code)
        return Error(Errc::unavailable,
                     fmt::format("the engine's answer is not JSON: {}", code.message()));
    return value;
}

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
    read_labels(at(at(entry, "Config"), "Labels"), container);
    container.state = container_state(text(state, "Status"));
    container.health = health_of(text(at(state, "Health"), "Status"));
    container.exit_code = to_int(number(at(state, "ExitCode")));
    container.restart_count = to_int(number(at(entry, "RestartCount")));
    container.started_at = text(state, "StartedAt");
    if (container.started_at.starts_with("0001-")) container.started_at.clear();
    container.pid = number(at(state, "Pid"));
    container.restart_policy = text(at(at(entry, "HostConfig"), "RestartPolicy"), "Name");
    read_networks(at(at(entry, "NetworkSettings"), "Networks"), container);
    return container;
}

Result<std::vector<model::ObservedNetwork>> networks(std::string_view list) {
    return list_of<model::ObservedNetwork>(list, "", network_of);
}

Result<std::vector<model::ObservedVolume>> volumes(std::string_view list) {
    return list_of<model::ObservedVolume>(list, "Volumes", volume_of);
}

Result<std::vector<model::ObservedImage>> images(std::string_view list) {
    return list_of<model::ObservedImage>(
        list, "", [](const json::value& entry) { return image_of(entry, at(entry, "Labels")); });
}

Result<model::ObservedImage> image(std::string_view inspect) {
    const auto parsed = parse(inspect);
    if (!parsed) return parsed.error();
    auto found = image_of(*parsed, at(at(*parsed, "Config"), "Labels"));
    if (found.id.empty()) return Error(Errc::unavailable, "the engine's answer is no image");
    return found;
}

Result<std::vector<ChangedPath>> changes(std::string_view list) {
    return list_of<ChangedPath>(list, "", [](const json::value& entry) {
        ChangedPath changed;
        changed.path = text(entry, "Path");
        const std::int64_t kind = number(at(entry, "Kind"));
        changed.change = kind == 1   ? PathChange::added
                         : kind == 2 ? PathChange::removed
                                     : PathChange::modified;
        return changed;
    });
}

Result<EngineInfo> info(std::string_view body) {
    const auto parsed = parse(body);
    if (!parsed) return parsed.error();
    if (!parsed->is_object()) return no_object();
    EngineInfo info;
    info.id = text(*parsed, "ID");
    info.version = text(*parsed, "ServerVersion");
    info.os = text(*parsed, "OSType");
    info.architecture = text(*parsed, "Architecture");
    return info;
}

Result<Event> event(std::string_view line) {
    const auto parsed = parse(line);
    if (!parsed) return parsed.error();
    if (!parsed->is_object()) return no_object();
    const json::value& actor = at(*parsed, "Actor");
    Event event;
    event.type = text(*parsed, "Type");
    event.action = text(*parsed, "Action");
    event.id = text(actor, "ID");
    if (const json::object* attributes = at(actor, "Attributes").if_object()) {
        for (const auto& member : *attributes)
            event.attributes[std::string(member.key())] = text(member.value());
    }
    event.time_nano = number(at(*parsed, "timeNano"));
    return event;
}

Result<std::string> created_id(std::string_view body) {
    const auto parsed = parse(body);
    if (!parsed) return parsed.error();
    std::string id = text(*parsed, "Id");
    if (id.empty()) return Error(Errc::unavailable, "the engine's answer names no id");
    return id;
}

Error error_of(unsigned status, std::string_view body, std::string_view doing) {
    Errc category = Errc::unavailable;
    if (status == 400 || status == 406) category = Errc::invalid;
    if (status == 401 || status == 403) category = Errc::denied;
    if (status == 404) category = Errc::not_found;
    if (status == 409) category = Errc::conflict;
    const auto parsed = parse(body);
    std::string message = parsed ? text(*parsed, "message") : std::string();
    if (message.empty())
        message =
            body.empty() ? fmt::format("status {}", status) : std::string(body.substr(0, 1000));
    while (message.ends_with('\n')) message.pop_back();
    return Error(category, fmt::format("{}: {}", doing, message));
}

}    // namespace trueup::engine::codec
