// SPDX-License-Identifier: Apache-2.0
#include "controller/base/text.hpp"

#include <gtest/gtest.h>

#include "controller/base/digest.hpp"
#include "controller/base/error.hpp"

namespace trueup::base {
namespace {

using namespace std::chrono_literals;

TEST(Text, suggests_the_closest_name_and_nothing_far_off) {
    constexpr std::string_view names[] = {"image", "build", "command"};
    EXPECT_EQ(suggest("imgae", names), "did you mean 'image'?");
    EXPECT_EQ(suggest("comand", names), "did you mean 'command'?");
    EXPECT_EQ(suggest("volumes", names), "");
    EXPECT_EQ(suggest(std::string(1000, 'a'), names), "");
}

TEST(Text, reads_durations_as_go_writes_them) {
    EXPECT_EQ(parse_duration("10s"), std::chrono::nanoseconds(10s));
    EXPECT_EQ(parse_duration("1m30s"), std::chrono::nanoseconds(90s));
    EXPECT_EQ(parse_duration("500ms"), std::chrono::nanoseconds(500ms));
    EXPECT_EQ(parse_duration("1.5s"), std::chrono::nanoseconds(1500ms));
    EXPECT_EQ(parse_duration("2h"), std::chrono::nanoseconds(2h));
    EXPECT_EQ(parse_duration("0"), std::chrono::nanoseconds(0));
    for (const char* wrong : {"", "10", "s", "1x", "1m 30s", "..s", "1.2.3s", "99999999999h"}) {
        EXPECT_EQ(parse_duration(wrong), std::nullopt) << wrong;
    }
}

TEST(Text, writes_durations_back) {
    EXPECT_EQ(format_duration(90s), "1m30s");
    EXPECT_EQ(format_duration(1500ms), "1s500ms");
    EXPECT_EQ(format_duration(0s), "0s");
}

TEST(Text, finds_the_first_byte_that_is_not_utf8) {
    EXPECT_EQ(find_invalid_utf8("plain, é, 日本, 😀"), std::nullopt);
    EXPECT_EQ(find_invalid_utf8("ab\xFFzz"), 2U);
    EXPECT_EQ(find_invalid_utf8("\xC0\xAF"), 0U) << "overlong";
    EXPECT_EQ(find_invalid_utf8("\xED\xA0\x80"), 0U) << "surrogate";
    EXPECT_EQ(find_invalid_utf8("a\xE6\x97"), 1U) << "cut off";
}

TEST(Text, normal_paths_stay_inside_their_root) {
    EXPECT_EQ(normal_path("a/./b/../c"), "a/c");
    EXPECT_EQ(normal_path("./x"), "x");
    EXPECT_EQ(normal_path("."), "");
    EXPECT_EQ(normal_path("a//b/"), "a/b");
    EXPECT_EQ(normal_path("../x"), std::nullopt);
    EXPECT_EQ(normal_path("a/../../x"), std::nullopt);
    EXPECT_EQ(normal_path("/etc"), std::nullopt);
}

TEST(Digest, blob_ids_are_gits) {
    // printf 'hello\n' | git hash-object --stdin
    EXPECT_EQ(git_blob_id("hello\n"), "ce013625030ba8dba906f756967f9e9ca394464a");
    EXPECT_EQ(git_blob_id(""), "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
}

TEST(Error, context_is_put_in_front_and_problems_are_listed) {
    const Error error = Error(Errc::timeout, "no answer").in("service api").in("stack shop");
    EXPECT_EQ(error.message(), "stack shop: service api: no answer");
    const Error problems(
        Problems{{Position{"a.yaml", 3, 7}, "unknown field 'x'", "did you mean 'y'?"},
                 {Position{"b.yaml", 0, 0}, "bad", ""}});
    EXPECT_EQ(problems.message(), "a.yaml:3:7: unknown field 'x' (did you mean 'y'?)\nb.yaml: bad");
    EXPECT_TRUE(is_terminal(problems));
    EXPECT_FALSE(is_terminal(error));
    EXPECT_FALSE(needs_somebody(error));
    const Error refused(Errc::denied, "unauthorized");
    EXPECT_FALSE(is_terminal(refused)) << "nobody tells when it would be let in";
    EXPECT_TRUE(needs_somebody(refused));
}

TEST(Clock, TimesAsKubernetesWritesThem) {
    for (const std::string text :
         {"2026-11-24T10:00:00Z", "1970-01-01T00:00:00Z", "2024-02-29T23:59:59Z"}) {
        ASSERT_TRUE(parse_rfc3339(text)) << text;
        EXPECT_EQ(to_rfc3339(*parse_rfc3339(text)), text);
    }
    for (const std::string text :
         {"", "now", "2026-11-24", "2026-11-24T10:00:00", "2026-02-30T10:00:00Z",
          "2026-11-24T25:00:00Z", "2026-11-24T10:61:00Z", "2026-11-24T-1:00:00Z"}) {
        EXPECT_FALSE(parse_rfc3339(text)) << text;
    }
}

}    // namespace
}    // namespace trueup::base
