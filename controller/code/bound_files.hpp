// SPDX-License-Identifier: Apache-2.0
// Files of the engine's host that a container has mounted read-only, as far as a process may hold old
// ones of them: they are read where they lie on the host, since that is what a process started now
// would see (an editor that saves under another name leaves the old file in the mount).
//
// What counts: a bound file, configs and secrets among them; in a bound directory source files by
// language, settings and keys by their ending, and small files without one. Not what is written into by
// containers (writable mounts, volumes), nor what belongs to the machine (/proc, /run, /var/log, …, files
// straight in /etc), nor version control's own files, nor what trueup wrote itself.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "controller/code/root_scan.hpp"
#include "controller/model/observed.hpp"

namespace trueup::code {

struct BoundPath {
    std::string source;    // absolute, on the engine's host
    std::string target;    // absolute, in the container

    bool operator==(const BoundPath&) const = default;
};

// Pure. `bind_root` is where trueup writes bound files of commits: they never change in place.
std::vector<BoundPath> bound_paths(const model::ObservedContainer& container,
                                   const std::string& bind_root);

// By the name and size of a file in a bound directory.
bool counts_in_directory(std::string_view name, std::uint64_t size);

struct BoundFile {
    std::string content;          // git blob id; of large files their size and time
    std::int64_t changed = 0;     // of its inode (ctime), nanoseconds since 1970
    std::int64_t modified = 0;    // mtime, likewise

    bool operator==(const BoundFile&) const = default;
};

struct BoundFiles {
    std::map<std::string, BoundFile> files;    // by path in the container
    std::vector<std::string> left_out;    // targets whose source is not there, or not to be read
    std::string unseen;    // why they are not: "/srv/data: more than 50000 files"; "" = all is read
    std::int64_t moved =
        0;    // when a name in one of the directories changed last, nanoseconds since 1970
    bool changing = false;    // something came or went during the scan
};

inline constexpr std::size_t bound_file_limit = 50'000;         // entries of a mount
inline constexpr std::size_t bound_byte_limit = 256U << 20U;    // read of one, in one scan
inline constexpr std::size_t bound_read_limit = 4U << 20U;      // larger files are not read

// What was read before, by path in the container: an inode that looks the same is not read again.
using KnownContents = std::unordered_map<std::string, std::pair<Look, std::string>>;

// Blocking; for the pool. Links on the way to a source are followed, those in a directory are what they
// point to as text. `targets` are those of all mounts of the container: what lies under another one is not seen.
// `on_directory` gets each directory by its path in the container, and the one that holds a bound
// file by the file's.
BoundFiles scan_bounds(const ProcessRoot& host, const std::vector<BoundPath>& bounds,
                       const std::vector<std::string>& targets, SystemTime now,
                       KnownContents& known, const OnDirectory& on_directory);

}    // namespace trueup::code
