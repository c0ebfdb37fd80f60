// SPDX-License-Identifier: Apache-2.0
// Each task has a cancellation signal in a map; the completion handler removes it and, when the
// map is empty, wakes the waiters through a timer that never expires by itself.
#include "controller/base/task_group.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <cassert>
#include <exception>
#include <map>
#include <vector>

#include "controller/base/log.hpp"

namespace trueup::base {

struct TaskGroup::State {
    State(Executor chosen, OnException handler, Milliseconds interval)
        : executor(std::move(chosen)),
          on_exception(std::move(handler)),
          repeat(interval),
          idle(executor, boost::asio::steady_timer::time_point::max()),
          again(executor) {}

    Executor executor;
    OnException on_exception;
    Milliseconds repeat;
    boost::asio::steady_timer idle;
    boost::asio::steady_timer again;
    std::map<std::size_t, std::unique_ptr<boost::asio::cancellation_signal>> signals;
    std::size_t next = 0;
    bool closed = false;

    void ended(std::size_t id, const std::string& name, const std::exception_ptr& failure) {
        signals.erase(id);
        if (failure) report(name, failure);
        if (!signals.empty()) return;
        idle.cancel();
        again.cancel();
    }

    void report(const std::string& name, const std::exception_ptr& failure) const {
        std::string what;
        try {
            std::rethrow_exception(failure);
        } catch (const std::exception& exception) {
            what = exception.what();
        } catch (...) {
            what = "unknown exception";
        }
        log::error("a task ended in an exception", {{"task", name}, {"what", what}});
        if (on_exception) on_exception(name, what);
    }
};

namespace {

// Cancellation arrives as error codes of the operations, never as an exception out of co_await.
boost::asio::awaitable<void> without_throwing(boost::asio::awaitable<void> task) {
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    co_await std::move(task);
}

}    // namespace

TaskGroup::TaskGroup(Executor executor, OnException on_exception, Milliseconds repeat)
    : state_(std::make_shared<State>(std::move(executor), std::move(on_exception), repeat)) {}

TaskGroup::~TaskGroup() {
    assert(state_->signals.empty() && "a task group was destroyed while its tasks ran");
}

void TaskGroup::spawn(std::string name, boost::asio::awaitable<void> task) {
    if (state_->closed) return;
    const std::size_t id = state_->next++;
    auto signal = std::make_unique<boost::asio::cancellation_signal>();
    auto slot = signal->slot();
    state_->signals.emplace(id, std::move(signal));
    auto done = [state = state_, id, name = std::move(name)](const std::exception_ptr& failure) {
        state->ended(id, name, failure);
    };
    boost::asio::co_spawn(state_->executor, without_throwing(std::move(task)),
                          boost::asio::bind_cancellation_slot(slot, std::move(done)));
}

std::size_t TaskGroup::running() const { return state_->signals.size(); }

void TaskGroup::close() { close(state_); }

void TaskGroup::close(const std::shared_ptr<State>& state) {
    cancel_all(*state);
    if (state->signals.empty()) return;
    state->again.expires_after(state->repeat);
    state->again.async_wait([state](const boost::system::error_code& code) {
        if (!code) close(state);
    });
}

void TaskGroup::cancel_all(State& state) {
    state.closed = true;
    // Emitting may end a task at once and change the map, so walk over a copy of the keys.
    std::vector<std::size_t> ids;
    for (const auto& [id, signal] : state.signals) ids.push_back(id);
    for (const std::size_t id : ids) {
        const auto found = state.signals.find(id);
        if (found != state.signals.end()) found->second->emit(boost::asio::cancellation_type::all);
    }
}

boost::asio::awaitable<void> TaskGroup::wait() {
    const auto state = state_;
    while (!state->signals.empty()) {
        co_await state->idle.async_wait(use_task);
        if (!state->closed && co_await is_cancelled()) close(state);
    }
}

}    // namespace trueup::base
