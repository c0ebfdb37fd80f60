// SPDX-License-Identifier: Apache-2.0
// The shortest edit script (Myers, "An O(ND) Difference Algorithm and Its Variations", 1986), between what
// both texts start and end with; then hunks of it with context.
#include "controller/code/unified_diff.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "controller/base/text.hpp"

namespace trueup::code {
namespace {

using Lines = std::vector<std::string_view>;

constexpr std::ptrdiff_t most_edits = 2'000;
constexpr std::size_t context = 3;

// Each with its newline, so that a last line without one differs from one with it.
Lines lines_of(std::string_view text) {
    Lines lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        const std::size_t size = end == text.npos ? text.size() : end + 1;
        lines.push_back(text.substr(0, size));
        text.remove_prefix(size);
    }
    return lines;
}

enum class Kind : char { same = ' ', removed = '-', added = '+' };
struct Edit {
    Kind kind;
    std::string_view line;
};
using Script = std::vector<Edit>;

class Myers {
public:
    Myers(const Lines& before, const Lines& after)
        : before_(before),
          after_(after),
          columns_(static_cast<std::ptrdiff_t>(before.size())),
          rows_(static_cast<std::ptrdiff_t>(after.size())) {}

    // Backwards through the furthest points that each number of edits reached.
    Script script() {
        const std::ptrdiff_t edits = search();
        Script script;
        if (edits < 0) {
            for (const std::string_view line : before_) script.push_back({Kind::removed, line});
            for (const std::string_view line : after_) script.push_back({Kind::added, line});
            return script;
        }
        std::ptrdiff_t x = columns_;
        std::ptrdiff_t y = rows_;
        for (std::ptrdiff_t edit = edits; edit > 0; --edit) {
            const auto& reached = reached_[static_cast<std::size_t>(edit - 1)];
            const std::ptrdiff_t diagonal = x - y;
            const bool down = goes_down(reached, edit, diagonal);
            const std::ptrdiff_t from = down ? diagonal + 1 : diagonal - 1;
            const std::ptrdiff_t start = at(reached, edit - 1, from);
            const std::ptrdiff_t after_edit = down ? start : start + 1;
            while (x > after_edit) take_same(script, x, y);
            if (down)
                script.push_back({Kind::added, after_[static_cast<std::size_t>(--y)]});
            else
                script.push_back({Kind::removed, before_[static_cast<std::size_t>(--x)]});
        }
        while (x > 0) take_same(script, x, y);
        std::reverse(script.begin(), script.end());
        return script;
    }

private:
    using Reached = std::vector<std::ptrdiff_t>;    // x by diagonal, from -edits to edits

    static std::ptrdiff_t at(const Reached& reached, std::ptrdiff_t edits,
                             std::ptrdiff_t diagonal) {
        return reached[static_cast<std::size_t>(diagonal + edits)];
    }

    static bool goes_down(const Reached& before, std::ptrdiff_t edit, std::ptrdiff_t diagonal) {
        if (diagonal == -edit) return true;
        if (diagonal == edit) return false;
        return at(before, edit - 1, diagonal - 1) < at(before, edit - 1, diagonal + 1);
    }

    void take_same(Script& script, std::ptrdiff_t& x, std::ptrdiff_t& y) const {
        --x;
        --y;
        script.push_back({Kind::same, before_[static_cast<std::size_t>(x)]});
    }

    std::ptrdiff_t slide(std::ptrdiff_t x, std::ptrdiff_t diagonal) const {
        while (x < columns_ && x - diagonal < rows_ &&
               before_[static_cast<std::size_t>(x)] ==
                   after_[static_cast<std::size_t>(x - diagonal)])
            ++x;
        return x;
    }

