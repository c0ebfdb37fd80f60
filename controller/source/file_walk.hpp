// SPDX-License-Identifier: Apache-2.0
// The Stack files of a directory, or one file: finding them and reading them. Blocks; runs on a
// pool.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/source/desired.hpp"

namespace trueup::source {

// Limits of a desired state, on disk and in git.
inline constexpr std::size_t most_desired_files = 10'000;
inline constexpr std::size_t most_desired_bytes = 64U << 20U;    // of all files together
inline constexpr std::size_t largest_desired_file = 1U << 20U;
inline constexpr std::size_t deepest_directory = 32;

// What tells one state of a file from another without reading it.
struct FileStamp {
    std::string path;
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::uint64_t size = 0;
    std::int64_t changed = 0;    // ctime and mtime, the later; nanoseconds since the epoch
    bool operator==(const FileStamp&) const = default;
};

struct FileWalk {
    std::vector<FileStamp> files;            // that count, by path
    std::vector<std::string> directories;    // that were listed
    std::vector<std::string> links;          // symlinks on the way
    Problems unreadable;
    std::optional<Error> failure;    // it ended early; the rest is what was seen until then

    bool operator==(const FileWalk&) const = default;
};

// Whether the name of a file makes it one of the desired state.
bool is_stack_file_name(std::string_view name);

// Below `root`, or `root` itself when it is a file. Hidden files and directories do not count,
// symlinks are followed. Failures: not_found (no such root), denied and unavailable (a directory
// cannot be read), invalid (more than 10,000 files, or symlinks in a circle).
FileWalk walk_files(const std::string& root);

// The contents; the walk's failure if it has one. Files of more than 1 MiB and those that cannot be
// read become problems; more than 64 MiB together are Errc::invalid.
Result<DesiredSnapshot> read_files(const FileWalk& walk);

}    // namespace trueup::source
