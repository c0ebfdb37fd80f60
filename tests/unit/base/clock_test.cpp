// SPDX-License-Identifier: Apache-2.0
#include "controller/base/clock.hpp"

#include <gtest/gtest.h>

namespace trueup::base {
namespace {

using namespace std::chrono_literals;

const SystemTime quarter_past_ten = SystemTime(Seconds(1'795'515'300));

TEST(Clock, ATimeIsReadAsItIsWritten) {
    EXPECT_EQ(to_rfc3339(quarter_past_ten), "2026-11-24T10:15:00Z");
    EXPECT_EQ(parse_rfc3339("2026-11-24T10:15:00Z"), quarter_past_ten);
    EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00Z"), SystemTime());
}

TEST(Clock, FractionsOfAnyLengthCount) {
    EXPECT_EQ(parse_rfc3339("2026-11-24T10:15:00.5Z"), quarter_past_ten + 500ms);
    EXPECT_EQ(parse_rfc3339("2026-11-24T10:15:00.000000007Z"), quarter_past_ten + 7ns);
    EXPECT_EQ(parse_rfc3339("2026-11-24T10:15:00.69414141Z"), quarter_past_ten + 694'141'410ns);
    EXPECT_EQ(parse_rfc3339("2026-11-24T10:15:00.123456789999Z"), quarter_past_ten + 123'456'789ns);
}

TEST(Clock, OffsetsAreTakenAway) {
    EXPECT_EQ(parse_rfc3339("2026-11-24T11:15:00+01:00"), quarter_past_ten);
    EXPECT_EQ(parse_rfc3339("2026-11-24T04:45:00.5-05:30"), quarter_past_ten + 500ms);
}

TEST(Clock, WhatIsNoTimeIsNone) {
    for (const char* text :
         {"", "2026-11-24", "2026-11-24T10:15:00", "2026-11-24 10:15:00Z", "2026-13-24T10:15:00Z",
          "2026-02-30T10:15:00Z", "2026-11-24T24:15:00Z", "2026-11-24T10:60:00Z",
          "2026-11-24T10:15:00.Z", "2026-11-24T10:15:00Zulu", "2026-11-24T10:15:00+1:00",
          "2026-11-24T10:15:00+01:99", "0001-01-01T00:00:00Z", "9999-01-01T00:00:00Z",
          "2026-11--4T10:15:00Z"}) {
        EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
    }
}

}    // namespace
}    // namespace trueup::base