    // How many edits it takes; -1 for too many. Every other diagonal of a row is not used.
    std::ptrdiff_t search() {
        for (std::ptrdiff_t edit = 0; edit <= std::min(columns_ + rows_, most_edits); ++edit) {
            Reached row(static_cast<std::size_t>(2 * edit + 1), -1);
            for (std::ptrdiff_t diagonal = -edit; diagonal <= edit; diagonal += 2) {
                std::ptrdiff_t x = 0;
                if (edit > 0) {
                    const Reached& before = reached_.back();
                    const bool down = goes_down(before, edit, diagonal);
                    x = down ? at(before, edit - 1, diagonal + 1)
                             : at(before, edit - 1, diagonal - 1) + 1;
                }
                x = slide(x, diagonal);
                row[static_cast<std::size_t>(diagonal + edit)] = x;
                if (x >= columns_ && x - diagonal >= rows_) return edit;
            }
            reached_.push_back(std::move(row));
        }
        return -1;
    }

    const Lines& before_;
    const Lines& after_;
    std::ptrdiff_t columns_;
    std::ptrdiff_t rows_;
    std::vector<Reached> reached_;    // by number of edits
};

Script script_of(Lines before, Lines after) {
    Script head;
    Script tail;
    std::size_t same = 0;
    while (same < before.size() && same < after.size() && before[same] == after[same]) {
        head.push_back({Kind::same, before[same]});
        ++same;
    }
    before.erase(before.begin(), before.begin() + static_cast<std::ptrdiff_t>(same));
    after.erase(after.begin(), after.begin() + static_cast<std::ptrdiff_t>(same));
    while (!before.empty() && !after.empty() && before.back() == after.back()) {
        tail.push_back({Kind::same, before.back()});
        before.pop_back();
        after.pop_back();
    }
    for (const Edit& edit : Myers(before, after).script()) head.push_back(edit);
    head.insert(head.end(), tail.rbegin(), tail.rend());
    return head;
}

// "3,7", "3" for one line, "2,0" for none behind line 2.
std::string range(std::size_t first, std::size_t count) {
    if (count == 1) return fmt::format("{}", first);
    return fmt::format("{},{}", count == 0 ? first - 1 : first, count);
}

void add_line(std::string& text, const Edit& edit) {
    text += static_cast<char>(edit.kind);
    text += edit.line;
    if (!edit.line.ends_with('\n')) text += "\n\\ No newline at end of file\n";
}

// Where the hunk that starts with the change at `first` ends: at `context` lines behind its last change.
std::size_t end_of_hunk(const Script& script, std::size_t first) {
    std::size_t last = first;
    for (std::size_t index = first; index < script.size() && index <= last + 2 * context; ++index) {
        if (script[index].kind != Kind::same) last = index;
    }
    return std::min(last + context + 1, script.size());
}

std::string hunks(const Script& script) {
    std::string text;
    std::size_t before_line = 1;
    std::size_t after_line = 1;
    std::size_t done = 0;
    const auto pass = [&](std::size_t end, std::string* into) {
        for (; done < end; ++done) {
            if (into != nullptr) add_line(*into, script[done]);
            before_line += script[done].kind != Kind::added ? 1 : 0;
            after_line += script[done].kind != Kind::removed ? 1 : 0;
        }
    };
    for (std::size_t change = 0; change < script.size(); ++change) {
        if (script[change].kind == Kind::same) continue;
        pass(std::max(done, change - std::min(change, context)), nullptr);
        const std::size_t before_first = before_line;
        const std::size_t after_first = after_line;
        std::string lines;
        pass(end_of_hunk(script, change), &lines);
        text += fmt::format("@@ -{} +{} @@\n{}", range(before_first, before_line - before_first),
                            range(after_first, after_line - after_first), lines);
        change = done - 1;
    }
    return text;
}

}    // namespace

bool is_text(std::string_view content) {
    return content.find('\0') == std::string_view::npos && !base::find_invalid_utf8(content);
}

std::string unified_diff(std::string_view before, std::string_view after,
                         const std::string& before_name, const std::string& after_name) {
    if (before == after) return {};
    return fmt::format("--- {}\n+++ {}\n{}", before_name, after_name,
                       hunks(script_of(lines_of(before), lines_of(after))));
}

}    // namespace trueup::code
