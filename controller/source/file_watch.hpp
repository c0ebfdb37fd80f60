// SPDX-License-Identifier: Apache-2.0
// Inotify on everything that can change what a FileWalk finds: its directories, and every directory
// on the way to its root and through its symlinks (so a folder that is swapped, a link that is
// pointed elsewhere and a path that does not exist yet are all seen).
#pragma once

#include <map>
#include <set>
#include <string>

#include "controller/base/inotify.hpp"
#include "controller/base/task.hpp"
#include "controller/source/file_walk.hpp"

namespace trueup::source {

// What a watched directory is watched for.
struct WatchedDirectory {
    bool whole = false;             // a directory of the walk: every name that can matter
    std::set<std::string> names;    // else these entries
};
using WatchTable = std::map<int, WatchedDirectory>;    // by watch descriptor

class FileWatch {
public:
    explicit FileWatch(Executor executor);

    // Watches what the walk saw and what leads to `root`, and nothing else any more. Blocks; may
    // run on a pool while wait() runs on the loop. The table takes effect with use().
    WatchTable arm(const std::string& root, const FileWalk& walk, const WatchTable& before) const;
    const WatchTable& table() const { return table_; }
    void use(WatchTable table) { table_ = std::move(table); }

    // Returns when something that matters happened and it was then quiet for `settle`, or when
    // `longest` is over. Errc::cancelled.
    Task<void> wait(base::Milliseconds settle, base::Milliseconds longest);

private:
    bool drain();

    base::Inotify inotify_;
    WatchTable table_;
};

}    // namespace trueup::source
