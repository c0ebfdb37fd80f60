// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/decode.hpp"

#include <fmt/format.h>

#include <utility>

#include "controller/base/text.hpp"
#include "controller/compose/reader.hpp"

namespace trueup::compose {
namespace {

// `external: true`, or the old form `external: {name: x}`.
bool decode_external(const yaml::Node& node, Reader& reader, std::string& name) {
    const yaml::Node* external = Reader::member(node, "external");
    if (external == nullptr) return false;
    if (!external->is_mapping() && !reader.boolean(*external).value_or(false)) return false;
    if (external->find("name") != nullptr && node.find("name") != nullptr)
        reader.problem(*external, "external.name and name say the same", "keep name");
    reader.text(*external, "name", name);
    for (const yaml::Entry& entry : node.entries) {
        const bool fits = entry.key == "external" || entry.key == "name" ||
                          entry.key.starts_with("x-") || entry.value.is_null();
        if (!fits)
            reader.problem(entry.value,
                           fmt::format("'{}' of an external resource has no effect", entry.key),
                           "trueup does not create it: remove this, or 'external'");
    }
    return true;
}

template <class Resource>
Resource decode_resource(const yaml::Entry& entry, const std::string& project_name,
                         Reader& reader) {
    Resource resource;
    resource.key = entry.key;
    const yaml::Node& node = entry.value;
    if (!node.is_mapping() && !node.is_null()) reader.expected(node, "a mapping");
    resource.external = decode_external(node, reader, resource.name);
    reader.text(node, "name", resource.name);
    if (resource.name.empty())
        resource.name = resource.external ? entry.key : project_name + "_" + entry.key;
    reader.text(node, "driver", resource.driver);
    if (const yaml::Node* options = Reader::member(node, "driver_opts"))
        resource.driver_options = reader.string_map(*options);
    if (const yaml::Node* labels = Reader::member(node, "labels"))
        resource.labels = reader.string_map(*labels);
    return resource;
}

void decode_networks(const yaml::Node& file, Reader& reader, model::Project& project) {
    const yaml::Node* all = Reader::member(file, "networks");
    if (all == nullptr) return;
    if (!all->is_mapping()) return reader.expected(*all, "a mapping of networks");
    for (const yaml::Entry& entry : all->entries) {
        auto network = decode_resource<model::Network>(entry, project.name, reader);
        reader.boolean(entry.value, "internal", network.internal);
        reader.boolean(entry.value, "attachable", network.attachable);
        project.networks.emplace(entry.key, std::move(network));
    }
}

// A local volume may bind a folder; a relative one is a path of the host that nobody named.
void check_device(const model::Volume& volume, const yaml::Node& node, Reader& reader) {
    const auto device = volume.driver_options.find("device");
    if (device == volume.driver_options.end()) return;
    const bool local = volume.driver.empty() || volume.driver == "local";
    const bool relative = device->second.starts_with('.') || device->second.starts_with('~');
    if (!local || !relative) return;
    reader.problem(*node.find("driver_opts"),
                   fmt::format("the device '{}' is a relative path of the host, which is not "
                               "supported yet by this version",
                               device->second),
                   "write an absolute path");
}

void decode_volumes(const yaml::Node& file, Reader& reader, model::Project& project) {
    const yaml::Node* all = Reader::member(file, "volumes");
    if (all == nullptr) return;
    if (!all->is_mapping()) return reader.expected(*all, "a mapping of volumes");
    for (const yaml::Entry& entry : all->entries) {
        auto volume = decode_resource<model::Volume>(entry, project.name, reader);
        check_device(volume, entry.value, reader);
        project.volumes.emplace(entry.key, std::move(volume));
    }
}

bool is_enabled(const yaml::Node& service, const DecodeContext& context, Reader& reader) {
    const yaml::Node* profiles = Reader::member(service, "profiles");
    if (profiles == nullptr) return true;
    const model::Strings names = reader.strings(*profiles);
    if (names.empty() || context.profiles.contains("*")) return true;
    for (const std::string& name : names) {
        if (context.profiles.contains(name)) return true;
    }
    return false;
}

}    // namespace

std::optional<std::string> tree_path(const DecodeContext& context, std::string_view path) {
    if (path.starts_with('/') || path == "~" || path.starts_with("~/")) return std::nullopt;
    return base::normal_path(context.project_directory.empty()
                                 ? std::string(path)
                                 : fmt::format("{}/{}", context.project_directory, path));
}

model::Project decode(const yaml::Node& file, const std::string& project_name,
                      const DecodeContext& context) {
    Reader reader(context.problems);
    model::Project project;
    project.name = project_name;
    decode_networks(file, reader, project);
    decode_volumes(file, reader, project);
    const yaml::Node* services = Reader::member(file, "services");
    if (services == nullptr || (services->is_mapping() && services->entries.empty())) {
        reader.problem(file, "there is no service in it",
                       "add 'services:' with at least one service");
        return project;
    }
    if (!services->is_mapping()) {
        reader.expected(*services, "a mapping of services");
        return project;
    }
    for (const yaml::Entry& entry : services->entries) {
        if (!entry.value.is_mapping()) {
            reader.expected(entry.value, fmt::format("a mapping for service '{}'", entry.key));
        } else if (is_enabled(entry.value, context, reader)) {
            project.services.emplace(entry.key, decode_service(entry.key, entry.value, context));
            project.services.at(entry.key).position = entry.position();
        } else {
            project.disabled_services.push_back(entry.key);
        }
    }
    return project;
}

}    // namespace trueup::compose
