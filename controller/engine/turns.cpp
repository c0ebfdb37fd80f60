// SPDX-License-Identifier: Apache-2.0
#include "controller/engine/turns.hpp"

namespace trueup::engine {

Task<void> Turns::take(base::SteadyTime until) {
    while (taken_ >= most_) {
        boost::asio::steady_timer timer(executor_, until);
        waiting_.push_back(&timer);
        const auto waited = co_await timer.async_wait(base::use_task);
        std::erase(waiting_, &timer);
        if (co_await base::is_cancelled()) {
            wake_next();    // the turn may have been this one's
            co_return Error(Errc::cancelled, "cancelled");
        }
        if (!std::get<0>(waited)) co_return Error(Errc::timeout, "every connection was busy");
    }
    ++taken_;
    co_return Result<void>();
}

void Turns::give_back() {
    --taken_;
    wake_next();
}

void Turns::wake_next() {
    if (waiting_.empty()) return;
    // Off the list at once: the next turn is another one's, or it would be lost.
    boost::asio::steady_timer* first = waiting_.front();
    waiting_.erase(waiting_.begin());
    first->cancel();
}

}    // namespace trueup::engine
