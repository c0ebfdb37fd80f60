// SPDX-License-Identifier: Apache-2.0
// The engine merges a request with the image's configuration (moby, daemon/commit.go: merge): lists
// of variables, labels and ports are united with the request's first; a command of the image counts
// only where the request has neither command nor entrypoint; the parts of a health check one by one.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <map>
#include <optional>

#include "controller/render/compare_parts.hpp"

namespace trueup::render {
namespace {

namespace json = boost::json;

// "KEY=value", or "KEY" for one that is to be unset.
using Variables = std::map<std::string, std::optional<std::string>>;

void add_variables(const json::array& list, Variables& variables) {
    for (const json::value& entry : list) {
        const std::string text = text_of(entry);
        const std::size_t equal = text.find('=');
        std::optional<std::string> value;
        if (equal != std::string::npos) value = text.substr(equal + 1);
        variables.emplace(text.substr(0, equal), std::move(value));
    }
}

template <class Map>
void compare_keys(const Map& wanted, const Map& found, std::string_view what, Names& names) {
    for (const auto& [key, value] : wanted) {
        const auto other = found.find(key);
        if (other == found.end() || other->second != value)
            names.insert(fmt::format("{} {}", what, key));
    }
    for (const auto& [key, value] : found) {
        if (!wanted.contains(key)) names.insert(fmt::format("{} {}", what, key));
    }
}

void compare_environment(const json::object& body, const json::object& config,
                         const json::object& image, Names& names) {
    Variables wanted;
    add_variables(array_at(body, "Env"), wanted);
    add_variables(array_at(image, "Env"), wanted);
    Variables found;
    add_variables(array_at(config, "Env"), found);
    compare_keys(wanted, found, "environment", names);
}

// Those that say whose it is and how it came about are not part of what it does.
bool is_own(std::string_view key) {
    return key.starts_with("com.docker.compose.") || key.starts_with("dev.trueup.");
}

void add_labels(const json::object& labels, std::map<std::string, std::string>& all) {
    for (const auto& label : labels) {
        if (!is_own(label.key())) all.emplace(label.key(), text_of(label.value()));
    }
}

void compare_labels(const json::object& body, const json::object& config, const json::object& image,
                    Names& names) {
    std::map<std::string, std::string> wanted;
    add_labels(object_at(body, "Labels"), wanted);
    add_labels(object_at(image, "Labels"), wanted);
    std::map<std::string, std::string> found;
    add_labels(object_at(config, "Labels"), found);
    compare_keys(wanted, found, "label", names);
}

void add_ports(const json::object& exposed, Names& ports) {
    for (const auto& port : exposed) {
        const std::string text(port.key());
        // Compose leaves the protocol out.
        ports.insert(text.find('/') == std::string::npos ? text + "/tcp" : text);
    }
}

json::object merged_health_check(const json::object& body, const json::object& image) {
    json::object merged = object_at(body, "Healthcheck");
    if (array_at(merged, "Test").empty() || text_of(array_at(merged, "Test")[0]) != "NONE") {
        for (const auto& part : object_at(image, "Healthcheck")) {
            if (is_nothing(member(merged, part.key()))) merged[part.key()] = part.value();
        }
    }
    return merged;
}

// Of what the request leaves open, the image's.
const json::value& merged(const json::object& body, const json::object& image,
                          std::string_view key) {
    const json::value& own = member(body, key);
    return is_nothing(own) ? member(image, key) : own;
}

void compare_command(const json::object& body, const json::object& config,
                     const json::object& image, Names& names) {
    const bool own_entrypoint = member(body, "Entrypoint").is_array();
    const bool own_command = !is_nothing(member(body, "Cmd"));
    // An entrypoint without text clears the image's, and its command with it.
    const bool has_entrypoint = own_entrypoint && !array_at(body, "Entrypoint").empty();
    const json::value& entrypoint =
        own_entrypoint ? member(body, "Entrypoint") : member(image, "Entrypoint");
    const json::value& command =
        own_command || has_entrypoint ? member(body, "Cmd") : member(image, "Cmd");
    if (!is_same(entrypoint, member(config, "Entrypoint"))) names.insert("entrypoint");
    if (!is_same(command, member(config, "Cmd"))) names.insert("command");
}

// The engine calls a container by its id, unless it is told a name or shares the host's.
void compare_hostname(const json::object& body, const json::object& inspect,
                      const json::object& config, Names& names) {
    constexpr std::size_t digits = 12;
    const std::string found = text_at(config, "Hostname");
    const std::string wanted = text_at(body, "Hostname");
    const bool by_id = text_at(inspect, "Id").substr(0, digits) == found || found.empty();
    const bool shares = !is_nothing(member(object_at(body, "HostConfig"), "UTSMode")) ||
                        text_at(object_at(body, "HostConfig"), "NetworkMode") == "host";
    if (wanted.empty() ? !by_id && !shares : wanted != found) names.insert("hostname");
}

// Compose gives a part of a second away, and trueup does not.
void compare_stop_timeout(const json::object& body, const json::object& config, Names& names) {
    const json::value& wanted = member(body, "StopTimeout");
    const json::value& found = member(config, "StopTimeout");
    if (wanted.is_null() && found.is_null()) return;
    const bool both = wanted.is_number() && found.is_number();
    const std::int64_t given_away = both ? number_of(wanted) - number_of(found) : -1;
    if (given_away != 0 && given_away != 1) names.insert("stop_grace_period");
}

struct Plain {
    std::string_view key;
    std::string_view name;
    std::string_view engine_default;    // what some engines write where nobody said anything
};
constexpr Plain plain[] = {
    {"Domainname", "domainname", ""},
    {"User", "user", ""},
    {"WorkingDir", "working_dir", "/"},
    {"StopSignal", "stop_signal", "SIGTERM"},
    {"Tty", "tty", ""},
    {"OpenStdin", "stdin_open", ""},
    {"MacAddress", "mac_address", ""},
};

}    // namespace

void compare_config(const WantedContainer& wanted, const json::object& inspect,
                    const json::object& image, Names& names) {
    const json::object& body = wanted.body;
    const json::object& config = object_at(inspect, "Config");
    compare_environment(body, config, image, names);
    compare_labels(body, config, image, names);
    compare_command(body, config, image, names);
    compare_hostname(body, inspect, config, names);
    compare_stop_timeout(body, config, names);
    if (!is_same(merged_health_check(body, image), member(config, "Healthcheck")))
        names.insert("healthcheck");
    Names ports;
    add_ports(object_at(body, "ExposedPorts"), ports);
    add_ports(object_at(image, "ExposedPorts"), ports);
    Names found_ports;
    add_ports(object_at(config, "ExposedPorts"), found_ports);
    if (ports != found_ports) names.insert("expose");
    for (const Plain& each : plain) {
        const json::value& value = merged(body, image, each.key);
        const json::value& found = member(config, each.key);
        const bool by_default = is_nothing(value) && !each.engine_default.empty() &&
                                text_of(found) == each.engine_default;
        if (!is_same(value, found) && !by_default) names.insert(std::string(each.name));
    }
}

}    // namespace trueup::render
