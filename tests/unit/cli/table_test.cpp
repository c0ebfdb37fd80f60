// SPDX-License-Identifier: Apache-2.0
#include "api/cli/table.hpp"

#include <gtest/gtest.h>

namespace trueup::cli {
namespace {

TEST(Table, ColumnsAreAlignedAndLinesHaveNoTrailingSpaces) {
    Table table({"NAME", "READY", "MESSAGE"});
    table.add({"shop", Cell("True", Colour::good), "fine"});
    table.add({"a-longer-name", "", "two\nlines"});
    table.add({"größe", "x", ""});
    EXPECT_EQ(table.text(false),
              "NAME            READY   MESSAGE\n"
              "shop            True    fine\n"
              "a-longer-name   -       two\n"
              "                        lines\n"
              "größe           x       -\n");
    EXPECT_EQ(table.text(false, 2).substr(0, 36), "  NAME            READY   MESSAGE\n  ");
}

TEST(Table, ColoursDoNotShiftColumns) {
    Table table({"READY", "AGE"});
    table.add({Cell("True", Colour::good), "5m"});
    EXPECT_EQ(table.text(true), "READY   AGE\n\x1b[32mTrue\x1b[0m    5m\n");
    EXPECT_EQ(paint("x", Colour::bad, false), "x");
    EXPECT_EQ(paint("x", Colour::none, true), "x");
}

TEST(Printable, TextFromElsewhereCannotSteerTheTerminal) {
    EXPECT_EQ(printable("plain größe"), "plain größe");
    EXPECT_EQ(printable("\x1b[31mred\x07"), "\\x1b[31mred\\x07");
    EXPECT_EQ(printable("8-bit \xC2\x9B"
                        "31m"),
              "8-bit \\x9b31m");
    EXPECT_EQ(printable("not \xff utf-8"), "not \\xff utf-8");
    EXPECT_EQ(printable("a\tb\x7f"), "a b\\x7f");
    EXPECT_EQ(printable("one\ntwo\n\n"), "one; two");
    EXPECT_EQ(printable("one\ntwo\n", true), "one\ntwo");
    EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a\\x00b");
    EXPECT_EQ(printable("\xC2"), "\\xc2");
}

TEST(Shorten, KeepsTheFirstLine) {
    EXPECT_EQ(shorten("short", 10), "short");
    EXPECT_EQ(shorten("first\nsecond", 10), "first …");
    EXPECT_EQ(shorten("first\n", 10), "first");
    EXPECT_EQ(shorten("0123456789", 10), "0123456789");
    EXPECT_EQ(shorten("0123456789a", 10), "012345678…");
    EXPECT_EQ(shorten("ääääääääääääää", 5), "ääää…") << "never half a character";
}

}    // namespace
}    // namespace trueup::cli
