// SPDX-License-Identifier: Apache-2.0
// Why containers ended and who started them, out of the engine's events. Pure: fed by the cache, which
// knows what is live and what is a replay.
//
// What the engines say (measured on 20.10 and 26.1):
//   docker stop      kill(15) [kill(9)] die stop     26.1: stop before die
//   docker restart   the same, then start restart
//   docker kill      kill(signal) die
//   a crash          die, and start when the restart policy revives it: then inspect's RestartCount
//                    is not 0, and any start through the API makes it 0
//   out of memory    oom die
//   a paused one     docker stop: kill unpause die stop
//   while restarting docker stop: stop alone
//   dockerd ends     kill die stop of every container, as if somebody stopped it; the next one starts
//                    those whose policy says so: start
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "controller/engine/engine.hpp"
#include "controller/model/observed.hpp"

namespace trueup::engine {

class Causes {
public:
    // A container's event. Whose a stop, kill or start is that was not expected, the caller knows: a
    // person's while we listen, unknown before, the engine's own around its restart.
    void hear(const Event& event, model::Actor unexpected, SteadyTime now);
    void expect_stop(const std::string& id, SteadyTime now);
    void expect_start(const std::string& id, SteadyTime now);
    // The engine was restarted, and was lost at `lost`: it stopped its containers itself.
    void engine_restarted(SystemTime lost);

    // By its own clock.
    void know_engine_start(std::optional<SystemTime> started) { engine_started_ = started; }

    // Fills ended, paused_at and last_start_by of what an inspect has told. A cause that does not
    // belong to the end or start which the inspect tells is not used.
    void apply(model::ObservedContainer& container, SystemTime now);
    // Forgets all but these.
    void keep_only(const std::set<std::string>& ids);
    void clear();

private:
    struct Signal {
        int number = 0;
        bool asks = false;    // to end, and leaves it a choice
        SystemTime at;
        model::Actor by = model::Actor::unknown;
    };
    struct Record {
        // Of the run that is on, or of the end that is being told.
        std::optional<Signal> signal;
        std::optional<SystemTime> out_of_memory;
        bool stopped = false;
        model::Ending ending;
        std::optional<SystemTime> paused_at;
        std::optional<SystemTime> started_at;
        model::Actor started_by = model::Actor::unknown;
        std::optional<SteadyTime> stop_expected;
        std::optional<SteadyTime> start_expected;
    };

    static void died(Record& record, const Event& event, SystemTime at);

    std::map<std::string, Record> records_;    // by container id
    std::optional<SystemTime> engine_started_;
};

}    // namespace trueup::engine
