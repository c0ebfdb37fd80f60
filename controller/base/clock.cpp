// SPDX-License-Identifier: Apache-2.0
#include "controller/base/clock.hpp"

#include <fmt/chrono.h>

#include <cstdio>
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

std::optional<SystemTime> parse_rfc3339(const std::string& text) {
    int year = 0;
    unsigned month = 0;
    unsigned day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    if (text.size() > 40 || !text.ends_with('Z') ||
        std::sscanf(text.c_str(), "%4d-%2u-%2uT%2d:%2d:%2d", &year, &month, &day, &hour, &minute,
                    &second) != 6) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                           std::chrono::day(day)};
    const bool in_a_day = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0;
    if (!date.ok() || !in_a_day || second > 60) return std::nullopt;
    return SystemTime(std::chrono::sys_days(date)) + std::chrono::hours(hour) +
           std::chrono::minutes(minute) + std::chrono::seconds(second);
}

}    // namespace trueup::base
