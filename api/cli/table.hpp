// SPDX-License-Identifier: Apache-2.0
// Columns as kubectl prints them, and text from elsewhere made safe for a terminal. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace trueup::cli {

// Control characters and invalid UTF-8 as \x1b, so that a file name or a log line of a container
// cannot steer the terminal. Newlines stay if `keep_newlines`, else become "; ".
std::string printable(std::string_view text, bool keep_newlines = false);

// The first line, cut to `width` characters with "…".
std::string shorten(std::string_view text, std::size_t width);

enum class Colour : std::uint8_t { none, good, bad, doubtful, bold };
// `text` in that colour, or as it is when `coloured` is false.
std::string paint(std::string_view text, Colour colour, bool coloured);

struct Cell {
    std::string text;    // may have several lines in the last column
    Colour colour = Colour::none;

    Cell(std::string value, Colour chosen = Colour::none)
        : text(std::move(value)), colour(chosen) {}
    Cell(const char* value) : text(value) {}
};

class Table {
public:
    explicit Table(std::vector<std::string> headings) : headings_(std::move(headings)) {}

    void add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }
    bool empty() const { return rows_.empty(); }
    // Every line ends with a newline and starts with `indent` spaces; columns are three spaces
    // apart, no spaces at the end of lines. Empty cells are "-".
    std::string text(bool coloured, std::size_t indent = 0) const;

private:
    std::vector<std::string> headings_;
    std::vector<std::vector<Cell>> rows_;
};

}    // namespace trueup::cli
