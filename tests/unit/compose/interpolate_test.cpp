// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/interpolate.hpp"

#include <gtest/gtest.h>

namespace trueup::compose {
namespace {

const model::StringMap given{{"SET", "value"}, {"EMPTY", ""}, {"OTHER", "other"}, {"_x1", "y"}};

std::optional<std::string> look_up(const std::string& name) {
    const auto found = given.find(name);
    return found == given.end() ? std::nullopt : std::optional(found->second);
}

std::string text_of(std::string_view text) {
    const auto result = substitute(text, look_up);
    EXPECT_TRUE(result) << text << ": " << result.error().message();
    return result ? result->text : "(refused)";
}

std::string error_of(std::string_view text) {
    const auto result = substitute(text, look_up);
    return result ? "accepted: " + result->text : result.error().message();
}

TEST(Interpolate, ReplacesPlainAndBracedNames) {
    EXPECT_EQ(text_of("a $SET b ${OTHER} c"), "a value b other c");
    EXPECT_EQ(text_of("$SET$OTHER${_x1}"), "valueothery");
    EXPECT_EQ(text_of("$SET-x $SET.y"), "value-x value.y");
}

TEST(Interpolate, TwoDollarsAreOne) {
    EXPECT_EQ(text_of("$$SET $${SET} $$$SET"), "$SET ${SET} $value");
}

TEST(Interpolate, ADollarThatNamesNothingStays) {
    EXPECT_EQ(text_of("a $ b $} ^x$ $1 $"), "a $ b $} ^x$ $1 $");
}

TEST(Interpolate, AMissingVariableIsEmptyAndTold) {
    const auto result = substitute("<$MISSING|${GONE}|$EMPTY>", look_up);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->text, "<||>");
    EXPECT_EQ(result->unset, (model::Strings{"MISSING", "GONE"}));
}

TEST(Interpolate, DefaultsWithColonCountEmptyAsMissing) {
    EXPECT_EQ(text_of("${MISSING:-d} ${EMPTY:-d} ${SET:-d}"), "d d value");
    EXPECT_EQ(text_of("${MISSING-d} <${EMPTY-d}> ${SET-d}"), "d <> value");
    EXPECT_EQ(text_of("<${MISSING:-}>"), "<>");
}

TEST(Interpolate, ADefaultIsNoWarning) {
    const auto result = substitute("${MISSING:-d}${GONE-}", look_up);
    ASSERT_TRUE(result);
    EXPECT_TRUE(result->unset.empty());
}

TEST(Interpolate, ReplacementsAreForWhatIsSet) {
    EXPECT_EQ(text_of("<${SET:+r}> <${EMPTY:+r}> <${MISSING:+r}>"), "<r> <> <>");
    EXPECT_EQ(text_of("<${SET+r}> <${EMPTY+r}> <${MISSING+r}>"), "<r> <r> <>");
}

TEST(Interpolate, RequiredVariablesFailWithTheirMessage) {
    EXPECT_EQ(text_of("${SET:?no} ${SET?no} <${EMPTY?no}>"), "value value <>");
    EXPECT_EQ(error_of("${MISSING:?set it}"), "variable MISSING is required: set it");
    EXPECT_EQ(error_of("${EMPTY:?set it}"), "variable EMPTY is required: set it");
    EXPECT_EQ(error_of("${MISSING?}"), "variable MISSING is required");
    EXPECT_EQ(error_of("${MISSING:?not $SET}"), "variable MISSING is required: not $SET");
}

TEST(Interpolate, DefaultsAreTemplatesThemselves) {
    EXPECT_EQ(text_of("${MISSING:-${SET}}"), "value");
    EXPECT_EQ(text_of("${MISSING:-a${GONE:-b${OTHER}}c}"), "abotherc");
    EXPECT_EQ(text_of("${SET:+<${OTHER}>}"), "<other>");
    // What is not taken is not looked at.
    EXPECT_EQ(text_of("${SET:-${MISSING:?no}}"), "value");
}

TEST(Interpolate, TheFirstOperatorDecides) {
    EXPECT_EQ(text_of("${MISSING:-a:?b}"), "a:?b");
    EXPECT_EQ(text_of("${MISSING-a:-b}"), "a:-b");
}

TEST(Interpolate, BracesInsideADefaultPair) {
    EXPECT_EQ(text_of(R"(${MISSING:-{"a":{"b":1}}}!)"), R"({"a":{"b":1}}!)");
    EXPECT_EQ(text_of(R"(${SET:-{"a":1}}!)"), "value!");
}

TEST(Interpolate, WhatIsNoVariableIsRefused) {
    for (const std::string_view text :
         {"${}", "${ SET}", "${SET!}", "${SET:x}", "${1}", "${SET", "${SET:-${OTHER}", "${-x}"}) {
        EXPECT_FALSE(substitute(text, look_up)) << text;
    }
    EXPECT_EQ(error_of("${SET!}"), "'${SET…}' has no operator of :- - :? ? :+ +");
    EXPECT_EQ(error_of("a ${SET"), "'${' without its '}'; write $$ for a dollar sign");
}

TEST(Interpolate, NestingAndSizeHaveLimits) {
    std::string deep = "x";
    for (int level = 0; level < 100; ++level) deep = "${MISSING:-" + deep + "}";
    EXPECT_EQ(error_of(deep), "variables are nested too deeply");
    const Lookup large = [](const std::string&) { return std::string(600'000, 'x'); };
    EXPECT_EQ(substitute("$A$A", large).error().message(), "the result is too long");
}

TEST(Interpolate, ATreeHasALimitToo) {
    const Lookup large = [](const std::string&) { return std::string(900'000, 'x'); };
    yaml::Node list = yaml::parse(
                          std::string("[") +
                              [] {
                                  std::string items;
                                  for (int item = 0; item < 100; ++item) items += "$A,";
                                  return items;
                              }() +
                              "]",
                          "f.yaml")
                          ->front();
    Problems problems;
    Problems warnings;
    interpolate(list, large, "set it", problems, warnings);
    ASSERT_FALSE(problems.empty());
    EXPECT_NE(problems[0].message.find("add up to more than"), std::string::npos);
}

TEST(Interpolate, KeysStayAndWhatAVariableGaveIsText) {
    yaml::Node node = yaml::parse("$SET: $SET\nn: ${MISSING:-5}\nq: plain\n", "f.yaml")->front();
    Problems problems;
    Problems warnings;
    interpolate(node, look_up, "set it", problems, warnings);
    EXPECT_TRUE(problems.empty());
    EXPECT_EQ(node.find("$SET")->text, "value");
    EXPECT_TRUE(node.find("n")->quoted);
    EXPECT_FALSE(node.find("q")->quoted);
}

TEST(Interpolate, EveryProblemOfATreeIsToldAtItsPlace) {
    yaml::Node node = yaml::parse("a: ${\nb: [x, '${M:?why}']\nc: $GONE\n", "f.yaml")->front();
    Problems problems;
    Problems warnings;
    interpolate(node, look_up, "set it", problems, warnings);
    ASSERT_EQ(problems.size(), 2U);
    EXPECT_EQ(to_string(problems[0]),
              "f.yaml:1:4: a: '${' without its '}'; write $$ for a dollar sign");
    EXPECT_EQ(to_string(problems[1]), "f.yaml:2:8: b[1]: variable M is required: why (set it)");
    ASSERT_EQ(warnings.size(), 1U);
    EXPECT_EQ(to_string(warnings[0]),
              "f.yaml:3:4: c: variable GONE is not set; an empty text is used");
}

}    // namespace
}    // namespace trueup::compose
