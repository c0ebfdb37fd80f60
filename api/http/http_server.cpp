// SPDX-License-Identifier: Apache-2.0
// The only file that includes Beast. One coroutine accepts; one a connection reads a request, asks
// its site for the answer and sends it, until either side has had enough. Cancelled, the acceptor
// closes, connections that wait for input are closed, and answers in progress get a moment to end.
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <map>
#include <optional>
#include <utility>

#include "api/http/server.hpp"
#include "api/http/site.hpp"
#include "controller/base/log.hpp"

namespace trueup::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;
using Parser = beast::http::request_parser<beast::http::string_body>;

struct Session {
    explicit Session(tcp::socket socket) : stream(std::move(socket)) {}

    beast::tcp_stream stream;
    beast::flat_buffer buffer;
    bool answering = false;             // a whole request was read and its answer is not sent yet
    std::uint64_t waiting_since = 0;    // a counter of the listener's, when it is not
    bool closed = false;

    void close() {
        closed = true;
        stream.close();
    }
};

struct Failure {
    unsigned code = 0;
    std::string message;
};

// The status for a request that could not be read; nothing when the peer went away or was too slow.
std::optional<Failure> to_failure(const error_code& code) {
    using beast::http::error;
    if (code == error::header_limit || code == error::buffer_overflow)
        return Failure{431, "the headers are too large"};
    if (code == error::body_limit) return Failure{413, "the body is too large"};
    if (code == error::end_of_stream || code == error::partial_message) return std::nullopt;
    if (code.category() == beast::http::make_error_code(error::bad_method).category()) {
        return Failure{400, "not an HTTP/1.1 request: " + code.message()};
    }
    return std::nullopt;
}

Request to_request(const Parser::value_type& message) {
    Request request;
    request.method = std::string(message.method_string());
    request.target = std::string(message.target());
    request.host = std::string(message[beast::http::field::host]);
    request.version = message.version();
    request.content_type = std::string(message[beast::http::field::content_type]);
    request.origin = std::string(message[beast::http::field::origin]);
    request.actor = std::string(message["X-Trueup-Actor"]);
    request.body = message.body();
    return request;
}

class Listener final : public Server {
public:
    Listener(Executor executor, tcp::acceptor acceptor, std::unique_ptr<Site> site,
             metrics::Metrics& metrics, Limits limits)
        : acceptor_(std::move(acceptor)),
          site_(std::move(site)),
          metrics_(metrics),
          limits_(limits),
          drained_(executor),
          tasks_(executor,
                 [&metrics](const std::string&, const std::string&) { metrics.http_panic(); }) {}

    Endpoint endpoint() const override {
        error_code ignored;
        const tcp::endpoint local = acceptor_.local_endpoint(ignored);
        Endpoint endpoint;
        endpoint.address = local.address().to_string();
        endpoint.port = local.port();
        return endpoint;
    }

    asio::awaitable<void> run() override {
        for (;;) {
            const bool stopped = co_await base::is_cancelled();
            if (stopped) break;
            auto accepted = co_await acceptor_.async_accept(base::use_task);
            if (!std::get<0>(accepted)) {
                admit(std::move(std::get<1>(accepted)));
            } else if (std::get<0>(accepted) != asio::error::operation_aborted) {
                // Out of file descriptors, most likely: it passes.
                log::warning("cannot accept a connection",
                             {{"error", std::get<0>(accepted).message()}});
                const Milliseconds pause(100);
                co_await base::sleep_for(pause);
            }
        }
        co_await stop();
    }

private:
    // Ends a session's entry however the session ends.
    struct Entry {
        Listener& listener;
        std::uint64_t id;
        ~Entry() {
            listener.sessions_.erase(id);
            if (listener.stopping_ && listener.sessions_.empty()) listener.drained_.cancel();
        }
    };

    void admit(tcp::socket socket) {
        if (sessions_.size() >= limits_.sessions && !evict()) {
            // All answer; a client that sees its connection closed tries again.
            return;
        }
        auto session = std::make_shared<Session>(std::move(socket));
        const std::uint64_t id = next_++;
        session->waiting_since = id;
        sessions_.emplace(id, session);
        tasks_.spawn("http session", serve(std::move(session), id));
    }

    bool evict() {
        Session* longest = nullptr;
        for (const auto& [id, session] : sessions_) {
            if (session->answering || session->closed) continue;
            if (longest == nullptr || session->waiting_since < longest->waiting_since)
                longest = session.get();
        }
        if (longest != nullptr) longest->close();
        return longest != nullptr;
    }

    asio::awaitable<void> serve(std::shared_ptr<Session> session, std::uint64_t id) {
        const Entry entry{*this, id};
        session->buffer.max_size(limits_.header_bytes + (4U << 10U));
        bool open = true;
        while (open && !stopping_ && !session->closed) open = co_await exchange(*session);
        if (!stopping_) co_await linger(*session);
        session->close();
    }

    // One request and its answer. False: the connection ends.
    asio::awaitable<bool> exchange(Session& session) {
        session.waiting_since = next_++;
        if (session.buffer.size() == 0) {
            session.stream.expires_after(limits_.idle);
            const auto space = session.buffer.prepare(4U << 10U);
            const auto read = co_await session.stream.async_read_some(space, base::use_task);
            if (std::get<0>(read)) co_return false;
            session.buffer.commit(std::get<1>(read));
        }
        Parser parser;
        parser.header_limit(static_cast<std::uint32_t>(limits_.header_bytes));
        parser.body_limit(limits_.body_bytes);
        session.stream.expires_after(limits_.request);
        const auto read = co_await beast::http::async_read(session.stream, session.buffer, parser,
                                                           base::use_task);
        const error_code code = std::get<0>(read);
        if (session.closed) co_return false;
        session.answering = true;
        if (code) {
            const auto failure = to_failure(code);
            if (!failure) co_return false;
            const Response refusal = site_->refuse(failure->code, failure->message);
            co_await send(session, refusal, 11, false, false);
            co_return false;
        }
        const Request request = to_request(parser.get());
        std::optional<Response> response = co_await answer(request);
        const bool keep = response && parser.keep_alive() && !stopping_;
        if (!response) response = site_->refuse(500, "an error of ours, counted and logged");
        const bool sent =
            co_await send(session, *response, request.version, request.method == "HEAD", keep);
        session.answering = false;
        co_return keep&& sent;
    }

