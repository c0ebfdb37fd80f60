// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/places.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controller/base/text.hpp"
#include "controller/compose/limits.hpp"

namespace trueup::compose {
namespace {

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

// A path of the commit, link by link: nothing leads out of it.
class LinkWalk {
public:
    LinkWalk(const model::Tree& tree, const std::string& path) : tree_(tree) { push(path); }

    Result<Places::Found> run() {
        std::string path;
        while (!left_.empty()) {
            const std::string part = std::move(left_.back());
            left_.pop_back();
            if (part.empty() || part == ".") continue;
            if (part == "..") {
                if (path.empty()) return leads_out();
                const std::size_t slash = path.rfind('/');
                path.erase(slash == std::string::npos ? 0 : slash);
                continue;
            }
            std::string next = path.empty() ? part : path + "/" + part;
            const auto entry = tree_.stat(next);
            if (!entry) return entry.error();
            if (entry->kind != model::EntryKind::symlink) {
                path = std::move(next);
                continue;
            }
            const auto followed = follow(std::move(next));
            if (!followed) return followed.error();
        }
        auto entry = tree_.stat(path);
        if (!entry) return entry.error();
        return Places::Found{std::move(path), std::move(*entry)};
    }

private:
    Result<void> follow(std::string link) {
        link_ = std::move(link);
        if (++followed_ > most_links)
            return Error(Errc::invalid, fmt::format("{} is a symbolic link in a circle", link_));
        const auto target = tree_.read(link_, longest_target);
        if (!target) return target.error();
        if (target->starts_with('/')) return leads_out();
        push(*target);
        return {};
    }

    Error leads_out() const {
        return {Errc::invalid,
                fmt::format("{} is a symbolic link that leads out of the commit", link_)};
    }

    void push(std::string_view path) {
        const auto parts = base::split(path, '/');
        left_.insert(left_.end(), parts.rbegin(), parts.rend());
    }

    static constexpr int most_links = 40;
    static constexpr std::size_t longest_target = 4096;

    const model::Tree& tree_;
    std::vector<std::string> left_;    // parts, the next one last
    std::string link_;                 // the last one that was followed
    int followed_ = 0;
};

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

Result<Places::Found> Places::find(std::string_view absolute) const {
    std::string path = tree_path(absolute);
    auto entry = tree_.stat(path);
    const bool is_link = entry && entry->kind == model::EntryKind::symlink;
    if (entry && !is_link) return Found{std::move(path), std::move(*entry)};
    if (!is_link && entry.error().code() != Errc::not_found) return entry.error();
    return LinkWalk(tree_, path).run();
}

bool Places::exists(std::string_view absolute) const {
    if (!is_in_tree(absolute)) return false;
    const auto found = find(absolute);
    return found || found.error().code() != Errc::not_found;
}

bool Places::is_directory(std::string_view absolute) const {
    if (!is_in_tree(absolute)) return false;
    const auto found = find(absolute);
    return found && found->entry.kind == model::EntryKind::directory;
}

Result<std::string> Places::read(std::string_view absolute) const {
    if (!is_in_tree(absolute))
        return Error(Errc::invalid, fmt::format("{} is outside the commit", absolute));
    const auto found = find(absolute);
    if (!found) return found.error();
    const model::EntryKind kind = found->entry.kind;
    if (kind != model::EntryKind::file && kind != model::EntryKind::executable)
        return Error(Errc::invalid, fmt::format("{} is no file", tree_path(absolute)));
    return tree_.read(found->path, Limits::read_bytes);
}

std::string directory_of(std::string_view absolute) {
    const std::size_t slash = absolute.rfind('/');
    const bool at_root = slash == 0 || absolute.substr(0, slash) == "/";
    return std::string(at_root ? absolute.substr(0, slash + 1) : absolute.substr(0, slash));
}

}    // namespace trueup::compose
