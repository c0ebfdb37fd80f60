// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/scalars.hpp"

#include <gtest/gtest.h>

namespace trueup::compose {
namespace {

yaml::Node value(const std::string& text) {
    return *yaml::parse("v: " + text + "\n", "f.yaml")->front().find("v");
}

std::string in_environment(const std::string& text) { return scalar_text(value(text)); }

TEST(ScalarText, NumbersLookAsYamlReadsThem) {
    EXPECT_EQ(in_environment("0x10"), "16");
    EXPECT_EQ(in_environment("0755"), "493");
    EXPECT_EQ(in_environment("0o17"), "15");
    EXPECT_EQ(in_environment("0b101"), "5");
    EXPECT_EQ(in_environment("1_000"), "1000");
    EXPECT_EQ(in_environment("-0x10"), "-16");
    EXPECT_EQ(in_environment("+5"), "5");
    EXPECT_EQ(in_environment("-0"), "0");
    EXPECT_EQ(in_environment("1.50"), "1.5");
    EXPECT_EQ(in_environment("1e3"), "1000");
    EXPECT_EQ(in_environment("08"), "8");
    EXPECT_EQ(in_environment(".5"), "0.5");
    EXPECT_EQ(in_environment("0.00001234567"), "1.234567e-05");
}

TEST(ScalarText, LargeNumbersKeepTheirDigits) {
    EXPECT_EQ(in_environment("9223372036854775807"), "9223372036854775807");
    EXPECT_EQ(in_environment("12345678901234567890"), "12345678901234567890");
    EXPECT_EQ(in_environment("-9223372036854775808"), "-9223372036854775808");
    // Beyond 64 bits a number is a float: 15 digits are sure, zeros follow.
    EXPECT_EQ(in_environment("100000000000000000000"), "100000000000000000000");
    EXPECT_EQ(in_environment("123456789012345678901"), "123456789012345680000");
    EXPECT_EQ(in_environment("-20000000000000000000"), "-20000000000000000000");
    EXPECT_EQ(in_environment("1e21"), "1e+21");
}

TEST(ScalarText, WhatIsNoNumberStays) {
    for (const char* text : {"1.2.3", "10.0.0.1", "1e", "12:30:45", "2024-01-31", "_1", "--5",
                             "+-5", "0x", "0xZZ", "1__x", "9f3c1e2", "e5", "123e456"}) {
        EXPECT_EQ(in_environment(text), text);
    }
}

TEST(ScalarText, BooleansAreLowerCaseAndOldOnesStay) {
    EXPECT_EQ(in_environment("True"), "true");
    EXPECT_EQ(in_environment("FALSE"), "false");
    EXPECT_EQ(in_environment("yes"), "yes");
    EXPECT_EQ(in_environment("on"), "on");
}

TEST(ScalarText, QuotedTextStays) {
    EXPECT_EQ(in_environment("'0755'"), "0755");
    EXPECT_EQ(in_environment("\"1.50\""), "1.50");
    EXPECT_EQ(in_environment("!!str 0755"), "0755");
    EXPECT_EQ(in_environment("'True'"), "True");
}

TEST(Scalars, PlainTextIsWhatYamlTakesItFor) {
    for (const char* text : {"5", "0x10", "0o17", "-3", "1_000"})
        EXPECT_EQ(type_of(value(text)), ScalarType::integer) << text;
    for (const char* text : {"1.5", ".5", "1e3", "-0.1"})
        EXPECT_EQ(type_of(value(text)), ScalarType::real) << text;
    for (const char* text : {"true", "False"})
        EXPECT_EQ(type_of(value(text)), ScalarType::boolean) << text;
    for (const char* text : {"yes", "'5'", "!!str 5", ".", "1.2.3", "5s"})
        EXPECT_EQ(type_of(value(text)), ScalarType::string) << text;
}

TEST(Scalars, NumbersAreReadInAnyBase) {
    EXPECT_EQ(scalar_integer(value("0755")), 493);
    EXPECT_EQ(scalar_integer(value("-0x10")), -16);
    EXPECT_EQ(scalar_integer(value("'5'")), std::nullopt);
    EXPECT_EQ(scalar_integer(value("18446744073709551615")), std::nullopt);
    EXPECT_EQ(scalar_integer(value("1.5")), std::nullopt);
    EXPECT_EQ(scalar_real(value("1.5")), 1.5);
    EXPECT_EQ(scalar_real(value("0x10")), 16.0);
    EXPECT_EQ(scalar_real(value("'1.5'")), std::nullopt);
}

TEST(Scalars, KeysAreStringsWhenYamlTakesThemSo) {
    const auto is_string = [](const std::string& key) {
        return is_string_key(yaml::parse(key + ": x\n", "f.yaml")->front().entries.at(0));
    };
    EXPECT_TRUE(is_string("web"));
    EXPECT_TRUE(is_string("'1'"));
    EXPECT_TRUE(is_string("yes"));
    EXPECT_FALSE(is_string("1"));
    EXPECT_FALSE(is_string("1.5"));
    EXPECT_FALSE(is_string("true"));
}

}    // namespace
}    // namespace trueup::compose