    // An exception is a bug: caught here once, for all routes.
    asio::awaitable<std::optional<Response>> answer(const Request& request) {
        std::string what;
        try {
            Response response = co_await site_->answer(request);
            co_return std::optional<Response>(std::move(response));
        } catch (const std::exception& exception) {
            what = exception.what();
        }
        metrics_.http_panic();
        log::error("a request ended in an exception", {{"method", request.method}, {"what", what}});
        co_return std::nullopt;
    }

    asio::awaitable<bool> send(Session& session, const Response& response, unsigned version,
                               bool head, bool keep) {
        beast::http::response<beast::http::string_body> message(
            static_cast<beast::http::status>(response.status), version);
        message.set(beast::http::field::server, "trueup");
        message.set(beast::http::field::content_type, response.content_type);
        message.set(beast::http::field::cache_control, "no-store");
        message.set("X-Content-Type-Options", "nosniff");
        for (const auto& [name, value] : response.headers) message.set(name, value);
        message.keep_alive(keep);
        message.content_length(response.body.size());
        if (!head) message.body() = response.body;
        session.stream.expires_after(limits_.response);
        const auto written =
            co_await beast::http::async_write(session.stream, message, base::use_task);
        co_return !std::get<0>(written);
    }

    // A connection that is closed on unread input is reset, and the client never sees our answer:
    // so the sending side ends first, and what still comes is read away for a moment.
    asio::awaitable<void> linger(Session& session) {
        error_code code;
        if (!session.closed) session.stream.socket().shutdown(tcp::socket::shutdown_send, code);
        session.buffer.consume(session.buffer.size());
        session.stream.expires_after(std::min(limits_.stop, Milliseconds(500)));
        const auto space = session.buffer.prepare(4U << 10U);
        for (int round = 0; round < 1024 && !code && !session.closed; ++round) {
            const auto read = co_await session.stream.async_read_some(space, base::use_task);
            code = std::get<0>(read);
        }
    }

    asio::awaitable<void> stop() {
        stopping_ = true;
        error_code ignored;
        acceptor_.close(ignored);
        for (const auto& [id, session] : sessions_) {
            if (!session->answering) session->close();
        }
        if (!sessions_.empty()) {
            drained_.expires_after(limits_.stop);
            co_await drained_.async_wait(base::use_task);
        }
        for (const auto& [id, session] : sessions_) session->close();
        tasks_.close();
        co_await tasks_.wait();
    }

    tcp::acceptor acceptor_;
    std::unique_ptr<Site> site_;
    metrics::Metrics& metrics_;
    Limits limits_;
    std::map<std::uint64_t, std::shared_ptr<Session>> sessions_;
    std::uint64_t next_ = 0;
    bool stopping_ = false;
    asio::steady_timer drained_;
    TaskGroup tasks_;
};

Error bind_error(const error_code& code, const Endpoint& endpoint) {
    const std::string doing = "cannot listen on " + to_string(endpoint);
    if (code == asio::error::address_in_use) {
        return Error(Errc::conflict,
                     doing + ": another program, or another controller, has the port");
    }
    return base::to_error(code, doing);
}

Result<tcp::acceptor> open_acceptor(const Executor& executor, const Endpoint& endpoint) {
    error_code code;
    const auto address = asio::ip::make_address(endpoint.address, code);
    if (code) return Error(Errc::invalid, "not an address: " + endpoint.address);
    if (!address.is_loopback()) {
        return Error(Errc::denied,
                     to_string(endpoint) + " is beyond loopback: there is no authentication yet");
    }
    const tcp::endpoint local(address, endpoint.port);
    tcp::acceptor acceptor(executor);
    acceptor.open(local.protocol(), code);
    if (!code) acceptor.set_option(tcp::acceptor::reuse_address(true), code);
    if (!code) acceptor.bind(local, code);
    if (!code) acceptor.listen(tcp::acceptor::max_listen_connections, code);
    if (code) return bind_error(code, endpoint);
    return acceptor;
}

}    // namespace

Result<std::unique_ptr<Server>> Server::listen_api(Executor executor, Endpoint endpoint,
                                                   const reconcile::Registry& registry,
                                                   Operator& operations, metrics::Metrics& metrics,
                                                   Limits limits) {
    auto acceptor = open_acceptor(executor, endpoint);
    if (!acceptor) return acceptor.error();
    return std::make_unique<Listener>(executor, std::move(*acceptor),
                                      make_api_site(registry, operations), metrics, limits);
}

Result<std::unique_ptr<Server>> Server::listen_metrics(Executor executor, Endpoint endpoint,
                                                       Pool& pool, metrics::Metrics& metrics,
                                                       Health health, Limits limits) {
    auto acceptor = open_acceptor(executor, endpoint);
    if (!acceptor) return acceptor.error();
    limits.body_bytes = 0;
    auto site = make_metrics_site(pool, metrics, std::move(health));
    return std::make_unique<Listener>(executor, std::move(*acceptor), std::move(site), metrics,
                                      limits);
}

}    // namespace trueup::http
