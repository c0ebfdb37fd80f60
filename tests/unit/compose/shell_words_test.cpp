// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/shell_words.hpp"

#include <gtest/gtest.h>

namespace trueup::compose {
namespace {

model::Strings words(std::string_view text) {
    const auto result = split_words(text);
    EXPECT_TRUE(result) << text;
    return result ? *result : model::Strings{"(refused)"};
}

TEST(ShellWords, BlanksSeparateWords) {
    EXPECT_EQ(words("  npm \t run\nbuild  "), (model::Strings{"npm", "run", "build"}));
    EXPECT_EQ(words(""), model::Strings());
    EXPECT_EQ(words(" \t "), model::Strings());
}

TEST(ShellWords, QuotesKeepBlanksAndJoinWithWhatTouchesThem) {
    EXPECT_EQ(words(R"(sh -c "echo a  b" 'c d' e"f g"h)"),
              (model::Strings{"sh", "-c", "echo a  b", "c d", "ef gh"}));
}

TEST(ShellWords, AnEmptyQuoteIsAWord) {
    EXPECT_EQ(words("a '' \"\""), (model::Strings{"a", "", ""}));
}

TEST(ShellWords, SingleQuotesTakeEverythingAsItIs) {
    EXPECT_EQ(words(R"('a\b"$x')"), (model::Strings{R"(a\b"$x)"}));
}

TEST(ShellWords, ABackslashQuotesTheNextCharacter) {
    EXPECT_EQ(words(R"(a\ b \"c \\)"), (model::Strings{"a b", "\"c", "\\"}));
    // Inside double quotes too, before whatever it stands.
    EXPECT_EQ(words(R"("a\"b \$ \n")"), (model::Strings{R"(a"b $ n)"}));
    EXPECT_EQ(words("a\\\nb"), (model::Strings{"a\nb"}));
    EXPECT_FALSE(split_words("a\\"));
}

TEST(ShellWords, NothingIsExpanded) {
    EXPECT_EQ(words("echo $HOME `id` *.c ~ #x"),
              (model::Strings{"echo", "$HOME", "`id`", "*.c", "~", "#x"}));
}

TEST(ShellWords, WhatAShellWouldRunIsOneWord) {
    EXPECT_EQ(words("a$(b c) `d e`"), (model::Strings{"a$(b c)", "`d e`"}));
    EXPECT_EQ(words("$(a; b) `c | d`"), (model::Strings{"$(a; b)", "`c | d`"}));
    EXPECT_FALSE(split_words("$(a"));
    EXPECT_FALSE(split_words("`a"));
    EXPECT_FALSE(split_words("$((1+2))"));
}

TEST(ShellWords, OperatorsAreRefusedOutsideOfQuotes) {
    for (const std::string_view text :
         {"a && b", "a; b", "a|b", "a <b", "a 2>&1", "a &", "(a)", "a)", "a (b)"})
        EXPECT_FALSE(split_words(text)) << text;
    EXPECT_EQ(split_words("a 2>&1").error().message(), "'>&' is of a shell, and none reads this");
    EXPECT_EQ(words(R"("a && b" ';|' \; "(" \))"), (model::Strings{"a && b", ";|", ";", "(", ")"}));
}

TEST(ShellWords, AnOpenQuoteIsRefused) {
    EXPECT_FALSE(split_words("echo 'a"));
    EXPECT_FALSE(split_words("echo \"a\\\""));
    EXPECT_EQ(split_words("echo \"a").error().code(), Errc::invalid);
}

}    // namespace
}    // namespace trueup::compose
