// SPDX-License-Identifier: Apache-2.0
// The rules of every .gitattributes on the way to an expected file, the nearest and last one first; content
// is read where one of them says filter=lfs.
#include "controller/code/large_files.hpp"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/base/text.hpp"
#include "controller/dockerfile/pattern.hpp"

namespace trueup::code {
namespace {

constexpr std::string_view pointer_head = "version https://git-lfs.github.com/spec/";
constexpr std::size_t longest_pointer = 1'024;    // by the specification
constexpr std::size_t longest_attributes = 1U << 20U;
constexpr std::size_t most_rules = 1'000;
constexpr std::size_t most_told = 10;

struct Rule {
    dockerfile::Pattern pattern;
    bool by_name = false;    // in any folder below
    bool is_large = false;
};
using Rules = std::vector<Rule>;

std::string folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

// What the attributes behind a pattern say of `filter`; nothing: nothing.
std::optional<bool> is_large_by(std::string_view attributes) {
    std::optional<bool> large;
    for (const std::string_view part : base::split(attributes, ' ')) {
        const std::string_view word = base::trim(part);
        if (word == "filter=lfs")
            large = true;
        else if (word == "filter" || word == "-filter" || word == "!filter" ||
                 word.starts_with("filter="))
            large = false;
    }
    return large;
}

std::optional<Rule> read_rule(std::string_view line) {
    line = base::trim(line);
    if (line.empty() || line.starts_with('#') || line.starts_with("[attr]")) return std::nullopt;
    const bool quoted = line.starts_with('"');
    if (quoted) line.remove_prefix(1);
    const std::size_t end = quoted ? line.find('"') : line.find_first_of(" \t");
    if (end == std::string_view::npos) return std::nullopt;
    std::string attributes(line.substr(end + 1));
    for (char& letter : attributes) letter = letter == '\t' ? ' ' : letter;
    const auto large = is_large_by(attributes);
    std::string_view text = line.substr(0, end);
    if (!large) return std::nullopt;
    Rule rule;
    rule.is_large = *large;
    rule.by_name = text.find('/') == std::string_view::npos;
    if (text.starts_with('/')) text.remove_prefix(1);
    auto pattern = dockerfile::Pattern::compile(text);
    if (!pattern) return std::nullopt;
    rule.pattern = std::move(*pattern);
    return rule;
}

class Attributes {
public:
    explicit Attributes(const model::Tree& tree) : tree_(tree) {}

    bool is_large(const std::string& path) {
        const std::string name = path.substr(path.rfind('/') + 1);
        for (std::string folder = folder_of(path);; folder = folder_of(folder)) {
            const std::string inside = folder.empty() ? path : path.substr(folder.size() + 1);
            const Rules& rules = rules_of(folder);
            for (auto rule = rules.rbegin(); rule != rules.rend(); ++rule) {
                if (rule->pattern.matches(rule->by_name ? name : inside)) return rule->is_large;
            }
            if (folder.empty()) return false;
        }
    }

private:
    const Rules& rules_of(const std::string& folder) {
        const auto known = rules_.find(folder);
        if (known != rules_.end()) return known->second;
        Rules& rules = rules_[folder];
        const auto text = tree_.read(folder.empty() ? ".gitattributes" : folder + "/.gitattributes",
                                     longest_attributes);
        if (!text) return rules;
        for (const std::string_view line : base::split(*text, '\n')) {
            if (rules.size() >= most_rules) break;
            auto rule = read_rule(line);
            if (rule) rules.push_back(std::move(*rule));
        }
        return rules;
    }

    const model::Tree& tree_;
    std::map<std::string, Rules> rules_;    // by folder
};

bool is_pointer(const model::Tree& tree, const std::string& path) {
    const auto content = tree.read(path, longest_pointer);
    return content && content->starts_with(pointer_head);
}

}    // namespace

Problems large_file_pointers(const ExpectedCode& expected, const model::Tree& tree) {
    std::set<std::string> pointers;
    Attributes attributes(tree);
    for (const auto& [place, file] : expected.files) {
        const std::string& path = file.commit_path;
        if (!file.symlink && attributes.is_large(path) && is_pointer(tree, path))
            pointers.insert(path);
    }
    Problems problems;
    for (const std::string& path : pointers) {
        if (problems.size() == most_told) break;
        problems.push_back(
            {{path, 0, 0},
             "this is a Git LFS pointer: the file itself is not in the commit, and images "
             "are built from the commit alone",
             "commit the file itself (git lfs migrate export), exclude it in "
             ".dockerignore, or let the image fetch it"});
    }
    if (pointers.size() > most_told) {
        problems.push_back(
            {{},
             fmt::format("{} more files are Git LFS pointers", pointers.size() - most_told),
             ""});
    }
    return problems;
}

}    // namespace trueup::code
