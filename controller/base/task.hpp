// SPDX-License-Identifier: Apache-2.0
// Coroutines. Rules: named functions only, parameters by value (or references to what outlives the
// task), and no temporary lambda, `Type{…}` or `{…}` in an expression with co_await: g++ 12
// destroys it twice. Nor co_await in the condition of a loop: with another co_await in its body
// g++ 12 makes code that crashes (seen with a discarded `co_await f(T(x));` there, at -O0 and -O1).
// Errors come as values: Task<T> yields Result<T>.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "controller/base/clock.hpp"
#include "controller/base/result.hpp"

namespace trueup::base {

using Executor = boost::asio::any_io_executor;

template <class T>
using Task = boost::asio::awaitable<Result<T>>;

// For asio operations: yields (error_code, …) instead of throwing.
inline constexpr auto use_task = boost::asio::as_tuple(boost::asio::use_awaitable);

// True once the task's group was closed. A cancelled task gets one aborted operation only: loops
// ask this before they start the next.
boost::asio::awaitable<bool> is_cancelled();

// Waits; Errc::cancelled when the task was cancelled meanwhile.
Task<void> sleep_for(Milliseconds duration);

// A system error as an Error: operation_aborted is Errc::cancelled, the rest of connection errors
// Errc::unavailable, permission problems Errc::denied.
Error to_error(const boost::system::error_code& code, std::string_view doing);

}    // namespace trueup::base

namespace trueup {
using base::Executor;
using base::Task;
}    // namespace trueup
