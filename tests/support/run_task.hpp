// SPDX-License-Identifier: Apache-2.0
// Drives coroutines from a test: run(task) until it is done. ASSERT_* return void, so assert on what
// run() gives back, outside the coroutine.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <thread>

#include "controller/base/task.hpp"

namespace trueup::test {

// Runs the loop until the task is done; what it throws is thrown here.
void drive(boost::asio::io_context& io, boost::asio::awaitable<void> task);

template <class T>
boost::asio::awaitable<void> keep_result(boost::asio::awaitable<T> task, std::optional<T>& result) {
    auto value = co_await std::move(task);
    result.emplace(std::move(value));
}

// Runs the loop until everything on it is done, so the task's owner must not leave anything behind.
template <class T>
T run(boost::asio::io_context& io, boost::asio::awaitable<T> task) {
    std::optional<T> result;
    drive(io, keep_result<T>(std::move(task), result));
    return std::move(*result);
}

// Polls until the check holds; false at the deadline. For state of the outside world only.
inline bool eventually(const std::function<bool()>& check, std::chrono::milliseconds deadline) {
    const auto until = std::chrono::steady_clock::now() + deadline;
    while (!check()) {
        if (std::chrono::steady_clock::now() >= until) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return true;
}

}    // namespace trueup::test
