// SPDX-License-Identifier: Apache-2.0
// Streams both ways, and addresses.
#include <gtest/gtest.h>

#include "controller/base/task_group.hpp"
#include "controller/engine/engine.hpp"
#include "controller/engine/transport.hpp"
#include "tests/support/run_task.hpp"
#include "tests/unit/engine/unix_server.hpp"

namespace trueup::engine {
namespace {

using namespace std::chrono_literals;
using Connection = UnixServer::Connection;

class Collect final : public ByteSink {
public:
    Task<void> write(std::string chunk) override {
        text += chunk;
        if (taken) taken();
        if (refuse) co_return Error(Errc::conflict, "enough");
        co_return Result<void>();
    }
    std::string text;
    bool refuse = false;
    std::function<void()> taken;
};

// Gives its chunks, then the end, or an error in place of the end; or the last chunk for ever.
class Chunks final : public ByteSource {
public:
    explicit Chunks(std::vector<std::string> chunks) : chunks_(std::move(chunks)) {}
    Task<std::string> read() override {
        if (next_ < chunks_.size()) co_return chunks_[next_++];
        if (endless) co_return chunks_.back();
        if (fails) co_return Error(Errc::internal, "the disk is gone");
        co_return std::string();
    }
    bool endless = false;
    bool fails = false;

private:
    std::vector<std::string> chunks_;
    std::size_t next_ = 0;
};

struct Client {
    explicit Client(const std::string& path) {
        Address address;
        address.path = path;
        transport = make_transport(io.get_executor(), std::move(address), TransportOptions());
    }
    Result<HttpResponse> stream(ByteSource* upload = nullptr, Milliseconds idle = 20s) {
        HttpRequest request;
        request.method = upload == nullptr ? "GET" : "POST";
        request.target = "/stream";
        request.upload = upload;
        return test::run(io, transport->stream(std::move(request), idle, sink,
                                               [&](unsigned status) { opened = status; }));
    }

    boost::asio::io_context io;
    std::unique_ptr<Transport> transport;
    Collect sink;
    unsigned opened = 0;
};

TEST(EngineStream, ChunksGoToTheSinkAndTheBodyStaysEmpty) {
    UnixServer server([](Connection& peer, int) {
        peer.read_head();
        peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
        peer.write("3\r\ntwo\r\n0\r\n\r\n");
        peer.hang();
    });
    Client client(server.path());
    const auto response = client.stream();
    ASSERT_TRUE(response) << response.error().message();
    EXPECT_EQ(client.opened, 200U);
    EXPECT_EQ(client.sink.text, "onetwo");
    EXPECT_EQ(response->body, "");
}

TEST(EngineStream, ALongAnswerArrivesWhole) {
    const std::string body(3'000'000, 'x');
    UnixServer server([&](Connection& peer, int) {
        peer.read_head();
        peer.write(answer(body));
        peer.hang();
    });
    Client client(server.path());
    ASSERT_TRUE(client.stream());
    EXPECT_TRUE(client.sink.text == body);
}

TEST(EngineStream, ARefusalIsReturnedAndNothingGoesToTheSink) {
    UnixServer server([](Connection& peer, int) {
        peer.read_head();
        peer.write(answer("{\"message\":\"no such container\"}", "404 Not Found"));
        peer.hang();
    });
    Client client(server.path());
    const auto response = client.stream();
    ASSERT_TRUE(response) << response.error().message();
    EXPECT_EQ(client.opened, 404U);
    EXPECT_EQ(response->status, 404U);
    EXPECT_EQ(response->body, "{\"message\":\"no such container\"}");
    EXPECT_EQ(client.sink.text, "");
}

TEST(EngineStream, AStreamThatBreaksOffIsAnErrorAfterWhatCame) {
    UnixServer server([](Connection& peer, int) {
        peer.read_head();
        peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
    });
    Client client(server.path());
    const auto response = client.stream();
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code(), Errc::unavailable);
    EXPECT_EQ(client.sink.text, "one");
}

TEST(EngineStream, TooLongASilenceIsATimeout) {
    UnixServer server([](Connection& peer, int) {
        peer.read_head();
        peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
        peer.hang();
    });
    Client client(server.path());
    const auto response = client.stream(nullptr, 50ms);
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code(), Errc::timeout);
    EXPECT_EQ(client.sink.text, "one");
}

