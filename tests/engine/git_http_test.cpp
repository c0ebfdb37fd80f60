// SPDX-License-Identifier: Apache-2.0
// Git over http against git's own server.
#include <gtest/gtest.h>

#include <atomic>
#include <limits>

#include "controller/source/git.hpp"
#include "controller/source/mirror.hpp"
#include "tests/support/git_repository.hpp"
#include "tests/support/http_git_server.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/tls_front.hpp"

namespace trueup::source {
namespace {

using support::GitRepository;
using support::HttpGitServer;
using support::TcpServer;
using support::TempDirectory;
using namespace std::chrono_literals;

class GitHttpTest : public testing::Test {
protected:
    TempDirectory directory_;
    GitRepository repository_{directory_ / "root/shop"};
    HttpGitServer server_{directory_ / "root"};
    base::Pool pool_{1};
    int fetches_ = 0;

    Result<Commit> fetch(const std::string& url, Revision revision) {
        GitOptions options;
        options.cache_directory = directory_ / "cache";
        options.deadline = 20s;
        options.observe = [this](std::string_view, bool, double) { ++fetches_; };
        boost::asio::io_context io;
        return test::run(io, fetch_with(pool_, std::move(options), url, std::move(revision)));
    }
    Result<Commit> fetch_branch(const std::string& name) {
        return fetch(server_.url("shop"), Revision{"", name});
    }
    Result<Commit> fetch_commit(const std::string& id) {
        return fetch(server_.url("shop"), Revision{id, ""});
    }

