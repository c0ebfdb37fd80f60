// SPDX-License-Identifier: Apache-2.0
#include "controller/reconcile/work_queue.hpp"

#include <gtest/gtest.h>

#include "tests/support/manual_clock.hpp"

namespace trueup::reconcile {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class WorkQueueTest : public testing::Test {
protected:
    SteadyTime now() const { return clock.steady(); }
    void add(const std::string& key, Priority priority = Priority::normal) {
        queue.add(key, priority, now());
    }
    std::string take() {
        const auto taken = queue.take(now());
        return taken ? taken->key : "";
    }
    std::string take_all() {
        std::string keys;
        while (const auto taken = queue.take(now())) keys += (keys.empty() ? "" : " ") + taken->key;
        return keys;
    }

    support::ManualClock clock;
    WorkQueue queue{BackoffOptions{
        .base = milliseconds(500), .cap = milliseconds(60'000), .jitter = 0.2, .seed = 7}};
};

TEST_F(WorkQueueTest, KeyWaitsAtMostOnce) {
    add("shop");
    add("shop");
    EXPECT_EQ(take(), "shop");
    EXPECT_EQ(take(), "");
    queue.done("shop", now());
    EXPECT_EQ(take(), "");
}

TEST_F(WorkQueueTest, FirstComeFirstServed) {
    for (const std::string key : {"c", "a", "b"}) add(key);
    EXPECT_EQ(take_all(), "c a b");
}

TEST_F(WorkQueueTest, KeyInWorkRunsAgainAfterwardsAndNeverBesideItself) {
    add("shop");
    EXPECT_EQ(take(), "shop");
    add("shop");
    add("shop");
    EXPECT_EQ(take(), "") << "a worker has it";
    EXPECT_FALSE(queue.next_ready());
    queue.done("shop", now());
    EXPECT_EQ(take(), "shop");
    queue.done("shop", now());
    EXPECT_EQ(take(), "");
}

TEST_F(WorkQueueTest, FreshPushGoesAheadOfResyncs) {
    for (const std::string key : {"a", "b", "c"}) add(key, Priority::resync);
    add("pushed");
    EXPECT_EQ(take(), "pushed");
    EXPECT_EQ(take(), "a");
}

TEST_F(WorkQueueTest, RaisedKeyGoesToTheEndOfItsNewLevel) {
    add("raised", Priority::resync);
    add("first");
    add("raised");
    EXPECT_EQ(take(), "first");
    EXPECT_EQ(take(), "raised");
}

TEST_F(WorkQueueTest, LowerPriorityDoesNotLowerAWaitingKey) {
    add("shop");
    add("shop", Priority::resync);
    add("other");
    EXPECT_EQ(take(), "shop");
}

TEST_F(WorkQueueTest, DelayedKeyIsTakenAtItsTime) {
    queue.add_at("shop", Priority::normal, now() + seconds(10), now());
    EXPECT_EQ(queue.next_ready(), now() + seconds(10));
    EXPECT_EQ(take(), "");
    clock.advance(seconds(9));
    EXPECT_EQ(take(), "");
    clock.advance(seconds(3));
    const auto taken = queue.take(now());
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->waited, seconds(2));
}

TEST_F(WorkQueueTest, EarlierReasonWins) {
    queue.add_at("shop", Priority::resync, now() + seconds(60), now());
    queue.add_at("shop", Priority::resync, now() + seconds(90), now());
    EXPECT_EQ(queue.next_ready(), now() + seconds(60));
    add("shop");
    const auto taken = queue.take(now());
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->priority, Priority::normal);
    EXPECT_FALSE(queue.next_ready()) << "the later reason is served by the same run";
}

TEST_F(WorkQueueTest, DueKeysComeInTheOrderOfTheirTimes) {
    queue.add_at("late", Priority::normal, now() + seconds(2), now());
    queue.add_at("early", Priority::normal, now() + seconds(1), now());
    clock.advance(seconds(5));
    add("last");
    EXPECT_EQ(take_all(), "early late last");
}

TEST_F(WorkQueueTest, ResyncThatIsSetDuringWorkStartsAfterIt) {
    add("shop");
    take();
    queue.add_at("shop", Priority::resync, now() + seconds(60), now());
    queue.done("shop", now());
    EXPECT_EQ(queue.next_ready(), now() + seconds(60));
    EXPECT_EQ(queue.depth(Priority::resync, now()), 0U);
    clock.advance(seconds(60));
    EXPECT_EQ(queue.depth(Priority::resync, now()), 1U);
    EXPECT_EQ(take(), "shop");
}

TEST_F(WorkQueueTest, EventDuringWorkBeatsTheResyncThatWorkSets) {
    add("shop");
    take();
    add("shop");
    queue.add_at("shop", Priority::resync, now() + seconds(60), now());
    queue.done("shop", now());
    EXPECT_EQ(take(), "shop");
}

TEST_F(WorkQueueTest, BackoffDoublesWithJitterUpToTheCap) {
    double middle = 500;
    for (int failure = 1; failure <= 20; ++failure) {
        const double delay = static_cast<double>(queue.add_rate_limited("shop", now()).count());
        EXPECT_LE(delay, 60'000);
        EXPECT_GE(delay, middle * 0.8 - 1) << failure;
        EXPECT_LE(delay, middle * 1.2 + 1) << failure;
        EXPECT_EQ(queue.failures("shop"), failure);
        middle = std::min(middle * 2, 50'000.0);
    }
    queue.forget("shop");
    EXPECT_EQ(queue.failures("shop"), 0);
    EXPECT_LE(queue.add_rate_limited("shop", now()), milliseconds(600));
}

TEST_F(WorkQueueTest, KeysThatFailTogetherComeBackApart) {
    std::set<Milliseconds> delays;
    for (int index = 0; index < 20; ++index)
        delays.insert(queue.add_rate_limited(std::to_string(index), now()));
    EXPECT_GT(delays.size(), 10U);
}

TEST_F(WorkQueueTest, BackoffIsPerKey) {
    for (int index = 0; index < 5; ++index) queue.add_rate_limited("broken", now());
    EXPECT_LE(queue.add_rate_limited("fine", now()), milliseconds(600));
}

TEST_F(WorkQueueTest, RetryKeepsThePriorityItWasTakenWith) {
    add("shop", Priority::resync);
    take();
    const Milliseconds delay = queue.add_rate_limited("shop", now());
    queue.done("shop", now());
    clock.advance(delay);
    add("pushed");
    EXPECT_EQ(take(), "pushed");
    const auto retried = queue.take(now());
    ASSERT_TRUE(retried);
    EXPECT_EQ(retried->priority, Priority::resync);
}

TEST_F(WorkQueueTest, WhatAFailedAttemptDidItselfWaitsForTheBackoff) {
    add("shop");
    EXPECT_EQ(take(), "shop");
    queue.add_noticed("shop", now());
    queue.add_rate_limited("shop", now());
    queue.done("shop", now());
    queue.add_noticed("shop", now());
    EXPECT_EQ(take(), "");
    clock.advance(milliseconds(600));
    EXPECT_EQ(take(), "shop");
}

TEST_F(WorkQueueTest, AChangeNoticedDuringASuccessfulAttemptIsLookedAtAfterwards) {
    add("shop");
    EXPECT_EQ(take(), "shop");
    queue.add_noticed("shop", now());
    queue.add_at("shop", Priority::resync, now() + seconds(60), now());
    queue.done("shop", now());
    EXPECT_EQ(take(), "shop");
    queue.done("shop", now());
    queue.add_noticed("shop", now());
    EXPECT_EQ(take(), "shop");
}

TEST_F(WorkQueueTest, FreshPushOverridesABackoff) {
    for (int index = 0; index < 5; ++index) queue.add_rate_limited("shop", now());
    EXPECT_EQ(take(), "");
    add("shop");
    EXPECT_EQ(take(), "shop");
}

TEST_F(WorkQueueTest, RemovedKeyIsForgotten) {
    queue.add_rate_limited("delayed", now());
    add("ready");
    add("working");
    EXPECT_EQ(take(), "ready");
    queue.done("ready", now());
    add("ready");
    EXPECT_EQ(take(), "working");
    add("working");
    for (const std::string key : {"delayed", "ready", "working"}) queue.remove(key);
    EXPECT_EQ(queue.in_work().size(), 1U) << "its worker still runs";
    queue.done("working", now());
    clock.advance(seconds(60));
    EXPECT_EQ(take(), "");
    EXPECT_EQ(queue.failures("delayed"), 0);
}

TEST_F(WorkQueueTest, TellsWhatIsInWorkAndWaits) {
    add("a");
    add("b");
    add("c", Priority::resync);
    take();
    clock.advance(seconds(3));
    const auto in_work = queue.in_work();
    ASSERT_EQ(in_work.size(), 1U);
    EXPECT_EQ(in_work[0].first, "a");
    EXPECT_EQ(now() - in_work[0].second, seconds(3));
    EXPECT_EQ(queue.depth(Priority::normal, now()), 1U);
    EXPECT_EQ(queue.depth(Priority::resync, now()), 1U);
}

// Whatever happens, no key is lost, is in two hands at once, or waits twice.
TEST(WorkQueueProperty, EveryAddedKeyIsTakenLater) {
    std::mt19937_64 random(20261124);
    support::ManualClock clock;
    WorkQueue queue(BackoffOptions{.seed = 3});
    std::set<std::string> due;    // added since it was taken last
    std::set<std::string> working;
    for (int step = 0; step < 20'000; ++step) {
        const std::string key = std::to_string(random() % 12);
        const Priority priority = random() % 2 == 0 ? Priority::normal : Priority::resync;
        switch (random() % 6) {
            case 0: queue.add(key, priority, clock.steady()), due.insert(key); break;
            case 1:
                queue.add_at(key, priority, clock.steady() + milliseconds(random() % 5'000),
                             clock.steady());
                due.insert(key);
                break;
            case 2: queue.add_rate_limited(key, clock.steady()), due.insert(key); break;
            case 3:
                if (const auto taken = queue.take(clock.steady())) {
                    ASSERT_TRUE(working.insert(taken->key).second);
                    ASSERT_EQ(due.erase(taken->key), 1U);
                }
                break;
            case 4:
                if (working.erase(key) == 1) queue.done(key, clock.steady());
                if (random() % 2 == 0) queue.forget(key);
                break;
            default: clock.advance(milliseconds(random() % 500));
        }
    }
    for (const std::string& key : working) queue.done(key, clock.steady());
    clock.advance(std::chrono::hours(1));
    while (const auto taken = queue.take(clock.steady())) ASSERT_EQ(due.erase(taken->key), 1U);
    EXPECT_TRUE(due.empty());
    EXPECT_FALSE(queue.next_ready());
}

}    // namespace
}    // namespace trueup::reconcile
