// SPDX-License-Identifier: Apache-2.0
#include "controller/dockerfile/ignore.hpp"

#include <gtest/gtest.h>

namespace trueup::dockerfile {
namespace {

Ignore rules(std::string_view text) {
    auto ignore = Ignore::parse(text, ".dockerignore");
    EXPECT_TRUE(ignore) << ignore.error().message();
    return ignore ? std::move(*ignore) : Ignore();
}

TEST(Dockerignore, AnEmptyFileExcludesNothing) {
    EXPECT_TRUE(rules("").empty());
    EXPECT_TRUE(rules("\n# only a comment\n  \n").empty());
    EXPECT_FALSE(rules("").excludes("a"));
}

TEST(Dockerignore, APatternIsForTheRootAndEverythingBelowItsMatch) {
    const Ignore ignore = rules("node_modules\n*.log\ndocs/*.md\n");
    EXPECT_TRUE(ignore.excludes("node_modules"));
    EXPECT_TRUE(ignore.excludes("node_modules/a/b.js"));
    EXPECT_FALSE(ignore.excludes("web/node_modules"));
    EXPECT_TRUE(ignore.excludes("x.log"));
    EXPECT_FALSE(ignore.excludes("a/x.log"));
    EXPECT_TRUE(ignore.excludes("docs/a.md"));
    EXPECT_FALSE(ignore.excludes("docs/x/a.md"));
}

TEST(Dockerignore, TwoStarsAreForEveryDepth) {
    const Ignore ignore = rules("**/*.pyc\n**/.git\n");
    EXPECT_TRUE(ignore.excludes("a.pyc"));
    EXPECT_TRUE(ignore.excludes("x/y/a.pyc"));
    EXPECT_TRUE(ignore.excludes("sub/.git/config"));
}

TEST(Dockerignore, TheLastMatchWins) {
    const Ignore ignore = rules("*\n!app\n!README*\napp/secret\n");
    EXPECT_TRUE(ignore.excludes("Makefile"));
    EXPECT_FALSE(ignore.excludes("README.md"));
    EXPECT_FALSE(ignore.excludes("app/main.py"));
    EXPECT_TRUE(ignore.excludes("app/secret"));
    EXPECT_TRUE(ignore.excludes("app/secret/key"));
    EXPECT_TRUE(ignore.has_exceptions());
}

TEST(Dockerignore, AFileInsideAnExcludedFolderCanComeBack) {
    const Ignore ignore = rules("build\n!build/keep.txt\n");
    EXPECT_TRUE(ignore.excludes("build/x"));
    EXPECT_FALSE(ignore.excludes("build/keep.txt"));
}

TEST(Dockerignore, SlashesAndDotsDoNotMatter) {
    for (const char* text : {"/a/b", "a/b/", "./a/b", "a//b", "a/x/../b", "  a/b  ", "a/b\r"}) {
        EXPECT_TRUE(rules(text).excludes("a/b/c")) << text;
        EXPECT_FALSE(rules(text).excludes("a/c")) << text;
    }
}

TEST(Dockerignore, WhatIsOutsideOfTheContextMatchesNothing) {
    const Ignore ignore = rules("../x\n.\n/\n");
    EXPECT_FALSE(ignore.excludes("x"));
    EXPECT_FALSE(ignore.excludes("a/b"));
}

TEST(Dockerignore, CommentsStartTheLine) {
    const Ignore ignore = rules("\xEF\xBB\xBF# a\n#b\n \\#c\nd#e\n");
    EXPECT_FALSE(ignore.excludes("#b"));
    EXPECT_TRUE(ignore.excludes("#c"));
    EXPECT_TRUE(ignore.excludes("d#e"));
}

TEST(Dockerignore, AnExceptionMayHaveBlanks) { EXPECT_FALSE(rules("*\n!  a  \n").excludes("a")); }

TEST(Dockerignore, EveryMalformedLineIsTold) {
    const auto ignore = Ignore::parse("ok\n[a\n!\n!x\nb\\\n", "web/.dockerignore");
    ASSERT_FALSE(ignore);
    EXPECT_EQ(ignore.error().message(),
              "web/.dockerignore:2:1: malformed pattern '[a': '[' is not closed\n"
              "web/.dockerignore:3:1: '!' names nothing to take back\n"
              "web/.dockerignore:5:1: malformed pattern 'b\\': nothing follows the last '\\'");
}

TEST(Dockerignore, RulesHaveALimit) {
    std::string text;
    for (int line = 0; line < 10'002; ++line) text += "a\n";
    const auto ignore = Ignore::parse(text, "f");
    ASSERT_FALSE(ignore);
    EXPECT_NE(ignore.error().message().find("f:10001:1: more than 10000 patterns"),
              std::string::npos);
}

TEST(Dockerignore, AWalkKnowsTheSame) {
    const Ignore ignore = rules("*\n!a\na/b\n!a/b/c\n");
    const auto a = ignore.enter("a", Ignore::State());
    const auto b = ignore.enter("a/b", a);
    EXPECT_FALSE(ignore.excluded(a));
    EXPECT_TRUE(ignore.excluded(b));
    EXPECT_FALSE(ignore.excluded(ignore.enter("a/b/c", b)));
    EXPECT_TRUE(ignore.excluded(ignore.enter("a/b/d", b)));
}

TEST(Dockerignore, AListOfPatternsIsTheSame) {
    const auto ignore = Ignore::of({"*.md", "!README.md"}, "COPY --exclude");
    ASSERT_TRUE(ignore);
    EXPECT_TRUE(ignore->excludes("a.md"));
    EXPECT_FALSE(ignore->excludes("README.md"));
    EXPECT_EQ(Ignore::of({"[a"}, "COPY --exclude").error().message(),
              "COPY --exclude: malformed pattern '[a': '[' is not closed");
}

}    // namespace
}    // namespace trueup::dockerfile
