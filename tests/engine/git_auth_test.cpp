// SPDX-License-Identifier: Apache-2.0
// Private repositories over http and https.
#include <gtest/gtest.h>

#include "tests/engine/git_fetcher.hpp"
#include "tests/support/git_repository.hpp"
#include "tests/support/http_git_server.hpp"
#include "tests/support/tls_front.hpp"

namespace trueup::source {
namespace {

using Kind = GitCredential::Kind;
using support::GitRepository;
using support::HttpGitServer;
using support::TcpServer;
using support::TempDirectory;
using namespace std::chrono_literals;

class GitAuthTest : public testing::Test {
protected:
    TempDirectory directory_;
    GitRepository locked_{directory_ / "root/locked/shop"};
    GitRepository token_{directory_ / "root/token/shop"};
    HttpGitServer server_{directory_ / "root"};
    std::string locked_id_ = locked_.commit_files({{"a", "1"}}, "first");
    std::string token_id_ = token_.commit_files({{"a", "2"}}, "first");
    Fetcher fetcher_{directory_ / "cache"};

    GitCredential credential(Kind kind, std::string secret) const {
        GitCredential made;
        made.kind = kind;
        made.name = "shop-git";
        made.hosts = {"http://" + server_.host()};
        if (kind == Kind::basic) made.username = HttpGitServer::user;
        made.secret = std::move(secret);
        return made;
    }
    GitCredential password() const { return credential(Kind::basic, HttpGitServer::password); }

