// SPDX-License-Identifier: Apache-2.0
#include "controller/store/disk.hpp"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "controller/base/log.hpp"
#include "controller/store/file.hpp"
#include "controller/store/rows.hpp"

namespace trueup::store {
namespace {

constexpr std::size_t waiting_limit = 10'000;    // lists of changes
constexpr std::size_t count_all_every = 256;     // events

bool is_event(const Change& change) { return std::holds_alternative<Event>(change); }

// What a person has to know of what they had said before.
std::string saved(const Salvaged& salvaged) {
    const std::string in_force =
        fmt::format("{} suspensions and {} adopted containers of it are in force again",
                    salvaged.suspensions(), salvaged.adoptions());
    if (salvaged.whole) return in_force;
    return in_force +
           ", others could not be read: what they held is acted on, and is to be suspended and "
           "adopted again";
}

Event history_lost(const Opened& opened, SystemTime now) {
    Event event;
    event.about = About::controller;
    event.type = EventType::warning;
    event.reason = "HistoryLost";
    event.message = fmt::format(
        "the database was damaged and is now {}; a new one was begun without its history; {}",
        opened.moved_aside, saved(opened.salvaged));
    event.cause = opened.damage;
    event.first_time = now;
    event.last_time = now;
    return event;
}

}    // namespace

Result<Disk::Start> Disk::start(SystemTime now) {
    Start start;
    auto opened = open(now);
    // Another holder, another version: nothing to go on with.
    if (!opened && opened.error().code() != Errc::unavailable) return opened.error();
    if (opened) {
        auto memory = load();
        if (!memory) return memory.error().in(database_file(options_.directory));
        start.memory = std::move(*memory);
        opened = write_waiting();
        if (!opened) start.problem = opened.error();
        return start;
    }
    problem_ = opened.error();
    start.problem = problem_;
    const auto readable = open_to_read(options_.directory);
    if (readable) {
        auto memory = load_memory(**readable);
        if (memory) start.memory = std::move(*memory);
    }
    return start;
}

Result<void> Disk::open(SystemTime now) {
    const bool in_memory = options_.directory.empty();
    const bool stays = options_.use == Use::controller;
    bool checks = true;
    if (!in_memory && !lock_) {
        auto lock = FileLock::take(options_.directory + "/state.lock",
                                   stays ? "controller" : "command", options_.lock_wait);
        const bool held = !lock && lock.error().code() == Errc::conflict;
        if (held && stays) {
            return lock.error().in(
                "another controller uses this state directory; stop it, or choose another "
                "--state-dir");
        }
        if (!lock && !held) return lock.error();
        checks = !held;
        if (lock) lock_ = std::move(*lock);
    }
    if (checks) {
        auto opened = open_whole(options_.directory, options_.busy_wait, now);
        if (!stays) lock_.reset();
        if (!opened) return opened.error();
        database_ = std::move(opened->database);
        if (!opened->moved_aside.empty()) {
            log::error("the database was damaged: its history is lost, what runs is not touched",
                       {{"moved to", opened->moved_aside},
                        {"damage", opened->damage},
                        {"saved", saved(opened->salvaged)}});
            Changes changes{history_lost(*opened, now)};
            for (Change& change : opened->salvaged.changes) changes.push_back(std::move(change));
            waiting_.push_front(std::move(changes));
        }
    } else {
        auto opened = open_beside(options_.directory, options_.busy_wait);
        if (!opened) return opened.error();
        database_ = std::move(*opened);
    }
    const auto version = database_->number("PRAGMA data_version");
    if (version) data_version_ = *version;
    return Result<void>();
}

Result<Database*> Disk::database() {
    if (database_) return database_.get();
    return problem_.value_or(Error(Errc::unavailable, "the database could not be opened"));
}

Result<void> Disk::write(Changes changes) {
    waiting_.push_back(std::move(changes));
    if (waiting_.size() > waiting_limit) {
        std::erase_if(waiting_.front(), is_event);
        // What steers the controller is never dropped, and hardly ever this much.
        if (waiting_.front().empty()) waiting_.pop_front();
    }
    return write_waiting();
}

Result<void> Disk::write_waiting() {
    const auto usable = database();
    if (!usable) return usable.error();
    std::optional<Error> dropped;
    while (!waiting_.empty()) {
        const auto done = write_one(waiting_.front());
        if (!done && done.error().code() != Errc::invalid)
            return done.error().in(database_file(options_.directory));
        if (!done) dropped = done.error();
        waiting_.pop_front();
    }
    if (dropped) return *dropped;
    return Result<void>();
}

Result<void> Disk::write_one(const Changes& changes) {
    auto transaction = Transaction::begin(*database_);
    if (!transaction) return transaction.error();
    for (const Change& change : changes) {
        const auto done = write_change(*database_, change);
        if (!done) return done.error();
    }
    const auto bounded = bound(changes);
    if (!bounded) return bounded.error();
    return transaction->commit();
}

Result<void> Disk::bound(const Changes& changes) {
    std::set<std::pair<About, std::string>> touched;
    for (const Change& change : changes) {
        const auto* event = std::get_if<Event>(&change);
        if (event == nullptr) continue;
        touched.emplace(event->about, event->name);
        ++unbounded_;
    }
    for (const auto& [about, name] : touched) {
        const auto done = bound_events_of(*database_, about, name, options_.events_per_stack);
        if (!done) return done;
    }
    if (unbounded_ < count_all_every) return Result<void>();
    unbounded_ = 0;
    return bound_events(*database_, options_.events);
}

Result<Memory> Disk::load() {
    auto memory = load_memory(*database_);
    if (!memory) return memory.error();
    for (const Changes& changes : waiting_) {
        for (const Change& change : changes) memory->apply(change);
    }
    return memory;
}

Result<std::optional<Memory>> Disk::refresh(SystemTime now, bool anew) {
    bool changed = anew;
    if (!database_) {
        const auto opened = open(now);
        if (!opened) {
            problem_ = opened.error();
            return opened.error();
        }
        changed = true;
    }
    const auto written = write_waiting();
    if (!written) return written.error();
    // Told before something is lost by it.
    const auto writable = check_writable(options_.directory);
    if (!writable) return writable.error();
    const auto version = database_->number("PRAGMA data_version");
    if (!version) return version.error().in(database_file(options_.directory));
    changed = changed || *version != data_version_;
    data_version_ = *version;
    if (!changed) return std::optional<Memory>();
    auto memory = load();
    if (!memory) return memory.error().in(database_file(options_.directory));
    return std::optional<Memory>(std::move(*memory));
}

}    // namespace trueup::store
