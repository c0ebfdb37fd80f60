// SPDX-License-Identifier: Apache-2.0
// Who may use a connection now: at most so many at a time, the others in the order they came.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <vector>

#include "controller/base/task.hpp"

namespace trueup::engine {

class Turns {
public:
    Turns(Executor executor, std::size_t most) : executor_(std::move(executor)), most_(most) {}

    // Errors: timeout, cancelled. Whoever got a turn gives it back.
    Task<void> take(base::SteadyTime until);
    void give_back();

private:
    void wake_next();

    Executor executor_;
    std::size_t most_;
    std::size_t taken_ = 0;
    std::vector<boost::asio::steady_timer*> waiting_;
};

}    // namespace trueup::engine
