// SPDX-License-Identifier: Apache-2.0
#include "controller/code/process_ages.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <optional>
#include <utility>

#include "controller/base/file.hpp"
#include "controller/base/log.hpp"

namespace trueup::code {
namespace {

namespace fs = std::filesystem;

// With notices, should one have been missed: a link on the way to a source was pointed elsewhere.
constexpr std::chrono::seconds watched_rest{30};
// Looking takes at most this part of one core.
constexpr int rest_of_looks = 200;
// A program that writes settings all the time is looked at at this pace.
constexpr int rest_of_changes = 20;
constexpr std::chrono::minutes unseen_rest{5};
// After so many looks it is taken for a habit.
constexpr int most_unsettled = 3;
constexpr std::size_t record_limit = 64U << 20U;

// The ids of the engine's containers.
bool is_id(const std::string& text) {
    return !text.empty() && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

// Whole or not at all. Without it, a controller that is started anew knows less.
void write_record(const std::string& path, const std::string& text) {
    std::error_code code;
    fs::create_directories(fs::path(path).parent_path(), code);
    const std::string beside = path + ".new";
    fs::remove(beside, code);
    code = base::create_file(beside, text);
    if (!code) fs::rename(beside, path, code);
    if (!code) return;
    log::debug("what a process was started with is not kept", {{"file", path}});
    fs::remove(beside, code);
}

// In whichever of the directories: the folder of a bound file may be a bound one, too.
bool is_watched_change(const std::vector<BoundPath>& bounds, const inotify_event& event) {
    if (event.len == 0) return (event.mask & IN_ATTRIB) == 0;
    if ((event.mask & IN_ISDIR) != 0) return (event.mask & IN_ATTRIB) == 0;
    const std::string name = fmt::format("/{}", event.name);
    return counts_in_directory(event.name, 0) ||
           std::any_of(bounds.begin(), bounds.end(),
                       [&](const BoundPath& bound) { return bound.source.ends_with(name); });
}

// Records of containers that are gone; what another engine's containers have is younger, mostly.
void remove_records(const std::string& directory, const std::set<std::string>& kept) {
    constexpr std::chrono::hours stale{24 * 7};
    std::error_code code;
    const auto now = fs::file_time_type::clock::now();
    for (const fs::directory_entry& entry : fs::directory_iterator(directory, code)) {
        if (kept.contains(entry.path().filename().string())) continue;
        if (now - entry.last_write_time(code) > stale) fs::remove(entry.path(), code);
    }
}

}    // namespace

struct ProcessAges::Scan {
    std::string id;
    std::string started_at;
    std::int64_t pid = 0;
    std::vector<BoundPath> bounds;
    std::vector<std::string> targets;
    std::string file;    // of the record; "" = none
    SystemTime now;
    std::shared_ptr<const ProcessRecord> record;
    std::shared_ptr<KnownContents> known;
    CodeWatch::Marks marks;
    OnDirectory on_directory;
    std::optional<ProcessJudgement> judgement;    // nothing: not to be seen from here

    void run() {
        const auto host = ProcessRoot::open_host(pid, id);
        if (!host) return;
        const BoundFiles found = scan_bounds(*host, bounds, targets, now, *known, on_directory);
        if (record == nullptr) remember(found);
        judgement = judge(*record, found, now);
    }

