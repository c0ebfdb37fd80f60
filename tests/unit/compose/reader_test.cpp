// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/reader.hpp"

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

struct Reading {
    Problems problems;
    Reader reader{problems};
    std::string told() const { return problems.empty() ? "" : to_string(problems.front()); }
};

TEST(ComposeReader, StringsThatLookLikeNumbersMustBeQuoted) {
    Reading reading;
    EXPECT_EQ(reading.reader.text(value("'80'")), "80");
    EXPECT_EQ(reading.reader.text(value("latest")), "latest");
    EXPECT_TRUE(reading.problems.empty());
    reading.reader.text(value("80"));
    EXPECT_EQ(reading.told(), "f.yaml:1:4: expected a string, got a number (put it in quotes)");
    reading.problems.clear();
    reading.reader.text(value("true"));
    EXPECT_EQ(reading.told(),
              "f.yaml:1:4: expected a string, got true or false (put it in quotes)");
    reading.problems.clear();
    reading.reader.text(value("[a]"));
    EXPECT_EQ(reading.told(), "f.yaml:1:4: expected a string, got a list");
}

TEST(ComposeReader, BooleansHaveTheirOldWords) {
    Reading reading;
    for (const char* text : {"true", "True", "yes", "ON", "y", "'true'", "1"})
        EXPECT_EQ(reading.reader.boolean(value(text)), true) << text;
    for (const char* text : {"false", "no", "Off", "n", "'false'", "0"})
        EXPECT_EQ(reading.reader.boolean(value(text)), false) << text;
    EXPECT_TRUE(reading.problems.empty());
    EXPECT_EQ(reading.reader.boolean(value("perhaps")), std::nullopt);
    EXPECT_EQ(reading.told(), "f.yaml:1:4: expected true or false, got a single value");
}

TEST(ComposeReader, IntegersHaveBounds) {
    Reading reading;
    EXPECT_EQ(reading.reader.integer(value("0x10"), 0, 100), 16);
    EXPECT_EQ(reading.reader.integer(value("'-3'"), -5, 5), -3);
    EXPECT_TRUE(reading.problems.empty());
    EXPECT_EQ(reading.reader.integer(value("101"), 0, 100), std::nullopt);
    EXPECT_EQ(reading.told(), "f.yaml:1:4: 101 is out of range: 0 to 100");
    for (const char* text : {"18446744073709551615", "-1", "9223372036854775808"})
        EXPECT_EQ(reading.reader.integer(value(text), 0, 100), std::nullopt) << text;
    reading.problems.clear();
    EXPECT_EQ(reading.reader.integer(value("1.5"), 0, 100), std::nullopt);
    EXPECT_EQ(reading.told(), "f.yaml:1:4: expected a whole number, got a single value");
}

TEST(ComposeReader, DurationsNeedAUnit) {
    Reading reading;
    EXPECT_EQ(reading.reader.duration(value("1m30s")), std::chrono::seconds(90));
    EXPECT_EQ(reading.reader.duration(value("1.5s")), std::chrono::milliseconds(1500));
    EXPECT_TRUE(reading.problems.empty());
    for (const char* text : {"10", "ten", "-1s", "''", "[1s]"})
        EXPECT_EQ(reading.reader.duration(value(text)), std::nullopt) << text;
    EXPECT_EQ(reading.told(), "f.yaml:1:4: expected a duration (for example 10s, 1m30s or 500ms)");
}

}    // namespace
}    // namespace trueup::compose
