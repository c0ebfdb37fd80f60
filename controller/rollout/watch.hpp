// SPDX-License-Identifier: Apache-2.0
// Wakes those who wait for a container when the engine's events tell of a change in it. One look at
// the cache serves all that wait. Inside rollout/ only.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <list>
#include <string>

#include "controller/engine/cache.hpp"

namespace trueup::rollout {

class Watch {
public:
    Watch(Executor executor, engine::Cache& cache)
        : executor_(std::move(executor)), cache_(cache) {}

    // Returns when the cache knows the container in another state than `seen`, or after `at_most`.
    // Errc::cancelled when the task was cancelled.
    Task<void> wait(const model::ObservedContainer& seen, Milliseconds at_most);

    // Runs until cancelled; nobody wakes early without it.
    boost::asio::awaitable<void> run();

private:
    struct Waiter {
        const model::ObservedContainer* seen;
        boost::asio::steady_timer timer;
    };
    void wake();

    Executor executor_;
    engine::Cache& cache_;
    std::list<Waiter> waiters_;
};

}    // namespace trueup::rollout
