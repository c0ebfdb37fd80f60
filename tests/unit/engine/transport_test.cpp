// SPDX-License-Identifier: Apache-2.0
// Requests that ask and are answered once, against servers that behave and servers that do not.
#include "controller/engine/transport.hpp"

#include <gtest/gtest.h>

#include "controller/base/task_group.hpp"
#include "tests/support/run_task.hpp"
#include "tests/unit/engine/unix_server.hpp"

namespace trueup::engine {
namespace {

using namespace std::chrono_literals;
using Connection = UnixServer::Connection;

constexpr std::size_t limit = 1U << 20U;

struct Client {
    explicit Client(const std::string& path, std::size_t connections = 4) {
        Address address;
        address.path = path;
        TransportOptions options;
        options.connections = connections;
        transport = make_transport(io.get_executor(), std::move(address), options);
    }
    Result<HttpResponse> get(bool may_repeat = false, Milliseconds deadline = 20s,
                             std::size_t at_most = limit) {
        HttpRequest request;
        request.target = "/info";
        request.may_repeat = may_repeat;
        return test::run(io, transport->request(std::move(request), deadline, at_most));
    }

    boost::asio::io_context io;
    std::unique_ptr<Transport> transport;
};

TEST(EngineTransport, WhereNoEngineIsItIsSaidWhatToDo) {
    const std::string path = testing::TempDir() + "no-engine-here.sock";
    const auto response = Client(path).get();
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error(),
              Error(Errc::unavailable, "cannot connect to " + path +
                                           ": No such file or directory (is Docker running? "
                                           "DOCKER_HOST or --engine names another engine)"));
}

TEST(EngineTransport, ARequestIsPlainHttpWithItsBodyAndHeaders) {
    std::string seen;
    UnixServer server([&](Connection& peer, int) {
        while (!seen.ends_with("{\"a\":1}")) seen += peer.read();
        peer.write(answer("{}", "201 Created"));
    });
    Client client(server.path());
    HttpRequest request;
    request.method = "POST";
    request.target = "/v1.41/networks/create?x=y";
    request.content_type = "application/json";
    request.body = "{\"a\":1}";
    request.headers.emplace_back("X-Registry-Auth", "secret");
    const auto response =
        test::run(client.io, client.transport->request(std::move(request), 20s, limit));
    ASSERT_TRUE(response) << response.error().message();
    EXPECT_EQ(response->status, 201U);
    EXPECT_EQ(response->body, "{}");
    EXPECT_EQ(response->header("content-type"), "application/json");
    EXPECT_EQ(response->header("x-none"), "");
    EXPECT_TRUE(seen.starts_with("POST /v1.41/networks/create?x=y HTTP/1.1\r\n")) << seen;
    EXPECT_NE(seen.find("Host: localhost\r\n"), seen.npos) << seen;
    EXPECT_NE(seen.find("Content-Type: application/json\r\n"), seen.npos) << seen;
    EXPECT_NE(seen.find("Content-Length: 7\r\n"), seen.npos) << seen;
    EXPECT_NE(seen.find("X-Registry-Auth: secret\r\n"), seen.npos) << seen;
}

TEST(EngineTransport, AConnectionIsKeptForTheNextRequest) {
    UnixServer server([](Connection& peer, int) {
        while (!peer.read_head().empty()) peer.write(answer("{}"));
    });
    Client client(server.path());
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(client.get());
    EXPECT_EQ(server.connections(), 1);
}

TEST(EngineTransport, AConnectionThatTheServerWillCloseIsNotKept) {
    UnixServer server([](Connection& peer, int) {
        peer.read_head();
        peer.write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}");
        peer.hang();
    });
    Client client(server.path());
    ASSERT_TRUE(client.get());
    ASSERT_TRUE(client.get());
    EXPECT_EQ(server.connections(), 2);
}

TEST(EngineTransport, AChunkedAnswerIsPutTogether) {
    UnixServer server([](Connection& peer, int) {
        peer.read_head();
        peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r");
        peer.write("\n6\r\n world\r\n0\r\n\r\n");
        peer.hang();
    });
    Client client(server.path());
    const auto response = client.get();
    ASSERT_TRUE(response) << response.error().message();
    EXPECT_EQ(response->body, "hello world");
}

