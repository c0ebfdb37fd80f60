// SPDX-License-Identifier: Apache-2.0
#include "controller/dockerfile/lines.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "controller/base/text.hpp"

namespace trueup::dockerfile {
namespace {

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
    return result;
}

// "# name=value" lines at the very top, until the first line that is none.
void read_directives(const std::vector<std::string_view>& lines, Lines& result) {
    for (const std::string_view line : lines) {
        std::string_view rest = base::trim(line);
        if (!rest.starts_with('#')) return;
        rest = base::trim(rest.substr(1));
        const std::size_t equals = rest.find('=');
        if (equals == std::string_view::npos) return;
        const std::string name = lower(base::trim(rest.substr(0, equals)));
        const std::string_view value = base::trim(rest.substr(equals + 1));
        if (name.empty() || name.find(' ') != std::string::npos) return;
        if (name == "syntax") result.syntax = std::string(value);
        if (name == "escape" && value.size() == 1) result.escape = value[0];
    }
}

struct Heredoc {
    std::string end;
    bool strip_tabs = false;
};

// "<<EOF", "<<-EOF", "<<'EOF'": a word of RUN, COPY or ADD.
std::vector<Heredoc> find_heredocs(std::string_view text) {
    std::vector<Heredoc> found;
    const std::string name = lower(text.substr(0, text.find_first_of(" \t")));
    if (name != "run" && name != "copy" && name != "add") return found;
    for (std::size_t at = text.find("<<"); at != std::string_view::npos;
         at = text.find("<<", at + 2)) {
        const bool word_start = at > 0 && (text[at - 1] == ' ' || text[at - 1] == '\t');
        std::string_view rest = text.substr(at + 2);
        Heredoc heredoc;
        if (rest.starts_with('-')) {
            heredoc.strip_tabs = true;
            rest.remove_prefix(1);
        }
        rest = rest.substr(0, rest.find_first_of(" \t;|&<>()"));
        std::string end(rest);
        std::erase_if(end, [](char letter) { return letter == '"' || letter == '\''; });
        const bool is_name =
            !end.empty() &&
            (std::isalpha(static_cast<unsigned char>(end[0])) != 0 || end[0] == '_');
        if (!word_start || !is_name) continue;
        heredoc.end = std::move(end);
        found.push_back(std::move(heredoc));
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
        while (next_ < lines_.size()) {
            LogicalLine logical = take();
            if (logical.text.empty()) continue;
            const auto heredocs = find_heredocs(logical.text);
            logical.has_heredoc = !heredocs.empty();
            for (const Heredoc& heredoc : heredocs) {
                if (!skip(heredoc)) {
                    return Error(Problems{
                        {Position{file_, logical.line, 1},
                         fmt::format("the heredoc '{}' is never closed", heredoc.end), ""}});
                }
            }
            result_.lines.push_back(std::move(logical));
        }
        return std::move(result_);
    }

private:
    LogicalLine take() {
        LogicalLine logical;
        bool continues = true;
        while (continues && next_ < lines_.size()) {
            const std::string_view line = base::trim(lines_[next_++]);
            // Comments and empty lines inside a continuation are dropped.
            if (line.starts_with('#') || line.empty()) {
                continues = !logical.text.empty();
                if (logical.text.empty()) return logical;
                continue;
            }
            if (logical.line == 0) logical.line = static_cast<std::uint32_t>(next_);
            continues = line.ends_with(result_.escape);
            logical.text += continues ? line.substr(0, line.size() - 1) : line;
        }
        logical.text = std::string(base::trim(logical.text));
        return logical;
    }

    bool skip(const Heredoc& heredoc) {
        while (next_ < lines_.size()) {
            std::string_view line = lines_[next_++];
            if (line.ends_with('\r')) line.remove_suffix(1);
            while (heredoc.strip_tabs && line.starts_with('\t')) line.remove_prefix(1);
            if (line == heredoc.end) return true;
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
