// SPDX-License-Identifier: Apache-2.0
// Notices of changes below the code directories of running containers, by inotify through
// /proc/<pid>/root: one instance for all of them. An overlay tells of a file that it copies up like
// of any other write. What a notice says is only that it is time to look: a slow sweep sees to what
// no notice tells (writes through a shared memory mapping).
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "controller/base/inotify.hpp"
#include "controller/code/root_scan.hpp"

namespace trueup::code {

class CodeWatch {
public:
    explicit CodeWatch(Executor executor);

    // The watches that one scan set, by path.
    struct Marks {
        std::vector<std::pair<int, std::string>> directories;
        bool complete = true;    // false: there were no more to be had, look from time to time
    };
    // A scan of the container begins: what changes from now on is a change.
    void begin(const std::string& container_id);
    // For the scan, on any thread; `marks` outlives it.
    OnDirectory marker(Marks& marks) const;
    // The scan is over: the container's watches are these now, and no others.
    void use(const std::string& container_id, Marks marks,
             std::shared_ptr<const ExpectedCode> expected);

    // Every code directory of it.
    bool watches(const std::string& container_id) const;
    // Since begin(): something happened that can make a difference to the comparison.
    bool is_changed(const std::string& container_id) const;

    // Returns when such a change was noticed and `settle` is over, or when `longest` is over.
    // Errc::cancelled.
    Task<void> wait(base::Milliseconds settle, base::Milliseconds longest);

    void keep_only(const std::set<std::string>& container_ids);

private:
    struct OfContainer {
        std::set<int> watches;
        std::shared_ptr<const ExpectedCode> expected;
        bool complete = false;
        bool changed = false;
    };
    bool take(const inotify_event& event);
    bool drain();
    void drop(const std::string& container_id, const std::set<int>& kept);

    base::Inotify inotify_;
    std::map<std::string, OfContainer> containers_;
    // A directory of a volume may be mounted in several containers.
    std::map<int, std::map<std::string, std::string>> paths_;    // watch -> container id -> path
    std::set<int> unknown_;    // with events, and set by a scan that is not over
};

}    // namespace trueup::code
