// SPDX-License-Identifier: Apache-2.0
// The path and the query of a request, taken apart. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trueup::http {

inline constexpr std::size_t longest_target = 2048;

struct Target {
    std::vector<std::string> path;               // segments, decoded
    std::map<std::string, std::string> query;    // decoded; of a repeated name the last

    // nullptr when it was not given.
    const std::string* find(const std::string& name) const;
    // "" when it was not given.
    std::string value(const std::string& name) const;
};

// RFC 3986: nothing for a broken escape, control characters and invalid UTF-8, or no leading "/".
// One "/" at the end of the path means nothing.
std::optional<Target> parse_target(std::string_view text);

}    // namespace trueup::http
