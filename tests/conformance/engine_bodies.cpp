// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/engine_bodies.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "controller/render/render.hpp"

namespace trueup::conformance {
namespace {

namespace json = boost::json;

std::string text_of(const json::value& value) { return std::string(value.as_string()); }

bool is_zero(const json::value& value) {
    if (value.is_null()) return true;
    if (value.is_bool()) return !value.as_bool();
    if (value.is_string()) return value.as_string().empty();
    if (value.is_array()) return value.as_array().empty();
    if (value.is_object()) return value.as_object().empty();
    return value.is_number() && value.to_number<double>() == 0;
}

bool is_unordered(std::string_view key) {
    for (const std::string_view known :
         {"Binds", "CapAdd", "CapDrop", "Env", "ExtraHosts", "GroupAdd", "SecurityOpt", "Aliases",
          "Mounts", "Ulimits"}) {
        if (key == known) return true;
    }
    return false;
}

json::value stripped(const json::value& value, std::string_view name = {}) {
    if (value.is_array()) {
        std::vector<std::pair<std::string, json::value>> items;
        for (const json::value& item : value.as_array()) {
            json::value inner = stripped(item);
            items.emplace_back(json::serialize(inner), inner);
        }
        if (is_unordered(name))
            std::sort(items.begin(), items.end(),
                      [](const auto& left, const auto& right) { return left.first < right.first; });
        json::array array;
        for (auto& [text, item] : items) array.push_back(std::move(item));
        return array;
    }
    if (value.is_int64() && value.as_int64() >= 0)
        return static_cast<std::uint64_t>(value.as_int64());
    if (!value.is_object()) return value;
    std::map<std::string, json::value> sorted;
    for (const auto& [key, member] : value.as_object()) {
        json::value inner = stripped(member, key);
        if (!is_zero(inner)) sorted.emplace(key, std::move(inner));
    }
    json::object object;
    for (auto& [key, member] : sorted) object[key] = std::move(member);
    return object;
}

// Hashes and versions are each tool's own; a commit has no folder on the host.
void mask_labels(json::object& body) {
    json::object* labels = body.contains("Labels") ? &body["Labels"].as_object() : nullptr;
    if (labels == nullptr) return;
    json::object kept;
    for (const auto& [key, value] : *labels) {
        const std::string_view name = key;
        const bool own = name.starts_with("dev.trueup.");
        const bool differs = name.ends_with(".config-hash") || name.ends_with(".version") ||
                             name.ends_with(".image") || name.ends_with(".working_dir") ||
                             name.ends_with(".config_files");
        if (!own && !differs) kept[key] = value;
    }
    *labels = std::move(kept);
}

// Files of the commit: where they lie, and that they are read-only, is trueup's own.
std::string unify_source(const std::string& source, const model::Project& project,
                         const model::Service& service) {
    constexpr std::string_view work_directory = "${WORKDIR}";
    for (const auto& [target, mount] : render::mounts_by_target(project, service)) {
        if (!mount.in_commit) continue;
        const std::string of_commit = fmt::format("<commit>/{}", mount.source);
        if (source == fmt::format("{}/{}", bind_root, mount.content_id)) return of_commit;
        const std::string place = fmt::format(
            "<commit>/project{}", source.substr(std::min(source.size(), work_directory.size())));
        if (source.starts_with(work_directory) && place == of_commit) return of_commit;
    }
    return source;
}

struct Text {
    std::string source;
    std::string target;
    std::string options;
};

std::string joined(Text text, const model::Project& project, const model::Service& service) {
    text.source = unify_source(text.source, project, service);
    if (text.source.starts_with("<commit>")) text.options = "of the commit";
    return fmt::format("{}:{}:{}", text.source, text.target, text.options);
}

json::value value_of(const json::object& object, const char* key) {
    const json::value* found = object.if_contains(key);
    return found == nullptr ? json::value() : *found;
}

// A bind or a volume may come as a text or as an object. Whether a missing path is made is told
// apart by neither recording nor specification: 2.26.1 does for the short form only.
void unify_mounts(json::object& host, const model::Project& project,
                  const model::Service& service) {
    json::array binds;
    for (const json::value& bind :
         host.contains("Binds") ? host["Binds"].as_array() : json::array()) {
        const std::string text = text_of(bind);
        const std::size_t last = text.rfind(':');
        const std::size_t first = text.rfind(':', last - 1);
        binds.emplace_back(joined({text.substr(0, first), text.substr(first + 1, last - first - 1),
                                   text.substr(last + 1)},
                                  project, service));
    }
    json::array mounts;
    for (const json::value& each :
         host.contains("Mounts") ? host["Mounts"].as_array() : json::array()) {
        const json::object& mount = each.as_object();
        const std::string type = text_of(mount.at("Type"));
        json::object options;
        if (type == "volume" && mount.contains("VolumeOptions"))
            options = mount.at("VolumeOptions").as_object();
        const bool no_copy = !value_of(options, "NoCopy").is_null();
        options.erase("NoCopy");
        const bool plain = mount.contains("Source") && options.empty() &&
                           !mount.contains("BindOptions") && (type == "volume" || type == "bind");
        if (!plain) {
            mounts.push_back(mount);
            continue;
        }
        const bool read_only = !value_of(mount, "ReadOnly").is_null();
        binds.emplace_back(
            joined({text_of(mount.at("Source")), text_of(mount.at("Target")),
                    fmt::format("{}{}", read_only ? "ro" : "rw", no_copy ? ",nocopy" : "")},
                   project, service));
    }
    host["Binds"] = std::move(binds);
    host["Mounts"] = std::move(mounts);
}

// Compose names a network it did not make by its id, trueup by its name. IPAddress and IPv6Gateway
// are the engine's to say: it does not read them here, and the latter is given the wrong address.
void unify_networks(json::object& body, const model::Project& project) {
    const auto is_external = [&](std::string_view name) {
        if (name.size() == 64) return true;
        return std::any_of(project.networks.begin(), project.networks.end(), [&](const auto& it) {
            return it.second.external && it.second.name == name;
        });
    };
    const auto* networking = body.if_contains("NetworkingConfig");
    if (networking == nullptr) return;
    json::object endpoints;
    for (const auto& [name, each] : networking->at("EndpointsConfig").as_object()) {
        json::object endpoint = each.as_object();
        endpoint.erase("IPAddress");
        endpoint.erase("IPv6Gateway");
        endpoints[is_external(name) ? "(external)" : std::string_view(name)] = std::move(endpoint);
    }
    body["NetworkingConfig"].as_object()["EndpointsConfig"] = std::move(endpoints);
    json::value& mode = body["HostConfig"].as_object()["NetworkMode"];
    if (mode.is_string() && is_external(text_of(mode))) mode = "(external)";
}

}    // namespace

json::value comparable_container(json::object body, const model::Project& project) {
    const json::object& labels = body.at("Labels").as_object();
    const auto service = project.services.find(text_of(labels.at("com.docker.compose.service")));
    mask_labels(body);
    // The recording left out empty objects, and so every port.
    body.erase("ExposedPorts");
    unify_networks(body, project);
    json::object& host = body["HostConfig"].as_object();
    if (service != project.services.end()) unify_mounts(host, project, service->second);
    const auto* restart = host.if_contains("RestartPolicy");
    if (restart != nullptr && value_of(restart->as_object(), "Name") == "no")
        host.erase("RestartPolicy");
    return stripped(body);
}

json::value comparable_resource(json::object body) {
    mask_labels(body);
    return stripped(body);
}

}    // namespace trueup::conformance
