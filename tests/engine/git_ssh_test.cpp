// SPDX-License-Identifier: Apache-2.0
// Git over ssh against OpenSSH's own server.
#include <gtest/gtest.h>

#include "tests/engine/git_ssh_fixture.hpp"

namespace trueup::source {
namespace {

using support::TcpServer;
using namespace std::chrono_literals;

TEST_F(GitSshTest, FetchesBranchesAndCommits) {
    const SshServer server;
    introduce(server);
    auto commit = fetch(server);
    ASSERT_TRUE(commit) << commit.error().message() << server.log();
    EXPECT_EQ(*commit->tree->read("app/main.py", 10), "1");
    const std::string second = repository_.commit_files({{"app/main.py", "2"}}, "second");
    EXPECT_EQ(fetch(server)->id, second);
    EXPECT_EQ(fetcher_.fetches(), 2);
    EXPECT_TRUE(fetch(server, credential(server), Revision{first_, ""}));
    EXPECT_EQ(fetcher_.fetches(), 2);
    commit = fetch(server, credential(server), Revision{"", "mian"});
    EXPECT_EQ(commit.error().message(), "no branch 'mian'; there is only main");
    EXPECT_EQ(fetch(server, credential(server), Revision{std::string(40, 'e'), ""}).error().code(),
              Errc::not_found);
}

TEST_F(GitSshTest, CommitsOnNoBranchIfTheServerAllowsIt) {
    const SshServer server;
    introduce(server);
    repository_.git("checkout -q --detach");
    const std::string lost = repository_.commit_files({{"a", "2"}}, "lost");
    repository_.git("checkout -q main");
    EXPECT_EQ(fetch(server, credential(server), Revision{lost, ""}).error().code(),
              Errc::not_found);
    repository_.git("config uploadpack.allowAnySHA1InWant true");
    const auto commit = fetch(server, credential(server), Revision{lost, ""});
    ASSERT_TRUE(commit) << commit.error().message();
    EXPECT_EQ(*commit->tree->read("a", 10), "2");
}

TEST_F(GitSshTest, BigRepositories) {
    const SshServer server;
    introduce(server);
    support::run_shell("head -c 4194304 /dev/urandom > " + repository_.path() + "/big");
    for (int index = 0; index < 300; ++index) repository_.git(fmt::format("tag v{}", index));
    const std::string id = repository_.commit("big");
    const auto commit = fetch(server);
    ASSERT_TRUE(commit) << commit.error().message();
    EXPECT_EQ(commit->id, id);
    EXPECT_EQ(commit->tree->read("big", 5'000'000)->size(), 4'194'304U);
}

TEST_F(GitSshTest, PathsReachTheServerAsTheyAre) {
    const SshServer server;
    introduce(server);
    const std::string odd = directory_ / "it's $HOME `x` 100%";
    std::filesystem::rename(repository_.path(), odd);
    std::string path = odd;
    for (const auto& [plain, escaped] : {std::pair("%", "%25"), std::pair(" ", "%20")}) {
        for (std::size_t at = 0; (at = path.find(plain, at)) != path.npos; at += 3)
            path.replace(at, 1, escaped);
    }
    const auto commit = fetcher_.fetch(server.url(path), Revision{"", "main"}, credential(server));
    ASSERT_TRUE(commit) << commit.error().message() << server.log();
    EXPECT_EQ(commit->id, first_);
}

TEST_F(GitSshTest, RepositoriesThatAreNotThere) {
    const SshServer server;
    introduce(server);
    const auto missing = fetcher_.fetch(server.url(directory_ / "nowhere"), Revision{"", "main"},
                                        credential(server));
    EXPECT_EQ(missing.error().code(), Errc::not_found);
    EXPECT_NE(missing.error().message().find(server.host() + " has no repository at " +
                                             (directory_ / "nowhere")),
              std::string::npos)
        << missing.error().message();
    const std::string forced = make_ssh_key(directory_ / "forced");
    server.authorize(forced, "echo 'ERROR: access denied by policy' >&2; exit 1");
    GitCredential used = credential(server);
    used.private_key = forced;
    const Error denied = fetch(server, used).error();
    EXPECT_EQ(denied.code(), Errc::denied);
    EXPECT_NE(denied.message().find("ERROR: access denied by policy"), std::string::npos)
        << denied.message();
}

TEST_F(GitSshTest, AnswersThatAreNotGit) {
    const SshServer server;
    introduce(server);
    GitCredential used = credential(server);
    int number = 0;
    for (const char* command :
         {"echo hello", "true", "false", "exit 3", "head -c 100000 /dev/urandom",
          "head -c 1000000 /dev/zero >&2; exit 1", "kill -9 $$"}) {
        used.private_key = make_ssh_key(directory_ / fmt::format("talk{}", ++number));
        server.authorize(used.private_key, command);
        const auto commit = fetch(server, used);
        ASSERT_FALSE(commit) << command;
        EXPECT_EQ(commit.error().code(), Errc::unavailable)
            << command << ": " << commit.error().message();
        EXPECT_LT(commit.error().message().size(), 2'000U);
    }
}

TEST_F(GitSshTest, ServersThatSayNothing) {
    TcpServer silent([](TcpServer::Connection& connection) { connection.hang(); });
    know("");
    GitCredential used;
    used.known_hosts = known_hosts_;
    fetcher_.deadline = 500ms;
    const auto begin = std::chrono::steady_clock::now();
    const auto commit =
        fetcher_.fetch("ssh://git@" + silent.host() + "/shop", Revision{"", "main"}, used);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
    EXPECT_EQ(commit.error(),
              Error(Errc::timeout,
                    silent.host() + " accepted the connection and said nothing for 500ms"));
    const SshServer server;
    server.authorize(key_, "sleep 60");
    know(server.known_hosts_line("ed25519"));
    fetcher_.deadline = 3s;
    EXPECT_EQ(fetch(server).error(),
              Error(Errc::timeout, server.host() + " did not finish within 3s"));
    EXPECT_EQ(descendants(), "");
}

TEST_F(GitSshTest, ServersThatAreNotThere) {
    know("");
    GitCredential used;
    used.known_hosts = known_hosts_;
    const std::string host = fmt::format("127.0.0.1:{}", support::unused_port());
    EXPECT_EQ(fetcher_.fetch("ssh://git@" + host + "/shop", Revision{"", "main"}, used).error(),
              Error(Errc::unavailable, "could not connect to " + host + ": Connection refused"));
    const Error unknown =
        fetcher_.fetch("git@no-such-host.invalid:shop", Revision{"", "main"}, used).error();
    EXPECT_EQ(unknown.code(), Errc::unavailable);
    EXPECT_NE(unknown.message().find("the host no-such-host.invalid is not known"),
              std::string::npos)
        << unknown.message();
    TcpServer web([](TcpServer::Connection& connection) {
        connection.write("HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    const Error wrong =
        fetcher_.fetch("ssh://git@" + web.host() + "/shop", Revision{"", "main"}, used).error();
    EXPECT_EQ(wrong.code(), Errc::unavailable);
    EXPECT_NE(wrong.message().find("is no ssh server"), std::string::npos) << wrong.message();
    EXPECT_EQ(fetcher_.fetch("ssh://host/shop", Revision{"", "main"}, used).error().code(),
              Errc::invalid);
}

TEST_F(GitSshTest, TheDesiredStateComesOverSshToo) {
    const SshServer server;
    introduce(server);
    repository_.commit_files({{"stacks/a.yaml", "x"}}, "stacks");
    const auto snapshot = fetcher_.read_desired(
        "git+" + server.url(repository_.path()) + "//stacks?ref=main", credential(server));
    ASSERT_TRUE(snapshot) << snapshot.error().message();
    ASSERT_EQ(snapshot->files.size(), 1U);
    EXPECT_EQ(snapshot->files.front().content, "x");
}

TEST_F(GitSshTest, SecretsAreNowhere) {
    const SshServer server;
    GitCredential used = credential(server);
    used.private_key = directory_ / "locked";
    make_ssh_key(used.private_key, "ed25519", "hunter2-phrase");
    used.secret = "hunter2-phrase";
    introduce(server);
    server.authorize(used.private_key, "sleep 60");
    fetcher_.deadline = 3s;
    const auto seen = fetcher_.watch_processes([&] {
        const auto hung = fetch(server, used);
        EXPECT_EQ(hung.error().code(), Errc::timeout) << hung.error().message();
        EXPECT_EQ(hung.error().message().find("hunter2"), std::string::npos);
    });
    EXPECT_NE(seen.find("git-upload-pack"), std::string::npos);    // ssh itself was seen
    EXPECT_EQ(seen.find("hunter2"), std::string::npos) << seen;
    GitCredential open = credential(server);
    open.name = used.name;
    fetcher_.deadline = 20s;
    ASSERT_TRUE(fetch(server, open));
    EXPECT_EQ(files_with(directory_ / "cache", "hunter2"), "");
    EXPECT_EQ(files_with(directory_ / "cache", "PRIVATE KEY"), "");
    EXPECT_EQ(files_with(directory_ / "cache", "main"), "packed-refs");    // it does look
}

}    // namespace
}    // namespace trueup::source
