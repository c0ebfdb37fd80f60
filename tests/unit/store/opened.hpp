// SPDX-License-Identifier: Apache-2.0
// A store that a test opened, and the loop it is asked on.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "controller/store/store.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/temp_directory.hpp"

namespace trueup::store::test {

class Opened {
public:
    explicit Opened(const std::string& directory = "", Use use = Use::controller,
                    StoreOptions options = {}) {
        options.directory = directory;
        options.use = use;
        options.on_error = [this] { ++errors; };
        auto opened = Store::open(clock, std::move(options));
        if (opened) {
            store = std::move(*opened);
        } else {
            error = opened.error();
        }
    }

    Result<void> write(Changes changes) {
        return trueup::test::run(io, store->write(std::move(changes)));
    }
    Result<void> write(Change change) {
        Changes changes;
        changes.push_back(std::move(change));
        return write(std::move(changes));
    }
    std::vector<Event> events(EventQuery query = {}) {
        auto found = trueup::test::run(io, store->events(std::move(query)));
        return found ? *found : std::vector<Event>();
    }
    std::vector<Revision> revisions(const std::string& stack) {
        auto found = trueup::test::run(io, store->revisions(stack));
        return found ? *found : std::vector<Revision>();
    }
    Result<bool> refresh() { return trueup::test::run(io, store->refresh()); }

    support::ManualClock clock;
    boost::asio::io_context io;
    int errors = 0;
    std::optional<Error> error;
    std::unique_ptr<Store> store;
};

inline Event event(const std::string& stack, const std::string& reason,
                   const std::string& message = "it happened") {
    Event made;
    made.name = stack;
    made.reason = reason;
    made.message = message;
    return made;
}

inline Suspension suspension(const std::string& stack) {
    Suspension made;
    made.stack = stack;
    made.reason = "maintenance";
    made.actor = person("ada");
    return made;
}

}    // namespace trueup::store::test
