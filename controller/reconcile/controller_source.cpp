// SPDX-License-Identifier: Apache-2.0
// The desired state and the store, as they change: who is to be looked at, and which stacks there
// are. What an earlier run knew is taken over before the first snapshot.
#include <algorithm>
#include <utility>

#include "controller/base/log.hpp"
#include "controller/reconcile/controller.hpp"

namespace trueup::reconcile {
namespace {

// Of a desired state in git, fetched over a slow network.
constexpr std::chrono::minutes longest_read{5};

bool was_forgotten(const std::vector<store::Event>& events) {
    return std::any_of(events.begin(), events.end(),
                       [](const store::Event& event) { return event.reason == "Forgotten"; });
}

}    // namespace

boost::asio::awaitable<void> Controller::follow_source() {
    for (;;) {
        const bool stopped = co_await base::is_cancelled();
        if (stopped) break;
        const auto read = co_await read_source();
        if (!read && read.error().code() == Errc::cancelled) break;
        const auto waited = co_await source_.changed();
        if (!waited && waited.error().code() == Errc::cancelled) co_return;
    }
}

// Whoever asks for a reconcile must not get what the file said before it was saved.
Task<void> Controller::read_source() {
    const auto turn = co_await reading_.take(clock_.steady() + longest_read);
    if (!turn) co_return turn.error().in("read the desired state");
    const auto snapshot = co_await source_.read();
    reading_.give_back();
    if (snapshot) {
        store::Changes changes = take_snapshot(*snapshot);
        co_await store_.write(std::move(changes));
    } else if (snapshot.error().code() != Errc::cancelled) {
        registry_.source_failed(snapshot.error());
        log::warning(source_read_
                         ? "the desired state cannot be read; the last good one stays in force"
                         : "the desired state cannot be read; nothing is done until it can be",
                     {{"source", source_.name()}, {"error", snapshot.error().message()}});
    }
    note_invalid_files();
    const SourceStatus& status = registry_.source();
    metrics_.desired_state(registry_.names().size(), status.invalid_files.size(), status.readable);
    if (!snapshot) co_return snapshot.error();
    co_return Result<void>();
}

// What a command beside this controller wrote may hold or release any stack.
boost::asio::awaitable<void> Controller::follow_store() {
    for (;;) {
        const bool stopped = co_await base::is_cancelled();
        if (stopped) break;
        const auto slept = co_await base::sleep_for(options_.refresh_interval);
        if (!slept) co_return;
        co_await write_notes();
        const auto changed = co_await store_.refresh();
        if (changed && *changed) look_at("");
    }
}

void Controller::note(store::About about, const std::string& name, store::EventType type,
                      std::string reason, std::string message) {
    store::Event event;
    event.about = about;
    event.name = name;
    event.type = type;
    event.reason = std::move(reason);
    event.message = std::move(message);
    notes_.emplace_back(std::move(event));
}

void Controller::note_engine(const std::string& name, bool synced) {
    if (synced) {
        followed_engines_.insert(name);
        if (lost_engines_.erase(name) == 0) return;
        return note(store::About::engine, name, store::EventType::normal, "EngineConnected",
                    "the engine is followed again");
    }
    if (!followed_engines_.contains(name) || !lost_engines_.insert(name).second) return;
    const auto problem = engines_.at(name).cache.problem();
    note(store::About::engine, name, store::EventType::warning, "EngineDisconnected",
         problem ? problem->message() : std::string("the connection ended"));
}

void Controller::note_lost_history(const std::string& name, const Findings& first_look) {
    if (!first_look.observed || unremembered_.erase(name) == 0) return;
    const auto& containers = first_look.observed->containers;
    const bool ran = std::any_of(containers.begin(), containers.end(), [&](const auto& each) {
        return each.owned && !each.adopted && each.stack == name;
    });
    if (ran) found_running_.insert(name);
}

// Its containers are older than what the store knows of the stack: a person had it forgotten, which its
// events still say; or the store is new, and what people said of it before is not known any more.
boost::asio::awaitable<void> Controller::tell_unremembered() {
    const std::set<std::string> names = std::exchange(found_running_, {});
    for (const std::string& name : names) {
        store::EventQuery query;
        query.about = store::About::stack;
        query.name = name;
        const auto events = co_await store_.events(std::move(query));
        if (events && was_forgotten(*events)) {
            note(store::About::stack, name, store::EventType::normal, "ForgottenBefore",
                 "it was forgotten on purpose, and its file is back: what runs of it is taken up "
                 "again. Nothing of before is in force: no suspension, and what it had adopted is "
                 "to be adopted again");
            log::info("a stack that was forgotten is back", {{"stack", name}});
            continue;
        }
        note(store::About::stack, name, store::EventType::warning, "HistoryLost",
             "this controller made what runs of it, and remembers nothing of that: the database is "
             "new. If it was suspended it is not any more, and what it had adopted is to be "
             "adopted again");
        log::error(
            "nothing is remembered of a stack that this controller made: its history, its "
            "suspension and its adoptions are lost",
            {{"stack", name}});
    }
}

// Each problem once, and once more when it is mended.
void Controller::note_invalid_files() {
    const SourceStatus& source = registry_.source();
    std::map<std::string, std::string> now;
    if (source.error) now.emplace("", source.error->message());
    for (const InvalidFile& file : source.invalid_files)
        now.emplace(file.name, file.error.message());
    for (const auto& [file, problem] : now) {
        const auto before = invalid_files_.find(file);
        if (before != invalid_files_.end() && before->second == problem) continue;
        note(store::About::source, source.name, store::EventType::warning,
             file.empty() ? "SourceUnreadable" : "InvalidFile", problem);
    }
    for (const auto& [file, problem] : invalid_files_) {
        if (now.contains(file)) continue;
        note(store::About::source, source.name, store::EventType::normal,
             file.empty() ? "SourceReadable" : "FileValid",
             file.empty() ? "the desired state can be read again"
                          : file + " is valid again, or gone");
    }
    invalid_files_ = std::move(now);
}

// A disk that cannot take them loses them: it is told by the store itself, and nothing waits for it.
Task<void> Controller::write_notes() {
    co_await tell_unremembered();
    if (notes_.empty()) co_return Result<void>();
    store::Changes notes = std::move(notes_);
    notes_.clear();
    co_return co_await store_.write(std::move(notes));
}

store::Changes Controller::take_snapshot(const source::DesiredSnapshot& snapshot) {
    const bool first = !source_read_;
    if (first) registry_.remember(store_.known_stacks());
    store::Changes changes;
    const std::size_t invalid_before = registry_.source().invalid_files.size();
    const std::vector<std::string> changed = registry_.apply(snapshot);
    source_read_ = true;
    stack_of_place_.clear();
    for (const std::string& name : registry_.names()) {
        const Entry& entry = *registry_.find(name);
        std::string& holder = stack_of_place_[place_of(entry.stack)];
        if (holder.empty() || !entry.file_gone) holder = name;
    }
    for (const std::string& name : changed) {
        const Entry* entry = registry_.find(name);
        note_renamed(*entry, changes);
        if (first && entry->file_gone && !entry->removal) note_orphan(name, changes);
        if (!store_.known_stacks().contains(name) && store_.applied(name) == nullptr)
            unremembered_.insert(name);
        note_known(*entry, changes);
        metrics_.add_stack({name, entry->stack.spec.environment});
        queue_.forget(name);    // what failed was what its file said before
        // What was there before a restart has no hurry; what somebody just edited has.
        enqueue(name, first ? Priority::resync : Priority::normal);
        if (!first) log::info("desired state changed", {{"stack", name}});
    }
    const auto& invalid = registry_.source().invalid_files;
    if (invalid.size() != invalid_before || first) {
        for (const InvalidFile& file : invalid) {
            log::error("a desired-state file is invalid",
                       {{"file", file.name}, {"error", file.error.message()}});
        }
    }
    return changes;
}

void Controller::forget(const std::string& name) {
    metrics_.remove_stack(name);
    exported_.erase(name);
    drifted_.erase(name);
    questions_.erase(name);
    waiting_for_engine_.erase(name);
    for (const auto& [engine, loop] : engines_) loop.reconciler.forget(name);
    engine_of_stack_.erase(name);
}

// Nothing is remembered of it where it was.
void Controller::leave_other_engine(const std::string& name, const std::string& engine) {
    std::string& last = engine_of_stack_[name];
    if (last == engine) return;
    if (!last.empty()) engines_.at(last).reconciler.forget(name);
    last = engine;
}

// Its name outlives its file: what goes while no controller runs is found missing by the next one.
void Controller::note_known(const Entry& entry, store::Changes& changes) const {
    const v1alpha1::Stack& stack = entry.stack;
    if (entry.file_gone || entry.remembered) return;
    store::KnownStack known;
    known.stack = stack.metadata.name;
    known.file = entry.file;
    known.environment = stack.spec.environment;
    known.project = stack.project_name();
    const auto before = store_.known_stacks().find(known.stack);
    // Where it was last: another one only with hold_move().
    known.engine =
        before == store_.known_stacks().end() ? stack.spec.engine : before->second.engine;
    known.deletion_policy = v1alpha1::to_string(stack.spec.sync.deletion_policy);
    if (before == store_.known_stacks().end() || !(before->second == known))
        changes.emplace_back(std::move(known));
    // A yes to its removal was to another state of the world.
    const std::string confirmed(removal_confirmed);
    if (store_.confirmation(stack.metadata.name, confirmed) != nullptr)
        changes.emplace_back(store::Unconfirm{stack.metadata.name, confirmed});
}

// A new name lifts no suspension: what runs under it is what somebody wanted left alone.
void Controller::note_renamed(const Entry& entry, store::Changes& changes) const {
    const std::string& name = entry.stack.metadata.name;
    if (entry.file_gone || store_.known_stacks().contains(name)) return;
    for (const auto& [stack, suspension] : store_.suspensions()) {
        const Entry* before = registry_.find(stack);
        if (before == nullptr || !before->file_gone || stack == name) continue;
        if (place_of(before->stack) != place_of(entry.stack)) continue;
        store::Suspension carried = suspension;
        carried.stack = name;
        store::Event event;
        event.name = name;
        event.reason = "Suspended";
        event.message =
            "suspended, as stack " + stack + " is, which had its compose project before";
        event.actor = suspension.actor;
        event.cause = suspension.reason;
        changes.emplace_back(std::move(event));
        changes.emplace_back(std::move(carried));
    }
}

// An orphan of an earlier run.
void Controller::note_orphan(const std::string& name, store::Changes& changes) const {
    store::Event event;
    event.name = name;
    event.type = store::EventType::warning;
    event.reason = "Orphaned";
    event.message = "no desired-state file names it any more; what runs of it is left as it is";
    changes.emplace_back(std::move(event));
}

}    // namespace trueup::reconcile
