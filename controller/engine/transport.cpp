// SPDX-License-Identifier: Apache-2.0
// One Connection is a socket and its read buffer. Pooled connections are checked for an end that the
// server closed meanwhile before they are used again. An upload that the server refuses early ends
// in a write error: its answer is read all the same.
#include "controller/engine/transport.hpp"

#include <fmt/format.h>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "controller/engine/dial.hpp"
#include "controller/engine/tls.hpp"
#include "controller/engine/turns.hpp"

namespace trueup::engine {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

using Stream = beast::basic_stream<asio::generic::stream_protocol, Executor>;

constexpr std::size_t chunk_size = 64U << 10U;
constexpr std::size_t read_size = 16U << 10U;
constexpr std::size_t error_body_limit = 1U << 20U;
constexpr std::uint32_t header_limit = 64U << 10U;

Error http_error(const boost::system::error_code& code, const std::string& doing) {
    if (code == beast::error::timeout) return Error(Errc::timeout, doing + ": no answer in time");
    if (code == http::error::end_of_stream || code == asio::error::eof ||
        code == http::error::partial_message) {
        return Error(Errc::unavailable, doing + ": the connection was closed");
    }
    if (code == http::error::body_limit)
        return Error(Errc::invalid, doing + ": the answer is too large");
    if (code.category() == http::make_error_code(http::error::bad_method).category()) {
        return Error(Errc::unavailable, doing + ": the answer is not HTTP: " + code.message());
    }
    return base::to_error(code, doing);
}

// A stream to the server, encrypted or not; what Beast reads from and writes to.
struct Connection {
    explicit Connection(Dialled dialled)
        : stream(std::move(dialled.socket)), ssh(std::move(dialled.ssh)) {
        buffer.reserve(read_size);    // Beast reads 512 bytes at a time into an empty one
    }

    using executor_type = Executor;
    executor_type get_executor() { return stream.get_executor(); }

    template <class Buffers, class Token>
    auto async_read_some(const Buffers& buffers, Token&& token) {
        return asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
            [this](auto handler, const Buffers& into) {
                if (tls) {
                    tls->async_read_some(into, std::move(handler));
                } else {
                    stream.async_read_some(into, std::move(handler));
                }
            },
            token, buffers);
    }
    template <class Buffers, class Token>
    auto async_write_some(const Buffers& buffers, Token&& token) {
        return asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
            [this](auto handler, const Buffers& from) {
                if (tls) {
                    tls->async_write_some(from, std::move(handler));
                } else {
                    stream.async_write_some(from, std::move(handler));
                }
            },
            token, buffers);
    }

    std::shared_ptr<asio::ssl::context> context;
    Stream stream;
    std::optional<asio::ssl::stream<Stream&>> tls;    // above stream
    std::unique_ptr<SshConnection> ssh;               // behind stream
    beast::flat_buffer buffer;
    bool reused = false;
    bool keep_alive = true;    // of the last answer
};

template <class Fields>
void copy_head(const Fields& message, HttpResponse& response) {
    response.status = message.result_int();
    for (const auto& field : message) {
        std::string name(field.name_string());
        std::transform(name.begin(), name.end(), name.begin(), [](unsigned char letter) {
            return static_cast<char>(std::tolower(letter));
        });
        response.headers.emplace_back(std::move(name), std::string(field.value()));
    }
}

class PooledTransport final : public Transport {
public:
    PooledTransport(Executor executor, Address address, TransportOptions options)
        : executor_(executor),
          address_(std::move(address)),
          options_(std::move(options)),
          turns_(std::move(executor), options_.connections) {}

    Task<HttpResponse> request(HttpRequest request, Milliseconds deadline,
                               std::size_t limit) override {
        const auto until = std::chrono::steady_clock::now() + deadline;
        const auto turn = co_await turns_.take(until);
        if (!turn) co_return turn.error();
        auto response = co_await attempt(request, until, limit);
        turns_.give_back();
        co_return response;
    }

    Task<HttpResponse> stream(HttpRequest request, Milliseconds idle, ByteSink& sink,
                              std::function<void(unsigned status)> opened) override {
        auto connected =
            co_await connect(std::chrono::steady_clock::now() + options_.connect_timeout);
        if (!connected) co_return connected.error();
        Connection& connection = **connected;
        const auto sent = co_await send(connection, request, idle);
        // A refused upload breaks the pipe; the reason is in the answer. Nothing is after a silence
        // or when the upload failed at our end.
        const bool answered = sent || connection.stream.socket().is_open();
        if (!answered || (!sent && sent.error().code() == Errc::cancelled)) co_return sent.error();
        auto response = co_await receive(connection, idle, sink, opened, describe(request));
        if (!response && !sent) response = sent.error();
        co_return co_await explained(connection, std::move(response));
    }

private:
    using Time = std::chrono::steady_clock::time_point;

