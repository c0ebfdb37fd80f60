// SPDX-License-Identifier: Apache-2.0
// Blocking work (hashing, local git objects, SQLite) on a small pool; the rest of the program is
// one thread. The work must not touch anything that the loop's thread uses meanwhile.
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <optional>
#include <utility>

#include "controller/base/task.hpp"

namespace trueup::base {

using Pool = boost::asio::thread_pool;

// Runs `work` on the pool; resumes on the caller's executor. Not cancellable: it waits for the
// work.
boost::asio::awaitable<void> offload(Pool& pool, std::function<void()> work);

// The same for work with a result. Name the function object before you await.
template <class T>
Task<T> offload_result(Pool& pool, std::function<Result<T>()> work) {
    std::optional<Result<T>> result;
    std::function<void()> store = [&result, &work] { result.emplace(work()); };
    co_await offload(pool, std::move(store));
    co_return std::move(*result);
}

}    // namespace trueup::base

namespace trueup {
using base::Pool;
}    // namespace trueup
