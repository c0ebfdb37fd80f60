// SPDX-License-Identifier: Apache-2.0
#include "controller/engine/address.hpp"

#include <fmt/format.h>

namespace trueup::engine {
namespace {

bool is_port(const std::string& text) {
    constexpr int highest = 65'535;
    const bool numeric = !text.empty() && text.size() <= 5 &&
                         text.find_first_not_of("0123456789") == std::string::npos;
    return numeric && std::stoi(text) >= 1 && std::stoi(text) <= highest;
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
        address.is_unix = false;
        std::string rest = url.substr(scheme.size());
        while (rest.ends_with('/')) rest.pop_back();
        const std::size_t colon = rest.rfind(':');
        if (colon == std::string::npos || colon == 0 || rest.find('/') != std::string::npos) break;
        address.host = rest.substr(0, colon);
        address.port = rest.substr(colon + 1);
        if (address.host.starts_with('[') && address.host.ends_with(']')) {
            address.host = address.host.substr(1, address.host.size() - 2);
        } else if (address.host.find(':') != std::string::npos) {
            break;    // an IPv6 address without its brackets could mean two things
        }
        if (!address.host.empty() && is_port(address.port)) return address;
        break;
    }
    return Error(Errc::invalid,
                 fmt::format("'{}' is no address: write unix:///path or tcp://host:port", url));
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
