// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/scalars.hpp"

#include <fmt/format.h>

#include <charconv>
#include <tuple>
#include <utility>

#include "controller/compose/units.hpp"

namespace trueup::compose {
namespace {

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

// A sign, if any, and then a digit, or a dot where a float may start with one.
bool starts_number(std::string_view text, bool dot) {
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    return !text.empty() && (is_digit(text[0]) || (dot && text[0] == '.'));
}

struct Integer {
    bool negative = false;
    std::uint64_t magnitude = 0;
};

// 12, 0x1F, 0o17, 017, 0b11, with underscores.
std::optional<Integer> yaml_integer(std::string text) {
    if (!starts_number(text, false)) return std::nullopt;
    std::erase(text, '_');
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.erase(0, 1);
    int base = 10;
    std::size_t skip = 0;
    if (text.starts_with("0x") || text.starts_with("0X"))
        std::tie(base, skip) = std::pair(16, 2);
    else if (text.starts_with("0o") || text.starts_with("0O"))
        std::tie(base, skip) = std::pair(8, 2);
    else if (text.starts_with("0b") || text.starts_with("0B"))
        std::tie(base, skip) = std::pair(2, 2);
    else if (text.size() > 1 && text[0] == '0')
        std::tie(base, skip) = std::pair(8, 1);
    Integer value{negative, 0};
    const char* end = text.data() + text.size();
    const auto [stopped, code] = std::from_chars(text.data() + skip, end, value.magnitude, base);
    if (code != std::errc() || stopped != end || text.size() == skip) return std::nullopt;
    const bool too_low = negative && value.magnitude > std::uint64_t{1} << 63U;
    return too_low ? std::nullopt : std::optional(value);
}

std::optional<double> yaml_real(const std::string& text) {
    return starts_number(text, true) ? parse_real(text) : std::nullopt;
}

bool is_boolean(std::string_view text) {
    for (const std::string_view word : {"true", "True", "TRUE", "false", "False", "FALSE"}) {
        if (text == word) return true;
    }
    return false;
}

ScalarType type_of_plain(const std::string& text) {
    if (is_boolean(text)) return ScalarType::boolean;
    if (yaml_integer(text)) return ScalarType::integer;
    return yaml_real(text) ? ScalarType::real : ScalarType::string;
}

bool is_text(const yaml::Node& node) { return node.quoted || node.tag == "tag:yaml.org,2002:str"; }

}    // namespace

ScalarType type_of(const yaml::Node& node) {
    return is_text(node) ? ScalarType::string : type_of_plain(node.text);
}

std::string_view describe(const yaml::Node& node) {
    if (!node.is_scalar()) return node.describe();
    switch (type_of(node)) {
        case ScalarType::string: return "a string";
        case ScalarType::boolean: return "true or false";
        case ScalarType::integer:
        case ScalarType::real: return "a number";
    }
    return "a string";
}

std::string scalar_text(const yaml::Node& node) {
    if (is_text(node)) return node.text;
    const std::string& text = node.text;
    if (is_boolean(text)) return text[0] == 't' || text[0] == 'T' ? "true" : "false";
    if (const auto integer = yaml_integer(text)) {
        const bool minus = integer->negative && integer->magnitude != 0;
        return fmt::format("{}{}", minus ? "-" : "", integer->magnitude);
    }
    const auto number = yaml_real(text);
    return number ? format_double(*number) : text;
}

std::optional<std::int64_t> scalar_integer(const yaml::Node& node) {
    if (!node.is_scalar() || is_text(node)) return std::nullopt;
    const auto integer = yaml_integer(node.text);
    if (!integer || integer->magnitude > std::uint64_t{INT64_MAX}) return std::nullopt;
    const auto magnitude = static_cast<std::int64_t>(integer->magnitude);
    return integer->negative ? -magnitude : magnitude;
}

std::optional<double> scalar_real(const yaml::Node& node) {
    if (!node.is_scalar() || is_text(node)) return std::nullopt;
    if (const auto integer = yaml_integer(node.text)) {
        const auto magnitude = static_cast<double>(integer->magnitude);
        return integer->negative ? -magnitude : magnitude;
    }
    return yaml_real(node.text);
}

bool is_string_key(const yaml::Entry& entry) {
    return entry.quoted || (type_of_plain(entry.key) == ScalarType::string && entry.key != "null" &&
                            entry.key != "~");
}

}    // namespace trueup::compose
