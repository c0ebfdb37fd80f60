// SPDX-License-Identifier: Apache-2.0
// One inotify instance. Watches belong to inodes, so a directory that was swapped out keeps its
// watch: each arming drops those that it did not ask for. Events of watches that the table does not
// know (they were armed a moment ago) count as something.
#include "controller/source/file_watch.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <deque>
#include <filesystem>

#include "controller/base/log.hpp"
#include "controller/base/text.hpp"

namespace trueup::source {
namespace {

constexpr std::uint32_t content = IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB;
constexpr std::uint32_t structure =
    IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF;
// A file that is written all the time must not hold everything up for ever.
constexpr int most_settles = 25;

class Armer {
public:
    Armer(int inotify, WatchTable& table) : inotify_(inotify), table_(table) {}

    void whole(const std::string& directory) {
        if (WatchedDirectory* watched = add(directory)) watched->whole = true;
    }

    // Every entry that decides where `path` leads: of each directory on the way, links followed.
    void way_to(const std::string& path) {
        std::deque<std::string> rest = parts_of(path);
        std::string current = "/";
        int links = 0;
        while (!rest.empty()) {
            const std::string name = rest.front();
            rest.pop_front();
            if (name == "..") {
                current = std::filesystem::path(current).parent_path().string();
                continue;
            }
            WatchedDirectory* watched = add(current);
            if (watched == nullptr) return;
            watched->names.insert(name);
            const std::string next =
                current == "/" ? "/" + name : fmt::format("{}/{}", current, name);
            struct stat status{};
            if (::lstat(next.c_str(), &status) != 0) return;
            if (!S_ISLNK(status.st_mode)) {
                current = next;
                continue;
            }
            std::error_code code;
            const std::string target = std::filesystem::read_symlink(next, code).string();
            if (code || ++links > 40) return;
            if (target.starts_with('/')) current = "/";
            const std::deque<std::string> parts = parts_of(target);
            rest.insert(rest.begin(), parts.begin(), parts.end());
        }
    }

    bool exhausted() const { return exhausted_; }

private:
    static std::deque<std::string> parts_of(std::string_view path) {
        std::deque<std::string> parts;
        for (const std::string_view part : base::split(path, '/')) {
            if (!part.empty() && part != ".") parts.emplace_back(part);
        }
        return parts;
    }

    WatchedDirectory* add(const std::string& directory) {
        const int watch =
            ::inotify_add_watch(inotify_, directory.c_str(), content | structure | IN_ONLYDIR);
        if (watch >= 0) return &table_[watch];
        if (errno == ENOSPC || errno == ENOMEM) exhausted_ = true;
        return nullptr;
    }

    int inotify_;
    WatchTable& table_;
    bool exhausted_ = false;
};

bool matters(const WatchedDirectory& watched, const inotify_event& event) {
    const std::string_view name = event.len > 0 ? event.name : "";
    if (name.empty()) return true;    // of the directory itself
    if (watched.names.contains(std::string(name))) return true;
    if (!watched.whole || name.starts_with('.')) return false;
    // Any new, moved or removed name may be a directory or a link to one; content counts in files
    // that are read, permissions in directories too.
    return (event.mask & (structure | IN_ISDIR)) != 0 || is_stack_file_name(name);
}

}    // namespace

FileWatch::FileWatch(Executor executor) : inotify_(std::move(executor)) {}

WatchTable FileWatch::arm(const std::string& root, const FileWalk& walk,
                          const WatchTable& before) const {
    WatchTable table;
    if (!inotify_) return table;
    const int inotify = inotify_.descriptor();
    Armer armer(inotify, table);
    armer.way_to(std::filesystem::absolute(root).string());
    for (const std::string& directory : walk.directories) armer.whole(directory);
    for (const std::string& link : walk.links)
        armer.way_to(std::filesystem::absolute(link).string());
    for (const auto& [watch, watched] : before) {
        if (!table.contains(watch)) ::inotify_rm_watch(inotify, watch);
    }
    static std::atomic_flag told = ATOMIC_FLAG_INIT;
    if (armer.exhausted() && !told.test_and_set()) {
        log::warning(
            "too few inotify watches, some changes are found by looking again from time to time",
            {{"root", root}, {"advice", "raise fs.inotify.max_user_watches"}});
    }
    return table;
}

// Reads all events that there are; whether one matters.
bool FileWatch::drain() {
    bool any = false;
    inotify_.drain([&](const inotify_event& event) {
        const auto watched = table_.find(event.wd);
        any = any || (event.mask & IN_Q_OVERFLOW) != 0 || watched == table_.end() ||
              matters(watched->second, event);
    });
    return any;
}

Task<void> FileWatch::wait(base::Milliseconds settle, base::Milliseconds longest) {
    if (!inotify_) co_return co_await base::sleep_for(longest);
    // Quiet means no event that matters: /tmp on the way to a file is never quiet.
    auto until = std::chrono::steady_clock::now() + longest;
    for (int settles = 0; settles < most_settles;) {
        const auto left =
            std::chrono::ceil<base::Milliseconds>(until - std::chrono::steady_clock::now());
        if (left.count() <= 0) break;
        const bool readable = co_await inotify_.wait(left);
        if (co_await base::is_cancelled())
            co_return Error(Errc::cancelled, "cancelled while watching files");
        if (!readable || !drain()) continue;
        until = std::chrono::steady_clock::now() + settle;
        ++settles;
    }
    co_return Result<void>();
}

}    // namespace trueup::source
