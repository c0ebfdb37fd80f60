// SPDX-License-Identifier: Apache-2.0
// The ages of running containers' processes: their bound files looked at on the engine's own host, with
// notices of changes. Of an engine elsewhere, or one whose processes cannot be seen, nothing is known.
// What was written down at the first look is kept in a directory, so it outlives the controller.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "controller/base/clock.hpp"
#include "controller/base/offload.hpp"
#include "controller/code/process_age.hpp"
#include "controller/code/watch.hpp"

namespace trueup::code {

class ProcessAges {
public:
    // "": nothing is kept.
    ProcessAges(const Clock& clock, std::string directory)
        : clock_(clock), directory_(std::move(directory)) {}

    // From now on changes are noticed; with nullptr, as at first, they are looked for.
    void watch_with(CodeWatch* watch) { watch_ = watch; }

    // Never looked at since it was started last.
    bool is_new(const model::ObservedContainer& container) const;
    // New, or something may have changed since the last look.
    bool is_due(const model::ObservedContainer& container) const;
    // Of a running container; true when its age became another one.
    Task<bool> look(Pool& pool, model::ObservedContainer container, std::string bind_root);

    // What is known of a running container since its last start.
    void fill(model::ObservedContainer& container) const;
    // Files were being written at the last look: look again soon.
    bool is_unsettled() const;

    boost::asio::awaitable<void> keep_only(Pool& pool, std::set<std::string> ids);

private:
    struct OfContainer {
        std::string started_at;
        bool here = true;    // its process and the host's files can be seen
        std::shared_ptr<const ProcessRecord> record;
        std::shared_ptr<KnownContents> known;    // nullptr while a scan has it
        ProcessJudgement judgement;
        int unsettled = 0;    // looks in a row
        bool has_bounds = false;
        SteadyTime looked;
        std::chrono::nanoseconds took{0};
    };
    struct Scan;

    const Clock& clock_;
    std::string directory_;
    CodeWatch* watch_ = nullptr;
    bool first_ = true;                                // no records were removed yet
    std::map<std::string, OfContainer> containers_;    // by id
};

}    // namespace trueup::code
