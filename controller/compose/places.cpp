// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/places.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controller/base/text.hpp"

namespace trueup::compose {
namespace {

constexpr std::size_t text_limit = 1U << 20U;
constexpr std::string_view commit_root = "//";

// "a/../../b" is "b": nothing is above the root of a host.
std::string clamped(std::string_view path) {
    std::vector<std::string_view> parts;
    for (const std::string_view part : base::split(path, '/')) {
        if (part.empty() || part == ".") continue;
        if (part != "..")
            parts.push_back(part);
        else if (!parts.empty())
            parts.pop_back();
    }
    return fmt::format("{}", fmt::join(parts, "/"));
}

}    // namespace

Places::Places(const model::Tree& tree, bool is_host, std::string home)
    : tree_(tree), is_host_(is_host), home_(std::move(home)) {}

std::string Places::absolute(std::string_view tree_path) const {
    return fmt::format("{}{}", is_host_ ? "/" : commit_root, tree_path);
}

std::optional<std::string> Places::join(std::string_view directory, std::string_view path) const {
    const bool in_commit = directory.starts_with(commit_root);
    const std::string_view start = directory.substr(in_commit ? 2 : 1);
    const std::string whole = fmt::format("{}/./{}", start, path);
    if (!in_commit) return "/" + clamped(whole);
    const auto inside = base::normal_path(start.empty() ? std::string(path) : whole);
    return inside ? std::optional(fmt::format("{}{}", commit_root, *inside)) : std::nullopt;
}

std::optional<std::string> Places::resolve(std::string_view directory,
                                           std::string_view path) const {
    if (path.starts_with('/')) return std::string(path);
    if (path != "~" && !path.starts_with("~/")) return join(directory, path);
    if (home_.empty()) return std::nullopt;
    return path.size() == 1 ? home_ : "/" + clamped(home_ + std::string(path.substr(1)));
}

bool Places::is_in_tree(std::string_view absolute) const {
    return is_host_ ? absolute.starts_with('/') : absolute.starts_with(commit_root);
}

std::string Places::tree_path(std::string_view absolute) const { return clamped(absolute); }

std::string Places::shown(std::string_view absolute) const {
    return is_host_ || !is_in_tree(absolute) ? std::string(absolute) : tree_path(absolute);
}

bool Places::exists(std::string_view absolute) const {
    return is_in_tree(absolute) && tree_.stat(tree_path(absolute));
}

bool Places::is_directory(std::string_view absolute) const {
    if (!is_in_tree(absolute)) return false;
    const auto entry = tree_.stat(tree_path(absolute));
    return entry && entry->kind == model::EntryKind::directory;
}

Result<std::string> Places::read(std::string_view absolute) const {
    if (!is_in_tree(absolute))
        return Error(Errc::invalid, fmt::format("{} is outside the commit", absolute));
    const std::string path = tree_path(absolute);
    const auto entry = tree_.stat(path);
    if (!entry) return entry.error();
    if (entry->kind == model::EntryKind::symlink) {
        return Error(Errc::invalid,
                     fmt::format("{} is a symbolic link, which is not supported yet", path));
    }
    const bool is_file =
        entry->kind == model::EntryKind::file || entry->kind == model::EntryKind::executable;
    if (!is_file) return Error(Errc::invalid, fmt::format("{} is no file", path));
    return tree_.read(path, text_limit);
}

std::string directory_of(std::string_view absolute) {
    const std::size_t slash = absolute.rfind('/');
    const bool at_root = slash == 0 || absolute.substr(0, slash) == "/";
    return std::string(at_root ? absolute.substr(0, slash + 1) : absolute.substr(0, slash));
}

}    // namespace trueup::compose
