// SPDX-License-Identifier: Apache-2.0
#include "controller/render/parts.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <algorithm>
#include <charconv>
#include <set>
#include <tuple>
#include <utility>

namespace trueup::render {
namespace {

namespace json = boost::json;

json::array to_array(const model::Strings& strings) {
    json::array array;
    for (const std::string& text : strings) array.emplace_back(text);
    return array;
}

void set(json::object& object, std::string_view key, const std::string& text) {
    if (!text.empty()) object[key] = text;
}

json::array environment(const model::Service& service) {
    json::array array;
    // A name without "=" unsets what the image sets.
    for (const auto& [key, value] : service.environment)
        array.emplace_back(value ? fmt::format("{}={}", key, *value) : key);
    return array;
}

json::object healthcheck(const model::Healthcheck& check) {
    json::object object;
    if (!check.test.empty()) object["Test"] = to_array(check.test);
    if (check.interval) object["Interval"] = check.interval->count();
    if (check.timeout) object["Timeout"] = check.timeout->count();
    if (check.start_period) object["StartPeriod"] = check.start_period->count();
    if (check.start_interval) object["StartInterval"] = check.start_interval->count();
    if (check.retries) object["Retries"] = *check.retries;
    return object;
}

using ContainerPort = std::pair<int, std::string>;

// "8000", "8000-8010", "8000/udp": the engine wants each port by itself.
void expose(const std::string& text, std::set<ContainerPort>& ports) {
    const std::size_t slash = text.find('/');
    const std::string protocol = slash == std::string::npos ? "tcp" : text.substr(slash + 1);
    int first = 0;
    const char* end = text.data() + std::min(slash, text.size());
    const char* dash = std::from_chars(text.data(), end, first).ptr;
    int last = first;
    if (dash != end) std::from_chars(dash + 1, end, last);
    for (int port = first; port <= std::min(last, 65'535); ++port) ports.emplace(port, protocol);
}

json::object exposed_ports(const model::Service& service) {
    std::set<ContainerPort> ports;
    for (const std::string& text : service.expose) expose(text, ports);
    for (const model::Port& port : service.ports) ports.emplace(port.target, port.protocol);
    json::object object;
    for (const auto& [port, protocol] : ports)
        object[fmt::format("{}/{}", port, protocol)] = json::object();
    return object;
}

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

std::vector<model::Mount> by_target(std::vector<model::Mount> mounts) {
    std::sort(mounts.begin(), mounts.end(),
              [](const model::Mount& left, const model::Mount& right) {
                  return left.target < right.target;
              });
    return mounts;
}

// "source:target:rw"
json::array binds(const model::Project& project, const model::Service& service,
                  const std::string& bind_root) {
    json::array array;
    for (const model::Mount& mount : by_target(service.mounts)) {
        const bool anonymous = mount.kind == model::MountKind::volume && mount.source.empty();
        if (anonymous) continue;
        std::string source = mount.source;
        if (mount.in_commit)
            source = fmt::format("{}/{}", bind_root, mount.content_id);
        else if (mount.kind == model::MountKind::volume)
            source = project.volumes.at(mount.source).name;
        array.emplace_back(
            fmt::format("{}:{}:{}", source, mount.target, mount.read_only ? "ro" : "rw"));
    }
    return array;
}

json::object anonymous_volumes(const model::Service& service) {
    json::object object;
    for (const model::Mount& mount : by_target(service.mounts)) {
        if (mount.kind == model::MountKind::volume && mount.source.empty())
            object[mount.target] = json::object();
    }
    return object;
}

}    // namespace

std::vector<const NetworkEntry*> ordered_networks(const model::Service& service) {
    std::vector<const NetworkEntry*> networks;
    for (const NetworkEntry& entry : service.networks) networks.push_back(&entry);
    std::stable_sort(networks.begin(), networks.end(),
                     [](const NetworkEntry* left, const NetworkEntry* right) {
                         return left->second.priority > right->second.priority;
                     });
    return networks;
}

json::object endpoint(const model::ServiceNetwork& network, const model::Service& service,
                      const std::string& container) {
    json::object object;
    json::array aliases;
    if (!container.empty()) aliases.emplace_back(container);
    aliases.emplace_back(service.name);
    const std::set<std::string> further(network.aliases.begin(), network.aliases.end());
    for (const std::string& alias : further) {
        if (alias != service.name && alias != container) aliases.emplace_back(alias);
    }
    object["Aliases"] = std::move(aliases);
    json::object address;
    set(address, "IPv4Address", network.ipv4_address);
    set(address, "IPv6Address", network.ipv6_address);
    if (!address.empty()) object["IPAMConfig"] = std::move(address);
    return object;
}

json::object rendered_config(const model::Service& service) {
    json::object body;
    if (service.command) body["Cmd"] = to_array(*service.command);
    if (service.entrypoint) body["Entrypoint"] = to_array(*service.entrypoint);
    body["Env"] = environment(service);
    body["ExposedPorts"] = exposed_ports(service);
    set(body, "WorkingDir", service.working_dir);
    set(body, "User", service.user);
    set(body, "Hostname", service.hostname);
    set(body, "StopSignal", service.stop_signal);
    if (service.stop_grace_period) {
        // Up: a part of a second must not become no time at all.
        body["StopTimeout"] =
            std::chrono::ceil<std::chrono::seconds>(*service.stop_grace_period).count();
    }
    if (service.healthcheck) body["Healthcheck"] = healthcheck(*service.healthcheck);
    const json::object volumes = anonymous_volumes(service);
    if (!volumes.empty()) body["Volumes"] = volumes;
    return body;
}

json::object host_config(const model::Project& project, const model::Service& service,
                         const std::string& bind_root) {
    json::object host;
    host["Binds"] = binds(project, service, bind_root);
    host["PortBindings"] = port_bindings(service);
    json::object restart;
    restart["Name"] = service.restart.name;
    restart["MaximumRetryCount"] = service.restart.max_retries;
    host["RestartPolicy"] = std::move(restart);
    if (service.init) host["Init"] = true;
    return host;
}

}    // namespace trueup::render
