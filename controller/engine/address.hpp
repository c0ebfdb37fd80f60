// SPDX-License-Identifier: Apache-2.0
// Where an engine is, as $DOCKER_HOST writes it. Pure.
#pragma once

#include <string>
#include <string_view>

#include "controller/base/result.hpp"

namespace trueup::engine {

struct Address {
    bool is_unix = true;
    std::string path;    // of a unix socket
    std::string host;    // of TCP
    std::string port;

    bool operator==(const Address&) const = default;
};
// unix:///path, tcp://host:port, http://host:port. Errc::invalid for anything else.
Result<Address> parse_address(const std::string& url);

// Percent-encodes everything but unreserved characters (RFC 3986, 2.3).
std::string percent_encode(std::string_view text);

}    // namespace trueup::engine
