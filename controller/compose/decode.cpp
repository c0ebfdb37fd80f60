// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/decode.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controller/compose/decode_resource.hpp"

namespace trueup::compose {
namespace {

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

// A local volume may bind a folder of the project, as Compose has it with `o: bind`; any other relative
// path is one of the host that nobody named.
void place_device(model::Volume& volume, const yaml::Node& node, const DecodeContext& context) {
    const auto device = volume.driver_options.find("device");
    if (device == volume.driver_options.end()) return;
    const bool local = volume.driver.empty() || volume.driver == "local";
    std::string& path = device->second;
    const bool of_project = path.starts_with("//");
    const bool relative = path.starts_with('.') || path.starts_with('~') || of_project;
    if (!local || !relative) return;
    const yaml::Node& options = *node.find("driver_opts");
    const yaml::Node& place = *options.find("device");
    const Path::Step step(context.reporter.path, "driver_opts.device");
    if (!of_project) {
        context.reporter.tell(place,
                              fmt::format("the device '{}' is a relative path of the host", path),
                              "write an absolute path, or `driver: local` and `o: bind`");
        return;
    }
    const auto found = host_path(
        path, place, "write an absolute path, or set spec.compose.hostDirectory", context);
    if (found) path = *found;
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
        place_device(volume, entry.value, context);
        project.volumes.emplace(entry.key, std::move(volume));
    });
    each(file, "configs", context, [&](const yaml::Entry& entry) {
        project.configs.emplace(entry.key, decode_config(entry, context));
    });
    each(file, "secrets", context, [&](const yaml::Entry& entry) {
        project.secrets.emplace(entry.key, decode_secret(entry, context));
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
    settle_files(file, context, project);
    check_project(project, file, context);
    return project;
}

}    // namespace trueup::compose
