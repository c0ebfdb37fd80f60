// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <set>

#include "controller/render/json.hpp"
#include "controller/render/parts.hpp"

namespace trueup::render {
namespace {

namespace json = boost::json;

json::array environment(const model::Service& service) {
    json::array array;
    // A name without "=" unsets what the image sets.
    for (const auto& [key, value] : service.environment)
        array.emplace_back(value ? fmt::format("{}={}", key, *value) : key);
    return array;
}

json::object healthcheck(const model::Healthcheck& check) {
    json::object object;
    set(object, "Test", to_array(check.test));
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

// Newer engines take the address with the endpoint; without an endpoint there is only this place.
std::string mac_address(const model::Service& service, const Surroundings& around) {
    const auto networks = ordered_networks(service);
    if (networks.empty()) return service.mac_address;
    if (around.capability.takes_all_networks()) return {};
    for (const NetworkEntry* entry : networks) {
        if (!entry->second.mac_address.empty()) return entry->second.mac_address;
    }
    return service.mac_address;
}

}    // namespace

json::object config(const model::Service& service, const Surroundings& around) {
    json::object body;
    set(body, "Hostname", service.hostname);
    set(body, "Domainname", service.domain_name);
    set(body, "User", service.user);
    body["AttachStdout"] = true;
    body["AttachStderr"] = true;
    set(body, "ExposedPorts", exposed_ports(service));
    set(body, "Tty", service.tty);
    set(body, "OpenStdin", service.stdin_open);
    set(body, "Env", environment(service));
    // Empty is not absent: it clears what the image says.
    if (service.command) body["Cmd"] = to_array(*service.command);
    if (service.entrypoint) body["Entrypoint"] = to_array(*service.entrypoint);
    if (service.healthcheck) body["Healthcheck"] = healthcheck(*service.healthcheck);
    set(body, "WorkingDir", service.working_dir);
    set(body, "NetworkDisabled", service.namespaces.network == "disabled");
    set(body, "MacAddress", mac_address(service, around));
    set(body, "StopSignal", service.stop_signal);
    if (service.stop_grace_period) {
        // Up: a part of a second must not become no time at all.
        body["StopTimeout"] =
            std::chrono::ceil<std::chrono::seconds>(*service.stop_grace_period).count();
    }
    return body;
}

}    // namespace trueup::render
