// SPDX-License-Identifier: Apache-2.0
#include "tests/support/run_task.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <utility>

namespace trueup::test {
namespace {

boost::asio::awaitable<void> without_throwing(boost::asio::awaitable<void> task) {
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    co_await std::move(task);
}

}    // namespace

// Here and not in the header: co_spawn is what takes longest to compile of most tests.
void drive(boost::asio::io_context& io, boost::asio::awaitable<void> task) {
    std::exception_ptr failure;
    bool ended = false;    // its handler refers to this frame, and may run a turn after the result
    boost::asio::co_spawn(io, without_throwing(std::move(task)), [&](std::exception_ptr raised) {
        failure = std::move(raised);
        ended = true;
    });
    io.restart();
    while (!ended && io.run_one() > 0) {
    }
    if (failure) std::rethrow_exception(failure);
}

}    // namespace trueup::test
