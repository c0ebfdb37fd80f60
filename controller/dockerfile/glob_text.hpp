// SPDX-License-Identifier: Apache-2.0
// The patterns of ${V#…}, ${V%…} and ${V/…}: `*` for any text, `?` for one character, anything else for
// itself. At most 63 parts, so that the set of parts that may come next is one number. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trueup::dockerfile {

class GlobText {
public:
    // What a caller should not go beyond: replacing takes time with its square.
    static constexpr std::size_t longest_text = 256;

    // Nothing for a pattern of more than 63 parts.
    static std::optional<GlobText> compile(std::string_view text);

    // The shortest or the longest that matches is taken off; the text itself when nothing does.
    std::string without_prefix(const std::string& text, bool longest) const;
    std::string without_suffix(const std::string& text, bool longest) const;
    // The first or every match, each as long as can be.
    std::string replace(const std::string& text, const std::string& other, bool all) const;

private:
    enum class Kind : std::uint8_t { letter, one, any };
    struct Part {
        Kind kind;
        char letter;
    };
    using States = std::uint64_t;

    States arrive(std::size_t part) const;
    States next(States states, char letter) const;
    bool done(States states) const;
    std::optional<std::size_t> match(const std::string& text, std::size_t start,
                                     bool longest) const;
    bool reaches_end(const std::string& text, std::size_t start) const;

    std::vector<Part> parts_;
};

}    // namespace trueup::dockerfile
