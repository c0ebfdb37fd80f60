// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/decode.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controller/compose/complete.hpp"
#include "controller/compose/fields.hpp"

namespace trueup::compose {
namespace {

template <class Resource>
Resource decode_resource(const yaml::Entry& entry) {
    Resource resource;
    resource.key = entry.key;
    const Fields fields(entry.value);
    fields.text("name", resource.name);
    fields.flag("external", resource.external);
    fields.text("driver", resource.driver);
    fields.map("driver_opts", resource.driver_options);
    fields.map("labels", resource.labels);
    return resource;
}

model::Network decode_network(const yaml::Entry& entry) {
    auto network = decode_resource<model::Network>(entry);
    const Fields fields(entry.value);
    fields.flag("internal", network.internal);
    fields.flag("attachable", network.attachable);
    fields.flag("enable_ipv4", network.enable_ipv4);
    fields.flag("enable_ipv6", network.enable_ipv6);
    const Fields ipam = fields.inside("ipam");
    ipam.text("driver", network.ipam.driver);
    ipam.map("options", network.ipam.options);
    ipam.items("config", [&](const yaml::Node& item) {
        model::AddressPool pool;
        const Fields block(item);
        block.text("subnet", pool.subnet);
        block.text("ip_range", pool.ip_range);
        block.text("gateway", pool.gateway);
        block.map("aux_addresses", pool.aux_addresses);
        network.ipam.config.push_back(std::move(pool));
    });
    return network;
}

// A local volume may bind a folder; a relative one is a path of the host that nobody named.
void check_device(const model::Volume& volume, const yaml::Node& node,
                  const DecodeContext& context) {
    const auto device = volume.driver_options.find("device");
    if (device == volume.driver_options.end()) return;
    const bool local = volume.driver.empty() || volume.driver == "local";
    const std::string& path = device->second;
    const bool relative = path.starts_with('.') || path.starts_with('~') || path.starts_with("//");
    if (!local || !relative) return;
    context.reporter.tell(*node.find("driver_opts"),
                          fmt::format("the device '{}' is a relative path of the host",
                                      path.starts_with("//") ? path.substr(2) : path),
                          "write an absolute path");
}

// A config or secret that comes out of a file.
void decode_file(const yaml::Node& file, const DecodeContext& context, model::FileObject& object) {
    const std::string& path = file.text;
    object.origin =
        context.places.is_in_tree(path) ? model::FileOrigin::commit : model::FileOrigin::host;
    if (object.origin == model::FileOrigin::host) {
        object.path = path;
        return;
    }
    object.path = context.places.tree_path(path);
    const auto entry = context.places.tree().stat(object.path);
    const bool is_file = entry && (entry->kind == model::EntryKind::file ||
                                   entry->kind == model::EntryKind::executable);
    if (!is_file) {
        context.reporter.tell(file, fmt::format("'{}' is no file of the commit", object.path),
                              "commit it, or write an absolute path of the engine's host");
        return;
    }
    object.content_id = entry->object_id;
}

model::FileObject decode_file_object(const yaml::Entry& entry, const DecodeContext& context) {
    auto object = decode_resource<model::FileObject>(entry);
    const Fields fields(entry.value);
    fields.text("template_driver", object.template_driver);
    if (const yaml::Node* file = fields.find("file")) decode_file(*file, context, object);
    fields.text("content", object.content);
    const yaml::Node* variable = fields.find("environment");
    if (variable == nullptr) return object;
    object.origin = model::FileOrigin::environment;
    object.environment = variable->text;
    if (fields.find(value_member) == nullptr)
        context.reporter.tell(*variable,
                              fmt::format("the variable {} is not set", object.environment),
                              "set it in spec.compose.variables or a variable file");
    fields.text(value_member, object.content);
    return object;
}

template <class Decode>
void each(const yaml::Node& file, std::string_view kind, const DecodeContext& context,
          Decode decode) {
    const Path::Step step(context.reporter.path, kind);
    Fields(file).members(kind, [&](const yaml::Entry& entry) {
        const Path::Step inner(context.reporter.path, entry.key);
        decode(entry);
    });
}

void add_variable_files(const VariableSources& sources, const Places& places,
                        model::Service& service) {
    for (const std::string& path : sources.paths) {
        const auto entry = places.tree().stat(path);
        if (entry) service.variable_files.push_back({path, entry->object_id});
    }
    service.from_variable_files = sources.names;
}

// Dependencies that are not required and not there.
void drop_absent(model::Project& project) {
    for (auto& [name, service] : project.services) {
        std::erase_if(service.depends_on,
                      [&](const auto& entry) { return !project.services.contains(entry.first); });
    }
}

}    // namespace

model::Project decode(const ProjectFile& source, const DecodeContext& context) {
    model::Project project;
    project.name = source.name;
    project.disabled_services = source.disabled;
    const yaml::Node& file = source.file;
    each(file, "networks", context, [&](const yaml::Entry& entry) {
        project.networks.emplace(entry.key, decode_network(entry));
    });
    each(file, "volumes", context, [&](const yaml::Entry& entry) {
        auto volume = decode_resource<model::Volume>(entry);
        check_device(volume, entry.value, context);
        project.volumes.emplace(entry.key, std::move(volume));
    });
    each(file, "configs", context, [&](const yaml::Entry& entry) {
        project.configs.emplace(entry.key, decode_file_object(entry, context));
    });
    each(file, "secrets", context, [&](const yaml::Entry& entry) {
        project.secrets.emplace(entry.key, decode_file_object(entry, context));
    });
    each(file, "services", context, [&](const yaml::Entry& entry) {
        auto service = decode_service(entry.key, entry.value, context);
        service.position = entry.position();
        const auto sources = source.variables.find(entry.key);
        if (sources != source.variables.end())
            add_variable_files(sources->second, context.places, service);
        project.services.emplace(entry.key, std::move(service));
    });
    drop_absent(project);
    check_project(project, file, context);
    return project;
}

}    // namespace trueup::compose
