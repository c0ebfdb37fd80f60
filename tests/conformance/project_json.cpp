// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/project_json.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "controller/base/text.hpp"

namespace trueup::conformance {
namespace {

namespace json = boost::json;

json::array to_array(const model::Strings& strings) {
    json::array array;
    for (const std::string& text : strings) array.emplace_back(text);
    return array;
}

json::object to_object(const model::StringMap& map) {
    json::object object;
    for (const auto& [key, value] : map) object[key] = value;
    return object;
}

std::string shown_path(const std::string& path, const std::string& directory) {
    if (path == directory) return "${WORKDIR}";
    if (path.starts_with(directory + "/")) return "${WORKDIR}" + path.substr(directory.size());
    return path.empty() ? "${WORKDIR}/.." : "${WORKDIR}/../" + path;
}

json::object build(const model::Build& build, const std::string& directory) {
    json::object object;
    object["context"] = shown_path(build.context, directory);
    if (build.dockerfile_inline.empty()) object["dockerfile"] = build.dockerfile;
    object["dockerfile_inline"] = build.dockerfile_inline;
    object["args"] = to_object(build.args);
    object["target"] = build.target;
    return object;
}

json::array ports(const model::Service& service) {
    json::array array;
    for (const model::Port& port : service.ports) {
        json::object object;
        object["host_ip"] = port.host_ip;
        object["published"] = port.published;
        object["target"] = port.target;
        object["protocol"] = port.protocol;
        array.push_back(std::move(object));
    }
    return array;
}

json::array volumes(const model::Service& service, const std::string& directory) {
    json::array array;
    for (const model::Mount& mount : service.mounts) {
        json::object object;
        const bool bind = mount.kind == model::MountKind::bind;
        object["type"] = bind ? "bind" : "volume";
        object["source"] = bind ? shown_path(mount.source, directory) : mount.source;
        object["target"] = mount.target;
        // Binds of the commit are always read-only.
        if (mount.read_only && !bind) object["read_only"] = true;
        array.push_back(std::move(object));
    }
    return array;
}

json::object networks(const model::Service& service) {
    json::object object;
    for (const auto& [key, network] : service.networks) {
        json::object attached;
        attached["aliases"] = to_array(network.aliases);
        attached["ipv4_address"] = network.ipv4_address;
        attached["ipv6_address"] = network.ipv6_address;
        if (network.priority != 0) attached["priority"] = network.priority;
        object[key] = std::move(attached);
    }
    return object;
}

json::object dependencies(const model::Service& service) {
    json::object object;
    for (const auto& [name, dependency] : service.depends_on) {
        json::object shown;
        shown["condition"] =
            dependency.condition == model::DependencyCondition::healthy ? "service_healthy"
            : dependency.condition == model::DependencyCondition::completed_successfully
                ? "service_completed_successfully"
                : "service_started";
        if (dependency.restart) shown["restart"] = true;
        shown["required"] = dependency.required;
        object[name] = std::move(shown);
    }
    return object;
}

json::object healthcheck(const model::Healthcheck& check) {
    json::object object;
    object["test"] = to_array(check.test);
    const auto duration = [&](std::string_view key, const std::optional<model::Duration>& value) {
        if (value) object[key] = base::format_duration(*value);
    };
    duration("interval", check.interval);
    duration("timeout", check.timeout);
    duration("start_period", check.start_period);
    duration("start_interval", check.start_interval);
    if (check.retries) object["retries"] = *check.retries;
    return object;
}

json::object service_json(const model::Service& service, const std::string& directory) {
    json::object object;
    object["image"] = service.image;
    if (service.build) object["build"] = build(*service.build, directory);
    if (service.command) object["command"] = to_array(*service.command);
    if (service.entrypoint) object["entrypoint"] = to_array(*service.entrypoint);
    json::object environment;
    for (const auto& [key, value] : service.environment)
        environment[key] = value ? json::value(json::string(*value)) : json::value();
    object["environment"] = std::move(environment);
    object["ports"] = ports(service);
    object["expose"] = to_array(service.expose);
    object["volumes"] = volumes(service, directory);
    object["networks"] = networks(service);
    object["depends_on"] = dependencies(service);
    if (service.healthcheck) object["healthcheck"] = healthcheck(*service.healthcheck);
    object["restart"] =
        service.restart.max_retries == 0
            ? service.restart.name
            : fmt::format("{}:{}", service.restart.name, service.restart.max_retries);
    object["labels"] = to_object(service.labels);
    object["working_dir"] = service.working_dir;
    object["user"] = service.user;
    object["container_name"] = service.container_name;
    object["hostname"] = service.hostname;
    object["stop_signal"] = service.stop_signal;
    if (service.stop_grace_period)
        object["stop_grace_period"] = base::format_duration(*service.stop_grace_period);
    object["scale"] = service.replicas;
    if (service.init) object["init"] = true;
    return object;
}

template <class Resource>
json::object resource_json(const Resource& resource) {
    json::object object;
    object["name"] = resource.name;
    if (resource.external) object["external"] = true;
    object["driver"] = resource.driver;
    object["driver_opts"] = to_object(resource.driver_options);
    object["labels"] = to_object(resource.labels);
    return object;
}

bool is_empty(const json::value& value) {
    if (value.is_null()) return true;
    if (value.is_object()) return value.as_object().empty();
    if (value.is_array()) return value.as_array().empty();
    return value.is_string() && value.as_string().empty();
}

// One spelling for what both sides may say in two.
void unify(json::object& object) {
    if (object.contains("mode") && object.contains("target")) object.erase("mode");
    if (object.contains("target")) object.erase("name");
    if (const auto* init = object.if_contains("init"); init != nullptr && *init == false)
        object.erase("init");
    object.erase("profiles");
    object.erase("env_file");
    if (auto* networks = object.if_contains("networks");
        networks != nullptr && networks->is_object()) {
        for (auto& [key, network] : networks->as_object()) {
            if (is_empty(normalised(network))) network = "attached";
        }
    }
    // No policy is the policy "no"; one container is the default.
    if (const auto* restart = object.if_contains("restart"); restart != nullptr && *restart == "no")
        object.erase("restart");
    if (const auto* deploy = object.if_contains("deploy");
        deploy != nullptr && deploy->is_object()) {
        if (const auto* replicas = deploy->as_object().if_contains("replicas"))
            object["scale"] = *replicas;
        json::object rest = deploy->as_object();
        rest.erase("replicas");
        object["deploy"] = std::move(rest);
    }
    if (const auto* scale = object.if_contains("scale"); scale != nullptr && *scale == 1)
        object.erase("scale");
    // Binds of the commit are always read-only.
    if (const auto* type = object.if_contains("type"); type != nullptr && *type == "bind") {
        object.erase("read_only");
        object.erase("bind");
    }
}

}    // namespace

json::value to_json(const model::Project& project, const std::string& directory) {
    json::object result;
    result["name"] = project.name;
    json::object services;
    for (const auto& [name, service] : project.services)
        services[name] = service_json(service, directory);
    result["services"] = std::move(services);
    json::object networks;
    for (const auto& [key, network] : project.networks) {
        json::object object = resource_json(network);
        if (network.internal) object["internal"] = true;
        if (network.attachable) object["attachable"] = true;
        networks[key] = std::move(object);
    }
    result["networks"] = std::move(networks);
    json::object volumes;
    for (const auto& [key, volume] : project.volumes) volumes[key] = resource_json(volume);
    result["volumes"] = std::move(volumes);
    return result;
}

json::value normalised(const json::value& value) {
    if (value.is_array()) {
        json::array array;
        for (const json::value& item : value.as_array()) array.push_back(normalised(item));
        return array;
    }
    if (value.is_int64() && value.as_int64() >= 0)
        return static_cast<std::uint64_t>(value.as_int64());
    if (!value.is_object()) return value;
    json::object source = value.as_object();
    unify(source);
    json::object object;
    for (const auto& [key, member] : source) {
        if (key.starts_with("x-")) continue;
        const json::value inner = normalised(member);
        const bool clears = (key == "command" || key == "entrypoint") && inner.is_array();
        if (is_empty(inner) && !clears) continue;
        object[key] = inner;
    }
    return object;
}

}    // namespace trueup::conformance
