// SPDX-License-Identifier: Apache-2.0
// The memory of the controller: SQLite in the state directory (WAL, synchronous=FULL), worked on by
// one private thread. What steers the loop is small and kept in memory as well, so that reading it
// costs nothing; events and revisions are read through tasks.
//
// Trouble with the disk never stops the controller: what cannot be written stays in memory, is
// tried again, and problem() says so.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "controller/base/task.hpp"
#include "controller/store/records.hpp"

namespace trueup::store {

enum class Use : std::uint8_t {
    controller,    // the one that runs; a second one is refused
    beside,        // a command beside it or without it: short transactions, nothing exclusive
};

struct StoreOptions {
    std::string directory;    // state.db lies in it; "" = in memory only, for tests
    Use use = Use::controller;
    Milliseconds lock_wait{10'000};    // for a command that is opening the database right now
    Milliseconds busy_wait{5'000};     // for another process's transaction
    std::size_t events_per_stack = 1'000;
    std::size_t events = 100'000;
    // Told of every failed access to the database, on the loop's thread: trueup_store_errors_total.
    std::function<void()> on_error;
};

class Store {
public:
    // Opens or makes the database, migrates an older one, checks it: a corrupt one is moved aside as
    // state.db.corrupt-<time> and a new one begun. Blocking; before the loop runs. A directory that
    // cannot be written is no error: the store then lives in memory and problem() tells.
    // Errc::conflict: another controller uses the directory (names its pid), or a command found a
    // running controller of another version; Errc::invalid: the database is of a newer trueup.
    static Result<std::unique_ptr<Store>> open(const Clock& clock, StoreOptions options);
    virtual ~Store() = default;

    // One transaction: all of it or nothing. The values in memory change at once; returns when the
    // disk has them. An error (unavailable): it is kept and tried again with the next write or
    // refresh; what was said is in force meanwhile, until the program ends.
    // Never cancelled half way. An empty list writes nothing.
    virtual Task<void> write(Changes changes) = 0;

    // --- from memory; references hold until the next write or refresh ---

    // In force at `now`: the stack's own, else that of every_stack; nullptr when none is.
    virtual const Suspension* suspension(const std::string& stack, SystemTime now) const = 0;
    virtual const std::map<std::string, Suspension>& suspensions() const = 0;    // by stack
    // nullptr when nobody said yes to exactly that.
    virtual const Confirmation* confirmation(const std::string& stack,
                                             const std::string& token) const = 0;
    // The tokens that a person said yes to.
    virtual std::set<std::string> confirmed(const std::string& stack) const = 0;
    virtual const std::map<std::string, AdoptedContainer>& adopted() const = 0;    // by id
    // Of the last hour, oldest first.
    virtual const std::vector<Correction>& corrections(const std::string& stack) const = 0;
    virtual const Applied* applied(const std::string& stack) const = 0;
    virtual const std::map<std::string, Pulled>& pulls(
        const std::string& stack) const = 0;    // by reference
    // By service and number.
    virtual const std::map<std::pair<std::string, int>, Completed>& completed(
        const std::string& stack) const = 0;
    // nullptr when none was.
    virtual const ProvenImage* proven(const std::string& stack,
                                      const std::string& service) const = 0;
    virtual const std::string& handled_request(const std::string& stack) const = 0;    // "" = none
    virtual const std::map<std::string, KnownStack>& known_stacks() const = 0;

    // Why what is said now may not survive the program's end; nothing when all is on disk.
    virtual std::optional<Error> problem() const = 0;

    // --- from the database ---

    virtual Task<std::vector<Event>> events(EventQuery query) = 0;
    virtual Task<std::vector<Revision>> revisions(std::string stack) = 0;    // newest first
    // Of the revisions of every stack, sorted, each once.
    virtual Task<std::vector<std::string>> retained_images() = 0;

    // Takes over what a command beside wrote, and tries again what could not be written. Cheap when
    // there is nothing: call it every few seconds. True: the values in memory changed.
    virtual Task<bool> refresh() = 0;
};

// `trueup backup FILE`: a copy of the state directory's database at this moment, also while a
// controller writes to it. Blocking. Errc::conflict: FILE exists; not_found: there is no database.
// To restore: stop the controller, remove state.db, state.db-wal and state.db-shm, put the copy in
// place as state.db.
Result<void> backup(const std::string& state_directory, const std::string& file);

}    // namespace trueup::store
