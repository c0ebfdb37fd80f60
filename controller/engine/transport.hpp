// SPDX-License-Identifier: Apache-2.0
// HTTP/1.1 to one server over a unix socket, TCP, TLS or ssh: pooled keep-alive connections, deadlines,
// streaming bodies both ways. The interface is free of Beast, which only transport.cpp includes.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "controller/base/task.hpp"
#include "controller/engine/address.hpp"
#include "controller/engine/engine.hpp"

namespace trueup::engine {

struct HttpRequest {
    std::string method = "GET";
    std::string target;    // path and query, escaped
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    std::string content_type;        // "" = no body
    ByteSource* upload = nullptr;    // instead of body: sent chunked
    bool may_repeat = false;         // safe to send again when a pooled connection had died
};

struct HttpResponse {
    unsigned status = 0;
    std::vector<std::pair<std::string, std::string>> headers;    // names in lower case
    std::string body;                                            // empty when it went to a sink

    std::string header(std::string_view name) const;
};

struct TransportOptions {
    Milliseconds connect_timeout{5'000};
    std::size_t connections = 16;     // requests at a time; further ones wait their turn
    std::optional<TlsOptions> tls;    // of TCP
    SshOptions ssh;                   // of an ssh address
};

class Transport {
public:
    virtual ~Transport() = default;
    // One whole exchange before the deadline. Errc::invalid when the body is longer than `limit`.
    virtual Task<HttpResponse> request(HttpRequest request, Milliseconds deadline,
                                       std::size_t limit) = 0;
    // The body of a 2xx answer goes to `sink` as it comes; other bodies (up to 1 MiB) are returned.
    // `idle` is the longest silence allowed, 0 = any. Uses a connection of its own, outside the pool.
    virtual Task<HttpResponse> stream(HttpRequest request, Milliseconds idle, ByteSink& sink,
                                      std::function<void(unsigned status)> opened) = 0;
};

std::unique_ptr<Transport> make_transport(Executor executor, Address address,
                                          TransportOptions options);

}    // namespace trueup::engine
