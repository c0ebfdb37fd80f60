// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/dotenv.hpp"

#include <gtest/gtest.h>

namespace trueup::compose {
namespace {

const model::StringMap outside{{"HOME", "/home/user"}, {"EMPTY", ""}};

std::optional<std::string> look_up(const std::string& name) {
    const auto found = outside.find(name);
    return found == outside.end() ? std::nullopt : std::optional(found->second);
}

model::StringMap values(std::string_view text) {
    const auto result = parse_dotenv(text, "a.env", look_up);
    EXPECT_TRUE(result) << result.error().message();
    return result ? *result : model::StringMap();
}

std::string value(std::string_view text) {
    const model::StringMap all = values(text);
    const auto found = all.find("K");
    return found == all.end() ? "(absent)" : found->second;
}

std::string error_of(std::string_view text) {
    const auto result = parse_dotenv(text, "a.env", look_up);
    return result ? "accepted" : result.error().message();
}

TEST(Dotenv, ReadsPairsCommentsAndEmptyLines) {
    EXPECT_EQ(values("# first\n\nA=1\n  B = two words  # why\nexport C=3\nD: four\n456=x\n"),
              (model::StringMap{
                  {"A", "1"}, {"B", "two words"}, {"C", "3"}, {"D", "four"}, {"456", "x"}}));
}

TEST(Dotenv, TheLastOfEqualKeysWins) { EXPECT_EQ(value("K=1\nK=2\n"), "2"); }

TEST(Dotenv, TheLastLineNeedsNoEnd) { EXPECT_EQ(value("A=1\nK=2"), "2"); }

TEST(Dotenv, ReadsFilesOfWindows) {
    EXPECT_EQ(values("\xEF\xBB\xBF"
                     "A=1\r\nB=\"2\"\r\n"),
              (model::StringMap{{"A", "1"}, {"B", "2"}}));
}

TEST(Dotenv, ACommentNeedsABlankBeforeIt) {
    EXPECT_EQ(value("K=a#b"), "a#b");
    EXPECT_EQ(value("K=a #b"), "a");
    EXPECT_EQ(value("K=\"a #b\" # c"), "a #b");
    EXPECT_EQ(value("K=#ff0000"), "#ff0000");
    EXPECT_EQ(value("K= #general"), "#general");
    EXPECT_EQ(value("K=#1 # c"), "#1");
    EXPECT_EQ(value("K=a\t#b"), "a\t#b");
    EXPECT_EQ(value("K=a\t #b"), "a");
}

TEST(Dotenv, AnEmptyValueIsAValue) {
    EXPECT_EQ(value("K=\nA=1"), "");
    EXPECT_EQ(value("K="), "");
    EXPECT_EQ(value("K=''"), "");
}

TEST(Dotenv, ABareKeyIsTakenFromOutsideElseLeftOut) {
    EXPECT_EQ(values("HOME\nEMPTY\nMISSING\n"),
              (model::StringMap{{"HOME", "/home/user"}, {"EMPTY", ""}}));
}

TEST(Dotenv, SingleQuotesTakeEverythingAsItIs) {
    EXPECT_EQ(value(R"(K='$HOME \n "x"')"), R"($HOME \n "x")");
    EXPECT_EQ(value(R"(K='Let\'s go')"), "Let's go");
}

TEST(Dotenv, DoubleQuotesKnowEscapes) {
    EXPECT_EQ(value(R"(K="a\tb\nc\"d\\e")"), "a\tb\nc\"d\\e");
    EXPECT_EQ(value(R"(K="\0123")"), "S");
    EXPECT_EQ(value(R"(K="\q \ ")"), R"(\q \ )");
    EXPECT_EQ(value(R"(K="\$HOME")"), "$HOME");
}

TEST(Dotenv, QuotedValuesSpanLines) {
    EXPECT_EQ(values("K=\"-----BEGIN-----\nabc=\n-----END-----\"\nB=2\n"),
              (model::StringMap{{"K", "-----BEGIN-----\nabc=\n-----END-----"}, {"B", "2"}}));
}

TEST(Dotenv, VariablesLookOutsideFirstThenAtEarlierKeys) {
    EXPECT_EQ(value("HOME=/mine\nK=$HOME/x"), "/home/user/x");
    EXPECT_EQ(value("A=1\nK=\"${A}${B:-2}\""), "12");
    EXPECT_EQ(value("K=$$x"), "$x");
}

TEST(Dotenv, WhatIsNoVariableIsRefusedWithItsLineAndNotShown) {
    EXPECT_EQ(error_of("A=1\nmy secret text\n"),
              "a.env:2:1: this line does not start with a variable's name (write KEY=value, and "
              "quote values of several lines)");
    EXPECT_EQ(error_of("A$B=1"),
              "a.env:1:1: this line does not start with a variable's name (write KEY=value, and "
              "quote values of several lines)");
    EXPECT_NE(error_of("=1"), "accepted");
}

TEST(Dotenv, AnOpenQuoteIsToldWhereItOpens) {
    EXPECT_EQ(error_of("A=1\nB=\"x\n\n"),
              "a.env:2:1: this quote is never closed (close it, or quote the quote)");
}

TEST(Dotenv, ARequiredVariableIsToldWithoutValues) {
    EXPECT_EQ(error_of("S=hidden\nK=${X:?set X, not $S}"),
              "a.env:2:1: variable X is required: set X, not $S");
}

TEST(Dotenv, BinaryFilesAreRefused) {
    EXPECT_EQ(error_of("A=1\nB=\xFF\n"),
              "a.env:2:1: this is not valid UTF-8 (save the file as UTF-8 text)");
    EXPECT_EQ(error_of(std::string_view("A=1\nB=\0\n", 8)),
              "a.env:2:1: a zero byte: this is not a text file (is this the right file?)");
}

TEST(Dotenv, DoublingVariablesEnd) {
    std::string text = "A0=0123456789\n";
    for (int level = 1; level < 60; ++level)
        text += fmt::format("A{}=$A{}$A{}\n", level, level - 1, level - 1);
    EXPECT_NE(error_of(text), "accepted");
}

}    // namespace
}    // namespace trueup::compose
