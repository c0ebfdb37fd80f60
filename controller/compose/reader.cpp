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

// YAML 1.1/1.2 integers as Go's yaml reads them: 12, 0x1F, 0o17, 017, 0b11, with underscores.
std::optional<std::int64_t> yaml_integer(std::string text) {
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
    std::int64_t value = 0;
    const char* end = text.data() + text.size();
    const auto [stopped, code] = std::from_chars(text.data() + skip, end, value, base);
    if (code != std::errc() || stopped != end || text.size() == skip) return std::nullopt;
    return negative ? -value : value;
}

std::optional<double> yaml_float(const std::string& text) {
    if (text.find_first_of("0123456789") == std::string::npos) return std::nullopt;
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
    if (magnitude != 0 && (magnitude >= 1e21 || magnitude < 1e-4))
        return fmt::format("{:e}", value);
    std::array<char, 400> buffer{};
    const auto [end, code] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                           std::chars_format::fixed);
    return std::string(buffer.data(), end);
}

}    // namespace

std::string scalar_text(const yaml::Node& node) {
    if (node.quoted || !node.tag.empty()) return node.text;
    const std::string& text = node.text;
    if (text == "True" || text == "TRUE") return "true";
    if (text == "False" || text == "FALSE") return "false";
    if (text.empty() || text.find_first_of("0123456789") == std::string::npos) return text;
    if (const auto integer = yaml_integer(text)) return std::to_string(*integer);
    const auto number = yaml_float(text);
    return number ? go_float(*number) : text;
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
    if (node.is_scalar()) return node.text;
    if (!node.is_null()) expected(node, "a string");
    return {};
}

std::optional<bool> Reader::boolean(const yaml::Node& node) {
    if (node.is_scalar()) {
        for (const std::string_view word : {"true", "True", "TRUE", "yes", "on", "y", "1"}) {
            if (node.text == word) return true;
        }
        for (const std::string_view word : {"false", "False", "FALSE", "no", "off", "n", "0"}) {
            if (node.text == word) return false;
        }
    }
    expected(node, "true or false");
    return std::nullopt;
}

std::optional<std::int64_t> Reader::integer(const yaml::Node& node, std::int64_t lowest,
                                            std::int64_t highest) {
    if (node.is_scalar()) {
        const auto value = yaml_integer(node.text);
        if (value && *value >= lowest && *value <= highest) return value;
        if (value) {
            problem(node, fmt::format("{} is out of range: {} to {}", *value, lowest, highest));
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
