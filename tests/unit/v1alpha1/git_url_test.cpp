// SPDX-License-Identifier: Apache-2.0
#include "api/v1alpha1/git_url.hpp"

#include <gtest/gtest.h>

namespace trueup::v1alpha1 {
namespace {

TEST(GitUrl, AcceptsTheSupportedForms) {
    const auto https = parse_git_url("https://git.example.com:8443/team/shop.git");
    ASSERT_TRUE(https);
    EXPECT_EQ(https->scheme, GitScheme::https);
    EXPECT_EQ(https->host, "git.example.com:8443");
    EXPECT_EQ(https->path, "/team/shop.git");
    EXPECT_TRUE(https->remote());
    EXPECT_EQ(parse_git_url("http://127.0.0.1:80/x")->scheme, GitScheme::http);
    EXPECT_EQ(parse_git_url("http://[::1]:80/x")->host, "[::1]:80");
    EXPECT_EQ(parse_git_url("file:///srv/git/shop.git")->path, "/srv/git/shop.git");
    EXPECT_EQ(parse_git_url("file://localhost/srv/shop")->path, "/srv/shop");
    EXPECT_EQ(parse_git_url("/srv/git/shop.git")->scheme, GitScheme::path);
    EXPECT_EQ(parse_git_url("../shop")->path, "../shop");
    EXPECT_EQ(parse_git_url("./a:b")->path, "./a:b");
}

TEST(GitUrl, RefusesTheRestWithAdvice) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"", "the url is empty"},
        {"git@github.com:team/shop.git", "ssh is not supported yet"},
        {"ssh://git@github.com/team/shop.git", "ssh is not supported yet"},
        {"htps://host/x", "did you mean 'https'?"},
        {"ftp://host/x", "unknown url scheme 'ftp'"},
        {"https://host", "no repository"},
        {"https:///x", "no valid host"},
        {"https://host:port/x", "no valid host"},
        {"https://host/x y", "white space"},
        {"https://host/x?private_token=1", "query"},
        {"file://srv/x", "absolute path"},
        {std::string("https://host/\0x", 15), "control characters"},
        {"https://host/" + std::string(3000, 'x'), "longer than"},
    };
    for (const auto& [url, expected] : cases) {
        const auto parsed = parse_git_url(url);
        ASSERT_FALSE(parsed) << url;
        EXPECT_EQ(parsed.error().code(), Errc::invalid);
        EXPECT_NE(parsed.error().message().find(expected), std::string::npos)
            << parsed.error().message();
    }
}

TEST(GitUrl, NeverRepeatsSecrets) {
    for (const char* url :
         {"https://user:hunter2@host/x", "https://hunter2@host/x", "user:hunter2@https://host/x",
          "https://host/x?token=hunter2", "ssh://u:hunter2@host/x"}) {
        const auto parsed = parse_git_url(url);
        ASSERT_FALSE(parsed) << url;
        EXPECT_EQ(parsed.error().message().find("hunter2"), std::string::npos)
            << parsed.error().message();
        EXPECT_EQ(redact_git_url(url).find("hunter2"), std::string::npos) << redact_git_url(url);
    }
    EXPECT_EQ(redact_git_url("https://user:secret@host/x/y@z?q"), "https://host/x/y@z");
    EXPECT_EQ(redact_git_url("/srv/shop"), "/srv/shop");
}

}    // namespace
}    // namespace trueup::v1alpha1
