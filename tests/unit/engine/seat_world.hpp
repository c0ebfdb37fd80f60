// SPDX-License-Identifier: Apache-2.0
// A seat on the fake engine, by the manual clock: each sleep takes its time at once.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <deque>

#include "controller/engine/seat.hpp"
#include "controller/engine/seat_key.hpp"
#include "tests/support/fake_engine.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/run_task.hpp"

namespace trueup::engine {

inline constexpr const char* name = "trueup.seat.trueup";
inline constexpr const char* key_image = "trueup.seat/trueup:key";

inline boost::asio::awaitable<bool> run_seat(Seat& seat) {
    co_await seat.run();
    co_return true;
}

class EngineSeat : public testing::Test {
protected:
    // Each sleep takes its time at once, and does the next of `meanwhile`; without one left run()
    // ends.
    SeatOptions options(Milliseconds wait = Milliseconds(0)) {
        SeatOptions chosen;
        chosen.wait = wait;
        chosen.sleep = [this](Milliseconds time) { return sleep(time); };
        chosen.on_wait = [this](const Error& why) { waited_for.push_back(why.message()); };
        return chosen;
    }
    Task<void> sleep(Milliseconds time) {
        clock.advance(time);
        ++sleeps;
        if (always) always();
        if (meanwhile.empty()) {
            co_return waits_end ? Result<void>(Error(Errc::cancelled, "the test is over"))
                                : Result<void>();
        }
        meanwhile.front()();
        meanwhile.pop_front();
        co_return Result<void>();
    }
    Result<std::unique_ptr<Seat>> acquire(SeatOptions chosen) {
        waits_end = false;
        return test::run(io, Seat::acquire(engine, clock, std::move(chosen)));
    }
    std::unique_ptr<Seat> seated(SeatOptions chosen) {
        auto seat = acquire(std::move(chosen));
        EXPECT_TRUE(seat) << seat.error().message();
        return seat ? std::move(*seat) : nullptr;
    }
    std::unique_ptr<Seat> seated() { return seated(options()); }
    // A sign of life after each of `meanwhile`.
    void keep(Seat& seat) {
        waits_end = true;
        test::run(io, run_seat(seat));
    }
    void release(Seat& seat) { ASSERT_TRUE(test::run(io, seat.release())); }
    int seats() const {
        return static_cast<int>(
            std::count_if(engine.containers.begin(), engine.containers.end(),
                          [](const auto& entry) { return entry.second.name == name; }));
    }
    std::string seat_id() { return engine.find(name) == nullptr ? "" : engine.find(name)->id; }
    std::string key_on_engine() { return *test::run(io, find_owner_key(engine, "trueup", "")); }
    std::string& label(const std::string& of) {
        return engine.find(name)->labels["dev.trueup.seat." + of];
    }

    boost::asio::io_context io;
    test::FakeEngine engine{io.get_executor()};
    support::ManualClock clock;
    std::deque<std::function<void()>> meanwhile;
    std::function<void()> always;
    std::vector<std::string> waited_for;
    int sleeps = 0;
    bool waits_end = false;
};

}    // namespace trueup::engine
