// SPDX-License-Identifier: Apache-2.0
#include "controller/engine/address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

namespace trueup::engine {
namespace {

bool is_port(const std::string& text) {
    constexpr int highest = 65'535;
    const bool numeric = !text.empty() && text.size() <= 5 &&
                         text.find_first_not_of("0123456789") == std::string::npos;
    return numeric && std::stoi(text) >= 1 && std::stoi(text) <= highest;
}

// host:port, [v6]:port; without a port only where it is not needed.
bool split_host(std::string rest, bool needs_port, Address& address) {
    while (rest.ends_with('/')) rest.pop_back();
    if (rest.empty() || rest.find('/') != std::string::npos) return false;
    const std::size_t colon = rest.rfind(':');
    const bool has_port = colon != std::string::npos && rest.find(']', colon) == std::string::npos;
    if (!has_port && needs_port) return false;
    address.host = rest.substr(0, has_port ? colon : std::string::npos);
    if (has_port) address.port = rest.substr(colon + 1);
    if (address.host.starts_with('[') && address.host.ends_with(']')) {
        address.host = address.host.substr(1, address.host.size() - 2);
    } else if (address.host.find(':') != std::string::npos) {
        return false;    // an IPv6 address without its brackets could mean two things
    }
    return !address.host.empty() && (!has_port || is_port(address.port));
}

// What becomes an argument of ssh: no option, nothing that a shell or ssh would take apart.
bool is_word(std::string_view text) {
    return !text.empty() && !text.starts_with('-') &&
           std::all_of(text.begin(), text.end(), [](unsigned char byte) {
               return std::isalnum(byte) != 0 || byte == '.' || byte == '-' || byte == '_' ||
                      byte == ':' || byte == '+';
           });
}

bool split_ssh(std::string rest, Address& address) {
    const std::size_t at = rest.rfind('@');
    if (at != std::string::npos) {
        address.user = rest.substr(0, at);
        if (!is_word(address.user) || address.user.find(':') != std::string::npos) return false;
        rest.erase(0, at + 1);
    }
    return split_host(std::move(rest), false, address) && is_word(address.host);
}

}    // namespace

Result<Address> parse_address(const std::string& url) {
    Address address;
    if (url.starts_with("unix://")) {
        address.path = url.substr(7);
        if (address.path.starts_with('/') && address.path.size() < 108) return address;
        return Error(
            Errc::invalid,
            fmt::format("'{}' names no socket: write unix:///absolute/path (at most 107 bytes)",
                        url));
    }
    for (const std::string_view scheme : {"tcp://", "http://"}) {
        if (!url.starts_with(scheme)) continue;
        address.kind = Address::Kind::tcp;
        if (split_host(url.substr(scheme.size()), true, address)) return address;
    }
    constexpr std::string_view ssh = "ssh://";
    if (url.starts_with(ssh)) {
        address.kind = Address::Kind::ssh;
        if (split_ssh(url.substr(ssh.size()), address)) return address;
    }
    return Error(Errc::invalid,
                 fmt::format("'{}' is no address: write unix:///path, tcp://host:port or "
                             "ssh://user@host",
                             url));
}

std::string to_string(const Address& address) {
    if (address.kind == Address::Kind::unix_socket) return address.path;
    const bool v6 = address.host.find(':') != std::string::npos;
    const std::string host = v6 ? "[" + address.host + "]" : address.host;
    return address.port.empty() ? host : host + ":" + address.port;
}

std::string percent_encode(std::string_view text) {
    static constexpr std::string_view digits = "0123456789ABCDEF";
    std::string encoded;
    for (const char letter : text) {
        const auto byte = static_cast<unsigned char>(letter);
        const bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                           (byte >= '0' && byte <= '9') || byte == '-' || byte == '_' ||
                           byte == '.' || byte == '~';
        if (plain) {
            encoded += letter;
        } else {
            encoded += '%';
            encoded += digits[byte >> 4U];
            encoded += digits[byte & 0xFU];
        }
    }
    return encoded;
}

}    // namespace trueup::engine