    void remember(const BoundFiles& found) {
        if (!file.empty()) {
            const auto text = base::read_file(file, record_limit);
            auto kept = text ? parse_process_record(*text) : std::nullopt;
            if (kept && kept->started_at == started_at) {
                record = std::make_shared<ProcessRecord>(std::move(*kept));
                return;
            }
        }
        record = std::make_shared<ProcessRecord>(first_look(started_at, found, now));
        if (!file.empty()) write_record(file, to_text(*record));
    }
};

bool ProcessAges::is_new(const model::ObservedContainer& container) const {
    const auto known = containers_.find(container.id);
    return known == containers_.end() || known->second.started_at != container.started_at;
}

bool ProcessAges::is_due(const model::ObservedContainer& container) const {
    if (is_new(container)) return true;
    const OfContainer& known = containers_.at(container.id);
    if (!known.has_bounds) return false;
    const auto since = clock_.steady() - known.looked;
    if (!known.here) return since >= unseen_rest;
    if (!known.judgement.settled) return since >= settle;
    const std::string name = CodeWatch::bounds_of(container.id);
    if (watch_ == nullptr || !watch_->watches(name)) return since > known.took * rest_of_looks;
    if (watch_->is_changed(name)) return since > known.took * rest_of_changes;
    return since >= watched_rest;
}

Task<bool> ProcessAges::look(Pool& pool, model::ObservedContainer container,
                             std::string bind_root) {
    Scan scan;
    scan.id = container.id;
    scan.started_at = container.started_at;
    scan.pid = container.pid;
    scan.bounds = bound_paths(container, bind_root);
    scan.now = clock_.now();
    for (const auto& [target, mount] : container.mounts) scan.targets.push_back(target);
    if (!directory_.empty() && is_id(scan.id)) scan.file = directory_ + "/" + scan.id;
    const bool is_first = is_new(container);
    if (!is_first) {
        OfContainer& before = containers_.at(scan.id);
        scan.record = before.record;
        scan.known = std::exchange(before.known, nullptr);
    }
    if (scan.known == nullptr) scan.known = std::make_shared<KnownContents>();
    const SteadyTime began = clock_.steady();
    const std::string name = CodeWatch::bounds_of(scan.id);
    if (watch_ != nullptr && !scan.bounds.empty()) {
        watch_->begin(name);
        scan.on_directory = watch_->marker(name, scan.marks, nullptr);
    }
    if (!scan.bounds.empty()) {
        std::function<void()> work = [&scan] { scan.run(); };
        co_await base::offload(pool, std::move(work));
    }
    OfContainer& known = containers_[scan.id];
    const model::ProcessAge before =
        known.started_at == scan.started_at ? known.judgement.age : model::ProcessAge();
    known.started_at = scan.started_at;
    known.has_bounds = !scan.bounds.empty();
    known.here = scan.judgement.has_value();
    known.record = std::move(scan.record);
    known.known = std::move(scan.known);
    known.judgement = scan.judgement.value_or(ProcessJudgement());
    known.unsettled = known.judgement.settled ? 0 : known.unsettled + 1;
    if (known.has_bounds && !known.here)
        known.judgement.age.unseen = "its process cannot be seen from here";
    known.looked = clock_.steady();
    known.took = known.looked - began;
    if (watch_ != nullptr && known.here) {
        CodeWatch::Matters matters = [bounds = std::move(scan.bounds)](const std::string& /*path*/,
                                                                       const inotify_event& event) {
            return is_watched_change(bounds, event);
        };
        watch_->use(name, std::move(scan.marks), std::move(matters));
    }
    co_return known.judgement.age != before;
}

void ProcessAges::fill(model::ObservedContainer& container) const {
    if (container.state != model::ContainerState::running || is_new(container)) return;
    container.age = containers_.at(container.id).judgement.age;
}

bool ProcessAges::is_unsettled() const {
    return std::any_of(containers_.begin(), containers_.end(), [](const auto& each) {
        return each.second.unsettled > 0 && each.second.unsettled <= most_unsettled;
    });
}

boost::asio::awaitable<void> ProcessAges::keep_only(Pool& pool, std::set<std::string> ids) {
    std::vector<std::string> gone;
    for (auto each = containers_.begin(); each != containers_.end();) {
        if (ids.contains(each->first)) {
            ++each;
            continue;
        }
        if (is_id(each->first)) gone.push_back(directory_ + "/" + each->first);
        each = containers_.erase(each);
    }
    const bool first = std::exchange(first_, false);
    if (directory_.empty() || (gone.empty() && !first)) co_return;
    std::function<void()> work = [&] {
        for (const std::string& file : gone) ::unlink(file.c_str());
        if (first) remove_records(directory_, ids);
    };
    co_await base::offload(pool, std::move(work));
}

}    // namespace trueup::code
