// SPDX-License-Identifier: Apache-2.0
#include "controller/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <utility>

namespace trueup::base {
namespace {

std::size_t edit_distance(std::string_view left, std::string_view right) {
    std::vector<std::vector<std::size_t>> cost(left.size() + 1,
                                               std::vector<std::size_t>(right.size() + 1));
    for (std::size_t i = 0; i <= left.size(); ++i) cost[i][0] = i;
    for (std::size_t j = 0; j <= right.size(); ++j) cost[0][j] = j;
    for (std::size_t i = 1; i <= left.size(); ++i) {
        for (std::size_t j = 1; j <= right.size(); ++j) {
            const std::size_t change = left[i - 1] == right[j - 1] ? 0 : 1;
            cost[i][j] =
                std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + change});
            const bool swapped =
                i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
            if (swapped) cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
        }
    }
    return cost[left.size()][right.size()];
}

struct Unit {
    std::string_view name;
    std::int64_t nanoseconds;
};
constexpr std::array<Unit, 7> units{{{"ns", 1},
                                     {"us", 1'000},
                                     {"µs", 1'000},
                                     {"ms", 1'000'000},
                                     {"s", 1'000'000'000},
                                     {"m", 60'000'000'000},
                                     {"h", 3'600'000'000'000}}};

bool is_digit(char character) { return character >= '0' && character <= '9'; }

// One "12.5ms" off the front of `text`.
std::optional<double> take_part(std::string_view& text) {
    std::size_t used = 0;
    double value = 0;
    double scale = 0;
    bool any = false;
    for (; used < text.size() && (is_digit(text[used]) || (text[used] == '.' && scale == 0));
         ++used) {
        if (text[used] == '.') {
            scale = 1;
            continue;
        }
        any = true;
        value = value * 10 + (text[used] - '0');
        scale *= 10;
    }
    if (!any) return std::nullopt;
    if (scale > 1) value /= scale;
    std::size_t end = used;
    while (end < text.size() && !is_digit(text[end]) && text[end] != '.') ++end;
    const std::string_view name = text.substr(used, end - used);
    const auto* unit =
        std::find_if(units.begin(), units.end(), [&](const Unit& it) { return it.name == name; });
    if (unit == units.end()) return std::nullopt;
    text.remove_prefix(end);
    return value * static_cast<double>(unit->nanoseconds);
}

// The length of the UTF-8 sequence at the front, 0 when it is malformed (RFC 3629, table 3-7 of
// Unicode).
std::size_t sequence_length(std::string_view text) {
    const auto byte = [&](std::size_t index) -> unsigned {
        return index < text.size() ? static_cast<unsigned char>(text[index]) : 0U;
    };
    const auto continues = [&](std::size_t index) { return (byte(index) & 0xC0U) == 0x80U; };
    const unsigned first = byte(0);
    if (first < 0x80U) return 1;
    if (first >= 0xC2U && first <= 0xDFU) return continues(1) ? 2 : 0;
    if (first >= 0xE0U && first <= 0xEFU) {
        if (!continues(1) || !continues(2)) return 0;
        if (first == 0xE0U && byte(1) < 0xA0U) return 0;
        return first == 0xEDU && byte(1) > 0x9FU ? 0 : 3;
    }
    if (first >= 0xF0U && first <= 0xF4U) {
        if (!continues(1) || !continues(2) || !continues(3)) return 0;
        if (first == 0xF0U && byte(1) < 0x90U) return 0;
        return first == 0xF4U && byte(1) > 0x8FU ? 0 : 4;
    }
    return 0;
}

}    // namespace

std::optional<std::string_view> closest(std::string_view word,
                                        std::span<const std::string_view> candidates) {
    std::optional<std::string_view> best;
    std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
    if (word.size() > 64) return best;
    for (const std::string_view candidate : candidates) {
        const std::size_t distance = edit_distance(word, candidate);
        if (distance >= best_distance) continue;
        best = candidate;
        best_distance = distance;
    }
    return best;
}

std::string suggest(std::string_view word, std::span<const std::string_view> candidates) {
    const auto best = closest(word, candidates);
    return best ? fmt::format("did you mean '{}'?", *best) : std::string();
}

std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text) {
    if (text == "0") return std::chrono::nanoseconds(0);
    if (text.empty() || text.size() > 64) return std::nullopt;
    double total = 0;
    while (!text.empty()) {
        const auto part = take_part(text);
        if (!part) return std::nullopt;
        total += *part;
    }
    if (total > 9.2e18) return std::nullopt;
    return std::chrono::nanoseconds(static_cast<std::int64_t>(std::llround(total)));
}

std::string format_duration(std::chrono::nanoseconds duration) {
    std::int64_t rest = duration.count();
    if (rest == 0) return "0s";
    std::string text = rest < 0 ? "-" : "";
    rest = std::abs(rest);
    for (const auto& [name, size] :
         {Unit{"h", 3'600'000'000'000}, Unit{"m", 60'000'000'000}, Unit{"s", 1'000'000'000},
          Unit{"ms", 1'000'000}, Unit{"us", 1'000}, Unit{"ns", 1}}) {
        if (rest >= size) text += fmt::format("{}{}", rest / size, name);
        rest %= size;
    }
    return text;
}

std::optional<std::size_t> find_invalid_utf8(std::string_view text) {
    std::size_t offset = 0;
    while (offset < text.size()) {
        const std::size_t length = sequence_length(text.substr(offset));
        if (length == 0) return offset;
        offset += length;
    }
    return std::nullopt;
}

std::optional<std::string> normal_path(std::string_view path) {
    if (path.starts_with('/')) return std::nullopt;
    std::vector<std::string_view> parts;
    for (const std::string_view part : split(path, '/')) {
        if (part.empty() || part == ".") continue;
        if (part != "..") {
            parts.push_back(part);
            continue;
        }
        if (parts.empty()) return std::nullopt;
        parts.pop_back();
    }
    return fmt::format("{}", fmt::join(parts, "/"));
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    std::size_t start = 0;
    for (std::size_t end = text.find(separator); end != std::string_view::npos;
         end = text.find(separator, start)) {
        parts.push_back(text.substr(start, end - start));
        start = end + 1;
    }
    parts.push_back(text.substr(start));
    return parts;
}

std::string_view trim(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}    // namespace trueup::base
