// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/go_json.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <string_view>

#include "controller/compose/units.hpp"

namespace trueup::compose {
namespace {

namespace json = boost::json;

// What Go escapes, for HTML and JavaScript too.
void write_text(std::string& out, std::string_view text) {
    out += '"';
    for (std::size_t index = 0; index < text.size(); ++index) {
        const char letter = text[index];
        const auto code = static_cast<unsigned char>(letter);
        if (letter == '"' || letter == '\\')
            (out += '\\') += letter;
        else if (letter == '\n')
            out += "\\n";
        else if (letter == '\r')
            out += "\\r";
        else if (letter == '\t')
            out += "\\t";
        else if (letter == '\b')
            out += "\\b";
        else if (letter == '\f')
            out += "\\f";
        else if (code < 0x20 || letter == '<' || letter == '>' || letter == '&')
            out += fmt::format("\\u{:04x}", code);
        else if (text.substr(index).starts_with("\xE2\x80\xA8") ||
                 text.substr(index).starts_with("\xE2\x80\xA9")) {
            out += text[index + 2] == '\xA8' ? "\\u2028" : "\\u2029";
            index += 2;
        } else
            out += letter;
    }
    out += '"';
}

class Writer {
public:
    explicit Writer(bool indented) : indented_(indented) {}

    std::string out;

    void write(const json::value& value, std::size_t depth) {
        if (value.is_object())
            write_object(value.get_object(), depth);
        else if (value.is_array())
            write_array(value.get_array(), depth);
        else if (value.is_string())
            write_text(out, {value.get_string().data(), value.get_string().size()});
        else if (value.is_double())
            out += format_double(value.get_double());
        else
            out += json::serialize(value);
    }

private:
    void break_line(std::size_t depth) {
        if (indented_) out += '\n' + std::string(depth * 2, ' ');
    }

    void write_object(const json::object& object, std::size_t depth) {
        out += '{';
        bool first = true;
        for (const auto& [key, member] : object) {
            if (!first) out += ',';
            first = false;
            break_line(depth + 1);
            write_text(out, {key.data(), key.size()});
            out += indented_ ? ": " : ":";
            write(member, depth + 1);
        }
        if (!first) break_line(depth);
        out += '}';
    }

    void write_array(const json::array& array, std::size_t depth) {
        out += '[';
        bool first = true;
        for (const json::value& item : array) {
            if (!first) out += ',';
            first = false;
            break_line(depth + 1);
            write(item, depth + 1);
        }
        if (!first) break_line(depth);
        out += ']';
    }

    bool indented_;
};

}    // namespace

std::string to_go_json(const json::value& value) {
    Writer writer(false);
    writer.write(value, 0);
    return std::move(writer.out);
}

std::string to_indented_json(const json::value& value) {
    Writer writer(true);
    writer.write(value, 0);
    return std::move(writer.out);
}

}    // namespace trueup::compose
