// SPDX-License-Identifier: Apache-2.0
#include "controller/rollout/watch.hpp"

#include <map>

namespace trueup::rollout {
namespace {

// Only a bound for one turn of the loop: cancelling ends the wait at once.
constexpr Milliseconds one_turn{60'000};

bool same(const model::ObservedContainer& left, const model::ObservedContainer& right) {
    return left.state == right.state && left.health == right.health &&
           left.exit_code == right.exit_code && left.started_at == right.started_at &&
           left.restart_count == right.restart_count;
}

}    // namespace

Task<void> Watch::wait(const model::ObservedContainer& seen, Milliseconds at_most) {
    if (co_await base::is_cancelled()) co_return Error(Errc::cancelled, "cancelled while waiting");
    boost::asio::steady_timer timer(executor_, at_most);
    const auto waiter = waiters_.insert(waiters_.end(), Waiter{&seen, std::move(timer)});
    co_await waiter->timer.async_wait(base::use_task);
    waiters_.erase(waiter);
    if (co_await base::is_cancelled()) co_return Error(Errc::cancelled, "cancelled while waiting");
    co_return Result<void>();
}

boost::asio::awaitable<void> Watch::run() {
    bool cancelled = co_await base::is_cancelled();
    while (!cancelled) {
        const auto changed = co_await cache_.changed(one_turn);
        if (changed) wake();
        cancelled = co_await base::is_cancelled();
    }
}

void Watch::wake() {
    if (waiters_.empty()) return;
    const auto containers = cache_.owned_containers();
    for (Waiter& waiter : waiters_) {
        const auto found = containers.find(waiter.seen->id);
        if (found == containers.end() || !same(found->second, *waiter.seen)) waiter.timer.cancel();
    }
}

}    // namespace trueup::rollout
