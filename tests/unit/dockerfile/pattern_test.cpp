// SPDX-License-Identifier: Apache-2.0
#include "controller/dockerfile/pattern.hpp"

#include <gtest/gtest.h>

namespace trueup::dockerfile {
namespace {

bool matches(std::string_view pattern, std::string_view path) {
    const auto compiled = Pattern::compile(pattern);
    EXPECT_TRUE(compiled) << pattern;
    return compiled && compiled->matches(path);
}

TEST(DockerfilePattern, PlainPathsMatchThemselves) {
    EXPECT_TRUE(matches("a/b.txt", "a/b.txt"));
    EXPECT_FALSE(matches("a/b.txt", "a/bXtxt"));
    EXPECT_FALSE(matches("a", "a/b"));
    EXPECT_FALSE(matches("a/b", "a"));
    EXPECT_FALSE(Pattern::compile("a/b")->has_wildcard());
}

TEST(DockerfilePattern, AStarStaysInsideOnePart) {
    EXPECT_TRUE(matches("*.py", "a.py"));
    EXPECT_TRUE(matches("*.py", ".py"));
    EXPECT_FALSE(matches("*.py", "a/b.py"));
    EXPECT_TRUE(matches("a/*/c", "a/b/c"));
    EXPECT_FALSE(matches("a/*/c", "a/b/b/c"));
    EXPECT_TRUE(matches("a*b*c", "aXbYbZc"));
    EXPECT_TRUE(Pattern::compile("*")->has_wildcard());
}

TEST(DockerfilePattern, TwoStarsCrossParts) {
    EXPECT_TRUE(matches("**/a", "a"));
    EXPECT_TRUE(matches("**/a", "x/y/a"));
    EXPECT_FALSE(matches("**/a", "xa"));
    EXPECT_TRUE(matches("a/**", "a/b/c"));
    EXPECT_FALSE(matches("a/**", "a"));
    EXPECT_TRUE(matches("a/**/b", "a/b"));
    EXPECT_TRUE(matches("a/**/b", "a/x/y/b"));
    EXPECT_TRUE(matches("**", "a/b"));
    EXPECT_TRUE(matches("**/*.go", "x/a.go"));
    // As the builder has it: the end of a path, of whole names only behind a slash.
    EXPECT_TRUE(matches("**a.py", "x/ba.py"));
    EXPECT_FALSE(matches("**a.py", "x/a.pyc"));
}

TEST(DockerfilePattern, AQuestionMarkIsOneCharacter) {
    EXPECT_TRUE(matches("a?c", "abc"));
    EXPECT_TRUE(matches("a?c", "aüc"));
    EXPECT_FALSE(matches("a?c", "a/c"));
    EXPECT_FALSE(matches("a?c", "ac"));
}

TEST(DockerfilePattern, Sets) {
    EXPECT_TRUE(matches("[a-c]x", "bx"));
    EXPECT_FALSE(matches("[a-c]x", "dx"));
    EXPECT_TRUE(matches("[^a-c]x", "dx"));
    EXPECT_FALSE(matches("[^a-c]x", "ax"));
    EXPECT_FALSE(matches("[^a]b", "/b"));
    EXPECT_TRUE(matches("[\\]]", "]"));
    EXPECT_TRUE(matches("[ä-ö]", "é"));
}

TEST(DockerfilePattern, ABackslashTakesTheNextCharacterAsItIs) {
    EXPECT_TRUE(matches("\\*", "*"));
    EXPECT_FALSE(matches("\\*", "a"));
    EXPECT_TRUE(matches("\\!important", "!important"));
}

TEST(DockerfilePattern, CharactersOfRegularExpressionsMeanThemselves) {
    EXPECT_TRUE(matches("a.b+(c)$", "a.b+(c)$"));
    EXPECT_FALSE(matches("a.b", "axb"));
}

TEST(DockerfilePattern, WhatIsNoPatternIsRefused) {
    for (const std::string& text : {std::string("[a"), std::string("a["), std::string("a\\"),
                                    std::string("[]"), std::string(1025, 'a')}) {
        EXPECT_FALSE(Pattern::compile(text)) << text.substr(0, 20);
    }
}

TEST(DockerfilePattern, NoPatternIsSlow) {
    std::string pattern;
    for (int star = 0; star < 200; ++star) pattern += "*a**/";
    EXPECT_FALSE(matches(pattern + "b", std::string(4000, 'a')));
}

}    // namespace
}    // namespace trueup::dockerfile
