// SPDX-License-Identifier: Apache-2.0
// A unix-socket server that follows a script: each connection is given to the handler, one after
// another, in a thread. What was left unread or open at the end of a handler is closed.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>

#include "tests/support/tcp_server.hpp"
#include "tests/support/temp_directory.hpp"

namespace trueup::engine {

class UnixServer {
public:
    using Connection = support::TcpServer::Connection;
    // `number` counts connections from 1.
    using Handler = std::function<void(Connection&, int number)>;

    explicit UnixServer(Handler handler) : handler_(std::move(handler)) {
        stop_ = ::eventfd(0, EFD_CLOEXEC);
        socket_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path().c_str(), sizeof(address.sun_path) - 1);
        if (::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 ||
            ::listen(socket_, 16) != 0) {
            throw std::runtime_error("cannot listen on " + path());
        }
        thread_ = std::thread([this] { serve(); });
    }
    ~UnixServer() {
        const std::uint64_t one = 1;
        if (::write(stop_, &one, sizeof(one)) < 0) std::abort();
        thread_.join();
        ::close(socket_);
        ::close(stop_);
    }
    UnixServer(const UnixServer&) = delete;
    UnixServer& operator=(const UnixServer&) = delete;

    std::string path() const { return directory_ / "engine.sock"; }
    int connections() const { return connections_; }

private:
    void serve() {
        std::vector<std::thread> workers;
        for (;;) {
            std::array<pollfd, 2> ready{{{socket_, POLLIN, 0}, {stop_, POLLIN, 0}}};
            if (::poll(ready.data(), ready.size(), -1) <= 0) continue;
            if (ready[1].revents != 0) break;
            const int accepted = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
            if (accepted < 0) continue;
            const int number = ++connections_;
            workers.emplace_back([this, accepted, number] {
                Connection connection(accepted, stop_);
                handler_(connection, number);
                ::close(accepted);
            });
        }
        for (std::thread& worker : workers) worker.join();
    }

    support::TempDirectory directory_;
    Handler handler_;
    int socket_ = -1;
    int stop_ = -1;
    std::atomic<int> connections_ = 0;
    std::thread thread_;
};

// An answer with a length, as the engine gives for anything short.
inline std::string answer(const std::string& body, const std::string& status = "200 OK") {
    return "HTTP/1.1 " + status +
           "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}

}    // namespace trueup::engine
