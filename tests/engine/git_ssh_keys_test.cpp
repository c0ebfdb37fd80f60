// SPDX-License-Identifier: Apache-2.0
// Who is let in over ssh, and which server is believed: against OpenSSH's own.
#include <gtest/gtest.h>

#include "tests/engine/git_ssh_fixture.hpp"

namespace trueup::source {
namespace {

class GitSshKeysTest : public GitSshTest {};

// Each alone, so that it is the one that is used.
TEST_F(GitSshKeysTest, EveryKindOfHostKey) {
    for (const char* type : {"ed25519", "ecdsa", "rsa"}) {
        const SshServer server({type});
        introduce(server, type);
        const auto commit = fetch(server);
        EXPECT_TRUE(commit) << type << ": " << commit.error().message() << server.log();
    }
}

TEST_F(GitSshKeysTest, TheHostKeyThatIsKnownIsTheOneThatIsAskedFor) {
    const SshServer server({"ed25519", "ecdsa", "rsa"});
    for (const char* type : {"rsa", "ecdsa", "ed25519"}) {
        introduce(server, type);
        const auto commit = fetch(server);
        EXPECT_TRUE(commit) << type << ": " << commit.error().message();
    }
}

TEST_F(GitSshKeysTest, EveryKindOfUserKey) {
    const SshServer server;
    introduce(server);
    const std::vector<std::pair<std::string, std::string>> kinds{{"ed25519", ""},
                                                                 {"ecdsa", ""},
                                                                 {"rsa", "-b 2048"},
                                                                 {"rsa", "-b 2048 -m PEM"},
                                                                 {"ecdsa", "-m PKCS8"}};
    int number = 0;
    for (const auto& [type, format] : kinds) {
        for (const char* phrase : {"", "hunter2 phrase"}) {
            GitCredential used = credential(server);
            used.private_key =
                make_ssh_key(directory_ / fmt::format("key{}", ++number), type, phrase, format);
            used.secret = phrase;
            server.authorize(used.private_key);
            std::filesystem::remove(used.private_key + ".pub");
            const auto commit = fetch(server, used);
            EXPECT_TRUE(commit) << type << " " << format << ": " << commit.error().message();
        }
    }
}

TEST_F(GitSshKeysTest, KeysWithAPassphrase) {
    const SshServer server;
    GitCredential used = credential(server);
    used.private_key = directory_ / "locked";
    // Not through a shell: the passphrase has quotes in it.
    make_ssh_key(used.private_key, "ed25519", R"(hunter2 phrase "x'"'"')");
    introduce(server);
    server.authorize(used.private_key);
    used.secret = "hunter2 phrase \"x'";
    const auto commit = fetch(server, used);
    EXPECT_TRUE(commit) << commit.error().message() << server.log();
    used.secret = "hunter2 wrong";
    const Error wrong = fetch(server, used).error();
    EXPECT_EQ(wrong, Error(Errc::denied, "the private key " + used.private_key +
                                             " of the git credential 'shop-git' is not opened by "
                                             "the passphrase of the credential"));
    used.secret.clear();
    EXPECT_EQ(fetch(server, used).error(),
              Error(Errc::denied, "the private key " + used.private_key +
                                      " of the git credential 'shop-git' has a passphrase, and the "
                                      "credential names none"));
}

TEST_F(GitSshKeysTest, KeysThatAreRefused) {
    const SshServer server;
    introduce(server);
    GitCredential used = credential(server);
    used.private_key = make_ssh_key(directory_ / "other");
    EXPECT_EQ(
        fetch(server, used).error(),
        Error(Errc::denied,
              fmt::format("{} refuses the git credential 'shop-git' for user {}; add the "
                          "public key of {} to the server (as a deploy key of {}), or name "
                          "the right user",
                          server.host(), SshServer::user(), used.private_key, repository_.path())));
    GitCredential none;
    none.name = "hosts-only";
    none.known_hosts = known_hosts_;
    const Error anonymous = fetch(server, none).error();
    EXPECT_EQ(anonymous.code(), Errc::denied);
    EXPECT_NE(anonymous.message().find("name a git credential with an ssh key"), std::string::npos)
        << anonymous.message();
    const auto told = [&](const std::string& key) {
        used.private_key = key;
        const Error error = fetch(server, used).error();
        EXPECT_EQ(error.code(), Errc::denied);
        return error.message();
    };
    EXPECT_NE(told(directory_ / "nowhere").find("cannot be read: No such file"), std::string::npos);
    support::write_file(directory_ / "junk", "junk");
    std::filesystem::permissions(directory_ / "junk", std::filesystem::perms::owner_read);
    EXPECT_NE(told(directory_ / "junk").find("cannot be read by ssh: "), std::string::npos);
    std::filesystem::permissions(key_, std::filesystem::perms::all);
    EXPECT_NE(told(key_).find("chmod 600"), std::string::npos);
}

TEST_F(GitSshKeysTest, UnknownHosts) {
    const SshServer server;
    introduce(server);
    know("");
    const std::string fingerprint = support::run_shell(fmt::format(
        "echo '{}' | ssh-keygen -lf - | cut -d' ' -f2", server.public_host_key("ed25519")));
    EXPECT_EQ(
        fetch(server).error(),
        Error(Errc::denied,
              fmt::format("the host key of {0} is not known: it shows ssh-ed25519 {1}, and {2} "
                          "has no key of that kind for it. Add it with ssh-keyscan -p {3} "
                          "127.0.0.1 >> {2}, and compare the fingerprint with the one that "
                          "the server's owner publishes",
                          server.host(), fingerprint, known_hosts_, server.port())));
    std::filesystem::remove(known_hosts_);
    EXPECT_EQ(fetch(server).error(),
              Error(Errc::denied, "the known_hosts file " + known_hosts_ +
                                      " cannot be read: No such file or directory"));
}

TEST_F(GitSshKeysTest, ChangedAndRevokedHostKeys) {
    SshServer server;
    introduce(server);
    ASSERT_TRUE(fetch(server));
    const std::string old = server.known_hosts_line("ed25519");
    server.change_host_key("ed25519");
    know("# the server\n" + old);
    const Error changed = fetch(server).error();
    EXPECT_EQ(changed.code(), Errc::denied);
    for (const std::string& part :
         {"the host key of " + server.host() + " has changed: it shows ssh-ed25519 SHA256:",
          known_hosts_ + " in line 2 has another one", fmt::format("-R '{}'", server.known_name()),
          fmt::format("ssh-keyscan -p {} 127.0.0.1", server.port())}) {
        EXPECT_NE(changed.message().find(part), std::string::npos) << changed.message();
    }
    know(server.known_hosts_line("ed25519"));
    EXPECT_TRUE(fetch(server));
    know(server.known_hosts_line("ed25519") + "@revoked * " + server.public_host_key("ed25519") +
         "\n");
    const Error revoked = fetch(server).error();
    EXPECT_EQ(revoked.code(), Errc::denied);
    EXPECT_NE(revoked.message().find("is marked as revoked in " + known_hosts_), std::string::npos)
        << revoked.message();
}

TEST_F(GitSshKeysTest, HashedNamesInKnownHosts) {
    const SshServer server;
    introduce(server);
    const std::string plain = directory_ / "plain";
    support::write_file(plain, server.known_hosts_line("ed25519"));
    support::run_shell("ssh-keygen -H -f " + plain + " 2>&1");
    const std::string hashed = support::read_file(plain);
    ASSERT_TRUE(hashed.starts_with("|1|")) << hashed;
    know(hashed);
    EXPECT_TRUE(fetch(server));
    know("|1|AAAAAAAAAAAAAAAAAAAAAAAAAAA=|AAAAAAAAAAAAAAAAAAAAAAAAAAA= " +
         server.public_host_key("ed25519") + "\n");
    EXPECT_NE(fetch(server).error().message().find("is not known"), std::string::npos);
}

TEST_F(GitSshKeysTest, HostKeysOfOtherPortsAndJunkLinesDoNotCount) {
    const SshServer server;
    introduce(server);
    know(fmt::format("[127.0.0.1]:{} {}\n", server.port() == 1 ? 2 : 1,
                     server.public_host_key("ed25519")));
    EXPECT_NE(fetch(server).error().message().find("is not known"), std::string::npos);
    know("junk\n\n# comment\n" + server.known_name() + " ssh-ed25519 !!!!\n@nobody * x y\n" +
         server.known_hosts_line("ed25519"));
    EXPECT_TRUE(fetch(server));
}

TEST_F(GitSshKeysTest, AServerThatKnowsOldAlgorithmsOnly) {
    const SshServer server({"rsa"}, "HostKeyAlgorithms ssh-rsa");
    introduce(server, "rsa");
    const Error error = fetch(server).error();
    EXPECT_EQ(error.code(), Errc::unavailable);
    EXPECT_NE(error.message().find("no matching host key type found. Their offer: ssh-rsa"),
              std::string::npos)
        << error.message();
}

}    // namespace
}    // namespace trueup::source
