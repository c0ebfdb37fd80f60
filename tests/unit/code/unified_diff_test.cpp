// SPDX-License-Identifier: Apache-2.0
#include "controller/code/unified_diff.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace trueup::code {
namespace {

std::string diff(std::string_view before, std::string_view after) {
    return unified_diff(before, after, "a", "b");
}

TEST(UnifiedDiff, EqualTextsHaveNone) {
    EXPECT_EQ(diff("", ""), "");
    EXPECT_EQ(diff("1\n2\n", "1\n2\n"), "");
}

TEST(UnifiedDiff, ChangedAddedAndRemovedLines) {
    EXPECT_EQ(diff("1\n2\n3\n", "1\nx\n3\n"), "--- a\n+++ b\n@@ -1,3 +1,3 @@\n 1\n-2\n+x\n 3\n");
    EXPECT_EQ(diff("1\n", "1\n2\n"), "--- a\n+++ b\n@@ -1 +1,2 @@\n 1\n+2\n");
    EXPECT_EQ(diff("", "1\n2\n"), "--- a\n+++ b\n@@ -0,0 +1,2 @@\n+1\n+2\n");
    EXPECT_EQ(diff("1\n", ""), "--- a\n+++ b\n@@ -1 +0,0 @@\n-1\n");
}

TEST(UnifiedDiff, ALastLineWithoutItsEnd) {
    EXPECT_EQ(diff("1", "1\n"),
              "--- a\n+++ b\n@@ -1 +1 @@\n-1\n\\ No newline at end of file\n+1\n");
}

TEST(UnifiedDiff, FarChangesAreHunksOfTheirOwnAndNearOnesShareOne) {
    std::string before;
    for (int line = 1; line <= 30; ++line) before += fmt::format("{}\n", line);
    std::string after = before;
    after.replace(after.find("5\n"), 2, "five\n");
    after.replace(after.find("\n11\n"), 4, "\neleven\n");
    after.replace(after.find("\n25\n"), 4, "\n");
    EXPECT_EQ(diff(before, after),
              "--- a\n+++ b\n@@ -2,13 +2,13 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n 9\n "
              "10\n-11\n+eleven\n"
              " 12\n 13\n 14\n@@ -22,7 +22,6 @@\n 22\n 23\n 24\n-25\n 26\n 27\n 28\n");
}

TEST(UnifiedDiff, TheShortestScriptIsFound) {
    EXPECT_EQ(diff("a\nb\nc\na\nb\nb\na\n", "c\nb\na\nb\na\nc\n"),
              "--- a\n+++ b\n@@ -1,7 +1,6 @@\n-a\n-b\n c\n+b\n a\n b\n-b\n a\n+c\n");
}

TEST(UnifiedDiff, TextsWithoutACommonLineAreShownWhole) {
    std::string before;
    std::string after;
    for (int line = 0; line < 3'000; ++line) {
        before += fmt::format("a{}\n", line);
        after += fmt::format("b{}\n", line);
    }
    const std::string text = diff(before, after);
    EXPECT_TRUE(text.starts_with("--- a\n+++ b\n@@ -1,3000 +1,3000 @@\n-a0\n-a1\n"));
    EXPECT_TRUE(text.ends_with("+b2998\n+b2999\n"));
}

TEST(UnifiedDiff, TextIsUtf8WithoutNul) {
    EXPECT_TRUE(is_text("gr\xC3\xBC\xC3\x9F\n"));
    EXPECT_FALSE(is_text(std::string_view("a\0b", 3)));
    EXPECT_FALSE(is_text("\xFF"));
}

}    // namespace
}    // namespace trueup::code
