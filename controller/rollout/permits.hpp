// SPDX-License-Identifier: Apache-2.0
// How many may do something at once; the rest waits in order. Inside rollout/ only.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <deque>

#include "controller/base/task.hpp"

namespace trueup::rollout {

class Permits {
public:
    Permits(Executor executor, std::size_t count) : executor_(std::move(executor)), free_(count) {}

    // False when the task was cancelled while it waited: then there is nothing to release.
    boost::asio::awaitable<bool> acquire();
    void release();

private:
    struct Waiter {
        explicit Waiter(const Executor& executor)
            : timer(executor, boost::asio::steady_timer::time_point::max()) {}
        boost::asio::steady_timer timer;
        bool granted = false;
    };

    Executor executor_;
    std::size_t free_;
    std::deque<Waiter*> waiting_;
};

}    // namespace trueup::rollout
