// SPDX-License-Identifier: Apache-2.0
// libgit2 asks for a stream by host and port, for one inside a proxy's CONNECT by host alone, and
// gives each request's head in one write. Where a head is going is told by its first line, if that
// has a whole url (a proxy's), else by the CONNECT that came before it, else by who was connected.
#include "controller/source/git_connection.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <git2.h>
#include <git2/sys/stream.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <memory>

namespace trueup::source {
namespace {

struct FreeContext {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct FreeTls {
    void operator()(SSL* tls) const { SSL_free(tls); }
};

// libgit2's registration takes no payload, and a git child makes one fetch.
struct Shared {
    std::string secret_target;    // host:port; "" = there is no secret
    std::unique_ptr<SSL_CTX, FreeContext> context;
};
Shared& shared() {
    static Shared instance;
    return instance;
}

struct Connection : git_stream {
    std::string host;
    std::string port;
    std::string target;    // host:port that the bytes reach
    int socket = -1;
    bool owns_socket = true;
    std::unique_ptr<SSL, FreeTls> tls;
};

Connection& self(git_stream* stream) { return *static_cast<Connection*>(stream); }

int fail(int error_class, const std::string& message, int code = -1) {
    git_error_set_str(error_class, message.c_str());
    return code;
}

std::string to_lower(std::string text) {
    for (char& byte : text) {
        if (byte >= 'A' && byte <= 'Z') byte = static_cast<char>(byte + ('a' - 'A'));
    }
    return text;
}

// "host:port", without brackets.
std::string make_target(std::string_view host, std::string_view port) {
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    return to_lower(fmt::format("{}:{}", host, port));
}

// Of "CONNECT host:port HTTP/1.1" and "GET http://host:port/path HTTP/1.1"; "" for other lines.
std::string named_target(std::string_view head) {
    const std::string_view line = head.substr(0, head.find("\r\n"));
    const std::size_t space = line.find(' ');
    if (space == line.npos) return {};
    std::string_view place = line.substr(space + 1);
    constexpr std::string_view scheme = "http://";
    if (place.starts_with(scheme)) {
        place.remove_prefix(scheme.size());
    } else if (line.substr(0, space) != "CONNECT") {
        return {};
    }
    place = place.substr(0, place.find_first_of("/ "));
    const std::size_t colon = place.rfind(':');
    const bool has_port = colon != place.npos && place.find(']', colon) == place.npos;
    return has_port ? make_target(place.substr(0, colon), place.substr(colon + 1))
                    : make_target(place, "80");
}

// Where a request's head goes; other bytes of a request carry no secret.
bool may_pass(Connection& connection, std::string_view bytes) {
    const std::string named = named_target(bytes);
    if (bytes.starts_with("CONNECT ")) connection.target = named;
    if (bytes.find("\r\nAuthorization: ") == bytes.npos) return true;
    return (named.empty() ? connection.target : named) == shared().secret_target;
}

int open_socket(Connection& connection) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int code =
        ::getaddrinfo(connection.host.c_str(), connection.port.c_str(), &hints, &found);
    if (code != 0) {
        return fail(GIT_ERROR_NET, fmt::format("failed to resolve address for {}: {}",
                                               connection.host, ::gai_strerror(code)));
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
    int failed = 0;
    for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
        const int socket =
            ::socket(address->ai_family, address->ai_socktype | SOCK_CLOEXEC, address->ai_protocol);
        if (socket >= 0 && ::connect(socket, address->ai_addr, address->ai_addrlen) == 0) {
            connection.socket = socket;
            return 0;
        }
        failed = errno;
        if (socket >= 0) ::close(socket);
    }
    return fail(GIT_ERROR_NET, fmt::format("failed to connect to {}: {}", connection.host,
                                           std::generic_category().message(failed)));
}

int tls_failure(const Connection& connection) {
    const long verified = SSL_get_verify_result(connection.tls.get());
    if (verified != X509_V_OK) {
        return fail(
            GIT_ERROR_SSL,
            fmt::format("the certificate is refused: {}", X509_verify_cert_error_string(verified)),
            GIT_ECERTIFICATE);
    }
    const unsigned long code = ERR_get_error();
    const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
    return fail(GIT_ERROR_SSL,
                fmt::format("TLS failed: {}", reason != nullptr ? reason : "unexpected end"));
}

int start_tls(Connection& connection) {
    ERR_clear_error();
    connection.tls.reset(SSL_new(shared().context.get()));
    SSL* tls = connection.tls.get();
    std::array<unsigned char, sizeof(in6_addr)> address{};
    const char* host = connection.host.c_str();
    const bool is_address = ::inet_pton(AF_INET, host, address.data()) == 1 ||
                            ::inet_pton(AF_INET6, host, address.data()) == 1;
    const bool named =
        is_address ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), host) == 1
                   : SSL_set1_host(tls, host) == 1 && SSL_set_tlsext_host_name(tls, host) == 1;
    if (!named || SSL_set_fd(tls, connection.socket) != 1 || SSL_connect(tls) != 1)
        return tls_failure(connection);
    return 0;
}

int refuse_redirect(const Connection& connection) {
    return fail(GIT_ERROR_NET, fmt::format("cannot redirect from '{}' to '{}' with a credential",
                                           shared().secret_target, connection.target));
}

