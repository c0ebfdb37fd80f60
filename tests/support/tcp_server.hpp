// SPDX-License-Identifier: Apache-2.0
// A small TCP server on a free loopback port, for peers that misbehave.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>

#include <stdexcept>

#include "tests/support/socket_server.hpp"

namespace trueup::support {

class TcpServer {
public:
    using Connection = SocketServer::Connection;
    using Handler = std::function<void(Connection&)>;

    explicit TcpServer(const Handler& handler)
        : server_(listen(port_),
                  [handler](Connection& connection, int /*number*/) { handler(connection); }) {}

    int port() const { return port_; }
    std::string host() const { return "127.0.0.1:" + std::to_string(port_); }
    int connections() const { return server_.connections(); }

private:
    static int listen(int& port) {
        const int made = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof(address);
        auto* raw = reinterpret_cast<sockaddr*>(&address);
        if (::bind(made, raw, length) != 0 || ::listen(made, 64) != 0 ||
            ::getsockname(made, raw, &length) != 0) {
            throw std::runtime_error("cannot listen on loopback");
        }
        port = ntohs(address.sin_port);
        return made;
    }

    int port_ = 0;
    SocketServer server_;
};

// A blocking connection to a port of loopback; -1 when nobody listens.
inline int connect_loopback(int port) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0)
        return socket;
    ::close(socket);
    return -1;
}

// A port of loopback that nobody listens on, as good as that can be known.
inline int unused_port() {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    if (::bind(socket, raw, length) != 0 || ::getsockname(socket, raw, &length) != 0) {
        throw std::runtime_error("cannot bind on loopback");
    }
    ::close(socket);
    return ntohs(address.sin_port);
}

}    // namespace trueup::support
