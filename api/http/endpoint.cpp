// SPDX-License-Identifier: Apache-2.0
#include "api/http/endpoint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "controller/base/text.hpp"

namespace trueup::http {
namespace {

struct HostAndPort {
    std::string_view host;    // brackets of an IPv6 address included
    std::optional<std::string_view> port;
};

std::optional<HostAndPort> split_port(std::string_view text) {
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos) return std::nullopt;
        const std::string_view rest = text.substr(end + 1);
        if (rest.empty()) return HostAndPort{text, std::nullopt};
        if (!rest.starts_with(':')) return std::nullopt;
        return HostAndPort{text.substr(0, end + 1), rest.substr(1)};
    }
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return HostAndPort{text, std::nullopt};
    return HostAndPort{text.substr(0, colon), text.substr(colon + 1)};
}

std::optional<unsigned> number(std::string_view text, unsigned most) {
    unsigned value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc() || end != text.data() + text.size() || value > most)
        return std::nullopt;
    return value;
}

bool is_ipv4(std::string_view text) {
    const auto parts = base::split(text, '.');
    return parts.size() == 4 && std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
               return number(part, 255).has_value();
           });
}

bool is_localhost(std::string_view text) {
    constexpr std::string_view name = "localhost";
    return std::equal(text.begin(), text.end(), name.begin(), name.end(),
                      [](char left, char right) {
                          return (left >= 'A' && left <= 'Z' ? left - 'A' + 'a' : left) == right;
                      });
}

bool is_loopback(std::string_view host) {
    return is_localhost(host) || host == "[::1]" || (is_ipv4(host) && host.starts_with("127."));
}

}    // namespace

std::string to_string(const Endpoint& endpoint) {
    const bool ipv6 = endpoint.address.find(':') != std::string::npos;
    return ipv6 ? fmt::format("[{}]:{}", endpoint.address, endpoint.port)
                : fmt::format("{}:{}", endpoint.address, endpoint.port);
}

Result<Endpoint> parse_loopback_endpoint(std::string_view text) {
    const auto parts = split_port(text);
    const auto port = parts && parts->port ? number(*parts->port, 65'535) : std::nullopt;
    if (!port) {
        return Error(Errc::invalid,
                     fmt::format("'{}' is not ADDRESS:PORT, for example 127.0.0.1:9180", text));
    }
    if (!is_loopback(parts->host)) {
        return Error(
            Errc::denied,
            fmt::format("'{}' is not a loopback address: there is no authentication yet, so only "
                        "127.0.0.1, [::1] and localhost are allowed",
                        parts->host));
    }
    Endpoint endpoint;
    endpoint.port = static_cast<std::uint16_t>(*port);
    endpoint.address = std::string(parts->host);
    if (is_localhost(parts->host)) endpoint.address = "127.0.0.1";
    if (parts->host == "[::1]") endpoint.address = "::1";
    return endpoint;
}

bool is_loopback_host(std::string_view host) {
    const auto parts = split_port(host);
    if (!parts || (parts->port && !number(*parts->port, 65'535))) return false;
    return is_loopback(parts->host);
}

}    // namespace trueup::http
