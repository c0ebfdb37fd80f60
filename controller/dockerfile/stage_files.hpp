// SPDX-License-Identifier: Apache-2.0
// The files of the commit in the file system of a build stage, as far as it is known what lies where.
// Paths are absolute and normal ("/srv/app"; "/" is the root). The build context is one too. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/error.hpp"

namespace trueup::dockerfile {

// Lines of the Dockerfile, the first and the last of several; 0 = none.
struct LineRange {
    std::uint32_t first = 0;
    std::uint32_t last = 0;

    bool operator==(const LineRange&) const = default;
    void add(std::uint32_t line);
    void add(const LineRange& lines);
};

struct TracedFile {
    std::string object_id;      // git blob id of the content; of a symlink: of its target
    std::string commit_path;    // in the commit; of a heredoc: the Dockerfile
    bool executable = false;
    bool symlink = false;
    std::string target;         // of a symlink
    bool changeable = false;    // a step behind its COPY may have changed or removed it
    LineRange changers;        // these steps: each RUN that came after it, and what may lie over it
    Position position;         // of the instruction that put it there last
    std::uint32_t step = 0;    // how many RUNs of the stage were before that

    bool operator==(const TracedFile&) const = default;
};

class StageFiles {
public:
    using Files = std::map<std::string, TracedFile>;
    enum class Kind : std::uint8_t { none, unknown, file, folder };

    const Files& files() const { return files_; }
    // True: what is not known here is not there (a stage from scratch, the build context).
    bool whole = false;

    // Of a path that was resolved.
    Kind kind(const std::string& path) const;
    // Where a path leads through the links that are known, the last part included; nothing for a loop.
    std::optional<std::string> resolve(std::string_view path) const;
    // The names in a folder, sorted.
    std::vector<std::string> names(const std::string& folder) const;
    // Files at the path or below it: [first, last).
    std::pair<Files::const_iterator, Files::const_iterator> below(const std::string& path) const;

    // Both take resolved paths, and make the folders above them.
    void put(const std::string& path, TracedFile file);
    void make_folder(std::string_view path);
    // The instruction at `line` may have written something else there, or below it. Returns how many files
    // that may be.
    std::size_t doubt(const std::string& path, std::uint32_t line);

private:
    Files files_;
    std::set<std::string, std::less<>> folders_;    // without "/"
};

// "/a" + "b" is "/a/b", "/" + "b" is "/b".
std::string below_folder(std::string_view folder, std::string_view name);
std::string_view name_of(std::string_view path);
// `path` without "." and "..", from `directory` when it is relative; ".." of the root is the root.
std::string absolute_path(std::string_view directory, std::string_view path);

}    // namespace trueup::dockerfile
