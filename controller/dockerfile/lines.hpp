// SPDX-License-Identifier: Apache-2.0
// The lines of a Dockerfile put together: continuations joined, comments dropped, heredocs taken out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "controller/base/result.hpp"

namespace trueup::dockerfile {

// "<<EOF" and what stands behind it, tabs taken off for "<<-EOF".
struct Heredoc {
    std::string name;
    std::string content;
    bool expands = true;    // the name stood in no quotes: variables and escapes are read

    bool operator==(const Heredoc&) const = default;
};

struct LogicalLine {
    std::string text;
    std::uint32_t line = 0;    // where it starts, from 1
    std::vector<Heredoc> heredocs;
};

struct Lines {
    std::vector<LogicalLine> lines;
    std::string syntax;    // of "# syntax=", "" = none
    std::uint32_t syntax_line = 0;
    char escape = '\\';
    std::uint32_t bad_escape_line = 0;    // of "# escape=" with neither \ nor `
};

// Errc::invalid for a heredoc without its end and for an escape character that is none.
Result<Lines> join_lines(std::string_view text, const std::string& file);

}    // namespace trueup::dockerfile
