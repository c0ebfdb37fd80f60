// SPDX-License-Identifier: Apache-2.0
// A small TCP server on a free loopback port, for peers that misbehave. Each connection runs the
// handler in a thread of its own; everything ends with the server.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace trueup::support {

class TcpServer {
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
    using Handler = std::function<void(Connection&)>;

    explicit TcpServer(Handler handler) : handler_(std::move(handler)) {
        stop_ = ::eventfd(0, EFD_CLOEXEC);
        socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof(address);
        auto* raw = reinterpret_cast<sockaddr*>(&address);
        if (::bind(socket_, raw, length) != 0 || ::listen(socket_, 64) != 0 ||
            ::getsockname(socket_, raw, &length) != 0) {
            throw std::runtime_error("cannot listen on loopback");
        }
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    ~TcpServer() {
        const std::uint64_t one = 1;
        if (::write(stop_, &one, sizeof(one)) < 0) std::abort();
        thread_.join();
        ::close(socket_);
        ::close(stop_);
    }
    TcpServer(const TcpServer&) = delete;
    TcpServer& operator=(const TcpServer&) = delete;

    int port() const { return port_; }
    std::string host() const { return "127.0.0.1:" + std::to_string(port_); }
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
            ++connections_;
            workers.emplace_back([this, accepted] {
                Connection connection(accepted, stop_);
                handler_(connection);
                ::close(accepted);
            });
        }
        for (std::thread& worker : workers) worker.join();
    }

    Handler handler_;
    int socket_ = -1;
    int stop_ = -1;
    int port_ = 0;
    std::atomic<int> connections_ = 0;
    std::thread thread_;
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
