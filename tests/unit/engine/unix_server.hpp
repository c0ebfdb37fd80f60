// SPDX-License-Identifier: Apache-2.0
// A unix-socket server that follows a script: each connection is given to the handler in a thread of
// its own. What was left unread or open at the end of a handler is closed.
#pragma once

#include <sys/un.h>

#include <cstring>
#include <stdexcept>

#include "tests/support/socket_server.hpp"
#include "tests/support/temp_directory.hpp"

namespace trueup::engine {

class UnixServer {
public:
    using Connection = support::SocketServer::Connection;
    using Handler = support::SocketServer::Handler;

    explicit UnixServer(Handler handler) : server_(listen(path()), std::move(handler)) {}

    std::string path() const { return directory_ / "engine.sock"; }
    int connections() const { return server_.connections(); }

private:
    static int listen(const std::string& path) {
        const int made = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
        if (::bind(made, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 ||
            ::listen(made, 16) != 0) {
            throw std::runtime_error("cannot listen on " + path);
        }
        return made;
    }

    support::TempDirectory directory_;
    support::SocketServer server_;
};

// An answer with a length, as the engine gives for anything short.
inline std::string answer(const std::string& body, const std::string& status = "200 OK") {
    return "HTTP/1.1 " + status +
           "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}

}    // namespace trueup::engine