TEST(EngineTransport, AnAnswerWithoutALengthEndsWithItsConnection) {
    UnixServer server([](Connection& peer, int) {
        peer.read_head();
        peer.write("HTTP/1.1 200 OK\r\n\r\nall of it");
    });
    Client client(server.path());
    const auto response = client.get();
    ASSERT_TRUE(response) << response.error().message();
    EXPECT_EQ(response->body, "all of it");
}

TEST(EngineTransport, ASilentServerIsATimeoutAndTheNextRequestStartsAfresh) {
    UnixServer server([](Connection& peer, int number) {
        peer.read_head();
        if (number > 1) peer.write(answer("{}"));
        peer.hang();
    });
    Client client(server.path());
    const auto silent = client.get(true, 50ms);
    ASSERT_FALSE(silent);
    EXPECT_EQ(silent.error().code(), Errc::timeout);
    EXPECT_EQ(server.connections(), 1);
    const auto next = client.get();
    EXPECT_TRUE(next) << next.error().message();
}

TEST(EngineTransport, AServerThatStopsInMidAnswerIsATimeoutToo) {
    UnixServer server([](Connection& peer, int) {
        peer.read_head();
        peer.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
        peer.hang();
    });
    Client client(server.path());
    const auto response = client.get(true, 50ms);
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code(), Errc::timeout);
}

TEST(EngineTransport, AConnectionClosedInMidAnswerIsAnErrorNotAShortAnswer) {
    for (const std::string_view half :
         {"", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"}) {
        UnixServer server([half](Connection& peer, int) {
            peer.read_head();
            peer.write(half);
        });
        Client client(server.path());
        const auto response = client.get(true);
        ASSERT_FALSE(response) << half;
        EXPECT_EQ(response.error().code(), Errc::unavailable) << half;
        EXPECT_EQ(server.connections(), 1) << "a fresh connection is no reason to ask again";
    }
}

TEST(EngineTransport, WhatIsNotHttpIsAnError) {
    for (const std::string_view junk :
         {"SSH-2.0-OpenSSH_9.2\r\n\r\n", "\x15\x03\x01\r\n\r\n\r\n"}) {
        UnixServer server([junk](Connection& peer, int) {
            peer.read_head();
            peer.write(junk);
            peer.hang();
        });
        Client client(server.path());
        const auto response = client.get();
        ASSERT_FALSE(response);
        EXPECT_EQ(response.error().code(), Errc::unavailable);
    }
}

// The first connection serves one request and dies at the second.
void die_at_the_second(Connection& peer, int number) {
    peer.read_head();
    peer.write(answer("first"));
    if (!peer.read_head().empty() && number > 1) peer.write(answer("second"));
}

TEST(EngineTransport, ARequestThatMayBeRepeatedSurvivesAPooledConnectionThatDied) {
    UnixServer server(die_at_the_second);
    Client client(server.path());
    ASSERT_TRUE(client.get());
    const auto response = client.get(true);
    ASSERT_TRUE(response) << response.error().message();
    EXPECT_EQ(response->body, "first");
    EXPECT_EQ(server.connections(), 2);
}

TEST(EngineTransport, ARequestThatMustNotBeRepeatedFailsWithItsConnection) {
    UnixServer server(die_at_the_second);
    Client client(server.path());
    ASSERT_TRUE(client.get());
    const auto response = client.get(false);
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code(), Errc::unavailable);
    EXPECT_EQ(server.connections(), 1);
}

TEST(EngineTransport, ARequestIsRepeatedOnce) {
    UnixServer server([](Connection& peer, int number) {
        peer.read_head();
        if (number > 1) return;
        peer.write(answer("first"));
        peer.read_head();
    });
    Client client(server.path());
    ASSERT_TRUE(client.get());
    const auto response = client.get(true);
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code(), Errc::unavailable);
    EXPECT_EQ(server.connections(), 2);
}

