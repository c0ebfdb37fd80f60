// SPDX-License-Identifier: Apache-2.0
#include "controller/source/git_credential.hpp"

#include <gtest/gtest.h>

namespace trueup::source {
namespace {

using Kind = GitCredential::Kind;

GitCredential credential(Kind kind) {
    GitCredential made;
    made.kind = kind;
    made.name = "shop-git";
    made.hosts = {"git.example.com"};
    if (kind == Kind::basic) made.username = "anna";
    if (kind == Kind::basic || kind == Kind::bearer) made.secret = "hunter2";
    if (kind == Kind::ssh_key) made.private_key = "/etc/trueup/key";
    return made;
}

Error use(const GitCredential& used, std::string_view url) {
    const auto checked = check_credential_for(used, *v1alpha1::parse_git_url(url));
    return checked ? Error(Errc::cancelled, "") : checked.error();
}
bool fits(const GitCredential& used, std::string_view url) {
    return use(used, url).code() == Errc::cancelled;
}

TEST(GitCredential, IsOfferedToItsHostsOnly) {
    GitCredential token = credential(Kind::bearer);
    token.hosts = {"git.example.com", "other.example.com:8443", "[::1]:8443",
                   "http://plain.example.com:3000"};
    EXPECT_TRUE(fits(token, "https://git.example.com/x"));
    EXPECT_TRUE(fits(token, "https://GIT.example.com:443/x"));
    EXPECT_TRUE(fits(token, "https://other.example.com:8443/x"));
    EXPECT_TRUE(fits(token, "https://[::1]:8443/x"));
    EXPECT_TRUE(fits(token, "http://plain.example.com:3000/x"));
    for (const char* url :
         {"https://git.example.com:8443/x", "https://example.com/x", "https://git.example.com.x/x",
          "https://xgit.example.com/x", "https://other.example.com/x", "http://git.example.com/x",
          "http://git.example.com:443/x", "https://plain.example.com:3000/x"}) {
        EXPECT_EQ(use(token, url).code(), Errc::denied) << url;
    }
    EXPECT_EQ(use(token, "https://evil.example.com/x").message(),
              "the git credential 'shop-git' is not meant for evil.example.com over https; it is "
              "for git.example.com, other.example.com:8443, [::1]:8443, "
              "http://plain.example.com:3000 (add the host to its list in the controller's "
              "configuration, if it is trusted)");
    GitCredential key = credential(Kind::ssh_key);
    EXPECT_TRUE(fits(key, "git@git.example.com:x"));
    EXPECT_TRUE(fits(key, "ssh://git@git.example.com:22/x"));
    EXPECT_EQ(use(key, "ssh://git@git.example.com:2222/x").code(), Errc::denied);
}

TEST(GitCredential, IsOfTheKindThatTheUrlNeeds) {
    EXPECT_EQ(use(credential(Kind::basic), "git@git.example.com:x").code(), Errc::invalid);
    EXPECT_EQ(use(credential(Kind::bearer), "git@git.example.com:x").code(), Errc::invalid);
    EXPECT_EQ(use(credential(Kind::ssh_key), "https://git.example.com/x").code(), Errc::invalid);
    EXPECT_EQ(use(credential(Kind::basic), "/srv/x").code(), Errc::invalid);
    EXPECT_TRUE(fits(GitCredential(), "https://git.example.com/x"));
    EXPECT_TRUE(fits(GitCredential(), "/srv/x"));
    GitCredential authorities;
    authorities.authorities = "/etc/trueup/ca.pem";
    EXPECT_TRUE(fits(authorities, "https://git.example.com/x"));
}

TEST(GitCredential, SaysWhatIsMissingAndNeverWhatIsSecret) {
    const auto wrong = [](Kind kind, void (*change)(GitCredential&)) {
        GitCredential changed = credential(kind);
        change(changed);
        const auto checked = check_credential(changed);
        return checked ? std::string() : checked.error().message();
    };
    const std::vector<std::pair<std::string, std::string>> cases{
        {wrong(Kind::basic, [](GitCredential& it) { it.username.clear(); }), "needs a user name"},
        {wrong(Kind::basic, [](GitCredential& it) { it.username = "a:b"; }), "user name with ':'"},
        {wrong(Kind::basic, [](GitCredential& it) { it.secret.clear(); }), "password or token"},
        {wrong(Kind::basic, [](GitCredential& it) { it.secret = "hunter2\r\nX: y"; }),
         "line break"},
        {wrong(Kind::basic, [](GitCredential& it) { it.secret = std::string(9000, 'x'); }),
         "right file?"},
        {wrong(Kind::bearer, [](GitCredential& it) { it.secret = "hunter2 x"; }), "space"},
        {wrong(Kind::bearer, [](GitCredential& it) { it.hosts.clear(); }), "names no host"},
        {wrong(Kind::bearer, [](GitCredential& it) { it.hosts = {"a/b"}; }), "no host"},
        {wrong(Kind::bearer, [](GitCredential& it) { it.hosts = {"u:hunter2@h"}; }), "no host"},
        {wrong(Kind::bearer, [](GitCredential& it) { it.hosts = {"*"}; }), "no host"},
        {wrong(Kind::ssh_key, [](GitCredential& it) { it.private_key.clear(); }), "private key"},
        {wrong(Kind::ssh_key, [](GitCredential& it) { it.private_key = "key"; }), "absolute"},
        {wrong(Kind::ssh_key, [](GitCredential& it) { it.known_hosts = "/a b\"c"; }), "quotes"},
        {wrong(Kind::ssh_key, [](GitCredential& it) { it.secret = "hunter2\n"; }), "line break"},
    };
    for (const auto& [message, expected] : cases) {
        EXPECT_NE(message.find(expected), std::string::npos) << expected << ": " << message;
        EXPECT_NE(message.find("'shop-git'"), std::string::npos) << message;
        EXPECT_EQ(message.find("hunter2"), std::string::npos) << message;
    }
    for (const Kind kind : {Kind::none, Kind::basic, Kind::bearer, Kind::ssh_key})
        EXPECT_TRUE(check_credential(credential(kind)));
}

}    // namespace
}    // namespace trueup::source
