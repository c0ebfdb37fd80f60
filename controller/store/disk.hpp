// SPDX-License-Identifier: Apache-2.0
// The store's side that blocks: everything here runs on the store's own thread. What cannot be
// written waits in order, so that a later change never overtakes an earlier one. Inside store/ only.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controller/store/file_lock.hpp"
#include "controller/store/memory.hpp"
#include "controller/store/store.hpp"

namespace trueup::store {

class Disk {
public:
    explicit Disk(const StoreOptions& options) : options_(options) {}

    struct Start {
        Memory memory;
        std::optional<Error> problem;    // there is no database now
    };
    // Before the loop runs. Errors as Store::open's.
    Result<Start> start(SystemTime now);

    // unavailable: it waits. invalid: it was no change that a database can take, a bug of ours, and
    // is dropped.
    Result<void> write(Changes changes);
    // Writes what waits; the values anew, where another process wrote or `anew` is said.
    Result<std::optional<Memory>> refresh(SystemTime now, bool anew);
    Result<Database*> database();

private:
    Result<void> open(SystemTime now);
    Result<void> write_waiting();
    Result<void> write_one(const Changes& changes);
    Result<void> bound(const Changes& changes);
    Result<Memory> load();

    const StoreOptions& options_;
    std::optional<FileLock> lock_;
    std::unique_ptr<Database> database_;    // nullptr: it could not be opened so far
    std::optional<Error> problem_;          // why
    std::deque<Changes> waiting_;
    std::int64_t data_version_ = 0;
    std::size_t unbounded_ = 0;    // events since all of them were counted last
};

}    // namespace trueup::store
