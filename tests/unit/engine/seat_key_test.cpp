// SPDX-License-Identifier: Apache-2.0
#include "controller/engine/seat_key.hpp"

#include <gtest/gtest.h>

#include "controller/engine/seat_holder.hpp"

namespace trueup::engine {
namespace {

TEST(OwnerKey, IsNewEachTimeAndSurvivesItsTar) {
    const auto key = make_owner_key();
    ASSERT_TRUE(key);
    EXPECT_TRUE(is_owner_key(*key)) << key->size();
    EXPECT_NE(*make_owner_key(), *key);
    const auto tar = pack_key(*key);
    ASSERT_TRUE(tar);
    EXPECT_EQ(*unpack_key(*tar), *key);
}

TEST(OwnerKey, WhatIsNoKeyIsRefusedWithoutBeingRepeated) {
    for (const std::string& text : {std::string(), std::string("secret"), std::string(64, 'x'),
                                    std::string(65, 'a'), std::string(63, 'a')}) {
        EXPECT_FALSE(is_owner_key(text));
        const auto unpacked = unpack_key(*pack_key(text));
        ASSERT_FALSE(unpacked) << text;
        EXPECT_EQ(unpacked.error().code(), Errc::invalid);
        EXPECT_EQ(unpacked.error().message(), "it holds no owner key");
    }
    EXPECT_FALSE(unpack_key("no tar"));
    EXPECT_FALSE(unpack_key(""));
    const std::string tar = *pack_key(std::string(64, 'a'));
    EXPECT_FALSE(unpack_key(std::string_view(tar).substr(0, 520))) << "cut off";
}

TEST(SeatBeat, TellsTheMomentAlsoWhenANumberOf32BitsIsFull) {
    for (const std::int64_t seconds : {1'795'514'400LL, 2'147'483'647LL, 2'147'483'648LL,
                                       2'147'483'700LL, 4'294'967'295LL, 4'300'000'000LL}) {
        const SystemTime moment{Seconds(seconds)};
        const int beat = beat_at(moment);
        EXPECT_GE(beat, 0);
        EXPECT_EQ(time_of_beat(beat, moment), moment);
        EXPECT_EQ(time_of_beat(beat, moment + Seconds(600)), moment);
        EXPECT_EQ(time_of_beat(beat, moment - Seconds(600)), moment);
    }
}

}    // namespace
}    // namespace trueup::engine
