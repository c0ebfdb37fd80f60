// SPDX-License-Identifier: Apache-2.0
#include "controller/engine/codec.hpp"

#include <fmt/format.h>

#include "controller/engine/json_read.hpp"
#include "controller/model/labels.hpp"

namespace trueup::engine::codec {
namespace {

namespace labels = model::labels;

model::ObservedNetwork network_of(const json::value& entry) {
    const json::value& all = at(entry, "Labels");
    model::ObservedNetwork network;
    network.id = text(entry, "Id");
    network.name = text(entry, "Name");
    network.key = text(all, labels::compose_network);
    network.owned = has(all, labels::owner);
    network.seal = text(all, labels::seal);
    network.stack = text(all, labels::stack);
    network.config_hash = text(all, labels::config_hash);
    network.project = text(all, labels::compose_project);
    return network;
}

model::ObservedVolume volume_of(const json::value& entry) {
    const json::value& all = at(entry, "Labels");
    model::ObservedVolume volume;
    volume.name = text(entry, "Name");
    volume.key = text(all, labels::compose_volume);
    volume.owned = has(all, labels::owner);
    volume.seal = text(all, labels::seal);
    volume.stack = text(all, labels::stack);
    volume.config_hash = text(all, labels::config_hash);
    volume.project = text(all, labels::compose_project);
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
    image.recipe_id = text(all, labels::recipe);
    image.revision = text(all, labels::image_revision);
    image.owner = text(all, labels::owner);
    image.seal = text(all, labels::seal);
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

Result<json::object> object(std::string_view body) {
    auto parsed = parse(body);
    if (!parsed) return parsed.error();
    if (!parsed->is_object()) return no_object();
    return std::move(parsed->as_object());
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
    info.time = base::parse_rfc3339(text(*parsed, "SystemTime"));
    return info;
}

std::optional<SystemTime> engine_start(std::string_view body) {
    const auto parsed = parse(body);
    return parsed ? base::parse_rfc3339(text(*parsed, "Created")) : std::nullopt;
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

Result<int> exit_code(std::string_view body) {
    const auto parsed = parse(body);
    if (!parsed) return parsed.error();
    const json::value* code =
        parsed->is_object() ? parsed->get_object().if_contains("ExitCode") : nullptr;
    if (code == nullptr || !code->is_int64())
        return Error(Errc::unavailable, "the engine's answer names no exit code");
    return static_cast<int>(code->get_int64());
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
