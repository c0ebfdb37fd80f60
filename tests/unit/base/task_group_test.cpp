// SPDX-License-Identifier: Apache-2.0
#include "controller/base/task_group.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "controller/base/offload.hpp"
#include "tests/support/run_task.hpp"

namespace trueup::base {
namespace {

boost::asio::awaitable<void> sleep_and_note(Milliseconds duration, Errc& ended) {
    const auto slept = co_await sleep_for(duration);
    ended = slept ? Errc::internal : slept.error().code();
}

boost::asio::awaitable<void> throwing() {
    throw std::runtime_error("broken");
    co_return;
}

boost::asio::awaitable<bool> close_and_wait(TaskGroup& group) {
    group.close();
    co_await group.wait();
    co_return true;
}

TEST(TaskGroup, close_cancels_what_runs_and_wait_returns_when_it_ended) {
    boost::asio::io_context io;
    TaskGroup group(io.get_executor());
    Errc first = Errc::invalid;
    Errc second = Errc::invalid;
    group.spawn("first", sleep_and_note(std::chrono::hours(1), first));
    group.spawn("second", sleep_and_note(std::chrono::hours(1), second));
    io.poll();
    EXPECT_EQ(group.running(), 2U);
    EXPECT_TRUE(test::run(io, close_and_wait(group)));
    EXPECT_EQ(first, Errc::cancelled);
    EXPECT_EQ(second, Errc::cancelled);
    EXPECT_EQ(group.running(), 0U);
}

// An operation that cannot be cancelled, and then one that waits for ever.
boost::asio::awaitable<void> deaf_then_waiting(boost::asio::steady_timer& gate, Errc& ended) {
    gate.expires_after(Milliseconds(5));
    auto initiate = [&gate](auto handler) {
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        gate.async_wait([shared](const boost::system::error_code&) { std::move (*shared)(); });
    };
    co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&, void()>(
        std::move(initiate), boost::asio::use_awaitable);
    boost::asio::steady_timer never(gate.get_executor(),
                                    boost::asio::steady_timer::time_point::max());
    const auto waited = co_await never.async_wait(use_task);
    ended = std::get<0>(waited) ? Errc::cancelled : Errc::internal;
}

TEST(TaskGroup, a_cancellation_that_met_no_operation_is_repeated) {
    boost::asio::io_context io;
    boost::asio::steady_timer gate(io);
    TaskGroup group(io.get_executor(), nullptr, Milliseconds(20));
    Errc ended = Errc::invalid;
    group.spawn("deaf", deaf_then_waiting(gate, ended));
    io.poll();
    EXPECT_TRUE(test::run(io, close_and_wait(group)));
    EXPECT_EQ(ended, Errc::cancelled);
}

TEST(TaskGroup, nothing_starts_after_close) {
    boost::asio::io_context io;
    TaskGroup group(io.get_executor());
    group.close();
    Errc ended = Errc::invalid;
    group.spawn("late", sleep_and_note(Milliseconds(0), ended));
    io.run();
    EXPECT_EQ(ended, Errc::invalid);
}

TEST(TaskGroup, an_exception_is_reported_with_the_name_of_the_task) {
    boost::asio::io_context io;
    std::string told;
    TaskGroup group(io.get_executor(), [&](const std::string& name, const std::string& what) {
        told = name + ": " + what;
    });
    group.spawn("worker", throwing());
    EXPECT_TRUE(test::run(io, close_and_wait(group)));
    EXPECT_EQ(told, "worker: broken");
}

boost::asio::awaitable<void> own_group(Executor executor, Errc& ended, bool& waited) {
    TaskGroup inner(executor);
    inner.spawn("inner", sleep_and_note(std::chrono::hours(1), ended));
    co_await inner.wait();
    inner.close();
    waited = true;
}

TEST(TaskGroup, cancelling_the_owner_of_a_group_ends_the_group) {
    boost::asio::io_context io;
    TaskGroup outer(io.get_executor());
    Errc ended = Errc::invalid;
    bool waited = false;
    outer.spawn("owner", own_group(io.get_executor(), ended, waited));
    io.poll();
    EXPECT_TRUE(test::run(io, close_and_wait(outer)));
    EXPECT_EQ(ended, Errc::cancelled);
    EXPECT_TRUE(waited);
}

boost::asio::awaitable<void> loop_until_cancelled(int& rounds) {
    for (;;) {
        const bool stopped = co_await is_cancelled();
        if (stopped) break;
        ++rounds;
        co_await sleep_for(std::chrono::hours(1));
    }
}

TEST(Task, a_loop_that_asks_ends_after_its_cancelled_operation) {
    boost::asio::io_context io;
    TaskGroup group(io.get_executor());
    int rounds = 0;
    group.spawn("loop", loop_until_cancelled(rounds));
    io.poll();
    EXPECT_TRUE(test::run(io, close_and_wait(group)));
    EXPECT_EQ(rounds, 1);
}

Task<int> answer_from_pool(Pool& pool) {
    std::function<Result<int>()> work = [] { return Result<int>(42); };
    co_return co_await offload_result(pool, std::move(work));
}

TEST(Offload, brings_the_result_back) {
    boost::asio::io_context io;
    Pool pool(1);
    const auto result = test::run(io, answer_from_pool(pool));
    ASSERT_TRUE(result);
    EXPECT_EQ(*result, 42);
    pool.join();
}

}    // namespace
}    // namespace trueup::base
