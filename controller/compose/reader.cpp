// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/reader.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "controller/base/text.hpp"

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

// YAML 1.1/1.2 integers as Go's yaml reads them: 12, 0x1F, 0o17, 017, 0b11, with underscores.
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

std::optional<double> yaml_float(const std::string& text) {
    if (!starts_number(text, true)) return std::nullopt;
    if (text.find_first_not_of("0123456789.eE+-") != std::string::npos) return std::nullopt;
    const std::size_t start = text.starts_with('+') ? 1 : 0;
    double value = 0;
    const char* end = text.data() + text.size();
    const auto [stopped, code] = std::from_chars(text.data() + start, end, value);
    if (code != std::errc() || stopped != end || !std::isfinite(value)) return std::nullopt;
    return value;
}

// Go's %v of a float64: shortest digits, an exponent only from 1e21 on or below 1e-4.
std::string go_float(double value) {
    const double magnitude = std::fabs(value);
    const bool exponent = magnitude != 0 && (magnitude >= 1e21 || magnitude < 1e-4);
    std::array<char, 400> buffer{};
    char* const last = buffer.data() + buffer.size();
    if (exponent || magnitude < 1e15) {
        const auto format = exponent ? std::chars_format::scientific : std::chars_format::fixed;
        return std::string(buffer.data(), std::to_chars(buffer.data(), last, value, format).ptr);
    }
    // Large values have more digits in front of the point than a double knows: those are zeros.
    const auto [end, code] =
        std::to_chars(buffer.data(), last, value, std::chars_format::scientific);
    const std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
    const std::size_t e = text.find('e');
    std::string digits(text.substr(0, e));
    std::erase(digits, '.');
    const bool negative = digits.starts_with('-');
    std::size_t power = 0;
    std::from_chars(text.data() + e + 2, end, power);
    if (digits.size() < power + 1 + (negative ? 1 : 0))
        digits.resize(power + 1 + (negative ? 1 : 0), '0');
    return digits;
}

}    // namespace

std::string scalar_text(const yaml::Node& node) {
    if (node.quoted || !node.tag.empty()) return node.text;
    const std::string& text = node.text;
    if (text == "True" || text == "TRUE") return "true";
    if (text == "False" || text == "FALSE") return "false";
    if (const auto integer = yaml_integer(text)) {
        const bool minus = integer->negative && integer->magnitude != 0;
        return fmt::format("{}{}", minus ? "-" : "", integer->magnitude);
    }
    const auto number = yaml_float(text);
    return number ? go_float(*number) : text;
}

ScalarType type_of(const yaml::Node& node) {
    if (node.quoted || node.tag == "tag:yaml.org,2002:str") return ScalarType::string;
    for (const std::string_view word : {"true", "True", "TRUE", "false", "False", "FALSE"}) {
        if (node.text == word) return ScalarType::boolean;
    }
    const bool number = yaml_integer(node.text) || yaml_float(node.text);
    return number ? ScalarType::number : ScalarType::string;
}

void Reader::problem(const yaml::Node& node, std::string message, std::string advice) {
    problems_.push_back({node.position(), std::move(message), std::move(advice)});
}

void Reader::expected(const yaml::Node& node, std::string_view what) {
    problem(node, fmt::format("expected {}, got {}", what, node.describe()));
}

const yaml::Node* Reader::member(const yaml::Node& mapping, std::string_view key) {
    const yaml::Node* found = mapping.find(key);
    return found == nullptr || found->is_null() ? nullptr : found;
}

std::string Reader::text(const yaml::Node& node) {
    if (!node.is_scalar()) {
        expected(node, "a string");
        return {};
    }
    const ScalarType type = type_of(node);
    if (type != ScalarType::string) {
        problem(node,
                fmt::format("expected a string, got {}",
                            type == ScalarType::number ? "a number" : "true or false"),
                "put it in quotes");
    }
    return node.text;
}

std::string Reader::text_or_number(const yaml::Node& node) {
    if (node.is_scalar() && type_of(node) != ScalarType::boolean) return node.text;
    expected(node, "a string or a number");
    return {};
}

std::optional<bool> Reader::boolean(const yaml::Node& node) {
    if (node.is_scalar()) {
        std::string lower = node.text;
        for (char& letter : lower) {
            if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
        }
        for (const std::string_view word : {"true", "yes", "on", "y", "t", "1"}) {
            if (lower == word) return true;
        }
        for (const std::string_view word : {"false", "no", "off", "n", "f", "0"}) {
            if (lower == word) return false;
        }
    }
    expected(node, "true or false");
    return std::nullopt;
}

std::optional<std::int64_t> Reader::integer(const yaml::Node& node, std::int64_t lowest,
                                            std::int64_t highest) {
    if (node.is_scalar()) {
        const auto parsed = yaml_integer(node.text);
        if (parsed) {
            // The bounds are far from where this could overflow.
            const bool huge = parsed->magnitude > std::uint64_t{1} << 62U;
            const auto magnitude = static_cast<std::int64_t>(huge ? 0 : parsed->magnitude);
            const std::int64_t value = parsed->negative ? -magnitude : magnitude;
            if (!huge && value >= lowest && value <= highest) return value;
            problem(node, fmt::format("{} is out of range: {} to {}", node.text, lowest, highest));
            return std::nullopt;
        }
    }
    expected(node, "a whole number");
    return std::nullopt;
}

std::optional<model::Duration> Reader::duration(const yaml::Node& node) {
    if (node.is_scalar()) {
        const auto value = base::parse_duration(node.text);
        if (value && value->count() >= 0) return value;
    }
    problem(node, "expected a duration", "for example 10s, 1m30s or 500ms");
    return std::nullopt;
}

model::Strings Reader::strings(const yaml::Node& node) {
    model::Strings result;
    if (!node.is_sequence()) {
        if (!node.is_null()) expected(node, "a list of strings");
        return result;
    }
    for (const yaml::Node& item : node.items) result.push_back(text(item));
    return result;
}

model::Strings Reader::strings_or_numbers(const yaml::Node& node) {
    model::Strings result;
    if (!node.is_sequence()) {
        if (!node.is_null()) expected(node, "a list of strings");
        return result;
    }
    for (const yaml::Node& item : node.items) result.push_back(text_or_number(item));
    return result;
}

model::StringMap Reader::string_map(const yaml::Node& node) {
    model::StringMap result;
    if (!node.is_mapping()) {
        if (!node.is_null()) expected(node, "a mapping of strings");
        return result;
    }
    for (const yaml::Entry& entry : node.entries) {
        if (!entry.value.is_scalar() && !entry.value.is_null()) expected(entry.value, "a string");
        result[entry.key] = entry.value.is_scalar() ? scalar_text(entry.value) : std::string();
    }
    return result;
}

void Reader::text(const yaml::Node& mapping, std::string_view key, std::string& target) {
    if (const yaml::Node* found = member(mapping, key)) target = text(*found);
}

void Reader::boolean(const yaml::Node& mapping, std::string_view key, bool& target) {
    if (const yaml::Node* found = member(mapping, key)) target = boolean(*found).value_or(target);
}

}    // namespace trueup::compose
