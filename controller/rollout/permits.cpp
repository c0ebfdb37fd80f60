// SPDX-License-Identifier: Apache-2.0
#include "controller/rollout/permits.hpp"

namespace trueup::rollout {

boost::asio::awaitable<bool> Permits::acquire() {
    if (co_await base::is_cancelled()) co_return false;
    if (free_ > 0) {
        --free_;
        co_return true;
    }
    Waiter waiter(executor_);
    waiting_.push_back(&waiter);
    co_await waiter.timer.async_wait(base::use_task);
    if (!waiter.granted) std::erase(waiting_, &waiter);
    co_return waiter.granted;
}

void Permits::release() {
    if (waiting_.empty()) {
        ++free_;
        return;
    }
    Waiter* next = waiting_.front();
    waiting_.pop_front();
    next->granted = true;
    next->timer.cancel();
}

}    // namespace trueup::rollout
