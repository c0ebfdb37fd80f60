// SPDX-License-Identifier: Apache-2.0
// Where an engine is, as $DOCKER_HOST writes it. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "controller/base/result.hpp"

namespace trueup::engine {

struct Address {
    enum class Kind : std::uint8_t { unix_socket, tcp, ssh };
    Kind kind = Kind::unix_socket;
    std::string path;    // of a unix socket
    std::string host;    // of TCP and ssh
    std::string port;    // likewise; of ssh "" = what ssh itself would take
    std::string user;    // of ssh; likewise

    bool operator==(const Address&) const = default;
};
// unix:///path, tcp://host:port, http://host:port, ssh://[user@]host[:port]. Errc::invalid for
// anything else.
Result<Address> parse_address(const std::string& url);

// As messages name it: the path, or host and port.
std::string to_string(const Address& address);

// Percent-encodes everything but unreserved characters (RFC 3986, 2.3).
std::string percent_encode(std::string_view text);

}    // namespace trueup::engine
