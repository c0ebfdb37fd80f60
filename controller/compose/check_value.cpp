// SPDX-License-Identifier: Apache-2.0
// First what the value is to YAML, then whether its text can be read as what it becomes.
#include "controller/compose/check_value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "controller/base/text.hpp"
#include "controller/compose/scalars.hpp"
#include "controller/compose/units.hpp"

namespace trueup::compose {
namespace {

Takes takes_of(const Attribute& attribute) {
    if (attribute.extras.takes != Takes::usual) return attribute.extras.takes;
    switch (attribute.kind) {
        case Kind::text:
        case Kind::duration: return Takes::text;
        case Kind::flag:
        case Kind::optional_flag: return Takes::text_or_flag;
        case Kind::integer:
        case Kind::optional_integer: return Takes::integer_or_text;
        default: return Takes::usual;
    }
}

std::string_view name_of(Takes takes) {
    switch (takes) {
        case Takes::usual:
        case Takes::number: return "a number";
        case Takes::text:
        case Takes::text_or_null: return "a string";
        case Takes::boolean:
        case Takes::text_or_flag: return "true or false";
        case Takes::integer_or_text:
        case Takes::integer:
        case Takes::count:
        case Takes::percent:
        case Takes::oom_score: return "a whole number";
    }
    return "a value";
}

bool is_in(std::int64_t number, std::int64_t lowest, std::int64_t highest) {
    return number >= lowest && number <= highest;
}

bool fits(const yaml::Node& node, Takes takes) {
    const ScalarType type = type_of(node);
    const bool text = type == ScalarType::string;
    const bool number = type == ScalarType::integer || type == ScalarType::real;
    switch (takes) {
        case Takes::text:
        case Takes::text_or_null: return text;
        case Takes::boolean: return type == ScalarType::boolean;
        case Takes::text_or_flag: return text || type == ScalarType::boolean;
        case Takes::integer: return type == ScalarType::integer;
        case Takes::usual:
        case Takes::number: return text || number;
        case Takes::integer_or_text:
        case Takes::count:
        case Takes::percent:
        case Takes::oom_score: return text || type == ScalarType::integer;
    }
    return false;
}

// A whole number of any spelling: 10, "10", 0x10, 10.0.
std::optional<std::int64_t> whole_number(const yaml::Node& node) {
    if (type_of(node) == ScalarType::string) return parse_integer(node.text);
    if (const auto integer = scalar_integer(node)) return integer;
    const auto real = scalar_real(node);
    if (!real || *real > 9e15 || *real < -9e15) return std::nullopt;
    const auto whole = static_cast<std::int64_t>(*real);
    return static_cast<double>(whole) == *real ? std::optional(whole) : std::nullopt;
}

bool is_octal(std::string_view text) {
    return !text.empty() && text.size() < 12 &&
           text.find_first_not_of("01234567") == std::string_view::npos;
}

std::string_view advice_of(Kind kind) {
    switch (kind) {
        case Kind::bytes: return "for example 512m, 1.5gb or 1048576";
        case Kind::duration: return "for example 10s, 1m30s or 500ms";
        case Kind::mode: return "for example 0440";
        case Kind::count: return "a number, or all";
        default: return "";
    }
}

std::string_view what_is(Kind kind) {
    switch (kind) {
        case Kind::bytes: return "a size";
        case Kind::duration: return "a duration";
        case Kind::mode: return "an octal mode";
        case Kind::count: return "a count";
        case Kind::flag:
        case Kind::optional_flag: return "true or false";
        case Kind::integer:
        case Kind::optional_integer: return "a whole number";
        default: return "a number";
    }
}

bool can_be_read(const yaml::Node& node, Kind kind) {
    const bool is_text = type_of(node) == ScalarType::string;
    switch (kind) {
        case Kind::duration: return parse_duration(node.text).has_value();
        case Kind::bytes: return !is_text || parse_bytes(node.text);
        case Kind::flag:
        case Kind::optional_flag: return !is_text || parse_flag(node.text);
        case Kind::integer:
        case Kind::optional_integer: return whole_number(node).has_value();
        case Kind::real:
        case Kind::cpus: return !is_text || parse_real(node.text);
        case Kind::mode: return is_text ? is_octal(node.text) : scalar_integer(node).has_value();
        case Kind::count: return !is_text || node.text == "all" || parse_integer(node.text);
        default: return true;
    }
}

}    // namespace

std::string one_of(std::string_view words) {
    std::string text;
    const auto all = base::split(words, '|');
    for (std::size_t index = 0; index < all.size(); ++index) {
        if (index > 0) text += index + 1 == all.size() ? " or " : ", ";
        text += all[index];
    }
    return text;
}

void ValueCheck::check(const yaml::Node& node, const Attribute& attribute) const {
    const Takes takes = takes_of(attribute);
    if (node.is_null() && takes == Takes::text_or_null) return;
    if (!node.is_scalar() || !fits(node, takes)) {
        const std::string_view advice = !node.is_scalar()              ? ""
                                        : attribute.kind == Kind::text ? "put it in quotes"
                                                                       : advice_of(attribute.kind);
        return reporter_.expected(node, name_of(takes), std::string(advice));
    }
    if (!interpolated_ && node.text.find('$') != std::string::npos) return;
    check_content(node, attribute);
}

void ValueCheck::check_content(const yaml::Node& node, const Attribute& attribute) const {
    if (!can_be_read(node, attribute.kind)) {
        return reporter_.tell(node,
                              fmt::format("'{}' is not {}", node.text, what_is(attribute.kind)),
                              std::string(advice_of(attribute.kind)));
    }
    const std::string_view words = attribute.extras.words;
    if (!words.empty()) {
        const auto known = base::split(words, '|');
        if (std::find(known.begin(), known.end(), node.text) == known.end())
            reporter_.tell(node, fmt::format("'{}' is not known here", node.text), one_of(words));
    }
    const auto within = [&](std::int64_t lowest, std::int64_t highest) {
        const auto number = scalar_integer(node);
        if (number && !is_in(*number, lowest, highest))
            reporter_.tell(node, fmt::format("{} is out of range", node.text),
                           fmt::format("{} to {}", lowest, highest));
    };
    if (attribute.extras.takes == Takes::count) within(0, INT64_MAX);
    if (attribute.extras.takes == Takes::percent) within(0, 100);
    if (attribute.extras.takes == Takes::oom_score) within(-1000, 1000);
}

}    // namespace trueup::compose