TEST(EngineTransport, AnAnswerNobodyAskedForIsNotTakenForTheNextOne) {
    UnixServer server([](Connection& peer, int) {
        while (!peer.read_head().empty()) peer.write(answer("asked") + answer("not asked"));
    });
    Client client(server.path());
    for (int i = 0; i < 3; ++i) {
        const auto response = client.get();
        ASSERT_TRUE(response) << response.error().message();
        EXPECT_EQ(response->body, "asked");
    }
}

TEST(EngineTransport, AnOversizedAnswerIsRefused) {
    const std::string chunk = "800\r\n" + std::string(0x800, 'x') + "\r\n";
    for (const std::string& large :
         {answer(std::string(4096, 'x')),
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk + chunk + "0\r\n\r\n"}) {
        UnixServer server([large](Connection& peer, int) {
            peer.read_head();
            peer.write(large);
            peer.hang();
        });
        Client client(server.path());
        const auto refused = client.get(true, 20s, 4095);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code(), Errc::invalid);
        const auto taken = client.get(true, 20s, 4096);
        ASSERT_TRUE(taken) << taken.error().message();
        EXPECT_EQ(taken->body.size(), 4096U);
    }
}

TEST(EngineTransport, NobodyListeningIsUnavailableAndNamesTheSocket) {
    const support::TempDirectory directory;
    Client client(directory / "none.sock");
    const auto response = client.get();
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code(), Errc::unavailable);
    EXPECT_NE(response.error().message().find("none.sock"), std::string::npos);
}

boost::asio::awaitable<void> ask(Transport& transport, Milliseconds deadline,
                                 std::vector<Result<HttpResponse>>& results) {
    HttpRequest request;
    request.target = "/info";
    auto response = co_await transport.request(std::move(request), deadline, limit);
    results.push_back(std::move(response));
}

TEST(EngineTransport, RequestsBeyondThePoolWaitTheirTurn) {
    UnixServer server([](Connection& peer, int) {
        while (!peer.read_head().empty()) peer.write(answer("{}"));
    });
    Client client(server.path(), 2);
    std::vector<Result<HttpResponse>> results;
    TaskGroup tasks(client.io.get_executor());
    for (int i = 0; i < 20; ++i) tasks.spawn("ask", ask(*client.transport, 20s, results));
    while (tasks.running() > 0) client.io.run_one();
    tasks.close();
    ASSERT_EQ(results.size(), 20U);
    for (const auto& result : results) EXPECT_TRUE(result);
    EXPECT_LE(server.connections(), 2);
}

TEST(EngineTransport, ACancelledRequestEndsAtOnceAndSoDoesOneThatWaits) {
    std::atomic<int> asked = 0;
    UnixServer server([&](Connection& peer, int) {
        if (!peer.read_head().empty()) ++asked;
        peer.hang();
    });
    Client client(server.path(), 1);
    std::vector<Result<HttpResponse>> results;
    TaskGroup tasks(client.io.get_executor());
    tasks.spawn("asks", ask(*client.transport, 600s, results));
    tasks.spawn("waits", ask(*client.transport, 600s, results));
    while (asked == 0) client.io.poll();
    tasks.close();
    while (tasks.running() > 0) client.io.run_one();
    ASSERT_EQ(results.size(), 2U);
    for (const auto& result : results) {
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().code(), Errc::cancelled);
    }
}

TEST(EngineTransport, WhoWaitsForAConnectionHasADeadlineToo) {
    UnixServer server([](Connection& peer, int) { peer.hang(); });
    Client client(server.path(), 1);
    std::vector<Result<HttpResponse>> results;
    TaskGroup tasks(client.io.get_executor());
    tasks.spawn("asks", ask(*client.transport, 600s, results));
    tasks.spawn("waits", ask(*client.transport, 20ms, results));
    while (results.empty()) client.io.run_one();
    ASSERT_FALSE(results.front());
    EXPECT_EQ(results.front().error().code(), Errc::timeout);
    tasks.close();
    while (tasks.running() > 0) client.io.run_one();
}

}    // namespace
}    // namespace trueup::engine
