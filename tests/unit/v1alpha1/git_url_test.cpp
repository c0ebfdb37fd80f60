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

GitUrl ssh(std::string user, std::string host, std::uint16_t port, std::string path) {
    return GitUrl{GitScheme::ssh, std::move(user), std::move(host), port, std::move(path)};
}

TEST(GitUrl, AcceptsSshAsUrlAndInTheFormOfScp) {
    const std::vector<std::pair<std::string, GitUrl>> cases{
        {"ssh://git@host/team/shop.git", ssh("git", "host", 0, "/team/shop.git")},
        {"ssh://git@host:2222/shop", ssh("git", "host:2222", 2222, "/shop")},
        {"ssh://host/shop", ssh("", "host", 0, "/shop")},
        {"ssh://git@[::1]:2222/shop", ssh("git", "[::1]:2222", 2222, "/shop")},
        {"ssh://git@host/~/shop", ssh("git", "host", 0, "~/shop")},
        {"ssh://git@host/~anna/shop", ssh("git", "host", 0, "~anna/shop")},
        {"ssh://git@host/my%20shop", ssh("git", "host", 0, "/my shop")},
        {"git@host:team/shop.git", ssh("git", "host", 0, "team/shop.git")},
        {"git@host:/srv/shop.git", ssh("git", "host", 0, "/srv/shop.git")},
        {"git@host:~/shop.git", ssh("git", "host", 0, "~/shop.git")},
        {"git@[fe80::1]:shop%20", ssh("git", "[fe80::1]", 0, "shop%20")},
    };
    for (const auto& [url, expected] : cases) {
        const auto parsed = parse_git_url(url);
        ASSERT_TRUE(parsed) << url << ": " << parsed.error().message();
        EXPECT_EQ(*parsed, expected) << url;
        EXPECT_TRUE(parsed->remote());
    }
    EXPECT_EQ(parse_git_url("ssh://git@[::1]:2222/shop")->host_name(), "::1");
    EXPECT_EQ(parse_git_url("https://host:2222/shop")->host_name(), "host");
    EXPECT_EQ(parse_git_url("/srv/shop")->host_name(), "");
}

// ssh and the server's git get them as words of command lines.
TEST(GitUrl, NothingInAnSshUrlLooksLikeAnOption) {
    for (const char* url :
         {"ssh://-oProxyCommand=id@host/x", "ssh://git@-oProxyCommand=id/x", "ssh://git@host;id/x",
          "ssh://git@$(id)/x", "ssh://g`id`@host/x", "git@-host:x", "git@host:-x", "-git@host:x",
          "ssh://git@host/x%0ay", "ssh://git@host/x%00", "ssh://git@host/%zz", "ssh://git@host/x%4",
          "ssh://git@h\xc3\xa4st/x", "ssh://git@host:0/x", "ssh://git@host:65536/x",
          "ssh://git@[host]/x", "ssh://git@[::1/x"}) {
        const auto parsed = parse_git_url(url);
        ASSERT_FALSE(parsed) << url;
        EXPECT_EQ(parsed.error().code(), Errc::invalid);
    }
}

TEST(GitUrl, RefusesTheRestWithAdvice) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"", "the url is empty"},
        {"github.com:team/shop.git", "write user@host:path"},
        {"@github.com:team/shop.git", "write user@host:path"},
        {"ssh://@github.com/team/shop.git", "empty user"},
        {"ssh://git:pw@github.com/team/shop.git", "carries a password"},
        {"ssh://git@github.com", "no repository"},
        {"ssh://git@github.com/", "no repository"},
        {"git@github.com:", "no repository"},
        {"ssh://git@github.com/x?y", "query"},
        {"git://github.com/team/shop.git", "not supported (it checks nothing"},
        {"git+ssh://git@github.com/x", "write ssh://"},
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
          "https://host/x?token=hunter2", "ssh://u:hunter2@host/x", "u:hunter2@host:x",
          "ssh://hunter2 @host/x", "ssh://u:hunter2@host:y/x", "ssh://u@host/x?hunter2"}) {
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
