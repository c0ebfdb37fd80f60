// SPDX-License-Identifier: Apache-2.0
// Notices of changes below the code directories of running containers, by inotify through
// /proc/<pid>/root, and in what they have mounted read-only: one instance for all of them. An overlay
// tells of a file that it copies up like of any other write. What a notice says is only that it is time
// to look: a slow sweep sees to what no notice tells (writes through a shared memory mapping).
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "controller/base/inotify.hpp"
#include "controller/code/root_scan.hpp"

namespace trueup::code {

// How many watches may be set. The kernel's limit is one for all of a user's programs, so a container
// with a million folders must not leave nothing for the others.
struct WatchBudget {
    std::size_t all = 0;             // of all containers
    std::size_t of_container = 0;    // of one of them, for folders in which files of the commit lie
    std::size_t of_others = 0;       // of one of them, for its other folders

    // Half of the kernel's limit (fs.inotify.max_user_watches; 8,192 where it cannot be read), of which a
    // container has at most a sixteenth, and at most 8,192.
    static WatchBudget of_limit(std::size_t limit);
    static WatchBudget of_kernel();
};

class CodeWatch {
public:
    explicit CodeWatch(Executor executor, WatchBudget budget = WatchBudget::of_kernel());

    // What is watched goes by a name: the container's id for its code, this for its bound files.
    static std::string bounds_of(const std::string& container_id) {
        return container_id + ":bounds";
    }

    // The watches that one scan set, by path.
    struct Marks {
        std::vector<std::pair<int, std::string>> directories;
        bool complete = true;    // false: there were no more to be had, look from time to time
    };
    // A scan of the container begins: what changes from now on is a change.
    void begin(const std::string& name);
    // For the scan, on any thread; `marks` outlives it. `expected`: whose folders come first when not all can
    // be watched; nullptr: all the same.
    OnDirectory marker(const std::string& name, Marks& marks,
                       std::shared_ptr<const ExpectedCode> expected) const;
    // The scan is over: the container's watches are these now, and no others.
    void use(const std::string& container_id, Marks marks,
             std::shared_ptr<const ExpectedCode> expected);

    // The same for whatever can make a difference by another rule: the directory's path as it was marked,
    // and the event.
    using Matters = std::function<bool(const std::string& path, const inotify_event& event)>;
    void use(const std::string& name, Marks marks, Matters matters);

    // Every directory of it.
    bool watches(const std::string& name) const;
    // Some of its directories only: there were no more watches to be had.
    bool watches_in_part(const std::string& name) const;
    // Since begin(): something happened that can make a difference to the comparison.
    bool is_changed(const std::string& name) const;

    // Returns when such a change was noticed and `settle` is over, or when `longest` is over.
    // Errc::cancelled.
    Task<void> wait(base::Milliseconds settle, base::Milliseconds longest);

    void keep_only(const std::set<std::string>& container_ids);

private:
    struct OfContainer {
        std::set<int> watches;
        Matters matters;
        bool complete = false;
        bool changed = false;
    };
    std::size_t watches_of(const std::string& name) const;
    bool take(const inotify_event& event);
    bool drain();
    void drop(const std::string& container_id, const std::set<int>& kept);

    base::Inotify inotify_;
    WatchBudget budget_;
    std::map<std::string, OfContainer> containers_;    // by name
    // A directory of a volume may be mounted in several containers.
    std::map<int, std::map<std::string, std::string>> paths_;    // watch -> name -> path
    std::set<int> unknown_;    // with events, and set by a scan that is not over
};

}    // namespace trueup::code
