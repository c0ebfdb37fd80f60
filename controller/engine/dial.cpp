// SPDX-License-Identifier: Apache-2.0
// TCP tries the addresses of a name one after the other, each for its share of the time that is left.
// An engine's connections are idle for long (events), so the kernel asks whether the peer lives.
#include "controller/engine/dial.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <utility>
#include <vector>

namespace trueup::engine {
namespace {

namespace asio = boost::asio;
using Endpoint = asio::generic::stream_protocol::endpoint;
using Socket = asio::basic_stream_socket<asio::generic::stream_protocol, Executor>;

Error connect_error(const boost::system::error_code& code, const std::string& where) {
    if (code == boost::system::errc::permission_denied)
        return Error(Errc::denied, fmt::format("no permission to connect to {}", where));
    return base::to_error(code, fmt::format("cannot connect to {}", where));
}

// Of a unix socket: an engine of this machine, as a rule Docker's own.
Error with_advice(const Error& error) {
    const std::string_view advice =
        error.code() == Errc::denied
            ? "run trueup as root, or as a member of the socket's group, which is docker as a rule"
            : "is Docker running? DOCKER_HOST or --engine names another engine";
    return Error(error.code(), fmt::format("{} ({})", error.message(), advice));
}

void keep_alive(Socket& socket) {
    boost::system::error_code ignored;
    socket.set_option(asio::socket_base::keep_alive(true), ignored);
    using Idle = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPIDLE>;
    using Interval = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPINTVL>;
    using Count = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPCNT>;
    constexpr int idle_seconds = 30;
    constexpr int interval_seconds = 10;
    constexpr int most_lost = 3;
    socket.set_option(Idle(idle_seconds), ignored);
    socket.set_option(Interval(interval_seconds), ignored);
    socket.set_option(Count(most_lost), ignored);
    socket.set_option(asio::ip::tcp::no_delay(true), ignored);
}

Task<Socket> connect(Executor executor, Endpoint endpoint, std::string where,
                     base::SteadyTime until) {
    // Shared with the timer's handler, which may run after this frame is gone.
    const auto socket = std::make_shared<Socket>(executor);
    const auto late = std::make_shared<bool>(false);
    asio::steady_timer timer(executor, until);
    timer.async_wait([socket, late](const boost::system::error_code& code) {
        if (code) return;
        *late = true;
        boost::system::error_code ignored;
        socket->close(ignored);
    });
    const auto connected = co_await socket->async_connect(endpoint, base::use_task);
    const boost::system::error_code code = std::get<0>(connected);
    timer.cancel();
    if (*late)
        co_return Error(Errc::timeout,
                        fmt::format("cannot connect to {}: no answer in time", where));
    if (code) co_return connect_error(code, where);
    co_return std::move(*socket);
}

Task<std::vector<Endpoint>> resolve(Executor executor, const Address& address) {
    asio::ip::tcp::resolver resolver(executor);
    const auto resolved =
        co_await resolver.async_resolve(address.host, address.port, base::use_task);
    const boost::system::error_code failed = std::get<0>(resolved);
    if (failed) co_return base::to_error(failed, fmt::format("resolving {}", address.host));
    std::vector<Endpoint> endpoints;
    for (const auto& entry : std::get<1>(resolved)) endpoints.emplace_back(entry.endpoint());
    co_return endpoints;
}

Task<Socket> connect_tcp(Executor executor, const Address& address, base::SteadyTime until) {
    const std::string where = to_string(address);
    const auto endpoints = co_await resolve(executor, address);
    if (!endpoints) co_return endpoints.error();
    Error error(Errc::unavailable, fmt::format("{} has no address", address.host));
    std::size_t left = endpoints->size();
    for (const Endpoint& endpoint : *endpoints) {
        const auto now = std::chrono::steady_clock::now();
        auto socket = co_await connect(executor, endpoint, where,
                                       now + (until - now) / static_cast<std::int64_t>(left));
        --left;
        if (socket) {
            keep_alive(*socket);
            co_return std::move(*socket);
        }
        error = socket.error();
        if (error.code() == Errc::cancelled) break;
    }
    co_return error;
}

}    // namespace

Task<Dialled> dial(Executor executor, Address address, SshOptions ssh, base::SteadyTime until) {
    if (address.kind == Address::Kind::ssh) {
        auto connection = SshConnection::start(executor, address, ssh, until);
        if (!connection) co_return connection.error();
        Socket socket(executor);
        boost::system::error_code code;
        socket.assign(asio::generic::stream_protocol(AF_UNIX, 0), (*connection)->take_socket(),
                      code);
        if (code) co_return base::to_error(code, "socketpair");
        co_return Dialled{std::move(socket), std::move(*connection)};
    }
    if (address.kind == Address::Kind::tcp) {
        auto socket = co_await connect_tcp(executor, address, until);
        if (!socket) co_return socket.error();
        co_return Dialled{std::move(*socket), nullptr};
    }
    const asio::local::stream_protocol::endpoint endpoint(address.path);
    auto socket = co_await connect(executor, endpoint, address.path, until);
    if (!socket && socket.error().code() != Errc::cancelled) co_return with_advice(socket.error());
    if (!socket) co_return socket.error();
    co_return Dialled{std::move(*socket), nullptr};
}

}    // namespace trueup::engine
