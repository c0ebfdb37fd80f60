// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>
#include <utility>

#include "controller/compose/nodes.hpp"
#include "controller/compose/short_forms.hpp"

namespace trueup::compose {
namespace {

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
    std::string protocol = "tcp";
};

PortParts split_port(std::string_view text) {
    PortParts parts;
    const std::size_t slash = text.rfind('/');
    if (slash != std::string_view::npos) {
        parts.protocol = text.substr(slash + 1);
        for (char& letter : parts.protocol) letter = static_cast<char>(std::tolower(letter));
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

// As Compose does: 100 stands before 99.
std::vector<int> in_order_of_text(const Range& range) {
    std::vector<std::pair<std::string, int>> ports;
    for (int port = range.first; port <= range.last; ++port)
        ports.emplace_back(std::to_string(port), port);
    std::sort(ports.begin(), ports.end());
    std::vector<int> ordered;
    for (const auto& [text, port] : ports) ordered.push_back(port);
    return ordered;
}

yaml::Node port_node(const yaml::Node& like, const PortParts& parts, int target,
                     std::string published) {
    yaml::Node node = make(yaml::Kind::mapping, like);
    add(node, "mode", scalar("ingress", like));
    add(node, "target", plain(std::to_string(target), like));
    if (!published.empty()) add(node, "published", scalar(std::move(published), like));
    if (!parts.host_ip.empty()) add(node, "host_ip", scalar(std::string(parts.host_ip), like));
    add(node, "protocol", scalar(parts.protocol, like));
    return node;
}

}    // namespace

bool is_ip_address(const std::string& text) {
    std::array<unsigned char, 16> address{};
    return inet_pton(AF_INET, text.c_str(), address.data()) == 1 ||
           inet_pton(AF_INET6, text.c_str(), address.data()) == 1;
}

bool is_port_range(std::string_view text) { return parse_range(text).has_value(); }

bool is_protocol(std::string_view text) { return text == "tcp" || text == "udp" || text == "sctp"; }

Result<std::vector<yaml::Node>> expand_port(const yaml::Node& node) {
    const PortParts parts = split_port(node.text);
    const auto wrong = [&](std::string_view why) {
        return problem_error(node, fmt::format("'{}' is no port mapping: {}", node.text, why),
                             "write \"8000\", \"8080:8000\" or \"127.0.0.1:8080:8000/tcp\"");
    };
    const auto target = parse_range(parts.target);
    if (!target || target->first == 0)
        return wrong("the container's port is a number from 1 to 65535");
    if (!is_protocol(parts.protocol)) return wrong("the protocol is tcp, udp or sctp");
    if (!parts.host_ip.empty() && !is_ip_address(std::string(parts.host_ip)))
        return wrong("the part before the published port is an IP address");
    std::vector<yaml::Node> ports;
    if (parts.published.empty()) {
        for (const int port : in_order_of_text(*target))
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
    for (const int port : in_order_of_text(*target)) {
        ports.push_back(
            port_node(node, parts, port, std::to_string(published->first + port - target->first)));
    }
    return ports;
}

}    // namespace trueup::compose
