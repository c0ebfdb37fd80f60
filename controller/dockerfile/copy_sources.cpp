// SPDX-License-Identifier: Apache-2.0
#include "controller/dockerfile/copy_sources.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "controller/base/text.hpp"
#include "controller/dockerfile/pattern.hpp"

namespace trueup::dockerfile {
namespace {

using Kind = StageFiles::Kind;

// In Go's patterns several stars are as one.
std::string single_stars(std::string_view text) {
    std::string result;
    for (const char letter : text) {
        if (letter != '*' || !result.ends_with('*')) result += letter;
    }
    return result;
}

std::string_view extension(std::string_view name) {
    const std::size_t dot = name.rfind('.');
    return dot == std::string_view::npos ? std::string_view() : name.substr(dot);
}

void match_names(const StageFiles& files, const std::string& folder, const Pattern& rule,
                 Budget& budget, std::vector<std::string>& found) {
    const auto resolved = files.resolve(folder);
    if (!resolved || files.kind(*resolved) != Kind::folder) return;
    if (!rule.has_wildcard()) {
        const std::string path = below_folder(folder, rule.text());
        const auto there = files.resolve(path);
        const Kind kind = there ? files.kind(*there) : Kind::none;
        if (kind == Kind::file || kind == Kind::folder) found.push_back(path);
        return;
    }
    for (const std::string& name : files.names(*resolved)) {
        if (!budget.step(1 + name.size() / 8)) return;
        if (rule.matches(name)) found.push_back(below_folder(folder, name));
    }
}

}    // namespace

std::vector<std::string> match_sources(const StageFiles& files, const std::string& word,
                                       Budget& budget) {
    const std::string path = absolute_path("/", word);
    const auto pattern = Pattern::compile(path);
    if (!pattern || !pattern->has_wildcard()) return {path};
    std::vector<std::string> found{"/"};
    for (const std::string_view part : base::split(std::string_view(path).substr(1), '/')) {
        const auto rule = Pattern::compile(single_stars(part));
        if (!rule) return {};
        std::vector<std::string> deeper;
        for (const std::string& folder : found) match_names(files, folder, *rule, budget, deeper);
        found = std::move(deeper);
    }
    return found;
}

bool is_archive(std::string_view path) {
    constexpr std::array<std::string_view, 14> endings{".tar",  ".tgz",   ".tbz", ".tbz2", ".txz",
                                                       ".tzst", ".gz",    ".bz2", ".xz",   ".zst",
                                                       ".gem",  ".crate", ".apk", ".ova"};
    return std::any_of(endings.begin(), endings.end(),
                       [&](std::string_view ending) { return path.ends_with(ending); });
}

bool is_remote(std::string_view word) {
    return word.find("://") != std::string_view::npos || word.starts_with("git@");
}

bool names_a_file(std::string_view source, std::string_view target) {
    const std::string_view from = name_of(source);
    const std::string_view to = name_of(target);
    return from == to || (!extension(to).empty() && extension(from) == extension(to));
}

}    // namespace trueup::dockerfile
