// SPDX-License-Identifier: Apache-2.0
#include "api/cli/table.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/text.hpp"

namespace trueup::cli {
namespace {

constexpr std::size_t gap = 3;

// Code points, which is close enough: wide characters do not occur in names.
std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char byte) {
        return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
    }));
}

void append_escaped(std::string& out, char byte) {
    out += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
}

// Valid UTF-8 only. U+0080..U+009F are control characters of 8-bit terminals.
void append_printable(std::string& out, std::string_view text, bool keep_newlines) {
    for (std::size_t index = 0; index < text.size(); ++index) {
        const auto byte = static_cast<unsigned char>(text[index]);
        const bool c1 = byte == 0xC2 && index + 1 < text.size() &&
                        static_cast<unsigned char>(text[index + 1]) < 0xA0;
        if (byte == '\n') {
            out += keep_newlines ? "\n" : "; ";
        } else if (byte == '\t') {
            out += ' ';
        } else if (byte < 0x20 || byte == 0x7F) {
            append_escaped(out, text[index]);
        } else if (c1) {
            append_escaped(out, text[++index]);
        } else {
            out += text[index];
        }
    }
}

}    // namespace

std::string printable(std::string_view text, bool keep_newlines) {
    while (text.ends_with('\n')) text.remove_suffix(1);
    std::string out;
    while (const auto invalid = base::find_invalid_utf8(text)) {
        append_printable(out, text.substr(0, *invalid), keep_newlines);
        append_escaped(out, text[*invalid]);
        text.remove_prefix(*invalid + 1);
    }
    append_printable(out, text, keep_newlines);
    return out;
}

std::string shorten(std::string_view text, std::size_t width) {
    const std::size_t line_end = text.find('\n');
    const bool more_lines = line_end != std::string_view::npos && line_end + 1 < text.size();
    std::string line = printable(text.substr(0, line_end));
    if (width_of(line) <= width) return more_lines ? line + " …" : line;
    std::size_t end = 0;
    for (std::size_t count = 0; count + 1 < width; ++count) {
        do ++end;
        while (end < line.size() && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U);
    }
    return line.substr(0, end) + "…";
}

std::string paint(std::string_view text, Colour colour, bool coloured) {
    if (!coloured || colour == Colour::none) return std::string(text);
    int code = 0;
    switch (colour) {
        case Colour::none: break;
        case Colour::bold: code = 1; break;
        case Colour::good: code = 32; break;
        case Colour::bad: code = 31; break;
        case Colour::doubtful: code = 33; break;
    }
    return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

std::string Table::text(bool coloured, std::size_t indent) const {
    std::vector<std::size_t> widths;
    for (const std::string& heading : headings_) widths.push_back(width_of(heading));
    for (const auto& row : rows_) {
        for (std::size_t column = 0; column + 1 < widths.size(); ++column) {
            widths[column] = std::max(widths[column], width_of(row[column].text));
        }
    }
    std::string out;
    const auto add_line = [&](const auto& row) {
        std::size_t position = indent;
        out.append(indent, ' ');
        for (std::size_t column = 0; column < widths.size(); ++column) {
            const Cell& cell = row[column];
            const std::string shown = cell.text.empty() ? "-" : cell.text;
            const bool last = column + 1 == widths.size();
            const auto lines = base::split(shown, '\n');
            for (std::size_t line = 0; line < lines.size(); ++line) {
                if (line > 0) out += "\n" + std::string(position, ' ');
                out += paint(lines[line], cell.colour, coloured);
            }
            if (!last) out.append(widths[column] - width_of(shown) + gap, ' ');
            position += widths[column] + gap;
        }
        out += '\n';
    };
    add_line(headings_);
    for (const auto& row : rows_) add_line(row);
    return out;
}

}    // namespace trueup::cli
