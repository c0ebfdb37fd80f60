// SPDX-License-Identifier: Apache-2.0
// The pattern becomes a list of tokens; matching walks the path once and keeps the set of tokens
// that could be next (a nondeterministic automaton), so no pattern can make it slow.
#include "controller/dockerfile/pattern.hpp"

#include <optional>

#include <fmt/format.h>

#include <algorithm>

namespace trueup::dockerfile {
namespace {

// Code points; a malformed byte stands for itself (above Unicode's range, so it equals only itself).
std::u32string code_points(std::string_view text) {
    std::u32string points;
    points.reserve(text.size());
    std::size_t at = 0;
    while (at < text.size()) {
        const auto first = static_cast<unsigned char>(text[at]);
        std::size_t length = first < 0x80U ? 1 : first < 0xE0U ? 2 : first < 0xF0U ? 3 : 4;
        if (first >= 0x80U && first < 0xC2U) length = 0;
        char32_t point = length == 1 ? first : first & (0x7FU >> length);
        for (std::size_t index = 1; index < length; ++index) {
            const unsigned next =
                at + index < text.size() ? static_cast<unsigned char>(text[at + index]) : 0U;
            if ((next & 0xC0U) != 0x80U) {
                length = 0;
                break;
            }
            point = (point << 6U) | (next & 0x3FU);
        }
        points.push_back(length == 0 ? char32_t{0x110000} + first : point);
        at += std::max<std::size_t>(length, 1);
    }
    return points;
}

constexpr std::size_t longest_pattern = 1024;

Error malformed(std::string_view text, std::string_view why) {
    return Error(Errc::invalid, fmt::format("malformed pattern '{}': {}", text, why));
}

}    // namespace

Result<void> Pattern::read_set(const std::u32string& text, std::size_t& at) {
    Token token;
    token.kind = Kind::set;
    ++at;
    if (at < text.size() && text[at] == U'^') {
        token.negated = true;
        ++at;
    }
    const auto take = [&]() -> std::optional<char32_t> {
        if (at < text.size() && text[at] == U'\\') ++at;
        if (at >= text.size()) return std::nullopt;
        return text[at++];
    };
    while (at < text.size() && (text[at] != U']' || token.ranges.empty())) {
        const auto low = take();
        if (!low) break;
        auto high = low;
        if (at + 1 < text.size() && text[at] == U'-' && text[at + 1] != U']') {
            ++at;
            high = take();
            if (!high) break;
        }
        token.ranges.emplace_back(*low, *high);
    }
    if (at >= text.size()) return malformed(text_, "'[' is not closed");
    ++at;
    tokens_.push_back(std::move(token));
    return {};
}

void Pattern::read_stars(const std::u32string& text, std::size_t& at) {
    Token token;
    token.kind = Kind::segment;
    ++at;
    if (at < text.size() && text[at] == U'*') {
        ++at;
        while (at < text.size() && text[at] == U'*') ++at;
        if (at < text.size() && text[at] == U'/') ++at;    // "**/" also matches no directory at all
        token.kind = at >= text.size() ? Kind::anything : Kind::directories;
    }
    tokens_.push_back(std::move(token));
}

Result<Pattern> Pattern::compile(std::string_view text) {
    Pattern pattern;
    pattern.text_ = text;
    const std::u32string points = code_points(text);
    if (points.size() > longest_pattern)
        return malformed(text.substr(0, 60), "longer than 1024 characters");
    for (std::size_t at = 0; at < points.size();) {
        const char32_t point = points[at];
        if (point == U'*' || point == U'?' || point == U'[') pattern.wildcard_ = true;
        if (point == U'*') {
            pattern.read_stars(points, at);
        } else if (point == U'[') {
            const auto read = pattern.read_set(points, at);
            if (!read) return read.error();
        } else {
            Token token;
            token.kind = point == U'?' ? Kind::one : Kind::character;
            if (point == U'\\' && ++at >= points.size())
                return malformed(text, "nothing follows the last '\\'");
            token.character = points[at++];
            pattern.tokens_.push_back(std::move(token));
        }
    }
    // The builder takes "**name" by the path's end, wherever a part of it starts.
    const bool by_end = text.size() > 2 && text.starts_with("**") && text[2] != '/' &&
                        text.find_first_of("*?[]\\", 2) == std::string_view::npos;
    if (by_end) pattern.tokens_.front().kind = Kind::anything;
    for (const Token& token : pattern.tokens_) {
        if (token.kind != Kind::character || token.character >= 0x80U) break;
        pattern.literal_prefix_ += static_cast<char>(token.character);
    }
    return pattern;
}

bool Pattern::accepts(const Token& token, char32_t character) {
    switch (token.kind) {
        case Kind::character: return token.character == character;
        case Kind::one:
        case Kind::segment: return character != U'/';
        case Kind::directories:
        case Kind::anything: return true;
        case Kind::set: break;
    }
    const bool inside = std::any_of(
        token.ranges.begin(), token.ranges.end(),
        [&](const auto& range) { return range.first <= character && character <= range.second; });
    return inside != token.negated && character != U'/';
}

// Marks a token as the possible next one, and what follows a token that may match nothing.
void Pattern::arrive(std::vector<char>& states, std::size_t index) const {
    for (;; ++index) {
        states[index] = 1;
        if (index == tokens_.size()) return;
        const Kind kind = tokens_[index].kind;
        if (kind != Kind::segment && kind != Kind::anything && kind != Kind::directories) return;
    }
}

bool Pattern::matches(std::string_view path) const {
    if (!path.starts_with(literal_prefix_)) return false;
    if (literal_prefix_.size() == tokens_.size()) return path.size() == literal_prefix_.size();
    std::vector<char> states(tokens_.size() + 1, 0);
    std::vector<char> next(states.size(), 0);
    arrive(states, literal_prefix_.size());
    for (const char32_t character : code_points(path.substr(literal_prefix_.size()))) {
        std::fill(next.begin(), next.end(), 0);
        bool alive = false;
        for (std::size_t index = 0; index < tokens_.size(); ++index) {
            const Token& token = tokens_[index];
            if (states[index] == 0 || !accepts(token, character)) continue;
            alive = true;
            if (token.kind == Kind::segment || token.kind == Kind::anything) {
                arrive(next, index);
            } else if (token.kind == Kind::directories) {
                next[index] = 1;    // inside `(.*/)?`: it ends at a slash only
                if (character == U'/') arrive(next, index + 1);
            } else {
                arrive(next, index + 1);
            }
        }
        if (!alive) return false;
        states.swap(next);
    }
    return states.back() != 0;
}

}    // namespace trueup::dockerfile
