// SPDX-License-Identifier: Apache-2.0
#include "controller/code/readings.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/this_coro.hpp>
#include <functional>
#include <utility>

#include "controller/code/archive_read.hpp"

namespace trueup::code {
namespace {

// Everything is read again so often, whatever the inodes and the notices say.
constexpr std::chrono::minutes all_again{15};
// One that takes longer goes on at the next look.
constexpr std::chrono::minutes longest_scan{5};
// Without notices: looking takes at most a fiftieth of one core.
constexpr int rest_of_looks = 50;
// With notices: a program that writes code all the time is looked at at this pace.
constexpr int rest_of_changes = 10;
// What failed seldom works at once.
constexpr std::chrono::nanoseconds rest_of_failures = std::chrono::seconds(10);

}    // namespace

struct Readings::Scan {
    Subject subject;
    std::shared_ptr<const ExpectedCode> expected;
    std::shared_ptr<KnownFiles> known;
    CodeWatch::Marks marks;
    OnDirectory on_directory;
    SystemTime now;
    std::atomic<bool> stop = false;
    FoundFiles found;

    // False when the process is not to be read, or ended meanwhile: its mounts may have gone with it.
    Result<bool> run() {
        const auto root = ProcessRoot::open(subject.pid, subject.container_id);
        if (!root) return false;
        ScanBounds bounds;
        bounds.expected = expected.get();
        bounds.stop = &stop;
        bounds.until = std::chrono::steady_clock::now() + longest_scan;
        known->begin();
        for (const std::string& directory : expected->directories) {
            const bool follow = !expected->files.contains(directory);
            const auto scanned =
                scan_directory(*root, directory, follow, now, *known, on_directory, found, bounds);
            if (!root->is_alive()) return false;
            if (!scanned) return scanned.error();
        }
        known->finish();
        return true;
    }
};

bool Readings::is_due_for_all(const OfContainer& container) const {
    return clock_.steady() - container.all_read >= all_again;
}

Task<FoundFiles> Readings::read(engine::Engine& engine, Pool& pool, Subject subject,
                                std::shared_ptr<const ExpectedCode> expected) {
    const std::string id = subject.container_id;
    const SteadyTime began = clock_.steady();
    Scan scan;
    scan.subject = std::move(subject);
    scan.expected = expected;
    scan.now = clock_.now();
    const auto before = containers_.find(id);
    if (before != containers_.end() && !is_due_for_all(before->second))
        scan.known = std::exchange(before->second.known, nullptr);
    const bool all = scan.known == nullptr;
    if (all) scan.known = std::make_shared<KnownFiles>();
    if (watch_ != nullptr) {
        watch_->begin(id);
        scan.on_directory = watch_->marker(id, scan.marks, expected);
    }
    // The pool's work is not cancelled, and a scan can be long: it looks itself.
    const auto cancellation = co_await boost::asio::this_coro::cancellation_state;
    boost::asio::cancellation_slot cancelled = cancellation.slot();
    if (cancelled.is_connected())
        cancelled.assign([&scan](boost::asio::cancellation_type) { scan.stop = true; });
    std::function<Result<bool>()> work = [&scan] { return scan.run(); };
    const auto read = co_await base::offload_result(pool, std::move(work));
    if (cancelled.is_connected()) cancelled.clear();
    OfContainer& container = containers_[id];
    container.here = !read || *read;
    container.again = !read;
    if (!container.here) co_return co_await read_archive(engine, pool, id, std::move(expected));
    container.known = std::move(scan.known);
    container.looked = clock_.steady();
    container.took = container.looked - began;
    if (all) container.all_read = began;
    if (!read) co_return read.error().in("comparing the code");
    if (watch_ != nullptr) watch_->use(id, std::move(scan.marks), std::move(expected));
    co_return std::move(scan.found);
}

void Readings::note_time(const std::string& container_id, std::chrono::nanoseconds took) {
    const auto known = containers_.find(container_id);
    if (known == containers_.end()) return;
    known->second.looked = clock_.steady();
    known->second.took = took;
}

void Readings::look_again(const std::string& container_id, std::chrono::nanoseconds took) {
    OfContainer& container = containers_[container_id];
    container.again = true;
    container.looked = clock_.steady();
    container.took = took;
}

Readings::Due Readings::due(const std::string& container_id) const {
    const auto known = containers_.find(container_id);
    if (known == containers_.end()) return Due::look;
    const OfContainer& container = known->second;
    const auto since = clock_.steady() - container.looked;
    if (container.again && since < std::max(container.took * rest_of_changes, rest_of_failures))
        return Due::nothing;
    if (!container.here) return Due::ask;
    if (is_due_for_all(container)) return Due::look;
    const bool watched = watch_ != nullptr && watch_->watches(container_id);
    if (container.again) return Due::look;
    if (watched && !watch_->is_changed(container_id)) return Due::nothing;
    const auto rest = container.took * (watched ? rest_of_changes : rest_of_looks);
    return since >= rest ? Due::look : Due::nothing;
}

bool Readings::is_half_watched(const std::string& container_id) const {
    const auto known = containers_.find(container_id);
    return watch_ != nullptr && known != containers_.end() && known->second.here &&
           watch_->watches_in_part(container_id);
}

std::size_t Readings::half_watched() const {
    return static_cast<std::size_t>(
        std::count_if(containers_.begin(), containers_.end(),
                      [this](const auto& entry) { return is_half_watched(entry.first); }));
}

void Readings::keep_only(const std::set<std::string>& container_ids) {
    std::erase_if(containers_,
                  [&](const auto& entry) { return !container_ids.contains(entry.first); });
    if (watch_ != nullptr) watch_->keep_only(container_ids);
}

}    // namespace trueup::code
