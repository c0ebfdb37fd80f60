// SPDX-License-Identifier: Apache-2.0
#include "controller/dockerfile/words.hpp"

#include <gtest/gtest.h>

namespace trueup::dockerfile {
namespace {

const model::StringMap values{{"A", "1"}, {"EMPTY", ""}, {"PATHS", "/x y"}};

std::string expanded(std::string_view raw, char escape = '\\') {
    const auto result = expand(raw, escape, values);
    EXPECT_TRUE(result) << raw << ": " << result.error().message();
    return result ? result->text : "(refused)";
}

std::string unresolved(std::string_view raw) {
    const auto result = expand(raw, '\\', values);
    return result ? result->unresolved : "(refused)";
}

TEST(DockerfileWords, AreSplitOutsideOfQuotes) {
    EXPECT_EQ(split_raw("a  'b c'\t\"d e\"f g\\ h", '\\'),
              (model::Strings{"a", "'b c'", "\"d e\"f", "g\\ h"}));
    EXPECT_EQ(split_raw("C:\\x y`  z", '`'), (model::Strings{"C:\\x", "y` ", "z"}));
    EXPECT_TRUE(split_raw(" \t ", '\\').empty());
}

TEST(DockerfileWords, VariablesAreReplacedInAndOutOfDoubleQuotes) {
    EXPECT_EQ(expanded("$A/${A}x\"-$A-\""), "1/1x-1-");
    EXPECT_EQ(expanded("$PATHS"), "/x y");
    EXPECT_EQ(expanded("'$A' \\$A \"\\$A\""), "$A $A $A");
    EXPECT_EQ(expanded("a$ $1 $"), "a$ $1 $");
}

TEST(DockerfileWords, BackslashesStayInDoubleQuotesUnlessTheyQuote) {
    EXPECT_EQ(expanded(R"("a\n\"b\\")"), R"(a\n"b\)");
    EXPECT_EQ(expanded(R"(a\nb)"), "anb");
    EXPECT_EQ(expanded("C:\\x`$A", '`'), "C:\\x$A");
}

TEST(DockerfileWords, DefaultsAndReplacements) {
    EXPECT_EQ(expanded("${B:-d}${B-d}${EMPTY:-e}<${EMPTY-e}>"), "dde<>");
    EXPECT_EQ(expanded("<${A:+r}${A+r}${EMPTY:+r}${EMPTY+r}${B+r}>"), "<rrr>");
    EXPECT_EQ(expanded("${B:-${A}/${C:-x}}"), "1/x");
    EXPECT_EQ(expanded("${A:?no}"), "1");
}

TEST(DockerfileWords, PatternsTakeAPartOfAValueOffOrReplaceIt) {
    const model::StringMap named{{"P", "foo.tar.gz"}, {"Q", "/a/b/c"}, {"D", "o"}};
    const std::vector<std::pair<std::string, std::string>> cases{{"${P%.*}", "foo.tar"},
                                                                 {"${P%%.*}", "foo"},
                                                                 {"${Q#*/}", "a/b/c"},
                                                                 {"${Q##*/}", "c"},
                                                                 {"${P/o/0}", "f0o.tar.gz"},
                                                                 {"${P//o/0}", "f00.tar.gz"},
                                                                 {"${P/$D/$D$D}", "fooo.tar.gz"},
                                                                 {"${P/.*/}", "foo"},
                                                                 {"${P/x/y}", "foo.tar.gz"},
                                                                 {"${P#fo?.}", "tar.gz"},
                                                                 {"${P%x}", "foo.tar.gz"},
                                                                 {"${P//./}", "footargz"}};
    for (const auto& [raw, text] : cases) {
        const auto result = expand(raw, '\\', named);
        ASSERT_TRUE(result) << raw;
        EXPECT_EQ(result->text, text) << raw;
        EXPECT_EQ(result->unresolved, "") << raw;
    }
    // What would take long, or needs the escape character, is left to the builder.
    EXPECT_EQ(expand("${P/\\*/y}", '\\', named)->unresolved, "P");
    EXPECT_EQ(expand("${P#x}", '\\', {{"P", std::string(300, 'x')}})->unresolved, "P");
    EXPECT_EQ(expand("${P#" + std::string(64, 'x') + "}", '\\', named)->unresolved, "P");
}

TEST(DockerfileWords, WhatTheBaseImageMaySetStaysAsWritten) {
    EXPECT_EQ(expanded("$HOME/app:${GOPATH}"), "$HOME/app:${GOPATH}");
    EXPECT_EQ(unresolved("$HOME/app:${GOPATH}"), "HOME");
    EXPECT_EQ(expanded("${B#1}"), "${B#1}");
    EXPECT_EQ(unresolved("${B%1}"), "B");
    EXPECT_EQ(unresolved("$A"), "");
}

TEST(DockerfileWords, WhatCannotBeExpandedIsRefused) {
    EXPECT_EQ(expand("${B:?set it}", '\\', values).error().message(),
              "variable B is required: set it");
    EXPECT_FALSE(expand("${A", '\\', values));
    std::string deep = "x";
    for (int level = 0; level < 50; ++level) deep = "${B:-" + deep + "}";
    EXPECT_FALSE(expand(deep, '\\', values));
    EXPECT_FALSE(expand("$A$A", '\\', {{"A", std::string(40'000, 'x')}}));
}

TEST(DockerfileWords, JsonFormsAreListsOfStrings) {
    EXPECT_EQ(json_words(R"(["a b", "c"])"), (model::Strings{"a b", "c"}));
    EXPECT_EQ(json_words("[]"), model::Strings());
    for (const char* text : {"[1]", "[a]", "[\"a\"", "a", "{}", "[\"a\"] b"})
        EXPECT_FALSE(json_words(text)) << text;
}

}    // namespace
}    // namespace trueup::dockerfile
