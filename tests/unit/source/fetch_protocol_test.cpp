// SPDX-License-Identifier: Apache-2.0
#include "controller/source/fetch_protocol.hpp"

#include <gtest/gtest.h>

#include "controller/base/text.hpp"
#include "controller/source/fetch_error.hpp"

namespace trueup::source {
namespace {

TEST(FetchProtocol, RequestsComeBackEqual) {
    FetchRequest request;
    request.url = "https://host/x \"quoted\"";
    request.mirror = "/var/lib/trueup/x";
    request.branch = "main";
    request.deadline = base::Milliseconds(1500);
    request.parent = 42;
    request.credential.kind = GitCredential::Kind::ssh_key;
    request.credential.name = "shop-git";
    request.credential.username = "git";
    request.credential.secret = "\"\\ \xff";
    request.credential.private_key = "/etc/trueup/key";
    request.credential.known_hosts = "/etc/trueup/known_hosts";
    request.credential.authorities = "/etc/trueup/ca.pem";
    EXPECT_EQ(*parse_request(to_text(request)), request);
    EXPECT_FALSE(parse_request(""));
    EXPECT_FALSE(parse_request("{}"));
    EXPECT_FALSE(parse_request("[1]"));
    const std::string rest = R"("url":"x","mirror":"y","deadlineMilliseconds":1)";
    EXPECT_TRUE(parse_request("{" + rest + "}"));
    EXPECT_FALSE(parse_request("{" + rest + R"(,"credential":1})"));
    EXPECT_FALSE(parse_request("{" + rest + R"(,"credential":{"kind":9}})"));
}

TEST(FetchProtocol, AnswersComeBackEqual) {
    const Result<std::string> good = std::string(40, 'a');
    EXPECT_EQ(*parse_answer(to_text(good)), *good);
    const Result<std::string> bad = Error(Errc::denied, "no");
    EXPECT_EQ(parse_answer(to_text(bad)).error(), bad.error());
    const Result<std::string> junk = Error(Errc::unavailable, "sent \xff\xfe");
    EXPECT_EQ(parse_answer(to_text(junk)).error().message(), "sent ??");
    for (const char* text : {"", "{}", "[]", "{\"code\":77}", "{\"code\":\"x\"}"}) {
        EXPECT_EQ(parse_answer(text).error().code(), Errc::internal) << text;
    }
}

TEST(NoSuchBranch, NamesTheClosestFirst) {
    EXPECT_EQ(no_such_branch("mian", {"zeta", "alpha", "main", "beta", "gamma", "delta"}, false)
                  .message(),
              "no branch 'mian'; there are main, alpha, beta, delta, gamma and 1 more");
    EXPECT_EQ(no_such_branch("v1", {"main"}, true).message(),
              "no branch 'v1' (there is a tag of that name; tags are not supported yet by this "
              "version); there is only main");
}

}    // namespace
}    // namespace trueup::source