    static Task<Commit> fetch_with(base::Pool& pool, GitOptions options, std::string url,
                                   Revision revision) {
        const auto executor = co_await boost::asio::this_coro::executor;
        GitRepositories repositories(executor, pool, std::move(options));
        co_return co_await repositories.fetch(std::move(url), std::move(revision));
    }
};

// Passes bytes between a client and `port`, counts those of the answers, and cuts the connection
// once `limit` of them have passed.
void relay(TcpServer::Connection& client, int port, std::size_t limit,
           std::atomic<std::size_t>& counted) {
    const int server = support::connect_loopback(port);
    if (server < 0) return;
    std::size_t passed = 0;
    TcpServer::Connection upstream(server, client.stop());
    while (passed < limit) {
        std::array<pollfd, 3> ready{
            {{client.socket(), POLLIN, 0}, {server, POLLIN, 0}, {client.stop(), POLLIN, 0}}};
        if (::poll(ready.data(), ready.size(), -1) <= 0 || ready[2].revents != 0) break;
        const bool from_client = ready[0].revents != 0;
        const std::string bytes = from_client ? client.read() : upstream.read();
        if (bytes.empty()) break;
        const std::size_t count =
            from_client ? bytes.size() : std::min(bytes.size(), limit - passed);
        (from_client ? upstream : client).write(std::string_view(bytes).substr(0, count));
        if (from_client) continue;
        passed += count;
        counted += count;
    }
    ::close(server);
}

constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

TEST_F(GitHttpTest, FetchesCommitsAndBranches) {
    const std::string first = repository_.commit_files({{"app/main.py", "1"}}, "first");
    auto commit = fetch_commit(first);
    ASSERT_TRUE(commit) << commit.error().message();
    EXPECT_EQ(*commit->tree->read("app/main.py", 10), "1");
    const std::string second = repository_.commit_files({{"app/main.py", "2"}}, "second");
    EXPECT_EQ(fetch_branch("main")->id, second);
    EXPECT_EQ(fetches_, 2);
    EXPECT_TRUE(fetch_commit(first));
    EXPECT_EQ(fetches_, 2);
}

TEST_F(GitHttpTest, DownloadsOnlyWhatIsMissing) {
    // Random, so that it does not compress: 4 MiB.
    support::run_shell("head -c 4194304 /dev/urandom > " + repository_.path() + "/big");
    repository_.commit("first");
    std::atomic<std::size_t> bytes = 0;
    TcpServer proxy(
        [&](TcpServer::Connection& client) { relay(client, server_.port(), unlimited, bytes); });
    const std::string url = "http://" + proxy.host() + "/shop";
    ASSERT_TRUE(fetch(url, Revision{"", "main"}));
    EXPECT_GT(bytes, 4'000'000U);
    bytes = 0;
    const std::string second = repository_.commit_files({{"small", "x"}}, "second");
    EXPECT_EQ(fetch(url, Revision{"", "main"})->id, second);
    EXPECT_LT(bytes, 10'000U);
    bytes = 0;
    EXPECT_EQ(fetch(url, Revision{"", "main"})->id, second);
    EXPECT_LT(bytes, 2'000U);
}

TEST_F(GitHttpTest, CommitsOnNoBranchIfTheServerAllowsIt) {
    repository_.commit_files({{"a", "1"}}, "first");
    repository_.git("checkout -q --detach");
    const std::string lost = repository_.commit_files({{"a", "2"}}, "lost");
    repository_.git("checkout -q main");
    const auto refused = fetch_commit(lost);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), Errc::not_found);
    EXPECT_NE(refused.error().message().find("was it pushed?"), std::string::npos)
        << refused.error().message();
    repository_.git("config uploadpack.allowAnySHA1InWant true");
    const auto commit = fetch_commit(lost);
    ASSERT_TRUE(commit) << commit.error().message();
    EXPECT_EQ(*commit->tree->read("a", 10), "2");
}

TEST_F(GitHttpTest, SaysWhatIsWrong) {
    const auto missing = fetch(server_.url("nowhere"), Revision{"", "main"});
    EXPECT_EQ(missing.error().message(),
              server_.host() +
                  " has no repository at /nowhere (HTTP 404); check the url, "
                  "and if it is private, name a git credential for it");
    EXPECT_EQ(fetch(server_.url("private/x"), Revision{"", "main"}).error().code(), Errc::denied);
    EXPECT_EQ(fetch_branch("main").error().message(),
              "the repository is empty: it has no branch yet");
    repository_.commit_files({{"a", "1"}}, "first");
    EXPECT_EQ(fetch_branch("mian").error().message(), "no branch 'mian'; there is only main");
    EXPECT_EQ(fetch_commit(std::string(40, 'e')).error().code(), Errc::not_found);
}

TEST_F(GitHttpTest, ConnectionsCutAtAnyPointLeaveAMirrorThatWorks) {
    support::run_shell("head -c 300000 /dev/urandom > " + repository_.path() + "/big");
    const std::string id = repository_.commit("first");
    std::atomic<std::size_t> limit = 0;
    int failures = 0;
    std::atomic<std::size_t> bytes = 0;
    TcpServer proxy(
        [&](TcpServer::Connection& client) { relay(client, server_.port(), limit, bytes); });
    const std::string url = "http://" + proxy.host() + "/shop";
    for (const std::size_t cut :
         {1U, 100U, 400U, 700U, 1'000U, 50'000U, 200'000U, 300'000U, 300'500U}) {
        limit = cut;
        const auto commit = fetch(url, Revision{"", "main"});
        if (commit) continue;    // the last bytes are not needed
        ++failures;
        EXPECT_EQ(commit.error().code(), Errc::unavailable)
            << cut << ": " << commit.error().message();
    }
    EXPECT_GE(failures, 6);
    limit = unlimited;
    const auto commit = fetch(url, Revision{"", "main"});
    ASSERT_TRUE(commit) << commit.error().message();
    EXPECT_EQ(commit->id, id);
    EXPECT_EQ(commit->tree->read("big", 300'000)->size(), 300'000U);
}

TEST_F(GitHttpTest, ALocalUrlIsRedirectedWithinItsHost) {
    const std::string id = repository_.commit_files({{"a", "1"}}, "first");
    TcpServer front([&](TcpServer::Connection& client) {
        const std::string head = client.read_head();
        client.write(
            "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:" + std::to_string(server_.port()) +
            "/shop/info/refs?service=git-upload-pack\r\nContent-Length: 0\r\n\r\n");
    });
    const auto commit = fetch("http://" + front.host() + "/old", Revision{"", "main"});
    ASSERT_TRUE(commit) << commit.error().message();
    EXPECT_EQ(commit->id, id);
}

TEST_F(GitHttpTest, HttpsChecksTheCertificate) {
    const std::string id = repository_.commit_files({{"a", "1"}}, "first");
    const support::TlsFront front(server_.port());
    const std::string url = "https://" + front.host() + "/shop";
    const auto refused = fetch(url, Revision{"", "main"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), Errc::unavailable);
    EXPECT_NE(
        refused.error().message().find("the certificate of " + front.host() + " is not trusted"),
        std::string::npos)
        << refused.error().message();
    ::setenv("SSL_CERT_FILE", front.certificate().c_str(), 1);
    const auto commit = fetch(url, Revision{"", "main"});
    ::unsetenv("SSL_CERT_FILE");
    ASSERT_TRUE(commit) << commit.error().message();
    EXPECT_EQ(commit->id, id);
}

}    // namespace
}    // namespace trueup::source
