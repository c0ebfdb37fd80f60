// SPDX-License-Identifier: Apache-2.0
// The owner of coroutines. Every coroutine is spawned in a group; the group is closed (which
// cancels what still runs) and awaited before it is destroyed. The only place that calls co_spawn
// besides app/ and the tests.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "controller/base/task.hpp"

namespace trueup::base {

class TaskGroup {
public:
    // Called once for a coroutine that ended in an exception, which is a bug of ours.
    using OnException = std::function<void(const std::string& task_name, const std::string& what)>;

    // `repeat`: how often close() cancels again what has not ended yet.
    explicit TaskGroup(Executor executor, OnException on_exception = nullptr,
                       Milliseconds repeat = Milliseconds(2'000));
    // Asserts that it was closed and that nothing runs any more.
    ~TaskGroup();
    TaskGroup(const TaskGroup&) = delete;
    TaskGroup& operator=(const TaskGroup&) = delete;

    // Starts the coroutine; after close() it is dropped unstarted. `name` is for the log.
    void spawn(std::string name, boost::asio::awaitable<void> task);

    std::size_t running() const;
    // Cancels everything that runs; nothing can be spawned any more. A cancellation that meets a
    // task between two operations (the first has ended, the task was not resumed yet) stops neither,
    // and no check of ours sees into composed operations: so it is repeated until nothing runs.
    void close();
    // Returns when nothing runs any more. Call after close(), or to wait for work to drain. When
    // the waiting task is cancelled meanwhile, the group is closed too: what it owns ends with it.
    boost::asio::awaitable<void> wait();

private:
    struct State;
    static void cancel_all(State& state);
    static void close(const std::shared_ptr<State>& state);
    std::shared_ptr<State> state_;
};

}    // namespace trueup::base

namespace trueup {
using base::TaskGroup;
}    // namespace trueup
