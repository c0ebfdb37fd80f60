// SPDX-License-Identifier: Apache-2.0
#include "controller/code/readings.hpp"

#include <gtest/gtest.h>

#include "tests/support/manual_clock.hpp"

namespace trueup::code {
namespace {

using Due = Readings::Due;

TEST(Readings, ALookThatCameToNothingIsRepeatedAfterARest) {
    support::ManualClock clock;
    Readings readings(clock);
    EXPECT_EQ(readings.due("quick"), Due::look);
    readings.look_again("quick", std::chrono::milliseconds(5));
    readings.look_again("slow", std::chrono::seconds(3));
    EXPECT_EQ(readings.due("quick"), Due::nothing);
    clock.advance(std::chrono::seconds(9));
    EXPECT_EQ(readings.due("quick"), Due::nothing);
    clock.advance(std::chrono::seconds(1));
    // Nobody could read it at its process yet.
    EXPECT_EQ(readings.due("quick"), Due::ask);
    EXPECT_EQ(readings.due("slow"), Due::nothing);
    clock.advance(std::chrono::seconds(20));
    EXPECT_EQ(readings.due("slow"), Due::ask);
    readings.keep_only({"slow"});
    EXPECT_EQ(readings.due("quick"), Due::look);
}

}    // namespace
}    // namespace trueup::code
