// SPDX-License-Identifier: Apache-2.0
#include "controller/source/git_credentials.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temp_directory.hpp"

namespace trueup::source {
namespace {

class GitCredentialsTest : public testing::Test {
protected:
    GitCredentialsTest() {
        write("token", "hunter2\n");
        const auto read = v1alpha1::parse_configuration(
            "apiVersion: trueup.dev/v1alpha1\n"
            "kind: ControllerConfiguration\n"
            "gitCredentials:\n"
            "  - {name: shop, url: 'https://git.example.com/team', username: me, "
            "passwordFile: token, caFile: ca.pem}\n"
            "  - {name: plain, url: 'http://git.example.com:3000', bearerTokenFile: token}\n"
            "  - {name: key, url: 'ssh://git@git.example.com', privateKeyFile: key, "
            "passphraseFile: token, knownHostsFile: hosts}\n",
            directory_ / "config.yaml");
        EXPECT_TRUE(read) << read.error().message();
        credentials = GitCredentials(read->git_credentials);
    }
    void write(const std::string& name, const std::string& content) {
        std::ofstream(directory_ / name) << content;
    }
    support::TempDirectory directory_;
    GitCredentials credentials;
};

TEST_F(GitCredentialsTest, AreReadAndFitWhatAFetchWants) {
    const auto shop = credentials.read("shop", "https://git.example.com/team/shop.git");
    ASSERT_TRUE(shop) << shop.error().message();
    EXPECT_EQ(shop->kind, GitCredential::Kind::basic);
    EXPECT_EQ(shop->username, "me");
    EXPECT_EQ(shop->secret, "hunter2");
    EXPECT_EQ(shop->authorities, directory_ / "ca.pem");
    const auto plain = credentials.read("plain", "http://git.example.com:3000/x");
    const auto key = credentials.read("key", "git@git.example.com:team/shop.git");
    ASSERT_TRUE(plain && key);
    EXPECT_EQ(key->private_key, directory_ / "key");
    EXPECT_EQ(key->known_hosts, directory_ / "hosts");
    EXPECT_EQ(key->secret, "hunter2");
    const auto fits = [](const GitCredential& credential, const std::string& url) {
        const auto checked = check_credential_for(credential, *v1alpha1::parse_git_url(url));
        return checked ? std::string("yes") : checked.error().message();
    };
    EXPECT_EQ(fits(*shop, "https://git.example.com/team/shop.git"), "yes");
    EXPECT_EQ(fits(*plain, "http://git.example.com:3000/x"), "yes");
    EXPECT_EQ(fits(*key, "git@git.example.com:team/shop.git"), "yes");
    EXPECT_EQ(*credentials.read("", "https://elsewhere.example.com/x"), GitCredential());
}

TEST_F(GitCredentialsTest, NewSecretCountsAtOnce) {
    write("token", "correct-horse");
    EXPECT_EQ(credentials.read("shop", "https://git.example.com/team/shop.git")->secret,
              "correct-horse");
}

TEST_F(GitCredentialsTest, AreRefusedWhereTheyAreNotMeant) {
    const auto unknown = credentials.read("stop", "https://git.example.com/team/shop.git");
    EXPECT_EQ(unknown.error(), Error(Errc::invalid,
                                     "there is no git credential 'stop' in the controller's "
                                     "configuration, which has shop, plain, key"));
    const auto elsewhere = credentials.read("shop", "https://git.example.com/other/shop.git");
    EXPECT_EQ(elsewhere.error(),
              Error(Errc::denied,
                    "the git credential 'shop' is for https://git.example.com/team, and "
                    "https://git.example.com/other/shop.git does not lie below it (name another "
                    "credential, or change its url in the configuration)"));
    EXPECT_EQ(credentials.read("shop", "http://git.example.com/team/shop.git").error().code(),
              Errc::denied);
    EXPECT_EQ(credentials.read("shop", "/srv/team/shop.git").error().code(), Errc::denied);
    EXPECT_EQ(
        GitCredentials().read("shop", "/srv/shop").error().message(),
        "there is no git credential 'shop' in the controller's configuration, which has none");
}

TEST_F(GitCredentialsTest, FileThatIsNotThereMayComeBack) {
    std::filesystem::remove(directory_ / "token");
    const auto missing = credentials.read("shop", "https://git.example.com/team/shop.git");
    EXPECT_EQ(missing.error().code(), Errc::unavailable);
    EXPECT_EQ(missing.error().message(), "git credential shop: cannot read " +
                                             (directory_ / "token") +
                                             ": No such file or directory");
}

}    // namespace
}    // namespace trueup::source
