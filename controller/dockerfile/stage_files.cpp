// SPDX-License-Identifier: Apache-2.0
#include "controller/dockerfile/stage_files.hpp"

#include <algorithm>
#include <utility>

#include "controller/base/text.hpp"

namespace trueup::dockerfile {
namespace {

constexpr int most_links = 40;

std::string_view parent_of(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == 0 || slash == std::string_view::npos ? "/" : path.substr(0, slash);
}

void go_up(std::string& path) {
    if (path != "/") path = std::string(parent_of(path));
}

}    // namespace

void LineRange::add(std::uint32_t line) {
    first = first == 0 ? line : std::min(first, line);
    last = std::max(last, line);
}

void LineRange::add(const LineRange& lines) {
    if (lines.first == 0) return;
    add(lines.first);
    add(lines.last);
}

std::string below_folder(std::string_view folder, std::string_view name) {
    std::string path(folder);
    if (!path.ends_with('/')) path += '/';
    return path.append(name);
}

std::string_view name_of(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string absolute_path(std::string_view directory, std::string_view path) {
    std::string result = path.starts_with('/') ? "/" : std::string(directory);
    for (const std::string_view part : base::split(path, '/')) {
        if (part.empty() || part == ".") continue;
        if (part == "..")
            go_up(result);
        else
            result = below_folder(result, part);
    }
    return result;
}

StageFiles::Kind StageFiles::kind(const std::string& path) const {
    if (path == "/" || folders_.contains(path)) return Kind::folder;
    if (files_.contains(path)) return Kind::file;
    return whole ? Kind::none : Kind::unknown;
}

std::optional<std::string> StageFiles::resolve(std::string_view path) const {
    std::string done = "/";
    std::string left(path);
    for (int links = 0; !left.empty();) {
        const std::size_t slash = left.find('/');
        const std::string part = left.substr(0, slash);
        left = slash == std::string::npos ? "" : left.substr(slash + 1);
        if (part.empty() || part == ".") continue;
        if (part == "..") {
            go_up(done);
            continue;
        }
        const std::string next = below_folder(done, part);
        const auto file = files_.find(next);
        if (file == files_.end() || !file->second.symlink) {
            done = next;
            continue;
        }
        if (++links > most_links) return std::nullopt;
        if (file->second.target.starts_with('/')) done = "/";
        left = file->second.target + "/" + left;
        if (left.size() > 64U << 10U) return std::nullopt;
    }
    return done;
}

std::vector<std::string> StageFiles::names(const std::string& folder) const {
    const std::string prefix = below_folder(folder, "");
    std::set<std::string> found;
    // What is below an entry is jumped over: '0' follows '/' in the order of characters.
    const auto collect = [&](const auto& paths, const auto& path_of) {
        auto entry = paths.lower_bound(prefix);
        while (entry != paths.end() && path_of(*entry).starts_with(prefix)) {
            const std::string& path = path_of(*entry);
            const std::size_t slash = path.find('/', prefix.size());
            std::string name = path.substr(prefix.size(), slash - prefix.size());
            if (slash == std::string::npos)
                ++entry;
            else
                entry = paths.lower_bound(prefix + name + '0');
            found.insert(std::move(name));
        }
    };
    collect(files_, [](const auto& entry) -> const std::string& { return entry.first; });
    collect(folders_, [](const auto& entry) -> const std::string& { return entry; });
    return {found.begin(), found.end()};
}

std::pair<StageFiles::Files::const_iterator, StageFiles::Files::const_iterator> StageFiles::below(
    const std::string& path) const {
    if (path == "/") return {files_.begin(), files_.end()};
    const auto self = files_.find(path);
    if (self != files_.end()) return {self, std::next(self)};
    return {files_.lower_bound(path + "/"), files_.lower_bound(path + "0")};
}

void StageFiles::put(const std::string& path, TracedFile file) {
    if (path == "/" || folders_.contains(path)) return;    // no builder puts a file over a folder
    make_folder(parent_of(path));
    files_.insert_or_assign(path, std::move(file));
}

void StageFiles::make_folder(std::string_view path) {
    while (path != "/" && folders_.find(path) == folders_.end()) {
        files_.erase(std::string(path));
        folders_.emplace(path);
        path = parent_of(path);
    }
}

std::size_t StageFiles::doubt(const std::string& path, std::uint32_t line) {
    std::size_t count = 0;
    const auto [first, last] = below(path);
    // Erasing nothing is the way to an iterator that may change what it points to.
    for (auto entry = files_.erase(first, first); entry != last; ++entry, ++count) {
        entry->second.changeable = true;
        entry->second.changers.add(line);
    }
    return count;
}

}    // namespace trueup::dockerfile
