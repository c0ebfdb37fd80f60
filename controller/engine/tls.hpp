// SPDX-License-Identifier: Apache-2.0
// TLS of a tcp:// engine: what is shown and trusted, and a failed handshake in words. TLS 1.2 or newer;
// the server is always verified, by its chain and by its name.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "controller/base/result.hpp"
#include "controller/engine/engine.hpp"

namespace trueup::engine {

// Reads the files (blocking, small). Errors: unavailable or denied (a file cannot be read), invalid (it
// holds no certificate or key, or they do not belong together).
Result<std::shared_ptr<boost::asio::ssl::context>> make_tls_context(const TlsOptions& options);

// Asks for the name, by SNI and in the certificate; an address is looked for among its addresses.
// `connection` is an SSL*.
void expect_server(void* connection, const std::string& name);

// What a failed handshake or a later alert means for `name`: denied where a certificate of one of the
// two sides is not accepted, else unavailable. `connection` is the SSL*, asked for the verdict.
Error tls_error(void* connection, const boost::system::error_code& code, const std::string& name);

}    // namespace trueup::engine
