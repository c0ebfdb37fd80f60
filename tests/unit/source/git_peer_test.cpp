// SPDX-License-Identifier: Apache-2.0
// Git servers that misbehave: what the user is told, and that it is told in time.
#include <gtest/gtest.h>

#include "controller/source/git.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/tcp_server.hpp"
#include "tests/support/temp_directory.hpp"

namespace trueup::source {
namespace {

using support::TcpServer;
using support::TempDirectory;
using namespace std::chrono_literals;

class GitPeerTest : public testing::Test {
protected:
    TempDirectory directory_;
    base::Pool pool_{1};

    Error fetch(const std::string& url, base::Milliseconds deadline = 10s) {
        GitOptions options;
        options.cache_directory = directory_ / "cache";
        options.deadline = deadline;
        boost::asio::io_context io;
        const auto commit = test::run(io, fetch_with(pool_, std::move(options), url));
        EXPECT_FALSE(commit);
        return commit ? Error(Errc::internal, "it worked") : commit.error();
    }
    // What is told when the server answers every request with this.
    Error fetch_answered(const std::string& answer) {
        TcpServer server([&](TcpServer::Connection& connection) {
            while (!connection.read_head().empty()) connection.write(answer);
        });
        Error error = fetch("http://" + server.host() + "/team/shop.git");
        std::string message = error.message();
        const std::size_t host = message.find(server.host());
        if (host != message.npos) message.replace(host, server.host().size(), "HOST");
        return Error(error.code(), message);
    }
    static Task<Commit> fetch_with(base::Pool& pool, GitOptions options, std::string url) {
        const auto executor = co_await boost::asio::this_coro::executor;
        GitRepositories repositories(executor, pool, std::move(options));
        Revision revision;
        revision.branch = "main";
        co_return co_await repositories.fetch(std::move(url), std::move(revision));
    }
};

std::string status(const std::string& line, const std::string& headers = "",
                   const std::string& body = "") {
    return "HTTP/1.1 " + line + "\r\n" + headers +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

TEST_F(GitPeerTest, AServerThatSaysNothing) {
    TcpServer server([](TcpServer::Connection& connection) { connection.hang(); });
    const auto begin = std::chrono::steady_clock::now();
    const Error error = fetch("http://" + server.host() + "/shop.git", 300ms);
    EXPECT_EQ(error, Error(Errc::timeout,
                           server.host() + " accepted the connection and said nothing for 300ms"));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
}

TEST_F(GitPeerTest, AServerThatStopsInTheMiddle) {
    TcpServer server([](TcpServer::Connection& connection) {
        connection.read_head();
        connection.write(
            "HTTP/1.1 200 OK\r\nContent-Type: "
            "application/x-git-upload-pack-advertisement\r\n\r\n001e#");
        connection.hang();
    });
    const Error error = fetch("http://" + server.host() + "/shop.git", 300ms);
    EXPECT_EQ(error.code(), Errc::timeout);
    EXPECT_NE(error.message().find("did not finish within 300ms; it had sent 83 bytes by then"),
              std::string::npos)
        << error.message();
}

TEST_F(GitPeerTest, NobodyListens) {
    const std::string host = "127.0.0.1:" + std::to_string(support::unused_port());
    const Error error = fetch("http://" + host + "/shop.git");
    EXPECT_EQ(error.code(), Errc::unavailable);
    EXPECT_EQ(error.message(), "could not connect to " + host + ": Connection refused");
}

TEST_F(GitPeerTest, AHostThatDoesNotExist) {
    const Error error = fetch("http://no-such-host.invalid/shop.git");
    EXPECT_EQ(error.code(), Errc::unavailable);
    EXPECT_NE(error.message().find("the host no-such-host.invalid is not known"), std::string::npos)
        << error.message();
}

TEST_F(GitPeerTest, StatusCodes) {
    EXPECT_EQ(fetch_answered(status("404 Not Found")),
              Error(Errc::not_found,
                    "HOST has no repository at /team/shop.git (HTTP 404); check the url, and if it "
                    "is private, name a git credential for it"));
    const Error denied =
        fetch_answered(status("401 Unauthorized", "WWW-Authenticate: Basic realm=\"x\"\r\n"));
    EXPECT_EQ(denied.code(), Errc::denied);
    EXPECT_NE(denied.message().find(
                  "HOST denies access to /team/shop.git (HTTP 401); name a git credential"),
              std::string::npos)
        << denied.message();
    EXPECT_EQ(fetch_answered(status("403 Forbidden")).code(), Errc::denied);
    EXPECT_EQ(fetch_answered(status("500 Oops")),
              Error(Errc::unavailable, "HOST answered HTTP 500 for /team/shop.git"));
    EXPECT_EQ(fetch_answered(status("503 Busy")).code(), Errc::unavailable);
    EXPECT_EQ(fetch_answered(status("429 Slow down")).code(), Errc::unavailable);
}

TEST_F(GitPeerTest, ServersThatAreNoGitServers) {
    EXPECT_EQ(fetch_answered(status("200 OK", "Content-Type: text/html\r\n", "<html>hello</html>"))
                  .code(),
              Errc::not_found);
    EXPECT_EQ(fetch_answered("SSH-2.0-OpenSSH_9.2\r\n\r\n").code(), Errc::unavailable);
    EXPECT_EQ(fetch_answered(status("200 OK",
                                    "Content-Type: application/x-git-upload-pack-advertisement\r\n",
                                    std::string(1000, '\xff')))
                  .code(),
              Errc::unavailable);
}

TEST_F(GitPeerTest, ConnectionsThatAreCut) {
    TcpServer silent([](TcpServer::Connection& connection) { connection.read_head(); });
    EXPECT_EQ(fetch("http://" + silent.host() + "/shop.git").code(), Errc::unavailable);
    TcpServer rude([](TcpServer::Connection&) {});
    EXPECT_EQ(fetch("http://" + rude.host() + "/shop.git").code(), Errc::unavailable);
}

TEST_F(GitPeerTest, TlsWithSomethingElse) {
    TcpServer server([](TcpServer::Connection& connection) {
        connection.read();
        connection.write("HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    EXPECT_EQ(fetch("https://" + server.host() + "/shop.git").code(), Errc::unavailable);
}

TEST_F(GitPeerTest, RedirectsStayOnTheHost) {
    TcpServer other([](TcpServer::Connection& connection) { connection.read_head(); });
    const Error error = fetch_answered(
        status("302 Found",
               "Location: http://localhost:" + std::to_string(other.port()) + "/x/info/refs\r\n"));
    EXPECT_EQ(error.code(), Errc::denied) << error.message();
    EXPECT_EQ(other.connections(), 0);
    EXPECT_EQ(
        fetch_answered(
            status("302 Found", "Location: /team/shop.git/info/refs?service=git-upload-pack\r\n"))
            .code(),
        Errc::unavailable);
    EXPECT_EQ(fetch_answered(status("302 Found", "Location: file:///etc/passwd\r\n")).code(),
              Errc::unavailable);
}

}    // namespace
}    // namespace trueup::source
