// SPDX-License-Identifier: Apache-2.0
// Small text matters that every reader of external text needs.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/clock.hpp"

namespace trueup::base {

// The candidate closest to `word` (Damerau-Levenshtein, at most a third of its length away).
std::optional<std::string_view> closest(std::string_view word,
                                        std::span<const std::string_view> candidates);
// "did you mean 'image'?", or "" when nothing is close.
std::string suggest(std::string_view word, std::span<const std::string_view> candidates);

// Go's duration syntax as Compose uses it: "1m30s", "500ms", "2h", "1.5s". Nothing for anything
// else.
std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text);
// The shortest such text: "1m30s".
std::string format_duration(std::chrono::nanoseconds duration);

// The byte offset of the first byte that is not valid UTF-8; nothing when all is.
std::optional<std::size_t> find_invalid_utf8(std::string_view text);

// Path arithmetic on "/"-separated relative paths, without touching a file system:
// normal_path("a/./b/../c") is "a/c"; nothing when it climbs out of its root or is absolute.
std::optional<std::string> normal_path(std::string_view path);

std::vector<std::string_view> split(std::string_view text, char separator);
std::string_view trim(std::string_view text);

}    // namespace trueup::base
