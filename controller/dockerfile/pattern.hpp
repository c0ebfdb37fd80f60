// SPDX-License-Identifier: Apache-2.0
// Path patterns of .dockerignore and COPY: Go's filepath.Match (`*` and `?` stay inside one path
// part, `[a-z]` and `[^a-z]`, `\` escapes) and `**` for any number of directories, as moby's
// patternmatcher reads them. Matching takes time linear in pattern × path, whatever the pattern.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/base/result.hpp"

namespace trueup::dockerfile {

class Pattern {
public:
    // Errc::invalid for a pattern that cannot be one ("[a", a trailing escape, over 1024 characters).
    static Result<Pattern> compile(std::string_view text);

    // True when the pattern matches the whole path ("a/b", no leading slash).
    bool matches(std::string_view path) const;
    // False when it is a plain path.
    bool has_wildcard() const { return wildcard_; }
    const std::string& text() const { return text_; }

private:
    enum class Kind : std::uint8_t { character, one, segment, directories, anything, set };
    struct Token {
        Kind kind = Kind::character;
        char32_t character = 0;
        bool negated = false;                                 // of a set
        std::vector<std::pair<char32_t, char32_t>> ranges;    // of a set
    };

    static bool accepts(const Token& token, char32_t character);
    void arrive(std::vector<char>& states, std::size_t index) const;
    Result<void> read_set(const std::u32string& text, std::size_t& at);
    void read_stars(const std::u32string& text, std::size_t& at);

    std::string text_;
    std::string literal_prefix_;    // bytes before the first wildcard: rejects most paths at once
    std::vector<Token> tokens_;
    bool wildcard_ = false;
};

}    // namespace trueup::dockerfile
