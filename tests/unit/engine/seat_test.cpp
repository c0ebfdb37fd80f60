// SPDX-License-Identifier: Apache-2.0
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/engine/seat_world.hpp"

namespace trueup::engine {
namespace {

TEST_F(EngineSeat, TheFirstOneSits) {
    const auto seat = seated();
    ASSERT_NE(engine.find(name), nullptr);
    EXPECT_EQ(engine.find(name)->state, model::ContainerState::created);
    EXPECT_TRUE(seat->held());
    EXPECT_TRUE(seat->key_is_new());
    EXPECT_TRUE(is_owner_key(seat->key()));
    for (const auto& [key, value] : engine.find(name)->labels)
        EXPECT_EQ(value.find(seat->key()), std::string::npos) << key;
    ASSERT_EQ(engine.images.size(), 1U);
    EXPECT_EQ(engine.images.begin()->second.references, model::Strings{key_image})
        << "no other name of it is left";
}

TEST_F(EngineSeat, ASecondOneIsToldWhoHoldsIt) {
    const auto first = seated();
    const auto second = acquire(options());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code(), Errc::conflict);
    const auto holder = test::run(io, find_seat_holder(engine, clock, "trueup"));
    ASSERT_TRUE(holder && *holder);
    EXPECT_EQ((*holder)->pid, std::to_string(::getpid()));
    EXPECT_EQ((*holder)->kind, "daemon");
    EXPECT_EQ((*holder)->seen_at, clock.now());
    EXPECT_EQ(second.error().message(), "the engine is held by " + (*holder)->describe());
    EXPECT_NE((*holder)->describe().find("controller trueup (daemon) on host "), std::string::npos);
    EXPECT_TRUE(first->held());
}

TEST_F(EngineSeat, ControllersOfOtherNamesSitBesideEachOther) {
    const auto one = seated();
    SeatOptions chosen = options();
    chosen.controller_name = "other";
    const auto other = seated(std::move(chosen));
    EXPECT_TRUE(one->held() && other->held());
    EXPECT_NE(one->key(), other->key());
}

TEST_F(EngineSeat, AGivenBackSeatIsFree) {
    const auto first = seated();
    release(*first);
    EXPECT_FALSE(first->held());
    EXPECT_EQ(seats(), 0);
    EXPECT_FALSE(*test::run(io, find_seat_holder(engine, clock, "trueup")));
    EXPECT_TRUE(seated()->held());
}

TEST_F(EngineSeat, SignsOfLifeKeepItAndEachDiffers) {
    const auto seat = seated();
    std::set<int> beats{engine.find(name)->restart.max_retries};
    const auto look = [&] { beats.insert(engine.find(name)->restart.max_retries); };
    const auto look_and_set_back = [&] {
        look();
        clock.set_forward(Seconds(-10));
    };
    meanwhile = {look, look, look_and_set_back, look};
    keep(*seat);
    EXPECT_EQ(beats.size(), 4U);
    EXPECT_TRUE(seat->held());
    EXPECT_EQ(sleeps, 5);
    EXPECT_EQ(seats(), 1);
}

TEST_F(EngineSeat, WithoutASignOfLifeItIsNotHeldByEitherClock) {
    const auto seat = seated();
    clock.advance(Milliseconds(29'999));
    EXPECT_TRUE(seat->held());
    clock.advance(Milliseconds(1));
    EXPECT_FALSE(seat->held());
    EXPECT_EQ(seat->check().error().code(), Errc::unavailable);
    release(*seat);
    const auto slept = seated();
    clock.set_forward(Seconds(30));
    EXPECT_FALSE(slept->held()) << "the machine slept";
    release(*slept);
    const auto stopped = seated();
    clock.pass_unseen(Seconds(30));
    EXPECT_FALSE(stopped->held()) << "the wall clock stood";
}

TEST_F(EngineSeat, AnEngineThatIsAwayIsToldAndItsReturnConfirmsTheSeat) {
    const auto seat = seated();
    const std::string id = seat_id();
    meanwhile = {[&] { engine.disconnect(); }};
    for (int second = 0; second < 40; ++second) meanwhile.emplace_back([] {});
    meanwhile.emplace_back([&] {
        EXPECT_FALSE(seat->held());
        EXPECT_NE(seat->check().error().message().find("no such file"), std::string::npos)
            << seat->check().error().message();
        engine.revive();
    });
    keep(*seat);
    EXPECT_TRUE(seat->held());
    EXPECT_EQ(seat_id(), id);
}

TEST_F(EngineSeat, AHolderThatGivesNoSignLosesItAfterItsTime) {
    const auto first = seated();
    std::string lost;
    first->on_lost([&](const Error& error) { lost = error.message(); });
    const auto second = seated(options(Seconds(120)));
    EXPECT_TRUE(second->held());
    EXPECT_FALSE(second->key_is_new());
    EXPECT_EQ(second->key(), first->key());
    EXPECT_EQ(sleeps, 45);
    EXPECT_EQ(waited_for.size(), 1U) << "the same is told once";
    EXPECT_FALSE(first->held()) << "long before";
    meanwhile = {[] {}};
    keep(*first);
    EXPECT_NE(lost.find("the engine is held by controller trueup"), std::string::npos) << lost;
    EXPECT_FALSE(first->held());
    EXPECT_EQ(first->check().error().code(), Errc::conflict);
    EXPECT_TRUE(second->held());
    EXPECT_EQ(seats(), 1);
}

TEST_F(EngineSeat, AHolderThatLivesIsLeftAlone) {
    const auto first = seated();
    always = [this] { ++engine.find(name)->restart.max_retries; };
    const auto second = acquire(options(Seconds(120)));
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code(), Errc::conflict);
    EXPECT_EQ(sleeps, 120);
}

TEST_F(EngineSeat, ADeadProcessOfThisMachineIsSucceededAtOnce) {
    const ::pid_t child = ::fork();
    if (child == 0) ::_exit(0);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    const auto first = seated();
    label("pid") = std::to_string(child);
    EXPECT_TRUE(seated()->held());
    EXPECT_EQ(sleeps, 0);
}

TEST_F(EngineSeat, AnotherProcessWithItsNumberIsNotTheHolder) {
    const auto first = seated();
    label("process-start") = "1";
    EXPECT_TRUE(seated()->held());
}

TEST_F(EngineSeat, OfAProcessThatItCannotSeeNothingIsGuessed) {
    const auto first = seated();
    for (const char* part : {"boot", "pid-namespace"}) {
        const std::string before = label(part);
        for (const char* other : {"", "another"}) {
            label(part) = other;
            label("process-start") = "1";
            EXPECT_FALSE(acquire(options())) << part;
        }
        label(part) = before;
    }
}

TEST_F(EngineSeat, AHolderInAContainerOfTheEngineEndsWithIt) {
    engine.set_time(clock.now());
    engine.add_image({"", {"base:1"}, {}, {{"/bin/sh", "shell"}}, {}});
    const std::string id = *test::run(io, engine.create_container("c", {{"Image", "base:1"}}));
    ASSERT_TRUE(test::run(io, engine.start_container(id)));
    SeatOptions chosen = options();
    chosen.container = id;
    const auto first = seated(std::move(chosen));
    label("pid-namespace") = "pid:[1]";
    EXPECT_FALSE(acquire(options())) << "it runs";
    engine.kill(id);
    const auto second = seated();
    ASSERT_TRUE(second);
    release(*second);

    ASSERT_TRUE(test::run(io, engine.start_container(id)));
    chosen = options();
    chosen.container = id;
    clock.advance(Seconds(2));
    const auto third = seated(chosen);
    label("pid-namespace") = "pid:[1]";
    EXPECT_FALSE(acquire(options()));
    engine.pass(Seconds(60));
    engine.kill(id);
    ASSERT_TRUE(test::run(io, engine.start_container(id)));
    EXPECT_TRUE(seated(chosen)->held()) << "what it runs now is another one";
    EXPECT_EQ(sleeps, 0);
}

TEST_F(EngineSeat, AnEventOfItsRemovalMakesItSitAgainAtOnce) {
    const auto seat = seated();
    const std::string key = seat->key();
    const std::string id = seat_id();
    engine.containers.clear();
    seat->container_removed("another");
    EXPECT_TRUE(seat->held());
    seat->container_removed(id);
    EXPECT_FALSE(seat->held());
    keep(*seat);
    EXPECT_TRUE(seat->held());
    EXPECT_EQ(sleeps, 1) << "it sits before it sleeps";
    EXPECT_EQ(seats(), 1);
    EXPECT_EQ(seat->key(), key);
}

TEST_F(EngineSeat, ARemovalWithoutAnEventIsFoundAtTheNextSign) {
    const auto seat = seated();
    meanwhile = {[&] { engine.containers.clear(); }, [] {}};
    keep(*seat);
    EXPECT_TRUE(seat->held());
    EXPECT_EQ(seats(), 1);
}

TEST_F(EngineSeat, WhoeverIsFasterAfterAPruneHasIt) {
    const auto first = seated();
    int told = 0;
    first->on_lost([&](const Error&) { ++told; });
    const std::string id = seat_id();
    engine.containers.clear();
    const auto second = seated();
    first->container_removed(id);
    keep(*first);
    EXPECT_FALSE(first->held());
    EXPECT_EQ(told, 1);
    EXPECT_TRUE(second->held());
    EXPECT_EQ(seats(), 1);
}

TEST_F(EngineSeat, AContainerThatIsNoSeatIsNotTouched) {
    engine.add_image({"", {"base:1"}, {}, {{"/bin/sh", "shell"}}, {}});
    const auto made = test::run(io, engine.create_container(name, {{"Image", "base:1"}}));
    const auto seat = acquire(options(Seconds(120)));
    ASSERT_FALSE(seat);
    EXPECT_NE(seat.error().message().find("is no seat"), std::string::npos)
        << seat.error().message();
    EXPECT_EQ(seat_id(), *made);
}

TEST_F(EngineSeat, TheKeyOutlivesTheStateDirectory) {
    const auto first = seated();
    release(*first);
    EXPECT_EQ(key_on_engine(), first->key());
    EXPECT_TRUE(engine.containers.empty()) << "looking leaves nothing behind";
    const auto second = seated();
    EXPECT_EQ(second->key(), first->key());
    EXPECT_FALSE(second->key_is_new());
    EXPECT_EQ(key_on_engine(), first->key());
}

TEST_F(EngineSeat, TheKeyOutlivesTheImage) {
    const auto first = seated();
    release(*first);
    engine.images.clear();
    EXPECT_EQ(key_on_engine(), "");
    SeatOptions chosen = options();
    chosen.known_key = first->key();
    const auto second = seated(std::move(chosen));
    EXPECT_EQ(second->key(), first->key());
    EXPECT_FALSE(second->key_is_new());
    EXPECT_EQ(key_on_engine(), first->key());
}

TEST_F(EngineSeat, TheCopyOnTheEngineCounts) {
    const auto first = seated();
    release(*first);
    SeatOptions chosen = options();
    chosen.known_key = std::string(64, 'a');
    EXPECT_EQ(seated(std::move(chosen))->key(), first->key());
}

TEST_F(EngineSeat, AnImageWithoutAKeyIsToldAndLeavesNoSeat) {
    engine.add_image({"", {key_image}, {}, {{"/owner.key", "nonsense"}}, {}});
    const auto seat = acquire(options(Seconds(120)));
    ASSERT_FALSE(seat);
    EXPECT_EQ(seat.error().message(),
              std::string("image ") + key_image + ": it holds no owner key");
    EXPECT_EQ(seats(), 0);
}

TEST_F(EngineSeat, AnotherEngineAtTheAddressGetsTheSeatAndLosesNothing) {
    const auto seat = seated();
    const std::string key = seat->key();
    engine.containers.clear();
    engine.images.clear();
    engine.become("another");
    engine.add_image({"", {"base:1"}, {}, {{"/bin/sh", "shell"}}, {}});
    const auto other = test::run(io, engine.create_container("shop-api-1", {{"Image", "base:1"}}));
    engine.calls.clear();
    meanwhile = {[] {}};
    keep(*seat);
    EXPECT_TRUE(seat->held());
    EXPECT_EQ(seat->key(), key);
    EXPECT_NE(engine.find(*other), nullptr);
    for (const std::string& call : engine.calls)
        EXPECT_FALSE(call.starts_with("remove ") && !call.starts_with("remove image trueup.seat/"))
            << call;
}

// Any call may fail, or its answer be lost: it sits in the end, once, and with the key that the
// engine would give to the next one.
TEST_F(EngineSeat, WhicheverCallFailsOneSitsInTheEnd) {
    for (const bool loses_answer : {false, true}) {
        for (std::size_t call = 1; call <= 8; ++call) {
            engine.containers.clear();
            engine.images.clear();
            engine.arm(call, loses_answer, 0);
            const auto seat = seated(options(Seconds(120)));
            engine.arm(0, false, 0);
            ASSERT_NE(seat, nullptr) << call << loses_answer;
            EXPECT_TRUE(seat->held());
            EXPECT_EQ(engine.containers.size(), 1U) << call << loses_answer;
            EXPECT_EQ(key_on_engine(), seat->key()) << call << loses_answer;
            release(*seat);
            EXPECT_EQ(key_on_engine(), seat->key()) << call << loses_answer;
        }
    }
}

}    // namespace
}    // namespace trueup::engine
