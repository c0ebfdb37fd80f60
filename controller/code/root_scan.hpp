// SPDX-License-Identifier: Apache-2.0
// Files of a running container as git would name them, read where its process sees them:
// /proc/<pid>/root. So volumes and bind mounts that lie over the image's files are read too. Only
// on the engine's own host. Blocking; for the pool. The limits are those of scan_tar but for the size.
//
// The container is not trusted: every path is resolved inside its root (openat2, RESOLVE_IN_ROOT,
// no magic links), no link inside a code directory is followed, and only regular files are opened,
// without waiting for anything.
#pragma once

#include <sys/stat.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "controller/base/clock.hpp"
#include "controller/base/descriptor.hpp"
#include "controller/code/scan.hpp"

namespace trueup::code {

// The root directory of a container's process. Hold it for one scan only: an open root keeps the
// container's mounts alive.
class ProcessRoot {
public:
    // Nothing when the process is not of that container: it has ended, the engine is on another host
    // or in another process namespace, or the controller may not look. The process is held by a
    // descriptor of its /proc directory, so a reused pid is never taken for it; that its control
    // group names the container tells whose it is.
    static std::optional<ProcessRoot> open(std::int64_t pid, const std::string& container_id);
    // The root of the process that started that one: the engine's host as the engine sees it, where a
    // bind mount's source lies. Nothing as above, or where its parent is of another process namespace.
    static std::optional<ProcessRoot> open_host(std::int64_t pid, const std::string& container_id);
    // Any directory: its process is this one.
    static std::optional<ProcessRoot> of_directory(const std::string& path);

    int descriptor() const { return root_.get(); }
    // A path inside the root, whatever links there are; O_PATH, so that nothing is opened for real.
    base::Descriptor find(const std::string& path, bool follow) const;
    // Whether the process has not ended meanwhile; its volumes are unmounted when it does.
    bool is_alive() const;
    // The programs of the process and of those that it started, as far as they still are its: paths as the
    // container names them, at most a few dozen. A few small reads of /proc.
    std::vector<std::string> programs() const;

private:
    ProcessRoot(base::Descriptor process, base::Descriptor root)
        : process_(std::move(process)), root_(std::move(root)) {}
    base::Descriptor process_;    // its /proc directory
    base::Descriptor root_;
};

// What a file's inode said when its content was hashed. The change time cannot be set by a program,
// the modification time can: `touch -d`, `cp -p`.
struct Look {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::uint64_t size = 0;
    std::int64_t modified = 0;    // nanoseconds since 1970
    std::int64_t changed = 0;     // likewise

    bool operator==(const Look&) const = default;
};
Look look_of(const struct stat& status);

// What is known about the files of one container from the last scan. A file whose inode looks the
// same is not read again. Writes through a shared memory mapping can leave no trace in the inode
// until the kernel writes the page back, so a caller starts with an empty one from time to time.
class KnownFiles {
public:
    bool has(const std::string& path) const { return files_.contains(path); }
    // Adds it to `found` where it still looks so.
    bool find(const std::string& path, const Look& look, FoundFiles& found);
    void keep(const std::string& path, const Look& look, const FoundFile& file);
    void begin();     // a scan of all directories
    void finish();    // forgets what was not there any more
    void count_read() { ++read_; }
    // Contents that were read since begin().
    std::size_t read() const { return read_; }

private:
    struct Known {
        Look look;
        FoundFile file;
        std::uint64_t scan = 0;    // the last one that found it
    };
    std::unordered_map<std::string, Known> files_;
    std::uint64_t scan_ = 0;
    std::size_t read_ = 0;
};

// Called with each directory before it is read: where a watch is to be set, so that no change falls
// between. Where a root is no directory, with the nearest one above it that is there, and with the root
// itself if it is a file. The descriptor is valid during the call.
using OnDirectory = std::function<void(int descriptor, const std::string& path)>;

// Whether a file of that path can make a difference to compare(), or to which byte code is in use.
bool can_count(const ExpectedCode& expected, const std::string& path);

// What a scan looks at, and what ends it. A container's files are anybody's: a sparse one has any size,
// and a log or a database grows for ever.
struct ScanBounds {
    // Only what can count by it is opened, and no folder in which nothing can. nullptr: every file.
    const ExpectedCode* expected = nullptr;
    // Set by another thread: it ends with Errc::cancelled.
    const std::atomic<bool>* stop = nullptr;
    SteadyTime until = SteadyTime::max();    // by the machine's clock; then Errc::unavailable
};

// Adds what lies at `directory` (absolute in the container) to `found`, as scan_tar does. When
// `follow`, a link in its place is followed, inside the container's root. Nothing there is a
// finding, not a failure. `now` is the wall clock: what changed just before it may change again
// without looking different, so it is read again next time. What does not stand still while it is
// read is found as it was read last, or without id; so is what is longer than 4 GiB and not expected.
Result<void> scan_directory(const ProcessRoot& root, const std::string& directory, bool follow,
                            SystemTime now, KnownFiles& known, const OnDirectory& on_directory,
                            FoundFiles& found, const ScanBounds& bounds = {});

}    // namespace trueup::code
