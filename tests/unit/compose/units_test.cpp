// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/units.hpp"

#include <gtest/gtest.h>

namespace trueup::compose {
namespace {

using namespace std::chrono_literals;

TEST(ComposeUnits, Sizes) {
    EXPECT_EQ(parse_bytes("0"), 0);
    EXPECT_EQ(parse_bytes("10"), 10);
    EXPECT_EQ(parse_bytes("10b"), 10);
    EXPECT_EQ(parse_bytes("1 "), 1) << "as Docker reads it";
    EXPECT_EQ(parse_bytes("1k"), 1024);
    EXPECT_EQ(parse_bytes("1KB"), 1024);
    EXPECT_EQ(parse_bytes("2 GiB"), 2'147'483'648);
    EXPECT_EQ(parse_bytes("1.5m"), 1'572'864);
    EXPECT_EQ(parse_bytes(".5k"), 512);
    EXPECT_EQ(parse_bytes("1t"), 1'099'511'627'776);
    EXPECT_EQ(parse_bytes("8191p"), 9'222'246'136'947'933'184);
    for (const char* text :
         {"", "k", "-1", "1x", "1kk", "1  k", "1.2.3", "10000p", "1e3", " 1", "8192p"})
        EXPECT_EQ(parse_bytes(text), std::nullopt) << text;
}

TEST(ComposeUnits, Durations) {
    EXPECT_EQ(parse_duration("1m30s"), 90s);
    EXPECT_EQ(parse_duration("1.5s"), 1500ms);
    EXPECT_EQ(parse_duration("500ms"), 500ms);
    EXPECT_EQ(parse_duration("2us"), 2us);
    EXPECT_EQ(parse_duration("2µs"), 2us);
    EXPECT_EQ(parse_duration("7ns"), 7ns);
    EXPECT_EQ(parse_duration("1w2d"), 24h * 9);
    EXPECT_EQ(parse_duration("0"), 0s);
    for (const char* text : {"", "10", "ten", "-1s", "1s ", "1 s", "s", "1.s.", "99999999w", "1x"})
        EXPECT_EQ(parse_duration(text), std::nullopt) << text;
}

TEST(ComposeUnits, DurationsAsGoPrintsThem) {
    EXPECT_EQ(format_duration(0s), "0s");
    EXPECT_EQ(format_duration(90s), "1m30s");
    EXPECT_EQ(format_duration(1h), "1h0m0s");
    EXPECT_EQ(format_duration(25h + 61s), "25h1m1s");
    EXPECT_EQ(format_duration(1500ms), "1.5s");
    EXPECT_EQ(format_duration(100us), "100µs");
    EXPECT_EQ(format_duration(1ms + 500us), "1.5ms");
    EXPECT_EQ(format_duration(7ns), "7ns");
    EXPECT_EQ(format_duration(1min + 1ns), "1m0.000000001s");
}

TEST(ComposeUnits, Numbers) {
    EXPECT_EQ(parse_real("0.5"), 0.5);
    EXPECT_EQ(parse_real(".5"), 0.5);
    EXPECT_EQ(parse_real("-1e3"), -1000);
    EXPECT_EQ(parse_real("+2"), 2);
    for (const char* text : {"", ".", "-", "1x", "nan", "inf", "1e999", "0x1"})
        EXPECT_EQ(parse_real(text), std::nullopt) << text;
    EXPECT_EQ(parse_integer("-7"), -7);
    EXPECT_EQ(parse_integer("+7"), 7);
    for (const char* text : {"", "1.5", "7 ", "99999999999999999999"})
        EXPECT_EQ(parse_integer(text), std::nullopt) << text;
    EXPECT_EQ(format_double(1.5), "1.5");
    EXPECT_EQ(format_double(1e21), "1e+21");
    EXPECT_EQ(format_double(1234567.5), "1234567.5");
    EXPECT_EQ(format_float(0.1F), "0.1");
    EXPECT_EQ(parse_flag("ON"), true);
    EXPECT_EQ(parse_flag("n"), false);
    EXPECT_EQ(parse_flag("1"), std::nullopt);
}

}    // namespace
}    // namespace trueup::compose
