// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <tuple>

#include "controller/render/json.hpp"
#include "controller/render/parts.hpp"

namespace trueup::render {
namespace {

namespace json = boost::json;

json::object port_bindings(const model::Service& service) {
    json::object object;
    std::vector<model::Port> ports = service.ports;
    std::sort(ports.begin(), ports.end(), [](const model::Port& left, const model::Port& right) {
        return std::tie(left.target, left.protocol, left) <
               std::tie(right.target, right.protocol, right);
    });
    for (const model::Port& port : ports) {
        const std::string key = fmt::format("{}/{}", port.target, port.protocol);
        json::object binding;
        binding["HostIp"] = port.host_ip;
        binding["HostPort"] = port.published;
        if (!object.contains(key)) object[key] = json::array();
        object[key].as_array().push_back(std::move(binding));
    }
    return object;
}

// "host=address" -> "host:address"
json::array extra_hosts(const model::Service& service) {
    json::array array;
    for (std::string host : service.extra_hosts) {
        const std::size_t separator = host.find('=');
        if (separator != std::string::npos) host[separator] = ':';
        array.emplace_back(host);
    }
    return array;
}

void add_security(const model::Service& service, json::object& host) {
    set(host, "CapAdd", to_sorted_array(service.cap_add));
    set(host, "CapDrop", to_sorted_array(service.cap_drop));
    set(host, "GroupAdd", to_sorted_array(service.group_add));
    set(host, "Privileged", service.privileged);
    set(host, "ReadonlyRootfs", service.read_only);
    model::Strings options = service.security_opt;
    if (std::erase(options, "systempaths=unconfined") > 0) {
        // What Docker's own client makes of it: nothing is masked.
        host["MaskedPaths"] = json::array();
        host["ReadonlyPaths"] = json::array();
    }
    set(host, "SecurityOpt", to_sorted_array(std::move(options)));
}

void add_namespaces(const model::Service& service, const Surroundings& around, json::object& host) {
    const model::Namespaces& spaces = service.namespaces;
    set(host, "NetworkMode", network_mode(service, around));
    set(host, "IpcMode", shared(spaces.ipc, around));
    set(host, "PidMode", shared(spaces.pid, around));
    set(host, "UTSMode", spaces.uts);
    set(host, "UsernsMode", spaces.user);
    set(host, "CgroupnsMode", spaces.cgroup);
    set(host, "CgroupParent", service.cgroup_parent);
}

void add_names(const model::Service& service, json::object& host) {
    set(host, "Dns", to_array(service.dns));
    set(host, "DnsSearch", to_array(service.dns_search));
    set(host, "DnsOptions", to_array(service.dns_opt));
    set(host, "ExtraHosts", extra_hosts(service));
}

}    // namespace

model::RestartPolicy restart_policy(const model::Service& service) {
    if (!service.deploy || !service.deploy->restart) return service.restart;
    const model::DeployRestart& wanted = *service.deploy->restart;
    model::RestartPolicy policy;
    policy.written = true;
    if (wanted.condition == "on-failure") {
        policy.name = "on-failure";
        policy.max_retries = static_cast<int>(wanted.max_attempts.value_or(0));
    } else if (wanted.condition == "none" || wanted.condition == "no") {
        policy.name = "no";
    } else if (wanted.condition == "unless-stopped") {
        policy.name = wanted.condition;
    } else {
        policy.name = "always";
    }
    return policy;
}

json::object host_config(const model::Project& project, const model::Service& service,
                         const Surroundings& around) {
    json::object host;
    add_mounts(project, service, around, host);
    set(host, "PortBindings", port_bindings(service));
    const model::RestartPolicy policy = restart_policy(service);
    json::object restart;
    restart["Name"] = policy.name;
    restart["MaximumRetryCount"] = policy.max_retries;
    host["RestartPolicy"] = std::move(restart);
    if (service.logging) {
        json::object logging;
        set(logging, "Type", service.logging->driver);
        set(logging, "Config", service.logging->options);
        set(host, "LogConfig", std::move(logging));
    }
    add_namespaces(service, around, host);
    add_names(service, host);
    set(host, "Links", to_array(links(project, service)));
    add_security(service, host);
    add_resources(service, host);
    set(host, "Sysctls", service.sysctls);
    set(host, "StorageOpt", service.storage_opt);
    set(host, "Annotations", service.annotations);
    set(host, "Runtime", service.runtime);
    set(host, "Isolation", service.isolation);
    set(host, "Init", service.init);
    return host;
}

}    // namespace trueup::render
