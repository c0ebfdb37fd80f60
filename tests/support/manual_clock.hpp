// SPDX-License-Identifier: Apache-2.0
// A clock that stands still until a test moves it.
#pragma once

#include "controller/base/clock.hpp"

namespace trueup::support {

class ManualClock final : public Clock {
public:
    // 2026-11-24T10:00:00Z
    SystemTime now() const override { return now_; }
    SteadyTime steady() const override { return steady_; }

    void advance(Milliseconds duration) {
        now_ += duration;
        steady_ += duration;
    }

    // The wall clock alone: somebody set it.
    void set_forward(Milliseconds duration) { now_ += duration; }
    // The steady clock alone, as while a wall clock stands.
    void pass_unseen(Milliseconds duration) { steady_ += duration; }

private:
    SystemTime now_ = SystemTime(Seconds(1'795'514'400));
    SteadyTime steady_ = SteadyTime(std::chrono::hours(1));
};

}    // namespace trueup::support