int on_connect(git_stream* stream) {
    Connection& connection = self(stream);
    // Without encryption it may be a proxy's; then the requests decide.
    const bool elsewhere =
        !shared().secret_target.empty() && connection.target != shared().secret_target;
    if (connection.encrypted != 0 && elsewhere) return refuse_redirect(connection);
    if (connection.socket < 0 && open_socket(connection) != 0) return -1;
    return connection.encrypted != 0 ? start_tls(connection) : 0;
}

int at_most_int(std::size_t size) {
    return static_cast<int>(
        std::min(size, static_cast<std::size_t>(std::numeric_limits<int>::max())));
}

ssize_t on_read(git_stream* stream, void* data, std::size_t size) {
    Connection& connection = self(stream);
    if (!connection.tls) {
        const ssize_t count = ::recv(connection.socket, data, size, 0);
        if (count >= 0) return count;
        return fail(GIT_ERROR_NET, fmt::format("error receiving socket data: {}",
                                               std::generic_category().message(errno)));
    }
    ERR_clear_error();
    const int count = SSL_read(connection.tls.get(), data, at_most_int(size));
    if (count > 0) return count;
    const int why = SSL_get_error(connection.tls.get(), count);
    return why == SSL_ERROR_ZERO_RETURN ? 0 : tls_failure(connection);
}

ssize_t on_write(git_stream* stream, const char* data, std::size_t size, int) {
    Connection& connection = self(stream);
    if (!may_pass(connection, std::string_view(data, size))) return refuse_redirect(connection);
    std::size_t done = 0;
    while (done < size) {
        ssize_t count = 0;
        if (connection.tls) {
            ERR_clear_error();
            count = SSL_write(connection.tls.get(), data + done, at_most_int(size - done));
            if (count <= 0) return tls_failure(connection);
        } else {
            count = ::send(connection.socket, data + done, size - done, MSG_NOSIGNAL);
            if (count < 0) {
                return fail(GIT_ERROR_NET, fmt::format("error sending data: {}",
                                                       std::generic_category().message(errno)));
            }
        }
        done += static_cast<std::size_t>(count);
    }
    return static_cast<ssize_t>(size);
}

int on_close(git_stream* stream) {
    Connection& connection = self(stream);
    if (connection.tls) SSL_shutdown(connection.tls.get());
    connection.tls.reset();
    if (connection.socket >= 0 && connection.owns_socket) ::close(connection.socket);
    connection.socket = -1;
    return 0;
}

void on_free(git_stream* stream) {
    on_close(stream);
    delete static_cast<Connection*>(stream);
}

// Its certificate was checked by its own handshake; there is no callback that wants to see it.
int on_certificate(git_cert**, git_stream*) {
    return fail(GIT_ERROR_SSL, "the certificate is not shown");
}

Connection* make_connection(const char* host, const char* port, bool encrypted) {
    auto* connection = new Connection();
    connection->version = GIT_STREAM_VERSION;
    connection->encrypted = encrypted ? 1 : 0;
    connection->connect = on_connect;
    connection->certificate = on_certificate;
    connection->read = on_read;
    connection->write = on_write;
    connection->close = on_close;
    connection->free = on_free;
    connection->host = host;
    connection->port = port;
    connection->target = make_target(host, port);
    return connection;
}

int make_plain(git_stream** made, const char* host, const char* port) {
    *made = make_connection(host, port, false);
    return 0;
}

int make_encrypted(git_stream** made, const char* host, const char* port) {
    *made = make_connection(host, port, true);
    return 0;
}

// Inside a proxy's tunnel: the proxy's stream stays libgit2's, and is one of ours.
int make_wrapped(git_stream** made, git_stream* proxy, const char* host) {
    Connection& outer = self(proxy);
    if (outer.tls)
        return fail(GIT_ERROR_SSL, "a proxy that is reached over https is not supported");
    Connection* connection = make_connection(host, "", true);
    connection->socket = outer.socket;
    connection->owns_socket = false;
    connection->target = outer.target;
    *made = connection;
    return 0;
}

Result<void> make_context(const std::string& authorities) {
    shared().context.reset(SSL_CTX_new(TLS_client_method()));
    SSL_CTX* context = shared().context.get();
    if (context == nullptr) return Error(Errc::internal, "TLS cannot be set up");
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    // http tells by itself where a body ends.
    SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_default_verify_paths(context);
    if (authorities.empty() || SSL_CTX_load_verify_file(context, authorities.c_str()) == 1)
        return Result<void>();
    const bool readable = ::access(authorities.c_str(), R_OK) == 0;
    return Error(readable ? Errc::invalid : Errc::denied,
                 fmt::format("the certificate authorities in {} cannot be {}", authorities,
                             readable ? "used: no PEM certificate was found there" : "read"));
}

}    // namespace

Result<void> use_connections(ConnectionRules rules) {
    if (const auto made = make_context(rules.authorities); !made) return made.error();
    if (!rules.host.empty())
        shared().secret_target = make_target(rules.host, std::to_string(rules.port));
    git_stream_registration plain{GIT_STREAM_VERSION, make_plain, nullptr};
    git_stream_registration encrypted{GIT_STREAM_VERSION, make_encrypted, make_wrapped};
    if (git_stream_register(GIT_STREAM_STANDARD, &plain) != 0 ||
        git_stream_register(GIT_STREAM_TLS, &encrypted) != 0) {
        return Error(Errc::internal, "libgit2 takes no connections of ours");
    }
    return Result<void>();
}

}    // namespace trueup::source
