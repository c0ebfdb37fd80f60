// SPDX-License-Identifier: Apache-2.0
// TCP and TLS under libgit2's http, in place of its own: Debian builds libgit2 with mbedTLS, which
// has no TLS 1.3, knows no certificates for IP addresses and reads one file of authorities only.
// And here is where a redirect that would carry a credential away is stopped.
#pragma once

#include <cstdint>
#include <string>

#include "controller/base/result.hpp"

namespace trueup::source {

struct ConnectionRules {
    // An "Authorization" header goes to this host and port only, directly or through a proxy; a
    // request that would take it elsewhere fails before a byte of it is sent.
    std::string host;
    std::uint16_t port = 0;
    // PEM file of certificate authorities that are trusted beside the machine's (SSL_CERT_FILE and
    // SSL_CERT_DIR name others, as for every OpenSSL program); "" = none.
    std::string authorities;
};

// For the whole process, before its first fetch. Errors: invalid, denied (the authorities).
Result<void> use_connections(ConnectionRules rules);

}    // namespace trueup::source
