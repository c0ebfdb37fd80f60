// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <set>

#include "controller/render/json.hpp"
#include "controller/render/parts.hpp"

namespace trueup::render {
namespace {

namespace json = boost::json;

constexpr std::string_view of_service = "service:";
constexpr const char* interface_option = "com.docker.network.endpoint.ifname";

// "name" or "name:alias"
std::pair<std::string, std::string> split_link(const std::string& text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string::npos) return {text, text};
    return {text.substr(0, colon), text.substr(colon + 1)};
}

json::array aliases(const model::Project& project, const model::Service& service,
                    const model::ServiceNetwork& network, int number) {
    json::array array;
    std::set<std::string> seen;
    const auto add = [&](const std::string& alias) {
        if (seen.insert(alias).second) array.emplace_back(alias);
    };
    if (number > 0)
        add(container_name(project.name, service, number));
    else if (!service.container_name.empty())
        add(service.container_name);
    add(service.name);
    model::Strings further = network.aliases;
    std::sort(further.begin(), further.end());
    for (const std::string& alias : further) add(alias);
    return array;
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

std::string shared(const std::string& mode, const Surroundings& around) {
    if (!mode.starts_with(of_service)) return mode;
    const auto found = around.containers.find(mode.substr(of_service.size()));
    return found == around.containers.end() ? mode : "container:" + found->second;
}

std::set<std::string> shared_services(const model::Service& service) {
    std::set<std::string> names;
    const model::Namespaces& spaces = service.namespaces;
    for (const std::string& mode : {spaces.network, spaces.ipc, spaces.pid}) {
        if (mode.starts_with(of_service)) names.insert(mode.substr(of_service.size()));
    }
    for (const std::string& text : service.volumes_from) {
        if (!text.starts_with("container:")) names.insert(text.substr(0, text.find(':')));
    }
    return names;
}

std::string network_mode(const model::Service& service, const Surroundings& around) {
    const std::string& mode = service.namespaces.network;
    if (!mode.empty()) return shared(mode, around);
    return service.networks.empty() ? "none" : "";
}

model::Strings links(const model::Project& project, const model::Service& service) {
    model::Strings all;
    for (const std::string& text : service.links) {
        const auto [name, alias] = split_link(text);
        const auto linked = project.services.find(name);
        if (linked == project.services.end()) continue;
        for (int number = 1; number <= linked->second.replicas; ++number) {
            const std::string container = container_name(project.name, linked->second, number);
            all.push_back(fmt::format("{}:{}", container, alias));
            all.push_back(fmt::format("{}:{}-{}", container, name, number));
            all.push_back(fmt::format("{}:{}-{}-{}", container, project.name, name, number));
        }
    }
    for (const std::string& text : service.external_links) {
        const auto [container, alias] = split_link(text);
        all.push_back(fmt::format("{}:{}", container, alias));
    }
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

json::object endpoint(const model::Project& project, const model::Service& service,
                      const NetworkEntry& entry, const Surroundings& around) {
    const model::ServiceNetwork& network = entry.second;
    json::object object;
    object["Aliases"] = aliases(project, service, network, around.number);
    set(object, "Links", to_array(links(project, service)));
    json::object address;
    set(address, "IPv4Address", network.ipv4_address);
    set(address, "IPv6Address", network.ipv6_address);
    set(address, "LinkLocalIPs", to_array(network.link_local_ips));
    set(object, "IPAMConfig", std::move(address));
    if (around.capability.takes_all_networks()) {
        std::string mac = network.mac_address;
        const bool first = ordered_networks(service).front() == &entry;
        if (mac.empty() && first) mac = service.mac_address;
        set(object, "MacAddress", mac);
    }
    model::StringMap options = network.driver_options;
    if (!network.interface_name.empty()) options[interface_option] = network.interface_name;
    set(object, "DriverOpts", options);
    set(object, "GwPriority", network.gateway_priority);
    return object;
}

namespace {

json::object address_management(const model::AddressManagement& wanted) {
    json::object object;
    set(object, "Driver", wanted.driver);
    json::array pools;
    for (const model::AddressPool& each : wanted.config) {
        json::object pool;
        set(pool, "Subnet", each.subnet);
        set(pool, "IPRange", each.ip_range);
        set(pool, "Gateway", each.gateway);
        set(pool, "AuxiliaryAddresses", each.aux_addresses);
        pools.push_back(std::move(pool));
    }
    set(object, "Config", std::move(pools));
    set(object, "Options", wanted.options);
    return object;
}

}    // namespace

json::object network_settings(const model::Network& network) {
    json::object body;
    set(body, "Driver", network.driver);
    set(body, "Options", network.driver_options);
    set(body, "Internal", network.internal);
    set(body, "Attachable", network.attachable);
    if (network.enable_ipv4) body["EnableIPv4"] = *network.enable_ipv4;
    if (network.enable_ipv6) body["EnableIPv6"] = *network.enable_ipv6;
    set(body, "IPAM", address_management(network.ipam));
    return body;
}

json::object volume_settings(const model::Volume& volume) {
    json::object body;
    set(body, "Driver", volume.driver);
    set(body, "DriverOpts", volume.driver_options);
    return body;
}

}    // namespace trueup::render
