// SPDX-License-Identifier: Apache-2.0
// JSON as text that can be compared and read.
#pragma once

#include <boost/json.hpp>
#include <string>

namespace trueup::render::test {

namespace json = boost::json;

// One member a line, indented: differences can be read.
inline void print(const json::value& value, const std::string& indent, std::string& text) {
    const std::string inner = indent + "  ";
    std::string separator = "\n";
    const auto next = [&] {
        text += separator + inner;
        separator = ",\n";
    };
    if (value.is_object() && !value.as_object().empty()) {
        text += '{';
        for (const auto& [key, member] : value.as_object()) {
            next();
            text += json::serialize(key) + ": ";
            print(member, inner, text);
        }
        text += "\n" + indent + "}";
    } else {
        text += json::serialize(value);
    }
}

inline std::string pretty(const json::value& value) {
    std::string text;
    print(value, "", text);
    return text;
}

}    // namespace trueup::render::test
