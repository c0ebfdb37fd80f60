// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/units.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "controller/base/text.hpp"

namespace trueup::compose {
namespace {

struct Unit {
    std::string_view name;
    double nanoseconds;
};
constexpr std::array<Unit, 9> units{{{"ns", 1},
                                     {"us", 1e3},
                                     {"µs", 1e3},
                                     {"ms", 1e6},
                                     {"s", 1e9},
                                     {"m", 60e9},
                                     {"h", 3600e9},
                                     {"d", 86'400e9},
                                     {"w", 604'800e9}}};

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }
char lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

// The digits at the front, with at most one point among them.
std::string_view take_number(std::string_view& text) {
    std::size_t used = 0;
    bool point = false;
    while (used < text.size() && (is_digit(text[used]) || (text[used] == '.' && !point))) {
        point = point || text[used] == '.';
        ++used;
    }
    const std::string_view number = text.substr(0, used);
    text.remove_prefix(used);
    return number;
}

std::optional<double> value_of(std::string_view digits) {
    if (digits.empty() || digits == ".") return std::nullopt;
    // from_chars wants a digit before the point.
    const std::string number = digits[0] == '.' ? fmt::format("0{}", digits) : std::string(digits);
    double value = 0;
    const char* end = number.data() + number.size();
    const auto [stopped, code] = std::from_chars(number.data(), end, value);
    if (code != std::errc() || (stopped != end && *stopped != '.')) return std::nullopt;
    return value;
}

std::optional<double> take_part(std::string_view& text) {
    const auto value = value_of(take_number(text));
    if (!value) return std::nullopt;
    std::size_t end = 0;
    while (end < text.size() && !is_digit(text[end]) && text[end] != '.') ++end;
    const std::string_view name = text.substr(0, end);
    text.remove_prefix(end);
    for (const Unit& unit : units) {
        if (unit.name == name) return *value * unit.nanoseconds;
    }
    return std::nullopt;
}

template <class Number>
std::string shortest(Number value) {
    const double magnitude = std::fabs(static_cast<double>(value));
    const bool exponent = magnitude != 0 && (magnitude >= 1e21 || magnitude < 1e-4);
    std::array<char, 400> buffer{};
    char* const last = buffer.data() + buffer.size();
    if (exponent || magnitude < 1e6) {
        const auto format = exponent ? std::chars_format::scientific : std::chars_format::fixed;
        return std::string(buffer.data(), std::to_chars(buffer.data(), last, value, format).ptr);
    }
    // Large values have more digits in front of the point than the type knows: those are zeros.
    const auto end = std::to_chars(buffer.data(), last, value, std::chars_format::scientific).ptr;
    const std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
    const std::size_t e = text.find('e');
    std::string digits(text.substr(0, e));
    std::erase(digits, '.');
    std::size_t power = 0;
    std::from_chars(text.data() + e + 2, end, power);
    const std::size_t before_point = power + 1 + (digits.starts_with('-') ? 1 : 0);
    if (digits.size() <= before_point)
        digits.resize(before_point, '0');
    else
        digits.insert(before_point, 1, '.');
    return digits;
}

}    // namespace

std::optional<std::int64_t> parse_bytes(std::string_view text) {
    const auto value = value_of(take_number(text));
    if (!value) return std::nullopt;
    if (text.starts_with(' ')) text.remove_prefix(1);
    constexpr std::string_view prefixes = "kmgtp";
    double factor = 1;
    if (!text.empty()) {
        const std::size_t power = prefixes.find(lower(text[0]));
        if (power != std::string_view::npos) {
            factor = std::pow(1024.0, static_cast<double>(power + 1));
            text.remove_prefix(1);
            if (!text.empty() && lower(text[0]) == 'i') text.remove_prefix(1);
        }
        if (!text.empty() && lower(text[0]) == 'b') text.remove_prefix(1);
    }
    const double bytes = *value * factor;
    constexpr double too_many = 9'223'372'036'854'775'808.0;    // 2^63
    if (!text.empty() || bytes >= too_many) return std::nullopt;
    return static_cast<std::int64_t>(bytes);
}

std::optional<model::Duration> parse_duration(std::string_view text) {
    if (text == "0") return model::Duration(0);
    if (text.empty() || text.size() > 64) return std::nullopt;
    double total = 0;
    while (!text.empty()) {
        const auto part = take_part(text);
        if (!part) return std::nullopt;
        total += *part;
    }
    if (total > 9.2e18) return std::nullopt;
    return model::Duration(static_cast<std::int64_t>(std::llround(total)));
}

std::string format_duration(model::Duration duration) {
    constexpr std::int64_t second = 1'000'000'000;
    const std::int64_t all = duration.count();
    if (all == 0) return "0s";
    const auto part = [](std::int64_t value, std::int64_t unit, std::string_view name) {
        std::string fraction;
        if (value % unit != 0) {
            const auto width =
                static_cast<int>(std::llround(std::log10(static_cast<double>(unit))));
            fraction = fmt::format(".{:0{}}", value % unit, width);
            fraction.erase(fraction.find_last_not_of('0') + 1);
        }
        return fmt::format("{}{}{}", value / unit, fraction, name);
    };
    if (all < 1'000) return part(all, 1, "ns");
    if (all < 1'000'000) return part(all, 1'000, "µs");
    if (all < second) return part(all, 1'000'000, "ms");
    std::string text;
    if (all >= 3600 * second) text += fmt::format("{}h", all / (3600 * second));
    if (all >= 60 * second) text += fmt::format("{}m", all / (60 * second) % 60);
    return text + part(all % (60 * second), second, "s");
}

std::optional<double> parse_real(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    std::string_view digits = text;
    if (digits.starts_with('-')) digits.remove_prefix(1);
    if (digits.empty() || digits == "." || text.size() > 64) return std::nullopt;
    if (digits.find_first_not_of("0123456789.eE+-") != std::string_view::npos) return std::nullopt;
    std::string number(text);
    if (digits[0] == '.') number.insert(number.size() - digits.size(), "0");
    double value = 0;
    const char* end = number.data() + number.size();
    const auto [stopped, code] = std::from_chars(number.data(), end, value);
    if (code != std::errc() || stopped != end || !std::isfinite(value)) return std::nullopt;
    return value;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    std::int64_t value = 0;
    const char* end = text.data() + text.size();
    const auto [stopped, code] = std::from_chars(text.data(), end, value);
    if (text.empty() || code != std::errc() || stopped != end) return std::nullopt;
    return value;
}

std::string format_double(double value) { return shortest(value); }
std::string format_float(float value) { return shortest(value); }

std::optional<bool> parse_flag(std::string_view text) {
    std::string word(text);
    for (char& letter : word) letter = lower(letter);
    if (word == "true" || word == "yes" || word == "on" || word == "y") return true;
    if (word == "false" || word == "no" || word == "off" || word == "n") return false;
    return std::nullopt;
}

}    // namespace trueup::compose
