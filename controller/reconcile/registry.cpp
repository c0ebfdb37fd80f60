// SPDX-License-Identifier: Apache-2.0
// apply() makes a draft of the next state, file by file: each file is taken whole, or rejected, and
// then what it gave before is carried over. What is left of the old state has no file any more and is
// carried over as gone. commit() compares the draft with the old state, so that a snapshot in which
// nothing changed changes nothing.
#include "controller/reconcile/registry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "api/v1alpha1/codec.hpp"
#include "controller/reconcile/file_names.hpp"
#include "controller/reconcile/request.hpp"

namespace trueup::reconcile {

struct Registry::Draft {
    std::map<std::string, Entry> next;
    std::vector<InvalidFile> invalid;
    // Stacks that are other controllers': file and name -> engine.
    std::map<std::pair<std::string, std::string>, std::string> others;

    // nullptr when the name is free.
    const Entry* find(const v1alpha1::Stack& stack) const {
        const auto found = next.find(stack.metadata.name);
        return found == next.end() ? nullptr : &found->second;
    }

    void put(Entry entry) { next.insert_or_assign(entry.stack.metadata.name, std::move(entry)); }
};

namespace {

using v1alpha1::Stack;

bool same_file_state(const Entry& left, const Entry& right) {
    return left.file == right.file && left.directory == right.directory &&
           left.file_gone == right.file_gone && left.file_error == right.file_error &&
           left.moved_to == right.moved_to && left.refused == right.refused &&
           left.removal == right.removal && left.remembered == right.remembered;
}

enum class Change : std::uint8_t { none, metadata, desired };

Change begin(Entry& entry, SystemTime now) {
    entry.stack.metadata.creation_timestamp = now;
    entry.stack.metadata.generation = 1;
    return Change::desired;
}

// What the server keeps of a stack while its file changes.
Change carry_over(Entry& next, const Entry& previous) {
    v1alpha1::Metadata metadata = previous.stack.metadata;
    metadata.labels = next.stack.metadata.labels;
    metadata.annotations = next.stack.metadata.annotations;
    const bool new_spec = !(next.stack.spec == previous.stack.spec);
    if (new_spec) ++metadata.generation;
    const bool asked =
        annotation_of(next.stack, requested_at) != annotation_of(previous.stack, requested_at);
    next.stack.metadata = std::move(metadata);
    next.stack.status = previous.stack.status;
    if (new_spec || asked || !same_file_state(next, previous)) return Change::desired;
    return next.stack.metadata == previous.stack.metadata ? Change::none : Change::metadata;
}

}    // namespace

Registry::Registry(const Clock& clock, Engines engines)
    : clock_(clock), engines_(std::move(engines)) {}

std::vector<std::string> Registry::apply(const source::DesiredSnapshot& snapshot) {
    std::map<std::string, const source::DesiredFile*> files;
    for (const source::DesiredFile& file : snapshot.files) files.emplace(file.name, &file);
    std::erase_if(parsed_, [&files](const auto& parsed) { return !files.contains(parsed.first); });

    std::map<std::string, Error> rejected;
    for (const Problem& problem : snapshot.unreadable)
        rejected.emplace(problem.position.file, Problems{problem});
    FileStacks named;
    for (const auto& [name, file] : files) {
        if (rejected.contains(name)) continue;
        const Result<std::vector<Stack>>& stacks = parse(*file);
        if (!stacks) {
            rejected.emplace(name, stacks.error());
            continue;
        }
        std::vector<const Stack*>& ours = named[name];
        for (const Stack& stack : *stacks) {
            if (is_ours(stack)) ours.push_back(&stack);
        }
    }
    reject_contested(named, entries_, rejected);

    Draft draft;
    for (const auto& [name, error] : rejected) reject_file(name, error, draft);
    for (const auto& [name, stacks] : named) {
        if (!rejected.contains(name)) take_file(*files.at(name), *parse(*files.at(name)), draft);
    }
    keep_gone(draft);
    refuse_claims(draft.next, engines_);
    for (auto& [name, entry] : draft.next) {
        // Its spec is not known, so nothing can be done for it.
        if (entry.remembered && entry.file_error)
            entry.refused = Refusal{"InvalidFile", *entry.file_error};
    }
    mark_removals(draft.next, clock_.steady());

    source_.revision = snapshot.revision;
    source_.readable = true;
    source_.error.reset();
    source_.last_read = clock_.now();
    source_.invalid_files = std::move(draft.invalid);
    source_.other_engines.clear();
    for (const auto& [key, engine] : draft.others)
        source_.other_engines[engine].push_back(key.second);
    for (auto& [engine, names] : source_.other_engines) std::sort(names.begin(), names.end());
    return commit(std::move(draft));
}

const Result<std::vector<Stack>>& Registry::parse(const source::DesiredFile& file) {
    const auto found = parsed_.find(file.name);
    if (found != parsed_.end() && found->second.content == file.content)
        return found->second.stacks;
    Parsed parsed{file.content, v1alpha1::parse_stacks(file.content, file.name)};
    return parsed_.insert_or_assign(file.name, std::move(parsed)).first->second.stacks;
}

void Registry::take_file(const source::DesiredFile& file, const std::vector<Stack>& stacks,
                         Draft& draft) const {
    for (const Stack& stack : stacks) {
        if (!is_ours(stack)) {
            draft.others.emplace(std::pair(file.name, stack.metadata.name), stack.spec.engine);
            continue;
        }
        Entry entry;
        entry.stack = stack;
        entry.file = file.name;
        entry.directory = file.directory;
        draft.put(std::move(entry));
    }
}

bool Registry::is_ours(const Stack& stack) const {
    return !engines_.ignore_others || engines_.names.contains(stack.spec.engine);
}

void Registry::reject_file(const std::string& file, const Error& error, Draft& draft) {
    InvalidFile invalid{file, error, clock_.now()};
    for (const InvalidFile& before : source_.invalid_files) {
        if (before.name == file) invalid.since = before.since;
    }
    draft.invalid.push_back(std::move(invalid));
    for (const auto& [name, entry] : entries_) {
        if (!speaks_for(file, entry.file)) continue;
        if (draft.find(entry.stack) != nullptr) continue;
        Entry kept = entry;
        kept.file_gone = false;
        kept.moved_to.clear();
        kept.file_error = error;
        draft.put(std::move(kept));
    }
}

void Registry::keep_gone(Draft& draft) const {
    for (const auto& [name, entry] : entries_) {
        if (draft.find(entry.stack) != nullptr) continue;
        Entry kept = entry;
        const auto other = draft.others.find(std::pair(entry.file, name));
        kept.moved_to = other == draft.others.end() ? std::string() : other->second;
        kept.file_gone = true;
        kept.file_error.reset();
        draft.put(std::move(kept));
    }
}

std::vector<std::string> Registry::commit(Draft draft) {
    std::vector<std::string> changed;
    std::vector<std::string> told;
    const auto note = [&](const std::string& name, Change change) {
        if (change == Change::none) return;
        told.push_back(name);
        if (change == Change::desired) changed.push_back(name);
    };
    for (auto& [name, entry] : draft.next) {
        lay_annotations_over(name, entry);
        const auto before = entries_.find(name);
        const Change change = before == entries_.end() ? begin(entry, clock_.now())
                                                       : carry_over(entry, before->second);
        if (change != Change::none) entry.stack.metadata.resource_version = ++resource_version_;
        note(name, change);
    }
    entries_ = std::move(draft.next);
    if (on_change_) std::for_each(told.begin(), told.end(), on_change_);
    std::sort(changed.begin(), changed.end());
    return changed;
}

void Registry::source_failed(const Error& error) {
    source_.readable = false;
    source_.error = error;
}

void Registry::remember(const std::map<std::string, store::KnownStack>& stacks) {
    for (const auto& [name, known] : stacks) {
        Entry entry;
        entry.remembered = true;
        entry.file = known.file;
        entry.stack.metadata.name = name;
        entry.stack.spec.environment = known.environment;
        entry.stack.spec.engine = known.engine;
        entry.stack.spec.compose.project = known.project;
        for (const auto policy :
             {v1alpha1::DeletionPolicy::orphan, v1alpha1::DeletionPolicy::remove}) {
            if (known.deletion_policy == v1alpha1::to_string(policy))
                entry.stack.spec.sync.deletion_policy = policy;
        }
        begin(entry, clock_.now());
        entries_.emplace(name, std::move(entry));
    }
}

void Registry::remove(const std::string& name) {
    if (entries_.erase(name) == 0) return;
    annotations_.erase(name);
    ++resource_version_;
    if (on_change_) on_change_(name);
}

void Registry::name_source(std::string name) { source_.name = std::move(name); }

const Entry* Registry::find(const std::string& name) const {
    const auto found = entries_.find(name);
    return found == entries_.end() ? nullptr : &found->second;
}

std::vector<std::string> Registry::names() const {
    std::vector<std::string> names;
    names.reserve(entries_.size());
    for (const auto& [name, entry] : entries_) names.push_back(name);
    return names;
}

std::vector<Stack> Registry::stacks() const {
    std::vector<Stack> stacks;
    stacks.reserve(entries_.size());
    for (const auto& [name, entry] : entries_) stacks.push_back(entry.stack);
    return stacks;
}

void Registry::set_status(const std::string& name, v1alpha1::StackStatus status) {
    const auto found = entries_.find(name);
    if (found == entries_.end() || found->second.stack.status == status) return;
    found->second.stack.status = std::move(status);
    found->second.stack.metadata.resource_version = ++resource_version_;
    if (on_change_) on_change_(name);
}

}    // namespace trueup::reconcile
