// SPDX-License-Identifier: Apache-2.0
// The listeners over real sockets: the loop runs in a thread of its own, the test is the client.
#include "api/http/server.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "tests/support/fake_operator.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/manual_clock.hpp"

namespace trueup::http {
namespace {

using std::chrono::milliseconds;
using support::HttpClient;

const Endpoint any_port{"127.0.0.1", 0};

class ServerTest : public testing::Test {
protected:
    ~ServerTest() override {
        stop();
        pool.join();
    }

    void start_api() {
        start(
            Server::listen_api(io.get_executor(), any_port, registry, operations, metrics, limits));
    }
    void start_metrics() {
        Health health;
        health.live = {{"ping", [] { return Result<void>(); }}};
        health.ready = {{"engines", ready}};
        start(Server::listen_metrics(io.get_executor(), any_port, pool, metrics, health, limits));
    }
    void start(Result<std::unique_ptr<Server>> made) {
        ASSERT_TRUE(made) << made.error().message();
        server = std::move(*made);
        port = server->endpoint().port;
        tasks.spawn("server", server->run());
        loop = std::thread([this] { io.run(); });
    }
    // Closes the server; returns how long that took.
    milliseconds stop() {
        if (!loop.joinable()) return milliseconds(0);
        const auto began = std::chrono::steady_clock::now();
        boost::asio::post(io, [this] { tasks.close(); });
        loop.join();
        return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - began);
    }

