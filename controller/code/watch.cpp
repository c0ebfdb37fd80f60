// SPDX-License-Identifier: Apache-2.0
#include "controller/code/watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>

#include "controller/base/file.hpp"
#include "controller/base/log.hpp"

namespace trueup::code {
namespace {

constexpr std::uint32_t structure =
    IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF;
constexpr std::uint32_t noticed = structure | IN_MODIFY | IN_ATTRIB;
constexpr std::size_t unknown_limit = 10'000;

void tell_once() {
    static std::atomic_flag told = ATOMIC_FLAG_INIT;
    if (told.test_and_set()) return;
    log::warning("too few inotify watches, some containers are looked at from time to time instead",
                 {{"advice", "raise fs.inotify.max_user_watches"}});
}

bool is_at_or_below(const std::string& path, const std::string& folder) {
    return path == folder || path.starts_with(folder + "/");
}

// Whether an event in the directory at `path` can change what a comparison finds. A directory may be
// watched for one root that lies in it, and nothing else there counts then.
bool matters(const ExpectedCode& expected, const std::string& path, const inotify_event& event) {
    // Of the directory itself, or of a root that is a file.
    if (event.len == 0) return (event.mask & IN_ATTRIB) == 0 || expected.files.contains(path);
    const std::string inside = fmt::format("{}/{}", path == "/" ? "" : path, event.name);
    const auto& roots = expected.directories;
    const bool leads_to_root = std::any_of(
        roots.begin(), roots.end(), [&](const auto& root) { return is_at_or_below(root, inside); });
    const bool is_in_root = std::any_of(
        roots.begin(), roots.end(), [&](const auto& root) { return is_at_or_below(inside, root); });
    if (!leads_to_root && !is_in_root) return false;
    if ((event.mask & IN_ISDIR) != 0) return (event.mask & structure) != 0;
    return leads_to_root || can_count(expected, inside);
}

// A file of the commit lies at it or below, or it is where a root would come to lie.
bool leads_to_code(const ExpectedCode& expected, const std::string& path) {
    if (has_file_in(expected, path)) return true;
    const auto& roots = expected.directories;
    return std::any_of(roots.begin(), roots.end(),
                       [&](const auto& root) { return is_at_or_below(root, path); });
}

}    // namespace

WatchBudget WatchBudget::of_limit(std::size_t limit) {
    constexpr std::size_t share = 16;
    constexpr std::size_t most = 8'192;
    WatchBudget budget;
    budget.all = limit / 2;
    budget.of_container = std::min(budget.all / share, most);
    budget.of_others = budget.of_container / 4;
    return budget;
}

WatchBudget WatchBudget::of_kernel() {
    constexpr std::size_t usual = 8'192;
    const auto text = base::read_file("/proc/sys/fs/inotify/max_user_watches");
    const std::size_t limit = text ? std::strtoull(text->c_str(), nullptr, 10) : 0;
    return of_limit(limit == 0 ? usual : limit);
}

CodeWatch::CodeWatch(Executor executor, WatchBudget budget)
    : inotify_(std::move(executor)), budget_(budget) {}

OnDirectory CodeWatch::marker(const std::string& name, Marks& marks,
                              std::shared_ptr<const ExpectedCode> expected) const {
    if (!inotify_) {
        marks.complete = false;
        return nullptr;
    }
    // What it has already is set again.
    const std::size_t of_others = paths_.size() - std::min(paths_.size(), watches_of(name));
    const std::size_t room = budget_.all - std::min(budget_.all, of_others);
    struct Left {
        std::size_t room;
        std::size_t expected;
        std::size_t others;
    };
    const auto left = std::make_shared<Left>(Left{room, budget_.of_container, budget_.of_others});
    return [inotify = inotify_.descriptor(), left, expected = std::move(expected), &marks](
               int descriptor, const std::string& path) {
        const bool first = expected == nullptr || leads_to_code(*expected, path);
        std::size_t& share = first ? left->expected : left->others;
        if (left->room == 0 || share == 0) {
            marks.complete = false;
            tell_once();
            return;
        }
        // By the descriptor: what is watched is what is read, whatever has its name by now.
        const int watch = ::inotify_add_watch(
            inotify, fmt::format("/proc/self/fd/{}", descriptor).c_str(), noticed);
        if (watch >= 0) {
            --left->room;
            --share;
            marks.directories.emplace_back(watch, path);
            return;
        }
        marks.complete = false;
        if (errno == ENOSPC) tell_once();
    };
}

std::size_t CodeWatch::watches_of(const std::string& name) const {
    const auto container = containers_.find(name);
    return container == containers_.end() ? 0 : container->second.watches.size();
}

void CodeWatch::begin(const std::string& name) {
    const auto container = containers_.find(name);
    if (container != containers_.end()) container->second.changed = false;
}

void CodeWatch::use(const std::string& name, Marks marks,
                    std::shared_ptr<const ExpectedCode> expected) {
    use(name, std::move(marks),
        [expected = std::move(expected)](const std::string& path, const inotify_event& event) {
            return matters(*expected, path, event);
        });
}

void CodeWatch::use(const std::string& name, Marks marks, Matters matters) {
    std::set<int> watches;
    for (const auto& [watch, path] : marks.directories) watches.insert(watch);
    drop(name, watches);
    OfContainer& container = containers_[name];
    for (auto& [watch, path] : marks.directories) {
        paths_[watch].insert_or_assign(name, std::move(path));
        container.changed = container.changed || unknown_.erase(watch) > 0;
    }
    container.watches = std::move(watches);
    container.complete = marks.complete && !container.watches.empty();
    container.matters = std::move(matters);
}

// Its watches but those kept.
void CodeWatch::drop(const std::string& name, const std::set<int>& kept) {
    const auto container = containers_.find(name);
    if (container == containers_.end()) return;
    for (const int watch : container->second.watches) {
        if (kept.contains(watch)) continue;
        const auto there = paths_.find(watch);
        if (there == paths_.end()) continue;
        there->second.erase(name);
        if (!there->second.empty()) continue;
        ::inotify_rm_watch(inotify_.descriptor(), watch);
        paths_.erase(there);
    }
}

bool CodeWatch::watches(const std::string& name) const {
    const auto container = containers_.find(name);
    return container != containers_.end() && container->second.complete;
}

bool CodeWatch::watches_in_part(const std::string& name) const {
    const auto container = containers_.find(name);
    return container != containers_.end() && !container->second.complete;
}

bool CodeWatch::is_changed(const std::string& name) const {
    const auto container = containers_.find(name);
    return container != containers_.end() && container->second.changed;
}

// Whether it can make a difference to one of the containers.
bool CodeWatch::take(const inotify_event& event) {
    if ((event.mask & IN_Q_OVERFLOW) != 0) {
        for (auto& [id, container] : containers_) container.changed = true;
        return true;
    }
    const auto known = paths_.find(event.wd);
    if (known == paths_.end()) {
        if (unknown_.size() < unknown_limit) unknown_.insert(event.wd);
        return false;
    }
    bool any = false;
    for (const auto& [id, path] : known->second) {
        OfContainer& container = containers_.at(id);
        if (!container.matters(path, event)) continue;
        container.changed = true;
        any = true;
    }
    return any;
}

bool CodeWatch::drain() {
    bool any = false;
    inotify_.drain([&](const inotify_event& event) { any = take(event) || any; });
    return any;
}

Task<void> CodeWatch::wait(base::Milliseconds settle, base::Milliseconds longest) {
    if (!inotify_) co_return co_await base::sleep_for(longest);
    const auto until = std::chrono::steady_clock::now() + longest;
    for (;;) {
        const auto left =
            std::chrono::ceil<base::Milliseconds>(until - std::chrono::steady_clock::now());
        if (left.count() <= 0) co_return Result<void>();
        const bool readable = co_await inotify_.wait(left);
        const bool cancelled = co_await base::is_cancelled();
        if (cancelled) co_return Error(Errc::cancelled, "cancelled while watching code");
        // A short rest in any case: a program that logs beside its code would wake us all the time.
        const auto rested = co_await base::sleep_for(settle);
        if (!rested) co_return rested;
        if (readable && drain()) co_return Result<void>();
    }
}

void CodeWatch::keep_only(const std::set<std::string>& container_ids) {
    for (auto container = containers_.begin(); container != containers_.end();) {
        const std::string& name = container->first;
        if (container_ids.contains(name.substr(0, name.find(':')))) {
            ++container;
            continue;
        }
        drop(container->first, {});
        container = containers_.erase(container);
    }
}

}    // namespace trueup::code
