// SPDX-License-Identifier: Apache-2.0
// .dockerignore (docs.docker.com/build/concepts/context, "dockerignore files"): a pattern that
// matches a path or one of its parents excludes it, `!` takes it back, the last match wins.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "controller/dockerfile/pattern.hpp"

namespace trueup::dockerfile {

class Ignore {
public:
    // Excludes nothing.
    Ignore() = default;
    // Errc::invalid with every malformed line, at its position in `file`.
    static Result<Ignore> parse(std::string_view text, const std::string& file);
    // The same rules from a list (COPY --exclude).
    static Result<Ignore> of(const std::vector<std::string>& patterns, const std::string& file);

    // Relative to the context's root, "a/b".
    bool excludes(std::string_view path) const;

    // For walks: which rules match a directory or one of its parents. `parent` is the state of the
    // path's directory; the root's is a default-constructed one.
    using State = std::vector<char>;
    State enter(std::string_view path, const State& parent) const;
    bool excluded(const State& state) const;

    // True when something below an excluded directory may be taken back.
    bool has_exceptions() const { return exceptions_; }
    bool empty() const { return rules_.empty(); }

private:
    struct Rule {
        Pattern pattern;
        bool exception = false;
    };
    Result<void> add(std::string_view line);

    std::vector<Rule> rules_;
    bool exceptions_ = false;
};

}    // namespace trueup::dockerfile