    support::ManualClock clock;
    reconcile::Registry registry{clock};
    test::FakeOperator operations;
    metrics::Metrics metrics{clock};
    std::function<Result<void>()> ready = [] { return Result<void>(); };
    Limits limits;
    boost::asio::io_context io{1};
    Pool pool{1};
    TaskGroup tasks{io.get_executor()};
    std::unique_ptr<Server> server;
    std::thread loop;
    std::uint16_t port = 0;
};

TEST_F(ServerTest, AnswersOverOneConnection) {
    start_api();
    HttpClient client(port);
    for (int round = 0; round < 3; ++round) {
        ASSERT_TRUE(client.request("GET /apis/trueup.dev/v1alpha1/stacks"));
        const std::string response = client.response();
        EXPECT_TRUE(response.starts_with("HTTP/1.1 200 OK\r\n")) << response;
        EXPECT_NE(response.find("Content-Type: application/json\r\n"), std::string::npos);
        EXPECT_NE(response.find("\"kind\":\"StackList\""), std::string::npos);
    }
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
    start_api();
    HttpClient client(port);
    client.send(
        "GET /apis HTTP/1.1\r\nHost: localhost\r\n\r\nGET /nothing HTTP/1.1\r\nHost: "
        "localhost\r\n\r\n");
    EXPECT_TRUE(client.response().starts_with("HTTP/1.1 200 OK\r\n"));
    EXPECT_TRUE(client.response().starts_with("HTTP/1.1 404 Not Found\r\n"));
}

TEST_F(ServerTest, HeadTellsTheLengthOnly) {
    start_api();
    HttpClient client(port);
    client.request("GET /apis");
    const std::string whole = client.response();
    client.request("HEAD /apis");
    EXPECT_EQ(client.response(true), whole.substr(0, whole.find("\r\n\r\n") + 4));
    client.request("GET /apis");
    EXPECT_EQ(client.response(), whole) << "no body was left behind";
}

TEST_F(ServerTest, HonoursConnectionClose) {
    start_api();
    HttpClient client(port);
    client.request("GET /apis", "Connection: close\r\n");
    const std::string response = client.until_closed();
    EXPECT_TRUE(response.starts_with("HTTP/1.1 200 OK\r\n"));
    EXPECT_TRUE(response.ends_with("}\n"));
}

TEST_F(ServerTest, RefusesOtherMethodsWithABody) {
    start_api();
    HttpClient client(port);
    client.request("POST /apis/trueup.dev/v1alpha1/stacks", "Content-Length: 2\r\n\r\n{}");
    const std::string response = client.response();
    EXPECT_TRUE(response.starts_with("HTTP/1.1 405 Method Not Allowed\r\n")) << response;
    EXPECT_NE(response.find("Allow: GET, HEAD\r\n"), std::string::npos);
}

TEST_F(ServerTest, RefusesForeignHosts) {
    start_api();
    HttpClient client(port);
    client.send("GET /apis HTTP/1.1\r\nHost: evil.example\r\n\r\n");
    EXPECT_TRUE(client.response().starts_with("HTTP/1.1 403 Forbidden\r\n"));
}

TEST_F(ServerTest, RefusesWhatIsTooLarge) {
    limits.body_bytes = 1000;
    start_api();
    HttpClient headers(port);
    headers.send("GET /apis HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(20'000, 'x') +
                 "\r\n\r\n");
    const std::string refused = headers.until_closed();
    EXPECT_TRUE(refused.starts_with("HTTP/1.1 431 ")) << refused;
    EXPECT_NE(refused.find("\"kind\":\"Status\""), std::string::npos);

    HttpClient body(port);
    body.request("POST /apis", "Content-Length: 100000\r\n");
    body.send(std::string(100'000, 'x'));
    EXPECT_TRUE(body.until_closed().starts_with("HTTP/1.1 413 "));

    HttpClient target(port);
    target.request("GET /" + std::string(4000, 'x'));
    EXPECT_TRUE(target.response().starts_with("HTTP/1.1 414 "));
}

TEST_F(ServerTest, RefusesWhatIsNoHttp) {
    start_api();
    for (const std::string bytes :
         {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a TLS hello\r\n\r\n", "GET\r\n\r\n",
          "GET /apis HTTP/9.9\r\n\r\n", "GET /apis HTTP/1.1\r\nContent-Length: -1\r\n\r\n"}) {
        HttpClient client(port);
        client.send(bytes);
        EXPECT_TRUE(client.until_closed().starts_with("HTTP/1.1 400 ")) << bytes;
    }
}

TEST_F(ServerTest, ClosesSlowClients) {
    limits.idle = milliseconds(50);
    limits.request = milliseconds(100);
    start_api();
    HttpClient silent(port);
    EXPECT_EQ(silent.until_closed(), "");

    HttpClient dripping(port);
    const auto began = std::chrono::steady_clock::now();
    bool open = dripping.send("GET /apis HTTP/1.1\r\n");
    while (open && std::chrono::steady_clock::now() - began < std::chrono::seconds(5)) {
        std::this_thread::sleep_for(milliseconds(10));
        open = dripping.send("X");
    }
    EXPECT_FALSE(open) << "each byte must not buy more time";
}

TEST_F(ServerTest, FullHouseClosesTheOneThatWaitsLongest) {
    limits.sessions = 3;
    start_api();
    std::vector<std::unique_ptr<HttpClient>> idle;
    for (int index = 0; index < 3; ++index) {
        idle.push_back(std::make_unique<HttpClient>(port));
        idle.back()->request("GET /apis");
        idle.back()->response();
    }
    HttpClient late(port);
    late.request("GET /apis");
    EXPECT_TRUE(late.response().starts_with("HTTP/1.1 200 OK\r\n"));
    EXPECT_EQ(idle[0]->until_closed(), "");
    idle[2]->request("GET /apis");
    EXPECT_TRUE(idle[2]->response().starts_with("HTTP/1.1 200 OK\r\n"));
}

TEST_F(ServerTest, MetricsAndHealth) {
    ready = [] { return Result<void>(Error(Errc::unavailable, "the engine is not followed")); };
    start_metrics();
    HttpClient client(port);
    client.request("GET /metrics");
    const std::string text = client.response();
    EXPECT_TRUE(text.starts_with("HTTP/1.1 200 OK\r\n"));
    EXPECT_NE(text.find("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"),
              std::string::npos);
    EXPECT_NE(text.find("\ntrueup_build_info{version="), std::string::npos);
    client.request("HEAD /metrics");
    EXPECT_TRUE(client.response(true).ends_with("\r\n\r\n"));
    client.request("GET /healthz");
    EXPECT_TRUE(client.response().ends_with("\r\n\r\nok\n"));
    client.request("GET /readyz");
    const std::string not_ready = client.response();
    EXPECT_TRUE(not_ready.starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
    EXPECT_TRUE(not_ready.ends_with("the engine is not followed\nreadyz check failed\n"));
    client.request("GET /apis");
    EXPECT_TRUE(client.response().starts_with("HTTP/1.1 404 Not Found\r\n"))
        << "the API is not here";
    client.request("POST /metrics", "Content-Length: 1\r\n\r\nx");
    EXPECT_TRUE(client.until_closed().starts_with("HTTP/1.1 413 ")) << "no body is ever taken";
}

TEST_F(ServerTest, CountsAnExceptionAndLivesOn) {
    ready = []() -> Result<void> { throw std::runtime_error("a bug"); };
    start_metrics();
    HttpClient client(port);
    client.request("GET /readyz");
    const std::string failed = client.until_closed();
    EXPECT_TRUE(failed.starts_with("HTTP/1.1 500 ")) << failed;
    EXPECT_EQ(failed.find("a bug"), std::string::npos) << "the inside is not for strangers";
    HttpClient next(port);
    next.request("GET /metrics");
    EXPECT_NE(next.response().find("\ntrueup_http_panics_total 1\n"), std::string::npos);
}

TEST_F(ServerTest, StopsAtOnceWhenNothingIsAsked) {
    start_api();
    HttpClient idle(port);
    idle.request("GET /apis");
    idle.response();
    HttpClient half(port);
    half.send("GET /apis HT");
    EXPECT_LT(stop(), milliseconds(500));
    EXPECT_EQ(idle.until_closed(), "");
    EXPECT_THROW(HttpClient{port}, std::runtime_error);
}

TEST_F(ServerTest, AnswerInProgressIsSentBeforeItStops) {
    start_metrics();
    std::atomic<bool> busy = false;
    boost::asio::post(pool, [&busy] {
        busy = true;
        std::this_thread::sleep_for(milliseconds(300));
    });
    while (!busy) std::this_thread::sleep_for(milliseconds(1));
    HttpClient client(port);
    client.request("GET /metrics");
    std::this_thread::sleep_for(milliseconds(100));
    EXPECT_LT(stop(), milliseconds(600));
    const std::string response = client.until_closed();
    EXPECT_TRUE(response.starts_with("HTTP/1.1 200 OK\r\n")) << response;
    EXPECT_NE(response.find("Connection: close\r\n"), std::string::npos);
}

TEST_F(ServerTest, TakenPortIsAConflict) {
    start_api();
    const auto second = Server::listen_api(io.get_executor(), Endpoint{"127.0.0.1", port}, registry,
                                           operations, metrics);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code(), Errc::conflict);
    EXPECT_EQ(second.error().message(),
              "cannot listen on 127.0.0.1:" + std::to_string(port) +
                  ": another program, or another controller, has the port");
}

TEST_F(ServerTest, NeverListensBeyondLoopback) {
    for (const std::string address : {"0.0.0.0", "::", "192.0.2.1"}) {
        const auto made = Server::listen_api(io.get_executor(), Endpoint{address, 0}, registry,
                                             operations, metrics);
        ASSERT_FALSE(made);
        EXPECT_EQ(made.error().code(), Errc::denied);
    }
    EXPECT_FALSE(Server::listen_api(io.get_executor(), Endpoint{"nonsense", 0}, registry,
                                    operations, metrics));
}

}    // namespace
}    // namespace trueup::http