TEST(EngineStream, AnErrorOfTheSinkEndsTheTransfer) {
    UnixServer server([](Connection& peer, int) {
        peer.read_head();
        peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
        peer.hang();
    });
    Client client(server.path());
    client.sink.refuse = true;
    const auto response = client.stream();
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().message(), "enough");
}

TEST(EngineStream, AnUploadIsSentInChunksAndThenAnswered) {
    std::string seen;
    UnixServer server([&](Connection& peer, int) {
        while (!seen.ends_with("\r\n0\r\n\r\n")) {
            const std::string part = peer.read();
            if (part.empty()) return;
            seen += part;
        }
        peer.write(answer("{\"stream\":\"ok\"}"));
        peer.hang();
    });
    Client client(server.path());
    Chunks upload({"hello", std::string(20, 'x')});
    const auto response = client.stream(&upload);
    ASSERT_TRUE(response) << response.error().message();
    EXPECT_EQ(client.sink.text, "{\"stream\":\"ok\"}");
    const std::size_t body = seen.find("\r\n\r\n") + 4;
    EXPECT_EQ(seen.substr(body), "5\r\nhello\r\n14\r\n" + std::string(20, 'x') + "\r\n0\r\n\r\n");
    EXPECT_NE(seen.find("Transfer-Encoding: chunked\r\n"), seen.npos) << seen;
}

