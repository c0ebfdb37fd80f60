// SPDX-License-Identifier: Apache-2.0
#include "api/cli/structured.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <string_view>

#include "controller/base/text.hpp"

namespace trueup::cli {
namespace {

namespace json = boost::json;

// Boost writes 0.5 as 5E-1, which is right and nobody expects.
std::string single_text(const json::value& value) {
    return value.is_double() ? fmt::format("{}", value.get_double()) : json::serialize(value);
}

void write_json(std::string& out, const json::value& value, std::size_t depth) {
    const std::string inner((depth + 1) * 4, ' ');
    const std::string outer(depth * 4, ' ');
    if (value.is_object() && !value.get_object().empty()) {
        out += "{\n";
        std::string_view separator;
        for (const auto& [key, member] : value.get_object()) {
            out += fmt::format("{}{}{}: ", separator, inner, json::serialize(json::value(key)));
            write_json(out, member, depth + 1);
            separator = ",\n";
        }
        out += "\n" + outer + "}";
    } else if (value.is_array() && !value.get_array().empty()) {
        out += "[\n";
        std::string_view separator;
        for (const json::value& item : value.get_array()) {
            out += fmt::format("{}{}", separator, inner);
            write_json(out, item, depth + 1);
            separator = ",\n";
        }
        out += "\n" + outer + "]";
    } else {
        out += single_text(value);
    }
}

bool is_name_byte(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_' || byte == '-' || byte == '.' ||
           byte == '/' || byte == '@' || byte == '+';
}

bool is_letter(char byte) { return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z'); }

// Words that some YAML reader takes for a boolean, a null or a number.
bool is_reserved(std::string_view text) {
    constexpr std::array<std::string_view, 11> words{"y",    "n",     "yes",  "no",  "on", "off",
                                                     "true", "false", "null", "nan", "inf"};
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(), [](char byte) {
        return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
    });
    return std::find(words.begin(), words.end(), lower) != words.end();
}

// Starts with a letter or "/" and holds nothing that YAML gives a meaning: ": " and " #" need a
// space or an end, which single inner spaces between words cannot make.
bool is_plain(std::string_view text) {
    if (text.empty() || is_reserved(text) || !(is_letter(text.front()) || text.front() == '/'))
        return false;
    for (std::size_t index = 0; index < text.size(); ++index) {
        const char byte = text[index];
        if (is_name_byte(byte)) continue;
        const bool inside = index > 0 && index + 1 < text.size();
        const bool separates =
            byte == ' ' || byte == ':' || byte == ',' || byte == '(' || byte == ')';
        if (!inside || !separates) return false;
        if (byte == ':' && text[index + 1] == ' ') return false;
    }
    return !text.ends_with(' ');
}

// A literal block can hold it: printable ASCII or UTF-8 lines, no leading space, at most one
// newline at its end.
bool fits_block(std::string_view text) {
    if (text.find('\n') == std::string_view::npos || text.ends_with("\n\n") ||
        text.starts_with(' ') || text.starts_with('\n')) {
        return false;
    }
    return std::all_of(text.begin(), text.end(), [](char byte) {
        const auto code = static_cast<unsigned char>(byte);
        return byte == '\n' || (code >= 0x20 && code != 0x7F && code < 0x80);
    });
}

void write_text(std::string& out, std::string_view text, std::size_t indent) {
    if (is_plain(text)) {
        out += fmt::format(" {}\n", text);
    } else if (fits_block(text)) {
        const bool ends = text.ends_with('\n');
        out += ends ? " |\n" : " |-\n";
        if (ends) text.remove_suffix(1);
        for (const std::string_view line : base::split(text, '\n')) {
            out += line.empty() ? "\n" : fmt::format("{:{}}{}\n", "", indent, line);
        }
    } else {
        // JSON's escapes are YAML's.
        out += fmt::format(
            " {}\n", json::serialize(json::value(json::string_view(text.data(), text.size()))));
    }
}

std::string key_text(std::string_view key) {
    const bool plain = is_plain(key) && key.find_first_of(" :,()") == std::string_view::npos;
    return plain ? std::string(key)
                 : json::serialize(json::value(json::string_view(key.data(), key.size())));
}

// What follows "key:" or "-". `indent` is where the members of a mapping start.
void write_yaml(std::string& out, const json::value& value, std::size_t indent, bool in_list) {
    if (value.is_object() && !value.get_object().empty()) {
        std::string lead = in_list ? " " : "\n" + std::string(indent, ' ');
        for (const auto& [key, member] : value.get_object()) {
            out += lead + key_text({key.data(), key.size()}) + ":";
            const bool list = member.is_array();
            write_yaml(out, member, list ? indent : indent + 2, false);
            lead = std::string(indent, ' ');
        }
    } else if (value.is_array() && !value.get_array().empty()) {
        std::string lead = in_list ? " -" : "\n" + std::string(indent, ' ') + "-";
        for (const json::value& item : value.get_array()) {
            out += lead;
            write_yaml(out, item, indent + 2, true);
            lead = std::string(indent, ' ') + "-";
        }
    } else if (value.is_string()) {
        write_text(out, {value.get_string().data(), value.get_string().size()}, indent);
    } else {
        out += " " + single_text(value) + "\n";
    }
}

}    // namespace

std::string to_pretty_json(const json::value& value) {
    std::string out;
    write_json(out, value, 0);
    return out + "\n";
}

std::string to_yaml(const json::value& value) {
    std::string out;
    // Lines of a text at the root are indented too: "---" at the margin would end the document.
    write_yaml(out, value, value.is_string() ? 2 : 0, false);
    // The root starts like the value of a key: behind a newline, or behind a space.
    return out.substr(1);
}

}    // namespace trueup::cli
