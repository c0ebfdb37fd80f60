// SPDX-License-Identifier: Apache-2.0
// TLS in front of a plain server on loopback, with a certificate of its own for "localhost" and
// 127.0.0.1.
#pragma once

#include <fmt/format.h>
#include <openssl/ssl.h>

#include <stdexcept>
#include <string>

#include "tests/support/git_repository.hpp"
#include "tests/support/tcp_server.hpp"

namespace trueup::support {

class TlsFront {
public:
    explicit TlsFront(int upstream_port)
        : context_(make_context()),
          server_([this, upstream_port](TcpServer::Connection& connection) {
              serve(connection, upstream_port);
          }) {}
    ~TlsFront() { SSL_CTX_free(context_); }
    TlsFront(const TlsFront&) = delete;
    TlsFront& operator=(const TlsFront&) = delete;

    std::string host() const { return fmt::format("localhost:{}", server_.port()); }
    int port() const { return server_.port(); }
    std::string certificate() const { return files_ / "certificate.pem"; }

private:
    SSL_CTX* make_context() const {
        run_shell(fmt::format(
            "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext "
            "subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout {0}/key.pem -out "
            "{0}/certificate.pem 2>&1",
            files_.path()));
        SSL_CTX* context = SSL_CTX_new(TLS_server_method());
        if (SSL_CTX_use_certificate_file(context, certificate().c_str(), SSL_FILETYPE_PEM) != 1 ||
            SSL_CTX_use_PrivateKey_file(context, (files_ / "key.pem").c_str(), SSL_FILETYPE_PEM) !=
                1) {
            throw std::runtime_error("cannot load the certificate");
        }
        return context;
    }
    void serve(TcpServer::Connection& client, int upstream_port) const {
        SSL* tls = SSL_new(context_);
        SSL_set_fd(tls, client.socket());
        const int server = connect_loopback(upstream_port);
        if (server >= 0 && SSL_accept(tls) == 1) relay(client, tls, server);
        SSL_free(tls);
        if (server >= 0) ::close(server);
    }
    static void relay(TcpServer::Connection& client, SSL* tls, int server) {
        const TcpServer::Connection upstream(server, client.stop());
        std::array<char, 16'384> buffer{};
        for (;;) {
            std::array<pollfd, 3> ready{
                {{client.socket(), POLLIN, 0}, {server, POLLIN, 0}, {client.stop(), POLLIN, 0}}};
            const int timeout = SSL_pending(tls) > 0 ? 0 : -1;
            if (::poll(ready.data(), ready.size(), timeout) < 0 || ready[2].revents != 0) return;
            if (ready[0].revents != 0 || SSL_pending(tls) > 0) {
                const int count = SSL_read(tls, buffer.data(), static_cast<int>(buffer.size()));
                if (count <= 0) return;
                upstream.write(std::string_view(buffer.data(), static_cast<std::size_t>(count)));
            }
            if (ready[1].revents != 0) {
                const std::string bytes = upstream.read();
                if (bytes.empty() ||
                    SSL_write(tls, bytes.data(), static_cast<int>(bytes.size())) <= 0)
                    return;
            }
        }
    }

    TempDirectory files_;
    SSL_CTX* context_;
    TcpServer server_;
};

}    // namespace trueup::support
