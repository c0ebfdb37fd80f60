// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/short_forms.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "controller/base/text.hpp"

namespace trueup::compose {
namespace {

yaml::Node make(yaml::Kind kind, const yaml::Node& like) {
    yaml::Node node;
    node.kind = kind;
    node.file = like.file;
    node.line = like.line;
    node.column = like.column;
    return node;
}

yaml::Node scalar(std::string text, const yaml::Node& like) {
    yaml::Node node = make(yaml::Kind::scalar, like);
    node.quoted = true;
    node.text = std::move(text);
    return node;
}

void add(yaml::Node& mapping, std::string key, yaml::Node value) {
    yaml::Entry entry;
    entry.key = std::move(key);
    entry.line = value.line;
    entry.column = value.column;
    entry.value = std::move(value);
    mapping.entries.push_back(std::move(entry));
}

Error problem_at(const yaml::Node& node, std::string message, std::string advice) {
    return Error(Problems{{node.position(), std::move(message), std::move(advice)}});
}

struct Range {
    int first = 0;
    int last = 0;
    int size() const { return last - first + 1; }
};

std::optional<Range> parse_range(std::string_view text) {
    const auto number = [](std::string_view digits) -> std::optional<int> {
        int value = 0;
        const char* end = digits.data() + digits.size();
        const auto [stopped, code] = std::from_chars(digits.data(), end, value);
        if (digits.empty() || code != std::errc() || stopped != end || value < 0 || value > 65'535)
            return std::nullopt;
        return value;
    };
    const std::size_t dash = text.find('-');
    const auto first = number(text.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : number(text.substr(dash + 1));
    if (!first || !last || *first > *last) return std::nullopt;
    return Range{*first, *last};
}

struct PortParts {
    std::string_view host_ip;
    std::string_view published;
    std::string_view target;
    std::string_view protocol = "tcp";
};

PortParts split_port(std::string_view text) {
    PortParts parts;
    const std::size_t slash = text.rfind('/');
    if (slash != std::string_view::npos) {
        parts.protocol = text.substr(slash + 1);
        text = text.substr(0, slash);
    }
    const std::size_t last = text.rfind(':');
    if (last == std::string_view::npos) {
        parts.target = text;
        return parts;
    }
    parts.target = text.substr(last + 1);
    text = text.substr(0, last);
    const std::size_t before = text.rfind(':');
    if (text.ends_with(']') || before == std::string_view::npos) {
        // "[::1]:80" has an address and no published port
        (text.ends_with(']') ? parts.host_ip : parts.published) = text;
    } else {
        parts.published = text.substr(before + 1);
        parts.host_ip = text.substr(0, before);
    }
    if (parts.host_ip.starts_with('[') && parts.host_ip.ends_with(']')) {
        parts.host_ip = parts.host_ip.substr(1, parts.host_ip.size() - 2);
    }
    return parts;
}

yaml::Node port_node(const yaml::Node& like, const PortParts& parts, int target,
                     std::string published) {
    yaml::Node node = make(yaml::Kind::mapping, like);
    add(node, "target", scalar(std::to_string(target), like));
    if (!published.empty()) add(node, "published", scalar(std::move(published), like));
    if (!parts.host_ip.empty()) add(node, "host_ip", scalar(std::string(parts.host_ip), like));
    add(node, "protocol", scalar(std::string(parts.protocol), like));
    return node;
}

bool is_path(std::string_view source) {
    return source.starts_with('/') || source.starts_with('.') || source.starts_with('~');
}

void list_to_mapping(yaml::Node& node, Problems& problems) {
    if (!node.is_sequence()) return;
    yaml::Node mapping = make(yaml::Kind::mapping, node);
    mapping.tag = node.tag;
    for (yaml::Node& item : node.items) {
        if (!item.is_scalar()) {
            problems.push_back(
                {item.position(), fmt::format("expected KEY=value, got {}", item.describe()), ""});
            continue;
        }
        const std::size_t equals = item.text.find('=');
        std::string key = item.text.substr(0, equals);
        yaml::Node value = equals == std::string::npos ? make(yaml::Kind::null, item)
                                                       : scalar(item.text.substr(equals + 1), item);
        if (yaml::Node* before = mapping.find(key)) {
            *before = std::move(value);    // the last of equal keys wins
        } else {
            add(mapping, std::move(key), std::move(value));
        }
    }
    node = std::move(mapping);
}

void names_to_mapping(yaml::Node& node, Problems& problems) {
    if (!node.is_sequence()) return;
    yaml::Node mapping = make(yaml::Kind::mapping, node);
    mapping.tag = node.tag;
    for (const yaml::Node& item : node.items) {
        if (!item.is_scalar()) {
            problems.push_back(
                {item.position(), fmt::format("expected a name, got {}", item.describe()), ""});
        } else if (mapping.find(item.text) == nullptr) {
            add(mapping, item.text, make(yaml::Kind::null, item));
        }
    }
    node = std::move(mapping);
}

void expand_env_file(yaml::Node& node) {
    if (node.is_scalar()) {
        yaml::Node list = make(yaml::Kind::sequence, node);
        list.items.push_back(std::move(node));
        node = std::move(list);
    }
    for (yaml::Node& item : node.items) {
        if (!item.is_scalar()) continue;
        yaml::Node mapping = make(yaml::Kind::mapping, item);
        add(mapping, "path", item);
        item = std::move(mapping);
    }
}

void take(const Error& error, Problems& problems) {
    problems.insert(problems.end(), error.problems().begin(), error.problems().end());
}

void expand_ports(yaml::Node& node, Problems& problems) {
    if (!node.is_sequence()) return;
    std::vector<yaml::Node> items;
    for (yaml::Node& item : node.items) {
        if (!item.is_scalar()) {
            items.push_back(std::move(item));
            continue;
        }
        auto expanded = expand_port(item);
        if (!expanded) {
            take(expanded.error(), problems);
            continue;
        }
        for (yaml::Node& port : *expanded) items.push_back(std::move(port));
    }
    node.items = std::move(items);
}

void expand_volumes(yaml::Node& node, Problems& problems) {
    for (yaml::Node& item : node.items) {
        if (!item.is_scalar()) continue;
        auto expanded = expand_volume(item);
        if (expanded)
            item = std::move(*expanded);
        else
            take(expanded.error(), problems);
    }
}

void expand_build(yaml::Node& service, Problems& problems) {
    yaml::Node* build = service.find("build");
    if (build == nullptr) return;
    if (build->is_scalar()) {
        yaml::Node mapping = make(yaml::Kind::mapping, *build);
        add(mapping, "context", *build);
        *build = std::move(mapping);
    }
    if (yaml::Node* args = build->find("args")) list_to_mapping(*args, problems);
}

void expand_service(yaml::Node& service, Problems& problems) {
    for (const std::string_view key : {"environment", "labels"}) {
        if (yaml::Node* found = service.find(key)) list_to_mapping(*found, problems);
    }
    for (const std::string_view key : {"networks", "depends_on"}) {
        if (yaml::Node* found = service.find(key)) names_to_mapping(*found, problems);
    }
    if (yaml::Node* ports = service.find("ports")) expand_ports(*ports, problems);
    if (yaml::Node* volumes = service.find("volumes")) expand_volumes(*volumes, problems);
    if (yaml::Node* env_file = service.find("env_file")) expand_env_file(*env_file);
    expand_build(service, problems);
}

}    // namespace

Result<std::vector<yaml::Node>> expand_port(const yaml::Node& node) {
    const PortParts parts = split_port(node.text);
    const auto wrong = [&](std::string_view why) {
        return problem_at(node, fmt::format("'{}' is no port mapping: {}", node.text, why),
                          "write \"8000\", \"8080:8000\" or \"127.0.0.1:8080:8000/tcp\"");
    };
    const auto target = parse_range(parts.target);
    if (!target || target->first == 0)
        return wrong("the container's port is a number from 1 to 65535");
    const bool known =
        parts.protocol == "tcp" || parts.protocol == "udp" || parts.protocol == "sctp";
    if (!known) return wrong("the protocol is tcp, udp or sctp");
    std::vector<yaml::Node> ports;
    if (parts.published.empty()) {
        for (int port = target->first; port <= target->last; ++port)
            ports.push_back(port_node(node, parts, port, ""));
        return ports;
    }
    const auto published = parse_range(parts.published);
    if (!published) return wrong("the published port is a number from 0 to 65535");
    // A range for one target: the engine picks a free port of it.
    if (target->size() == 1 && published->size() > 1) {
        ports.push_back(port_node(node, parts, target->first, std::string(parts.published)));
        return ports;
    }
    if (target->size() != published->size()) return wrong("the two ranges differ in length");
    for (int index = 0; index < target->size(); ++index) {
        ports.push_back(port_node(node, parts, target->first + index,
                                  std::to_string(published->first + index)));
    }
    return ports;
}

Result<yaml::Node> expand_volume(const yaml::Node& node) {
    const auto parts = base::split(node.text, ':');
    const auto wrong = [&](std::string_view why) {
        return problem_at(node, fmt::format("'{}' is no volume: {}", node.text, why),
                          "write \"name:/path\", \"./file:/path:ro\" or \"/path\"");
    };
    if (parts.size() > 3) return wrong("too many colons");
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
    if (yaml::Node* services = file.find("services")) {
        for (yaml::Entry& service : services->entries) expand_service(service.value, problems);
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