TEST(EngineStream, AnUploadThatIsRefusedEarlyEndsWithTheReason) {
    UnixServer server([](Connection& peer, int) {
        peer.read_head();
        peer.write(answer("{\"message\":\"dockerfile missing\"}", "400 Bad Request"));
    });
    Client client(server.path());
    Chunks upload({std::string(65'536, 'x')});
    upload.endless = true;
    const auto response = client.stream(&upload);
    ASSERT_TRUE(response) << response.error().message();
    EXPECT_EQ(response->status, 400U);
    EXPECT_EQ(response->body, "{\"message\":\"dockerfile missing\"}");
}

TEST(EngineStream, AnUploadThatNobodyReadsIsATimeout) {
    UnixServer server([](Connection& peer, int) {
        peer.read_head();
        std::array<pollfd, 1> stop{{{peer.stop(), POLLIN, 0}}};
        ::poll(stop.data(), stop.size(), -1);
    });
    Client client(server.path());
    Chunks upload({std::string(65'536, 'x')});
    upload.endless = true;
    const auto response = client.stream(&upload, 50ms);
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code(), Errc::timeout);
}

TEST(EngineStream, AnUploadWhoseSourceFailsEndsAtOnceAndNotAsAWholeOne) {
    std::string seen;
    {
        UnixServer server([&](Connection& peer, int) {
            for (std::string part = peer.read(); !part.empty(); part = peer.read()) seen += part;
        });
        Client client(server.path());
        Chunks upload({"hello"});
        upload.fails = true;
        // Without a limit of silence, and a server that waits for the rest: only we can end this.
        const auto response = client.stream(&upload, 0ms);
        ASSERT_FALSE(response);
        EXPECT_EQ(response.error().message(), "the disk is gone");
    }
    EXPECT_EQ(seen.find("\r\n0\r\n"), seen.npos) << seen;
}

boost::asio::awaitable<void> follow(Client& client, std::optional<Result<HttpResponse>>& result) {
    HttpRequest request;
    request.target = "/events";
    std::function<void(unsigned)> opened = [&client](unsigned status) { client.opened = status; };
    auto response = co_await client.transport->stream(std::move(request), Milliseconds(0),
                                                      client.sink, std::move(opened));
    result.emplace(std::move(response));
}

TEST(EngineStream, AStreamWithoutALimitOfSilenceEndsWhenItIsCancelled) {
    UnixServer server([](Connection& peer, int) {
        peer.read_head();
        peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
        peer.hang();
    });
    Client client(server.path());
    std::optional<Result<HttpResponse>> result;
    TaskGroup tasks(client.io.get_executor());
    tasks.spawn("events", follow(client, result));
    while (client.sink.text != "one") client.io.run_one();
    tasks.close();
    while (tasks.running() > 0) client.io.run_one();
    ASSERT_TRUE(result);
    ASSERT_FALSE(*result);
    EXPECT_EQ(result->error().code(), Errc::cancelled);
}

TEST(EngineStream, AStreamThatIsCancelledBetweenTwoReadsEndsToo) {
    UnixServer server([](Connection& peer, int) {
        peer.read_head();
        peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
        peer.hang();
    });
    Client client(server.path());
    std::optional<Result<HttpResponse>> result;
    TaskGroup tasks(client.io.get_executor());
    client.sink.taken = [&] { tasks.close(); };
    tasks.spawn("events", follow(client, result));
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (tasks.running() > 0 && std::chrono::steady_clock::now() < until)
        client.io.run_one_for(100ms);
    ASSERT_TRUE(result) << "it waits for more, and nobody can end it";
    ASSERT_FALSE(*result);
    EXPECT_EQ(result->error().code(), Errc::cancelled);
}

TEST(EngineAddress, AUnixSocketIsAnAbsolutePath) {
    const auto address = parse_address("unix:///var/run/docker.sock");
    ASSERT_TRUE(address) << address.error().message();
    EXPECT_EQ(address->kind, Address::Kind::unix_socket);
    EXPECT_EQ(address->path, "/var/run/docker.sock");
}

TEST(EngineAddress, ATcpAddressIsAHostAndAPort) {
    for (const std::string url :
         {"tcp://10.0.0.1:2375", "http://10.0.0.1:2375", "tcp://10.0.0.1:2375/"}) {
        const auto address = parse_address(url);
        ASSERT_TRUE(address) << url;
        EXPECT_EQ(address->kind, Address::Kind::tcp) << url;
        EXPECT_EQ(address->host, "10.0.0.1") << url;
        EXPECT_EQ(address->port, "2375") << url;
    }
    const auto ipv6 = parse_address("tcp://[::1]:2375");
    ASSERT_TRUE(ipv6) << ipv6.error().message();
    EXPECT_EQ(ipv6->host, "::1");
}

TEST(EngineAddress, AnSshAddressMayLeaveUserAndPortToSsh) {
    const auto whole = parse_address("ssh://deploy@far.example.com:2222");
    ASSERT_TRUE(whole) << whole.error().message();
    EXPECT_EQ(whole->kind, Address::Kind::ssh);
    EXPECT_EQ(whole->user, "deploy");
    EXPECT_EQ(whole->host, "far.example.com");
    EXPECT_EQ(whole->port, "2222");
    EXPECT_EQ(to_string(*whole), "far.example.com:2222");
    const auto alias = parse_address("ssh://far");
    ASSERT_TRUE(alias);
    EXPECT_EQ(alias->user + alias->port, "");
    EXPECT_EQ(parse_address("ssh://[::1]")->host, "::1");
    EXPECT_EQ(to_string(*parse_address("ssh://me@[::1]:22")), "[::1]:22");
}

TEST(EngineAddress, NonsenseIsInvalidAndNamed) {
    const std::string long_path = "unix:///" + std::string(107, 'x');
    for (const std::string& url : std::vector<std::string>{"",
                                                           "docker.sock",
                                                           "/var/run/docker.sock",
                                                           "unix://",
                                                           "unix://relative",
                                                           long_path,
                                                           "tcp://",
                                                           "tcp://host",
                                                           "tcp://:2375",
                                                           "tcp://host:",
                                                           "tcp://host:port",
                                                           "tcp://host:123456",
                                                           "tcp://host:99999",
                                                           "tcp://host:0",
                                                           "tcp://host:2375/path",
                                                           "tcp://[]:2375",
                                                           "tcp://::1:2375",
                                                           "https://host:2376",
                                                           "ssh://",
                                                           "ssh://user@",
                                                           "ssh://-oProxyCommand=x",
                                                           "ssh://-x@host",
                                                           "ssh://user:secret@host",
                                                           "ssh://user@host:0",
                                                           "ssh://user@host/path",
                                                           "ssh://user@ho st",
                                                           "npipe:////./pipe/docker_engine"}) {
        const auto address = parse_address(url);
        ASSERT_FALSE(address) << url;
        EXPECT_EQ(address.error().code(), Errc::invalid) << url;
        EXPECT_NE(address.error().message().find("'" + url + "'"), std::string::npos) << url;
    }
    EXPECT_TRUE(parse_address("unix:///" + std::string(106, 'x')));
}

TEST(EngineAddress, OnlyUnreservedCharactersGoUnescaped) {
    EXPECT_EQ(percent_encode("aZ09-_.~"), "aZ09-_.~");
    EXPECT_EQ(percent_encode("/a b?&=%+#"), "%2Fa%20b%3F%26%3D%25%2B%23");
    EXPECT_EQ(percent_encode(std::string("\0\n\xff", 3)), "%00%0A%FF");
}

}    // namespace
}    // namespace trueup::engine