    Result<Commit> fetch(const std::string& url, GitCredential used = {}) {
        return fetcher_.fetch(url, Revision{"", "main"}, std::move(used));
    }
};

TEST_F(GitAuthTest, UserAndPassword) {
    const std::string url = server_.url("locked/shop");
    const Error anonymous = fetch(url).error();
    EXPECT_EQ(anonymous, Error(Errc::denied,
                               server_.host() + " denies access to /locked/shop (HTTP 401); name a "
                                                "git credential that may read it"));
    const Error wrong = fetch(url, credential(Kind::basic, "hunter2-wrong")).error();
    EXPECT_EQ(wrong, Error(Errc::denied,
                           server_.host() +
                               " refuses the git credential 'shop-git' for /locked/shop (HTTP "
                               "401); check that its user name and its password or token are "
                               "right, that it has not expired, and that it may read the "
                               "repository"));
    auto commit = fetch(url, password());
    ASSERT_TRUE(commit) << commit.error().message();
    EXPECT_EQ(commit->id, locked_id_);
    const std::string second = locked_.commit_files({{"a", "3"}}, "second");
    EXPECT_EQ(fetch(url, password())->id, second);
}

TEST_F(GitAuthTest, ATokenAsPasswordOrAsBearer) {
    GitCredential used = credential(Kind::basic, HttpGitServer::token);
    used.username = "any-user";
    EXPECT_TRUE(fetch(server_.url("locked/shop"), used));
    const std::string url = server_.url("token/shop");
    EXPECT_EQ(fetch(url, credential(Kind::bearer, HttpGitServer::token))->id, token_id_);
    EXPECT_EQ(fetch(url, credential(Kind::bearer, "hunter2")).error().code(), Errc::denied);
    EXPECT_EQ(fetch(url, used).error().code(), Errc::denied);
}

TEST_F(GitAuthTest, TheDesiredStateMayBePrivate) {
    locked_.commit_files({{"stacks/a.yaml", "x"}}, "stacks");
    const auto snapshot =
        fetcher_.read_desired("git+" + server_.url("locked/shop") + "//stacks", password());
    ASSERT_TRUE(snapshot) << snapshot.error().message();
    EXPECT_EQ(snapshot->files.size(), 1U);
}

// Whoever names a commit that somebody else's credential has fetched still needs one.
TEST_F(GitAuthTest, WhatOneCredentialFetchedIsNotReadByOthers) {
    const std::string url = server_.url("locked/shop");
    ASSERT_TRUE(fetch(url, password()));
    const Revision revision{locked_id_, ""};
    EXPECT_TRUE(fetcher_.fetch(url, revision, password()));
    EXPECT_EQ(fetcher_.fetch(url, revision).error().code(), Errc::denied);
    GitCredential other = credential(Kind::basic, "hunter2-wrong");
    other.name = "other";
    EXPECT_EQ(fetcher_.fetch(url, revision, other).error().code(), Errc::denied);
}

TEST_F(GitAuthTest, ARefusedCredentialIsOfferedOnce) {
    std::atomic<int> requests = 0;
    TcpServer refusing([&](TcpServer::Connection& connection) {
        while (!connection.read_head().empty()) {
            ++requests;
            connection.write(
                "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\n"
                "Content-Length: 0\r\n\r\n");
        }
    });
    for (const Kind kind : {Kind::basic, Kind::bearer}) {
        requests = 0;
        GitCredential used = credential(kind, "hunter2");
        used.hosts = {"http://" + refusing.host()};
        EXPECT_EQ(fetch("http://" + refusing.host() + "/x", used).error().code(), Errc::denied);
        EXPECT_EQ(requests, 1);
    }
}

TEST_F(GitAuthTest, RedirectsCarryNoCredentialAway) {
    std::string heard;
    TcpServer thief([&](TcpServer::Connection& connection) { heard += connection.read_head(); });
    std::string location;
    TcpServer front([&](TcpServer::Connection& connection) {
        while (!connection.read_head().empty())
            connection.write("HTTP/1.1 302 Found\r\nLocation: " + location +
                             "\r\nContent-Length: 0\r\n\r\n");
    });
    GitCredential used = password();
    used.hosts = {"http://" + front.host()};
    // Another port of the same host is another server; libgit2 alone would follow.
    const std::string rest = "/x/info/refs?service=git-upload-pack";
    for (const std::string& away :
         {"http://" + thief.host() + rest, "https://" + thief.host() + rest,
          fmt::format("http://localhost:{}{}", thief.port(), rest)}) {
        location = away;
        const auto commit = fetch("http://" + front.host() + "/shop", used);
        ASSERT_FALSE(commit);
        EXPECT_EQ(commit.error().code(), Errc::denied) << away << commit.error().message();
        EXPECT_NE(commit.error().message().find("write the url that it redirects to"),
                  std::string::npos)
            << commit.error().message();
        EXPECT_EQ(commit.error().message().find("hunter2"), std::string::npos);
    }
    EXPECT_EQ(heard.find("Authorization"), std::string::npos) << heard;
}

TEST_F(GitAuthTest, RedirectsWithinTheServerAreFollowed) {
    TcpServer front([&](TcpServer::Connection& connection) {
        const std::string head = connection.read_head();
        if (head.starts_with("GET /old/")) {
            connection.write(
                "HTTP/1.1 302 Found\r\nLocation: /new/info/refs?service=git-upload-pack\r\n"
                "Content-Length: 0\r\n\r\n");
        }
        const std::string next = connection.read_head();
        const bool known =
            next.starts_with("GET /new/") && next.find("\r\nAuthorization: Basic ") != next.npos;
        connection.write(known ? "HTTP/1.1 418 I know you\r\nContent-Length: 0\r\n\r\n"
                               : "HTTP/1.1 500 Who\r\nContent-Length: 0\r\n\r\n");
    });
    GitCredential used = password();
    used.hosts = {"http://" + front.host()};
    EXPECT_NE(fetch("http://" + front.host() + "/old", used).error().message().find("HTTP 418"),
              std::string::npos);
}

TEST_F(GitAuthTest, AuthoritiesOfACredential) {
    const support::TlsFront front(server_.port());
    GitCredential used = password();
    used.hosts = {front.host(), fmt::format("127.0.0.1:{}", front.port())};
    const std::string url = "https://" + front.host() + "/locked/shop";
    const Error untrusted = fetch(url, used).error();
    EXPECT_EQ(untrusted.code(), Errc::unavailable);
    EXPECT_NE(untrusted.message().find("self-signed certificate"), std::string::npos)
        << untrusted.message();
    used.authorities = front.certificate();
    EXPECT_EQ(fetch(url, used)->id, locked_id_);
    const auto by_address =
        fetch(fmt::format("https://127.0.0.1:{}/locked/shop", front.port()), used);
    EXPECT_TRUE(by_address) << by_address.error().message();
    used.authorities = directory_ / "nowhere";
    EXPECT_EQ(fetch(url, used).error().code(), Errc::denied);
    support::write_file(directory_ / "junk", "junk");
    used.authorities = directory_ / "junk";
    EXPECT_EQ(fetch(url, used).error().code(), Errc::invalid);
}

TEST_F(GitAuthTest, CertificatesOfOtherHosts) {
    const support::TlsFront front(server_.port());
    GitCredential used;
    used.authorities = front.certificate();
    // Another name of 127.0.0.1, which the certificate does not have.
    const Error error =
        fetch(fmt::format("https://127.1:{}/token/shop", front.port()), used).error();
    EXPECT_EQ(error.code(), Errc::unavailable);
    EXPECT_NE(error.message().find("is not trusted (the certificate is refused: hostname mismatch"),
              std::string::npos)
        << error.message();
}

// A proxy that tunnels to `port`, whatever name it is asked for; it keeps what it was asked.
void tunnel(TcpServer::Connection& client, int port, std::string& asked) {
    asked += client.read_head();
    const int server = support::connect_loopback(port);
    if (server < 0) return;
    client.write("HTTP/1.1 200 Connection established\r\n\r\n");
    TcpServer::Connection upstream(server, client.stop());
    for (;;) {
        std::array<pollfd, 3> ready{
            {{client.socket(), POLLIN, 0}, {server, POLLIN, 0}, {client.stop(), POLLIN, 0}}};
        if (::poll(ready.data(), ready.size(), -1) <= 0 || ready[2].revents != 0) break;
        const bool from_client = ready[0].revents != 0;
        const std::string bytes = from_client ? client.read() : upstream.read();
        if (bytes.empty() || !(from_client ? upstream : client).write(bytes)) break;
    }
    ::close(server);
}

TEST_F(GitAuthTest, ThroughAProxy) {
    const support::TlsFront front(server_.port());
    std::string asked;
    TcpServer proxy([&](TcpServer::Connection& client) { tunnel(client, front.port(), asked); });
    GitCredential used = password();
    used.hosts = {"localhost:1"};    // reached through the proxy only
    used.authorities = front.certificate();
    ::setenv("https_proxy", ("http://" + proxy.host()).c_str(), 1);
    const auto commit = fetch("https://localhost:1/locked/shop", used);
    const auto untrusted = fetch("https://localhost:1/locked/shop");
    ::unsetenv("https_proxy");
    ASSERT_TRUE(commit) << commit.error().message();
    EXPECT_EQ(commit->id, locked_id_);
    EXPECT_TRUE(asked.starts_with("CONNECT localhost:1 HTTP/1.1")) << asked;
    EXPECT_EQ(asked.find("Authorization"), std::string::npos) << asked;
    EXPECT_NE(untrusted.error().message().find("self-signed certificate"), std::string::npos)
        << untrusted.error().message();
}

TEST_F(GitAuthTest, SecretsAreNowhere) {
    const std::string url = server_.url("locked/shop");
    TcpServer silent([](TcpServer::Connection& connection) { connection.hang(); });
    GitCredential used = password();
    used.hosts.push_back("http://" + silent.host());
    ASSERT_TRUE(fetch(url, used));
    EXPECT_FALSE(fetch(url, credential(Kind::basic, "hunter2-wrong")));
    fetcher_.deadline = 500ms;
    const std::string seen = fetcher_.watch_processes([&] {
        EXPECT_EQ(fetch("http://" + silent.host() + "/shop", used).error().code(), Errc::timeout);
    });
    EXPECT_NE(seen.find(git_child_argument), std::string::npos);    // the child was seen
    EXPECT_EQ(seen.find("hunter2"), std::string::npos) << seen;
    EXPECT_EQ(files_with(directory_ / "cache", "hunter2"), "");
    EXPECT_EQ(files_with(directory_ / "cache", "Authorization"), "");
    EXPECT_EQ(files_with(directory_ / "cache", "main"), "packed-refs");    // it does look
}

}    // namespace
}    // namespace trueup::source
