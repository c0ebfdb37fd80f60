// SPDX-License-Identifier: Apache-2.0
// The server's side of a listening socket: each connection runs the handler in a thread of its own;
// everything ends with the server.
#pragma once

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace trueup::support {

class SocketServer {
public:
    class Connection {
    public:
        Connection(int socket, int stop) : socket_(socket), stop_(stop) {}
        // What has arrived, at least one byte; "" when the peer closed or the server stops.
        std::string read() const {
            std::array<char, 16384> buffer{};
            if (!wait()) return {};
            const ssize_t count = ::recv(socket_, buffer.data(), buffer.size(), 0);
            return count <= 0 ? std::string()
                              : std::string(buffer.data(), static_cast<std::size_t>(count));
        }
        // Up to the empty line after an HTTP request's head.
        std::string read_head() const {
            std::string head;
            while (head.find("\r\n\r\n") == head.npos) {
                const std::string part = read();
                if (part.empty()) break;
                head += part;
            }
            return head;
        }
        bool write(std::string_view bytes) const {
            while (!bytes.empty()) {
                const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
                if (count <= 0) return false;
                bytes.remove_prefix(static_cast<std::size_t>(count));
            }
            return true;
        }
        // Says nothing until the peer closes or the server stops.
        void hang() const {
            while (!read().empty()) {
            }
        }
        int socket() const { return socket_; }
        int stop() const { return stop_; }

    private:
        bool wait() const {
            std::array<pollfd, 2> ready{{{socket_, POLLIN, 0}, {stop_, POLLIN, 0}}};
            return ::poll(ready.data(), ready.size(), -1) > 0 && ready[1].revents == 0;
        }
        int socket_;
        int stop_;
    };
    // `number` counts connections from 1.
    using Handler = std::function<void(Connection&, int number)>;

    // The socket listens already, and is the server's from now on.
    SocketServer(int socket, Handler handler)
        : handler_(std::move(handler)), socket_(socket), stop_(::eventfd(0, EFD_CLOEXEC)) {
        thread_ = std::thread([this] { serve(); });
    }
    ~SocketServer() {
        const std::uint64_t one = 1;
        if (::write(stop_, &one, sizeof(one)) < 0) std::abort();
        thread_.join();
        ::close(socket_);
        ::close(stop_);
    }
    SocketServer(const SocketServer&) = delete;
    SocketServer& operator=(const SocketServer&) = delete;

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

    Handler handler_;
    int socket_;
    int stop_;
    std::atomic<int> connections_ = 0;
    std::thread thread_;
};

}    // namespace trueup::support
