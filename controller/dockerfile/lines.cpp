// SPDX-License-Identifier: Apache-2.0
#include "controller/dockerfile/lines.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controller/base/text.hpp"
#include "controller/dockerfile/words.hpp"

namespace trueup::dockerfile {
namespace {

// "# name=value" lines at the very top, until the first line that is none.
void read_directives(const std::vector<std::string_view>& lines, Lines& result) {
    std::uint32_t number = 0;
    for (const std::string_view line : lines) {
        ++number;
        std::string_view rest = base::trim(line);
        if (!rest.starts_with('#')) return;
        rest = base::trim(rest.substr(1));
        const std::size_t equals = rest.find('=');
        if (equals == std::string_view::npos) return;
        const std::string name = lower(base::trim(rest.substr(0, equals)));
        const std::string_view value = base::trim(rest.substr(equals + 1));
        if (name.empty() || name.find(' ') != std::string::npos) return;
        if (name == "syntax") {
            result.syntax = std::string(value.substr(0, value.find_first_of(" \t")));
            result.syntax_line = number;
        }
        if (name != "escape") continue;
        result.escape = value == "`" ? '`' : '\\';
        if (value != "`" && value != "\\") result.bad_escape_line = number;
    }
}

struct OpenHeredoc {
    Heredoc heredoc;
    bool strip_tabs = false;
};

// "<<EOF", "<<-EOF", "3<<'EOF'": a word of its own of RUN, COPY or ADD, and not in their JSON form.
std::vector<OpenHeredoc> find_heredocs(std::string_view text, char escape) {
    std::vector<OpenHeredoc> found;
    const std::size_t blank = std::min(text.find_first_of(" \t"), text.size());
    const std::string name = lower(text.substr(0, blank));
    const std::string_view rest = base::trim(text.substr(blank));
    if (name == "onbuild") return find_heredocs(rest, escape);
    if ((name != "run" && name != "copy" && name != "add") || json_words(rest)) return found;
    if (rest.find("<<") == std::string_view::npos) return found;
    for (const std::string& word : split_raw(rest, escape)) {
        const std::size_t start = word.find_first_not_of("0123456789");
        if (start == std::string::npos || word.compare(start, 2, "<<") != 0) continue;
        std::string_view end = std::string_view(word).substr(start + 2);
        OpenHeredoc open;
        open.strip_tabs = end.starts_with('-');
        if (open.strip_tabs) end.remove_prefix(1);
        if (end.empty() || end.find('<') != std::string_view::npos) continue;
        open.heredoc.name = unquote(end, escape);
        open.heredoc.expands = open.heredoc.name == end;
        if (!open.heredoc.name.empty()) found.push_back(std::move(open));
    }
    return found;
}

class Joiner {
public:
    Joiner(std::string_view text, const std::string& file)
        : lines_(base::split(text, '\n')), file_(file) {
        read_directives(lines_, result_);
    }

    Result<Lines> run() {
        if (result_.bad_escape_line != 0) {
            return Error(Problems{{Position{file_, result_.bad_escape_line, 1},
                                   "the escape character is \\ or `", ""}});
        }
        while (next_ < lines_.size()) {
            LogicalLine logical = take();
            if (logical.text.empty()) continue;
            for (OpenHeredoc& open : find_heredocs(logical.text, result_.escape)) {
                if (!read(open)) {
                    return Error(Problems{
                        {Position{file_, logical.line, 1},
                         fmt::format("the heredoc '{}' is never closed", open.heredoc.name), ""}});
                }
                logical.heredocs.push_back(std::move(open.heredoc));
            }
            result_.lines.push_back(std::move(logical));
        }
        return std::move(result_);
    }

private:
    // A line goes on when it ends with one escape character; two are an escaped one.
    bool continues(std::string_view line) const {
        if (!line.ends_with(result_.escape)) return false;
        return line.size() == 1 || line[line.size() - 2] != result_.escape;
    }

    // Blanks at the start of a continued line separate words: only the first line loses them.
    LogicalLine take() {
        LogicalLine logical;
        while (next_ < lines_.size()) {
            std::string_view line = lines_[next_++];
            const std::string_view content = base::trim(line);
            if (content.empty() || content.starts_with('#')) {
                if (logical.line == 0) return logical;
                continue;    // dropped inside a continuation
            }
            if (logical.line == 0) {
                logical.line = static_cast<std::uint32_t>(next_);
                line = content;
            }
            line = line.substr(0, line.find_last_not_of(" \t\r") + 1);
            if (!continues(line)) {
                logical.text += line;
                break;
            }
            logical.text += line.substr(0, line.size() - 1);
        }
        logical.text = std::string(base::trim(logical.text));
        return logical;
    }

    // Up to its end; false when there is none.
    bool read(OpenHeredoc& open) {
        while (next_ < lines_.size()) {
            std::string_view line = lines_[next_++];
            while (open.strip_tabs && line.starts_with('\t')) line.remove_prefix(1);
            const std::string_view end =
                line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
            if (end == open.heredoc.name) return true;
            open.heredoc.content += line;
            open.heredoc.content += '\n';
        }
        return false;
    }

    std::vector<std::string_view> lines_;
    const std::string& file_;
    std::size_t next_ = 0;
    Lines result_;
};

}    // namespace

Result<Lines> join_lines(std::string_view text, const std::string& file) {
    return Joiner(text, file).run();
}

}    // namespace trueup::dockerfile
