// SPDX-License-Identifier: Apache-2.0
// Mounts and networks. A mount can be asked for in several ways (Binds, Mounts, Volumes, a VOLUME of
// the image); what counts is what is there.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <algorithm>
#include <map>

#include "controller/render/compare_parts.hpp"

namespace trueup::render {
namespace {

namespace json = boost::json;

// "volume shop_data rw", "bind /srv/data ro", "volume rw" for one without a name.
using Places = std::map<std::string, std::string>;

std::string place(std::string_view type, std::string_view source, bool writable) {
    return fmt::format("{} {} {}", type, source, writable ? "rw" : "ro");
}

bool is_generated(const std::string& name) {
    constexpr std::size_t digits = 64;
    return name.size() == digits && name.find_first_not_of("0123456789abcdef") == std::string::npos;
}

// "source:target:mode,mode"
void add_bind(const std::string& bind, Places& places) {
    const std::size_t first = bind.find(':');
    const std::size_t second = bind.find(':', first + 1);
    const std::string source = bind.substr(0, first);
    const std::string target = bind.substr(first + 1, second - first - 1);
    const std::string modes =
        second == std::string::npos ? "" : "," + bind.substr(second + 1) + ",";
    places[target] = place(source.starts_with('/') ? "bind" : "volume", source,
                           modes.find(",ro,") == std::string::npos);
}

Places wanted_places(const WantedContainer& wanted, const json::object& image) {
    const json::object& host = object_at(wanted.body, "HostConfig");
    Places places;
    for (const json::object* volumes :
         {&object_at(image, "Volumes"), &object_at(wanted.body, "Volumes")}) {
        for (const auto& volume : *volumes)
            places[std::string(volume.key())] = place("volume", "", true);
    }
    for (const json::value& each : array_at(host, "Mounts")) {
        if (!each.is_object()) continue;
        const json::object& mount = each.get_object();
        places[text_at(mount, "Target")] = place(text_at(mount, "Type"), text_at(mount, "Source"),
                                                 is_nothing(member(mount, "ReadOnly")));
    }
    for (const json::value& bind : array_at(host, "Binds")) add_bind(text_of(bind), places);
    return places;
}

Places found_places(const json::object& inspect) {
    Places places;
    for (const json::value& each : array_at(inspect, "Mounts")) {
        if (!each.is_object()) continue;
        const json::object& mount = each.get_object();
        const std::string type = text_at(mount, "Type");
        std::string source = text_at(mount, type == "volume" ? "Name" : "Source");
        if (type == "volume" && is_generated(source)) source.clear();
        places[text_at(mount, "Destination")] =
            place(type, source, !is_nothing(member(mount, "RW")));
    }
    return places;
}

json::object wanted_networks(const WantedContainer& wanted) {
    json::object all = object_at(object_at(wanted.body, "NetworkingConfig"), "EndpointsConfig");
    for (const NetworkAttachment& each : wanted.further)
        all[each.network_name] = each.endpoint_config;
    return all;
}

// Names under which others find it on a network. Its own name and its id always are.
Names aliases(const json::object& endpoint, const Names& always) {
    Names names;
    for (const json::value& alias : array_at(endpoint, "Aliases")) {
        if (!always.contains(text_of(alias))) names.insert(text_of(alias));
    }
    return names;
}

bool is_same_endpoint(const json::object& wanted, const json::object& found, const Names& always) {
    if (aliases(wanted, always) != aliases(found, always)) return false;
    if (!is_same(member(wanted, "IPAMConfig"), member(found, "IPAMConfig"))) return false;
    const json::value& options = member(wanted, "DriverOpts");
    const json::value& address = member(wanted, "MacAddress");
    return is_same(options, member(found, "DriverOpts")) &&
           (is_nothing(address) || is_same(address, member(found, "MacAddress")));
}

}    // namespace

void compare_mounts(const WantedContainer& wanted, const json::object& inspect,
                    const json::object& image, Names& names) {
    const Places places = wanted_places(wanted, image);
    const Places found = found_places(inspect);
    for (const auto& [target, what] : places) {
        const auto other = found.find(target);
        if (other == found.end() || other->second != what) names.insert("volume " + target);
    }
    for (const auto& [target, what] : found) {
        if (!places.contains(target)) names.insert("volume " + target);
    }
    if (object_at(object_at(wanted.body, "HostConfig"), "Tmpfs") !=
        object_at(object_at(inspect, "HostConfig"), "Tmpfs"))
        names.insert("tmpfs");
}

void compare_networks(const WantedContainer& wanted, const json::object& inspect, Names& names) {
    const json::object networks = wanted_networks(wanted);
    const json::object& found = object_at(object_at(inspect, "NetworkSettings"), "Networks");
    const std::string mode = text_at(object_at(wanted.body, "HostConfig"), "NetworkMode");
    const std::string found_mode = text_at(object_at(inspect, "HostConfig"), "NetworkMode");
    if (networks.empty()) {
        const bool plain = mode.empty() || mode == "default" || mode == "bridge";
        const bool found_plain =
            found_mode.empty() || found_mode == "default" || found_mode == "bridge";
        if (plain ? !found_plain : mode != found_mode) names.insert("network_mode");
        return;
    }
    constexpr std::size_t digits = 12;
    std::string own = text_at(inspect, "Name");
    if (own.starts_with('/')) own.erase(0, 1);
    const Names always = {own, wanted.name, text_at(inspect, "Id").substr(0, digits)};
    for (const auto& network : networks) {
        const json::object* endpoint = member(found, network.key()).if_object();
        if (endpoint == nullptr ||
            !is_same_endpoint(network.value().as_object(), *endpoint, always))
            names.insert("network " + std::string(network.key()));
    }
    for (const auto& network : found) {
        if (!networks.contains(network.key()))
            names.insert("network " + std::string(network.key()));
    }
}

}    // namespace trueup::render
