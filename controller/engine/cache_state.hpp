// SPDX-License-Identifier: Apache-2.0
// Inside engine/ only: what cache.cpp and cache_events.cpp share.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "controller/base/task_group.hpp"
#include "controller/engine/cache.hpp"
#include "controller/engine/causes.hpp"
#include "controller/engine/world.hpp"

namespace trueup::engine {

inline constexpr Milliseconds first_backoff{200};
inline constexpr Milliseconds longest_backoff{15'000};

inline std::int64_t nanoseconds(SystemTime time) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

struct Cache::State {
    State(Executor chosen, Engine& the_engine, const Clock& the_clock)
        : executor(std::move(chosen)), engine(the_engine), clock(the_clock) {}

    Executor executor;
    Engine& engine;
    const Clock& clock;
    EngineInfo info;
    World world;
    Causes causes;
    bool synced = false;
    std::optional<Error> problem;
    std::uint64_t connection = 0;    // counts subscriptions: what an older one started is ignored
    bool listing = false;
    std::vector<Event> waiting_events;                // came while listing
    std::int64_t last_event = 0;                      // of all heard, by the engine's clock (ns)
    std::int64_t last_before = 0;                     // the same when the last connection was lost
    std::map<std::string, std::string> ran_before;    // World::running() then
    bool remembers = true;                            // the engine has that event still
    std::int64_t listening_since = 0;                 // by the engine's clock (ns)
    std::int64_t revived_until = 0;    // the engine was restarted: what it did itself until then
    TaskGroup* tasks = nullptr;        // of run()

    std::uint64_t next_ticket = 1;
    std::map<std::string, std::uint64_t>
        applied;                                // container id -> ticket of the last answer applied
    std::map<std::string, Event> inspecting;    // ids under inspection by events
    std::map<std::string, Event> again;         // and to be inspected once more
    enum class List : std::uint8_t { networks, volumes, images };
    std::set<List> reading;
    std::set<List> read_again;

    std::vector<boost::asio::steady_timer*> waiters;
    std::vector<OnChange> on_change;
    std::vector<std::function<void(bool)>> on_sync;
    std::vector<OnEngineChanged> on_engine_changed;
    std::vector<std::function<void(const std::string&)>> on_removed;

    void notify() {
        for (boost::asio::steady_timer* waiter : waiters) waiter->cancel();
    }

    void tell(const std::string& project, const Event* event) {
        for (const OnChange& callback : on_change) callback(project, event);
        notify();
    }

    void set_synced(bool now_synced) {
        if (synced == now_synced) return;
        synced = now_synced;
        for (const auto& callback : on_sync) callback(now_synced);
        notify();
    }

    boost::asio::awaitable<void> follow();
    boost::asio::awaitable<void> list_all(std::uint64_t of_connection);
    Task<void> list_everything();
    Task<void> recall();
    void meet(EngineInfo told);
    Task<void> list_project(const std::string* project);
    Task<void> inspect_all(std::vector<std::string> ids);
    boost::asio::awaitable<void> inspect_some(std::vector<std::string>& ids,
                                              std::optional<Error>& failed);
    Task<void> inspect(std::string id, const Event* event);
    boost::asio::awaitable<void> inspect_for_event(Event event);
    boost::asio::awaitable<void> reread(List list);
    Task<bool> read(List list);
    void received(Event event);
    void hear(const Event& event, model::Actor unexpected);
    model::Actor unexpected_actor(const Event& event) const;
    void catch_up();
    void apply_causes();
    void look_at(const Event& event);
    void look_at_container(const Event& event);
    void schedule(List list);
};

}    // namespace trueup::engine
