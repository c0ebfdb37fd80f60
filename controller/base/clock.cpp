// SPDX-License-Identifier: Apache-2.0
#include "controller/base/clock.hpp"

#include <fmt/chrono.h>

#include <ctime>

namespace trueup::base {
namespace {

class MachineClock final : public Clock {
public:
    SystemTime now() const override { return std::chrono::system_clock::now(); }
    SteadyTime steady() const override { return std::chrono::steady_clock::now(); }
};

}    // namespace

const Clock& machine_clock() {
    static const MachineClock clock;
    return clock;
}

std::string to_rfc3339(SystemTime time) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(seconds));
}

}    // namespace trueup::base