    static std::string describe(const HttpRequest& request) {
        return fmt::format("{} {}", request.method,
                           request.target.substr(0, request.target.find('?')));
    }

    Task<HttpResponse> attempt(const HttpRequest& request, Time until, std::size_t limit) {
        for (;;) {
            auto connection = take_idle();
            if (!connection) {
                auto connected = co_await connect(
                    std::min(until, std::chrono::steady_clock::now() + options_.connect_timeout));
                if (!connected) co_return connected.error();
                connection = std::move(*connected);
            }
            const bool reused = connection->reused;
            connection->stream.expires_at(until);
            auto response = co_await exchange(*connection, request, limit);
            if (response) {
                if (connection->keep_alive) put_idle(std::move(connection));
                co_return response;
            }
            const bool lost = response.error().code() == Errc::unavailable;
            if (lost && reused && request.may_repeat) continue;
            co_return co_await explained(*connection, std::move(response));
        }
    }

    std::unique_ptr<Connection> take_idle() {
        while (!idle_.empty()) {
            auto connection = std::move(idle_.back());
            idle_.pop_back();
            if (is_quiet(*connection)) return connection;
        }
        return nullptr;
    }

    // Readable before a request was sent means closed by the server, or out of step: unusable.
    static bool is_quiet(Connection& connection) {
        if (connection.buffer.size() > 0) return false;
        auto& socket = connection.stream.socket();
        boost::system::error_code code;
        socket.non_blocking(true, code);
        char byte = 0;
        socket.receive(asio::buffer(&byte, 1), asio::socket_base::message_peek, code);
        return code == asio::error::would_block || code == asio::error::try_again;
    }

    void put_idle(std::unique_ptr<Connection> connection) {
        connection->stream.expires_never();
        connection->reused = true;
        idle_.push_back(std::move(connection));
    }

    Task<std::unique_ptr<Connection>> connect(Time until) {
        auto dialled = co_await dial(executor_, address_, options_.ssh, until);
        if (!dialled) co_return dialled.error();
        auto connection = std::make_unique<Connection>(std::move(*dialled));
        connection->stream.expires_at(until);
        if (!options_.tls || address_.kind != Address::Kind::tcp) co_return std::move(connection);
        auto context = make_tls_context(*options_.tls);
        if (!context) co_return context.error();
        connection->context = std::move(*context);
        connection->tls.emplace(connection->stream, *connection->context);
        expect_server(connection->tls->native_handle(), server_name());
        const auto shaken = co_await connection->tls->async_handshake(
            asio::ssl::stream_base::client, base::use_task);
        const boost::system::error_code code = std::get<0>(shaken);
        if (code) co_return error_of(*connection, code, "TLS with " + to_string(address_));
        co_return std::move(connection);
    }

    std::string server_name() const {
        return options_.tls->server_name.empty() ? address_.host : options_.tls->server_name;
    }

    // A server that refuses our certificate says so only when we first read (TLS 1.3).
    Error error_of(Connection& connection, const boost::system::error_code& code,
                   const std::string& doing) const {
        if (connection.tls && code.category() == asio::error::get_ssl_category())
            return tls_error(connection.tls->native_handle(), code, server_name());
        return http_error(code, doing);
    }

    // Why an exchange over ssh was cut off, in ssh's words.
    static Task<HttpResponse> explained(Connection& connection, Result<HttpResponse> response) {
        const bool lost = !response && response.error().code() == Errc::unavailable;
        if (!lost || !connection.ssh) co_return response;
        auto reason = co_await connection.ssh->explain(response.error());
        co_return reason;
    }

    template <class Message>
    void fill_head(Message& message, const HttpRequest& request) const {
        message.method_string(request.method);
        message.target(request.target);
        message.version(11);
        message.set(http::field::host,
                    address_.kind == Address::Kind::tcp ? address_.host : "localhost");
        message.set(http::field::user_agent, "trueup/" TRUEUP_VERSION);
        if (!request.content_type.empty())
            message.set(http::field::content_type, request.content_type);
        for (const auto& [name, value] : request.headers) message.set(name, value);
    }

