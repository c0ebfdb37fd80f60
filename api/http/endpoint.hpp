// SPDX-License-Identifier: Apache-2.0
// Where a listener binds, and which names a client may call it by. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "controller/base/result.hpp"

namespace trueup::http {

// An address of this machine, without brackets; port 0 = chosen by the system.
struct Endpoint {
    std::string address;
    std::uint16_t port = 0;

    bool operator==(const Endpoint&) const = default;
};
// "127.0.0.1:9180", "[::1]:9180"
std::string to_string(const Endpoint& endpoint);

// "127.0.0.1:9180", "[::1]:9180", "localhost:9180" (which is 127.0.0.1). Errc::invalid for what is
// no endpoint, Errc::denied for one beyond loopback.
Result<Endpoint> parse_loopback_endpoint(std::string_view text);

// Whether a Host header names this machine's loopback: localhost, 127.0.0.0/8 or [::1], with any
// port (it may be forwarded). Anything else is a browser that was led here by a DNS name of a
// stranger.
bool is_loopback_host(std::string_view host);

}    // namespace trueup::http
