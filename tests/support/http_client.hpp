// SPDX-License-Identifier: Apache-2.0
// A client that says exactly what a test wants, over a blocking loopback socket with a time limit.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

namespace trueup::support {

class HttpClient {
public:
    explicit HttpClient(std::uint16_t port)
        : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        timeval limit{};
        limit.tv_sec = 10;
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port);
        if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
            ::close(socket_);
            throw std::runtime_error("cannot connect");
        }
    }
    ~HttpClient() { ::close(socket_); }
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    // False once the peer has closed.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (count <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
        return true;
    }
    // "GET /apis" with the headers that every client sends.
    bool request(std::string_view line, std::string_view headers = "") {
        return send(std::string(line) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(headers) +
                    "\r\n");
    }
    // One answer, head and body; `head_only` for HEAD.
    std::string response(bool head_only = false) {
        std::size_t head = 0;
        while ((head = received_.find("\r\n\r\n")) == std::string::npos) {
            if (!receive()) return take(received_.size());
        }
        const std::size_t length_at = received_.find("Content-Length: ");
        const bool has_body = !head_only && length_at < head;
        const std::size_t length =
            has_body ? std::strtoul(received_.c_str() + length_at + 16, nullptr, 10) : 0;
        while (received_.size() < head + 4 + length) {
            if (!receive()) break;
        }
        return take(head + 4 + length);
    }
    // What came until the peer closed; "timeout" at its end when it did not.
    std::string until_closed() {
        while (receive()) {
        }
        return take(received_.size()) + (timed_out_ ? "timeout" : "");
    }

private:
    bool receive() {
        std::array<char, 65'536> buffer{};
        const ssize_t count = ::recv(socket_, buffer.data(), buffer.size(), 0);
        timed_out_ = count < 0 && errno == EAGAIN;
        if (count <= 0) return false;
        received_.append(buffer.data(), static_cast<std::size_t>(count));
        return true;
    }
    std::string take(std::size_t size) {
        std::string taken = received_.substr(0, size);
        received_.erase(0, size);
        return taken;
    }

    int socket_;
    std::string received_;
    bool timed_out_ = false;
};

}    // namespace trueup::support
