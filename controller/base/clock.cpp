// SPDX-License-Identifier: Apache-2.0
#include "controller/base/clock.hpp"

#include <fmt/chrono.h>

#include <array>
#include <ctime>

namespace trueup::base {
namespace {

class MachineClock final : public Clock {
public:
    SystemTime now() const override { return std::chrono::system_clock::now(); }
    SteadyTime steady() const override { return std::chrono::steady_clock::now(); }
};

// Takes `count` digits off the front.
std::optional<int> take_number(std::string_view& text, std::size_t count) {
    if (text.size() < count) return std::nullopt;
    int number = 0;
    for (const char digit : text.substr(0, count)) {
        if (digit < '0' || digit > '9') return std::nullopt;
        number = number * 10 + (digit - '0');
    }
    text.remove_prefix(count);
    return number;
}

bool take(std::string_view& text, char letter) {
    if (!text.starts_with(letter)) return false;
    text.remove_prefix(1);
    return true;
}

std::optional<std::chrono::nanoseconds> take_fraction(std::string_view& text) {
    if (!take(text, '.')) return std::chrono::nanoseconds(0);
    std::int64_t fraction = 0;
    int digits = 0;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
        if (digits < 9) fraction = fraction * 10 + (text.front() - '0');
        if (digits < 9) ++digits;
        text.remove_prefix(1);
    }
    if (digits == 0) return std::nullopt;
    for (; digits < 9; ++digits) fraction *= 10;
    return std::chrono::nanoseconds(fraction);
}

// What to take away to get to UTC.
std::optional<std::chrono::minutes> take_offset(std::string_view& text) {
    if (take(text, 'Z')) return std::chrono::minutes(0);
    const int sign = take(text, '+') ? 1 : -1;
    if (sign < 0 && !take(text, '-')) return std::nullopt;
    const auto hours = take_number(text, 2);
    if (!hours || *hours > 23 || !take(text, ':')) return std::nullopt;
    const auto minutes = take_number(text, 2);
    if (!minutes || *minutes > 59) return std::nullopt;
    return std::chrono::minutes(sign * (*hours * 60 + *minutes));
}

}    // namespace

std::optional<SystemTime> parse_rfc3339(std::string_view text) {
    std::array<int, 6> part{};    // year to second
    constexpr std::array<char, 6> ends{'-', '-', 'T', ':', ':', '\0'};
    for (std::size_t index = 0; index < part.size(); ++index) {
        const auto number = take_number(text, index == 0 ? 4 : 2);
        if (!number || (ends[index] != '\0' && !take(text, ends[index]))) return std::nullopt;
        part[index] = *number;
    }
    const std::chrono::year_month_day date{std::chrono::year(part[0]),
                                           std::chrono::month(static_cast<unsigned>(part[1])),
                                           std::chrono::day(static_cast<unsigned>(part[2]))};
    // 60: a leap second.
    if (!date.ok() || part[3] > 23 || part[4] > 59 || part[5] > 60) return std::nullopt;
    const auto fraction = take_fraction(text);
    if (!fraction) return std::nullopt;
    const auto offset = take_offset(text);
    if (!offset || !text.empty()) return std::nullopt;
    // A clock of nanoseconds holds the years 1678 to 2261.
    if (part[0] < 1700 || part[0] > 2200) return std::nullopt;
    return SystemTime(std::chrono::sys_days(date)) + std::chrono::hours(part[3]) +
           std::chrono::minutes(part[4]) + std::chrono::seconds(part[5]) +
           std::chrono::duration_cast<SystemTime::duration>(*fraction) - *offset;
}

const Clock& machine_clock() {
    static const MachineClock clock;
    return clock;
}

std::string to_rfc3339(SystemTime time) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(seconds));
}

}    // namespace trueup::base
