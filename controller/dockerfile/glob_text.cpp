// SPDX-License-Identifier: Apache-2.0
#include "controller/dockerfile/glob_text.hpp"

namespace trueup::dockerfile {

std::optional<GlobText> GlobText::compile(std::string_view text) {
    GlobText glob;
    for (const char letter : text) {
        const Kind kind = letter == '*' ? Kind::any : letter == '?' ? Kind::one : Kind::letter;
        glob.parts_.push_back({kind, letter});
        if (glob.parts_.size() > 63) return std::nullopt;
    }
    return glob;
}

std::string GlobText::without_prefix(const std::string& text, bool longest) const {
    const auto end = match(text, 0, longest);
    return end ? text.substr(*end) : text;
}

std::string GlobText::without_suffix(const std::string& text, bool longest) const {
    for (std::size_t step = 0; step <= text.size(); ++step) {
        const std::size_t start = longest ? step : text.size() - step;
        if (reaches_end(text, start)) return text.substr(0, start);
    }
    return text;
}

std::string GlobText::replace(const std::string& text, const std::string& other, bool all) const {
    std::string result;
    std::size_t at = 0;
    while (at < text.size()) {
        const auto end = match(text, at, true);
        if (!end || *end == at) {
            result += text[at++];
            continue;
        }
        result += other;
        at = *end;
        if (!all) break;
    }
    return result + text.substr(at);
}

// A part, and what follows one that may match nothing.
GlobText::States GlobText::arrive(std::size_t part) const {
    States states = 0;
    for (;; ++part) {
        states |= States{1} << part;
        if (part == parts_.size() || parts_[part].kind != Kind::any) return states;
    }
}

GlobText::States GlobText::next(States states, char letter) const {
    States result = 0;
    for (std::size_t part = 0; part < parts_.size(); ++part) {
        if ((states >> part & 1U) == 0) continue;
        const Part& each = parts_[part];
        if (each.kind == Kind::any)
            result |= arrive(part);
        else if (each.kind == Kind::one || each.letter == letter)
            result |= arrive(part + 1);
    }
    return result;
}

bool GlobText::done(States states) const { return (states >> parts_.size() & 1U) != 0; }

// Where the shortest or longest match from `start` ends.
std::optional<std::size_t> GlobText::match(const std::string& text, std::size_t start,
                                           bool longest) const {
    std::optional<std::size_t> end;
    States states = arrive(0);
    for (std::size_t at = start;; ++at) {
        if (done(states)) end = at;
        if (at == text.size() || states == 0 || (end && !longest)) return end;
        states = next(states, text[at]);
    }
}

bool GlobText::reaches_end(const std::string& text, std::size_t start) const {
    States states = arrive(0);
    for (std::size_t at = start; at < text.size() && states != 0; ++at)
        states = next(states, text[at]);
    return done(states);
}

}    // namespace trueup::dockerfile