    Task<HttpResponse> exchange(Connection& connection, const HttpRequest& request,
                                std::size_t limit) {
        http::request<http::string_body> message;
        fill_head(message, request);
        message.body() = request.body;
        message.prepare_payload();
        const auto written = co_await http::async_write(connection, message, base::use_task);
        const boost::system::error_code write_code = std::get<0>(written);
        if (write_code) co_return error_of(connection, write_code, describe(request));

        http::response_parser<http::string_body> parser;
        parser.body_limit(limit);
        parser.header_limit(header_limit);
        const auto read =
            co_await http::async_read(connection, connection.buffer, parser, base::use_task);
        const boost::system::error_code read_code = std::get<0>(read);
        if (read_code) co_return error_of(connection, read_code, describe(request));
        HttpResponse response;
        copy_head(parser.get(), response);
        connection.keep_alive = parser.get().keep_alive();
        response.body = std::move(parser.get().body());
        co_return response;
    }

    Task<void> send(Connection& connection, const HttpRequest& request, Milliseconds idle) {
        if (request.upload == nullptr) {
            http::request<http::string_body> message;
            fill_head(message, request);
            message.body() = request.body;
            message.prepare_payload();
            set_expiry(connection, idle);
            const auto written = co_await http::async_write(connection, message, base::use_task);
            const boost::system::error_code code = std::get<0>(written);
            if (code) co_return error_of(connection, code, describe(request));
            co_return Result<void>();
        }
        http::request<http::empty_body> head;
        fill_head(head, request);
        head.chunked(true);
        http::request_serializer<http::empty_body> serializer(head);
        set_expiry(connection, idle);
        const auto written =
            co_await http::async_write_header(connection, serializer, base::use_task);
        const boost::system::error_code code = std::get<0>(written);
        if (code) co_return error_of(connection, code, describe(request));
        co_return co_await send_chunks(connection, request, idle);
    }

    Task<void> send_chunks(Connection& connection, const HttpRequest& request, Milliseconds idle) {
        for (;;) {
            auto chunk = co_await request.upload->read();
            if (!chunk) {
                connection.stream.close();
                co_return chunk.error();
            }
            set_expiry(connection, idle);
            const bool last = chunk->empty();
            std::string frame =
                last ? std::string("0\r\n\r\n") : fmt::format("{:x}\r\n", chunk->size());
            if (!last) frame += *chunk + "\r\n";
            const auto written =
                co_await asio::async_write(connection, asio::buffer(frame), base::use_task);
            const boost::system::error_code code = std::get<0>(written);
            if (code) co_return error_of(connection, code, describe(request));
            if (last) co_return Result<void>();
        }
    }

    static void set_expiry(Connection& connection, Milliseconds idle) {
        if (idle.count() > 0) {
            connection.stream.expires_after(idle);
        } else {
            connection.stream.expires_never();
        }
    }

    Task<HttpResponse> receive(Connection& connection, Milliseconds idle, ByteSink& sink,
                               std::function<void(unsigned status)> opened, std::string doing) {
        http::response_parser<http::buffer_body> parser;
        parser.body_limit(boost::none);
        parser.header_limit(header_limit);
        set_expiry(connection, idle);
        if (co_await base::is_cancelled()) co_return Error(Errc::cancelled, "cancelled");
        const auto read =
            co_await http::async_read_header(connection, connection.buffer, parser, base::use_task);
        const boost::system::error_code code = std::get<0>(read);
        if (code) co_return error_of(connection, code, doing);
        HttpResponse response;
        copy_head(parser.get(), response);
        if (opened) opened(response.status);
        const bool success = response.status >= 200 && response.status < 300;
        std::string space(chunk_size, '\0');
        while (!parser.is_done()) {
            parser.get().body().data = space.data();
            parser.get().body().size = space.size();
            parser.get().body().more = true;
            set_expiry(connection, idle);
            if (co_await base::is_cancelled()) co_return Error(Errc::cancelled, "cancelled");
            const auto more = co_await http::async_read_some(connection, connection.buffer, parser,
                                                             base::use_task);
            boost::system::error_code failed = std::get<0>(more);
            if (failed == http::error::need_buffer) failed = {};
            if (failed) co_return error_of(connection, failed, doing);
            const std::size_t size = space.size() - parser.get().body().size;
            if (size == 0) continue;
            std::string chunk = space.substr(0, size);
            if (!success) {
                if (response.body.size() < error_body_limit) response.body += chunk;
                continue;
            }
            const auto taken = co_await sink.write(std::move(chunk));
            if (!taken) co_return taken.error();
        }
        co_return response;
    }

    Executor executor_;
    Address address_;
    TransportOptions options_;
    std::vector<std::unique_ptr<Connection>> idle_;
    Turns turns_;
};

}    // namespace

std::string HttpResponse::header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
        if (key == name) return value;
    }
    return {};
}

std::unique_ptr<Transport> make_transport(Executor executor, Address address,
                                          TransportOptions options) {
    return std::make_unique<PooledTransport>(std::move(executor), std::move(address),
                                             std::move(options));
}

}    // namespace trueup::engine
