// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/short_forms.hpp"

#include <fmt/format.h>

#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "controller/base/text.hpp"
#include "controller/compose/nodes.hpp"

namespace trueup::compose {
namespace {

// Ranges multiply: a short line may stand for 65,535 ports.
constexpr std::size_t most_ports = 100'000;

bool is_reset(const yaml::Node& node) { return node.tag == "!reset"; }

bool is_path(std::string_view source) {
    return source.starts_with('/') || source.starts_with('.') || source.starts_with('~');
}

void list_to_mapping(yaml::Node& node, Problems& problems) {
    if (!node.is_sequence()) return;
    yaml::Node mapping = make(yaml::Kind::mapping, node);
    mapping.tag = node.tag;
    std::unordered_map<std::string, std::size_t> places;
    for (yaml::Node& item : node.items) {
        if (!item.is_scalar()) {
            problems.push_back(
                {item.position(), fmt::format("expected KEY=value, got {}", item.describe()), ""});
            continue;
        }
        const std::size_t equals = item.text.find('=');
        std::string key = item.text.substr(0, equals);
        if (key.empty()) {
            problems.push_back({item.position(), "this has no name before the '='", ""});
            continue;
        }
        yaml::Node value = equals == std::string::npos ? make(yaml::Kind::null, item)
                                                       : scalar(item.text.substr(equals + 1), item);
        value.tag = item.tag;
        const auto [place, is_new] = places.emplace(key, mapping.entries.size());
        if (is_new)
            add(mapping, std::move(key), std::move(value));
        else
            mapping.entries[place->second].value = std::move(value);    // the last one wins
    }
    node = std::move(mapping);
}

void names_to_mapping(yaml::Node& node, Problems& problems) {
    if (!node.is_sequence()) return;
    yaml::Node mapping = make(yaml::Kind::mapping, node);
    mapping.tag = node.tag;
    std::unordered_set<std::string> seen;
    for (const yaml::Node& item : node.items) {
        if (!item.is_scalar()) {
            problems.push_back(
                {item.position(), fmt::format("expected a name, got {}", item.describe()), ""});
        } else if (seen.insert(item.text).second) {
            add(mapping, item.text, make(yaml::Kind::null, item));
        }
    }
    node = std::move(mapping);
}

void expand_env_file(yaml::Node& node) {
    if (is_reset(node)) return;
    if (node.is_scalar()) {
        yaml::Node list = make(yaml::Kind::sequence, node);
        std::swap(list.tag, node.tag);
        list.items.push_back(std::move(node));
        node = std::move(list);
    }
    for (yaml::Node& item : node.items) {
        if (!item.is_scalar() || is_reset(item)) continue;
        yaml::Node mapping = make(yaml::Kind::mapping, item);
        add(mapping, "path", item);
        item = std::move(mapping);
    }
}

void take(const Error& error, Problems& problems) {
    problems.insert(problems.end(), error.problems().begin(), error.problems().end());
}

void expand_ports(yaml::Node& node, std::size_t& left, Problems& problems) {
    if (!node.is_sequence()) return;
    std::vector<yaml::Node> items;
    for (yaml::Node& item : node.items) {
        if (!item.is_scalar() || is_reset(item)) {
            items.push_back(std::move(item));
            continue;
        }
        auto expanded = expand_port(item);
        if (!expanded) {
            take(expanded.error(), problems);
            continue;
        }
        if (expanded->size() > left) {
            problems.push_back({item.position(),
                                fmt::format("more than {} ports in one file", most_ports),
                                "publish the ranges that are needed"});
            break;
        }
        left -= expanded->size();
        for (yaml::Node& port : *expanded) items.push_back(std::move(port));
    }
    node.items = std::move(items);
}

void expand_volumes(yaml::Node& node, Problems& problems) {
    for (yaml::Node& item : node.items) {
        if (!item.is_scalar() || is_reset(item)) continue;
        auto expanded = expand_volume(item);
        if (expanded)
            item = std::move(*expanded);
        else
            take(expanded.error(), problems);
    }
}

void expand_build(yaml::Node& service, Problems& problems) {
    yaml::Node* build = service.find("build");
    if (build == nullptr || is_reset(*build)) return;
    if (build->is_scalar()) {
        yaml::Node mapping = make(yaml::Kind::mapping, *build);
        std::swap(mapping.tag, build->tag);
        add(mapping, "context", *build);
        *build = std::move(mapping);
    }
    if (yaml::Node* args = build->find("args")) list_to_mapping(*args, problems);
}

void expand_service(yaml::Node& service, std::size_t& ports_left, Problems& problems) {
    for (const std::string_view key : {"environment", "labels"}) {
        if (yaml::Node* found = service.find(key)) list_to_mapping(*found, problems);
    }
    for (const std::string_view key : {"networks", "depends_on"}) {
        if (yaml::Node* found = service.find(key)) names_to_mapping(*found, problems);
    }
    if (yaml::Node* ports = service.find("ports")) expand_ports(*ports, ports_left, problems);
    if (yaml::Node* volumes = service.find("volumes")) expand_volumes(*volumes, problems);
    if (yaml::Node* env_file = service.find("env_file")) expand_env_file(*env_file);
    expand_build(service, problems);
}

}    // namespace

Result<yaml::Node> expand_volume(const yaml::Node& node) {
    const auto parts = base::split(node.text, ':');
    const auto wrong = [&](std::string_view why) {
        return problem_error(node, fmt::format("'{}' is no volume: {}", node.text, why),
                             "write \"name:/path\", \"./file:/path:ro\" or \"/path\"");
    };
    const bool drive = parts[0].size() == 1 && parts.size() > 1 && parts[0] != "." &&
                       parts[0] != "/" && parts[0] != "~";
    if (drive || node.text.find('\\') != std::string::npos)
        return wrong("a name of one letter reads like a drive of Windows, which is not supported");
    if (parts.size() > 3) return wrong("more parts than source, target and mode are not supported");
    for (const std::string_view part : parts) {
        if (part.empty()) return wrong("a part is empty");
    }
    yaml::Node volume = make(yaml::Kind::mapping, node);
    const std::string_view source = parts.size() == 1 ? std::string_view() : parts[0];
    add(volume, "type", scalar(is_path(source) ? "bind" : "volume", node));
    if (!source.empty()) add(volume, "source", scalar(std::string(source), node));
    add(volume, "target", scalar(std::string(parts.size() == 1 ? parts[0] : parts[1]), node));
    if (parts.size() < 3) return volume;
    for (const std::string_view option : base::split(parts[2], ',')) {
        if (option == "ro")
            add(volume, "read_only", scalar("true", node));
        else if (option != "rw") {
            return wrong(fmt::format("mount option '{}' is not supported yet", option));
        }
    }
    return volume;
}

void expand_short_forms(yaml::Node& file, Problems& problems) {
    std::size_t ports_left = most_ports;
    if (yaml::Node* services = file.find("services")) {
        for (yaml::Entry& service : services->entries)
            expand_service(service.value, ports_left, problems);
    }
    for (const std::string_view kind : {"networks", "volumes"}) {
        yaml::Node* all = file.find(kind);
        if (all == nullptr) continue;
        for (yaml::Entry& entry : all->entries) {
            if (yaml::Node* labels = entry.value.find("labels")) list_to_mapping(*labels, problems);
        }
    }
}

}    // namespace trueup::compose
