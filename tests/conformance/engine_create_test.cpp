// SPDX-License-Identifier: Apache-2.0
// What `docker compose create` sent to an engine, against what trueup would send for the same files.
// Compared without what is zero, what both name differently on purpose (hashes, versions, owner
// labels), and the order of lists that have none.
#include <fmt/format.h>

#include <algorithm>

#include "controller/render/render.hpp"
#include "tests/conformance/cases.hpp"
#include "tests/conformance/known.hpp"

namespace trueup::conformance {
namespace {

bool is_zero(const json::value& value) {
    if (value.is_null()) return true;
    if (value.is_bool()) return !value.as_bool();
    if (value.is_string()) return value.as_string().empty();
    if (value.is_array()) return value.as_array().empty();
    if (value.is_object()) return value.as_object().empty();
    return value.is_number() && value.to_number<double>() == 0;
}

bool is_unordered(std::string_view key) {
    return key == "Binds" || key == "Env" || key == "Aliases" || key == "Volumes";
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
    json::object object;
    for (const auto& [key, member] : value.as_object()) {
        json::value inner = stripped(member, key);
        if (!is_zero(inner)) object[key] = std::move(inner);
    }
    return object;
}

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

// Named volumes may come as Binds or as Mounts, anonymous ones as Volumes or as Mounts.
void unify_volumes(json::object& body) {
    json::array anonymous;
    if (const auto* volumes = body.if_contains("Volumes")) {
        for (const auto& [target, nothing] : volumes->as_object()) anonymous.emplace_back(target);
    }
    json::object& host = body["HostConfig"].as_object();
    if (const auto* mounts = host.if_contains("Mounts")) {
        json::array binds = host.contains("Binds") ? host["Binds"].as_array() : json::array();
        for (const json::value& value : mounts->as_array()) {
            const json::object& mount = value.as_object();
            const std::string target = text_of(mount.at("Target"));
            if (!mount.contains("Source")) {
                anonymous.emplace_back(target);
                continue;
            }
            const bool read_only = mount.contains("ReadOnly") && mount.at("ReadOnly").as_bool();
            binds.emplace_back(fmt::format("{}:{}:{}", text_of(mount.at("Source")), target,
                                           read_only ? "ro" : "rw"));
        }
        host["Binds"] = std::move(binds);
        host.erase("Mounts");
    }
    body["Volumes"] = std::move(anonymous);
}

// Compose names a network it did not make by its id, trueup by its name.
void unify_external(json::object& body, const model::Project& project) {
    const auto is_external = [&](std::string_view name) {
        if (name.size() == 64) return true;
        return std::any_of(project.networks.begin(), project.networks.end(), [&](const auto& it) {
            return it.second.external && it.second.name == name;
        });
    };
    const auto* networking = body.if_contains("NetworkingConfig");
    if (networking == nullptr) return;
    json::object endpoints;
    for (const auto& [name, endpoint] : networking->at("EndpointsConfig").as_object())
        endpoints[is_external(name) ? "(external)" : std::string_view(name)] = endpoint;
    body["NetworkingConfig"].as_object()["EndpointsConfig"] = std::move(endpoints);
    json::value& mode = body["HostConfig"].as_object()["NetworkMode"];
    if (mode.is_string() && is_external(text_of(mode))) mode = "(external)";
}

json::value comparable(json::object body, const model::Project& project) {
    unify_external(body, project);
    body.erase("AttachStdout");
    body.erase("AttachStderr");
    mask_labels(body);
    unify_volumes(body);
    body.erase("ExposedPorts");    // objects of empty objects, which the recording has stripped
    json::object& host = body["HostConfig"].as_object();
    const auto* restart = host.if_contains("RestartPolicy");
    if (restart != nullptr && restart->at("Name") == "no") host.erase("RestartPolicy");
    return stripped(body);
}

json::object rendered(const model::Project& project, const model::Service& service, int number) {
    json::object body = render::container_body(project, service, number, render::StackIdentity(),
                                               render::image_reference(project.name, service));
    for (const auto& further : render::further_networks(project, service, number)) {
        body["NetworkingConfig"].as_object()["EndpointsConfig"].as_object()[further.network_name] =
            further.endpoint_config;
    }
    return body;
}

std::map<std::string, json::value> all_rendered(const model::Project& project) {
    std::map<std::string, json::value> bodies;
    for (const auto& [name, service] : project.services) {
        for (int number = 1; number <= service.replicas; ++number)
            bodies[render::container_name(project.name, service, number)] =
                comparable(rendered(project, service, number), project);
    }
    return bodies;
}

TEST_F(ComposeCases, ContainersAsComposeCreatesThem) {
    for (const Case& test : read("engine_create")) {
        SCOPED_TRACE(test.name);
        const auto project = load_case(test);
        if (!project || known_differences.contains(test.name)) {
            ++unsupported_;    // the model's cases say whether that is right
            continue;
        }
        std::map<std::string, json::value> wanted;
        for (const json::value& value : test.expected.at("containers").as_array()) {
            const json::object& container = value.as_object();
            wanted[text_of(container.at("name"))] =
                comparable(container.at("body").as_object(), *project);
        }
        const auto actual = all_rendered(*project);
        if (tells_of_override(*project) || has_committed_bind(*project)) {
            ++unsupported_;
            continue;
        }
        for (const auto& [name, body] : wanted) {
            const auto found = actual.find(name);
            if (found == actual.end()) {
                ADD_FAILURE() << "no container " << name;
                continue;
            }
            EXPECT_EQ(found->second, body)
                << json::serialize(test.inputs) << "\nis     " << json::serialize(found->second)
                << "\nwanted " << json::serialize(body);
        }
        EXPECT_EQ(actual.size(), wanted.size());
        ++equal_;
    }
}

}    // namespace
}    // namespace trueup::conformance
