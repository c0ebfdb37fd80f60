// SPDX-License-Identifier: Apache-2.0
// What the engine holds, kept true by its events, so that observing a project costs no request.
// Subscribe first, then list; after a lost connection both again. An event names an object that is
// then inspected; the event's own content is never trusted as state.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "controller/engine/engine.hpp"
#include "controller/model/project.hpp"

namespace trueup::engine {

class Cache {
public:
    Cache(Executor executor, Engine& engine, const Clock& clock);
    ~Cache();

    // Runs until cancelled: subscribe, list, follow; reconnects with backoff.
    boost::asio::awaitable<void> run();

    // True while the cache follows the engine. False before the first list and after a loss.
    bool synced() const;
    // Why it is not synced: the last error, if any.
    std::optional<Error> problem() const;
    // Returns once synced, or with the last error (or timeout) at the deadline; with one that waiting
    // does not mend (a key that is refused), at once.
    Task<void> wait_synced(Milliseconds deadline);

    // The project's containers, networks, volumes and images, and what has the label of `stack`, or
    // is one of `also` (container ids), in other projects. No request. Code states are unknown here;
    // code/ fills them.
    model::Observed observe(const model::Project& project, const std::string& stack = {},
                            const std::set<std::string>& also = {}) const;
    // Every container that carries a trueup owner label, by id.
    std::map<std::string, model::ObservedContainer> owned_containers() const;
    // The engine has that image, with a tag or without.
    bool has_image(const std::string& id) const;
    const EngineInfo& info() const;

    // Reads one object (or one project) again now: what the caller wrote is seen by its next observe().
    Task<void> refresh_container(std::string id);
    Task<void> refresh_project(std::string project_name);
    Task<void> refresh_images();

    // Resumes at the next change of anything, or at the deadline (Errc::timeout). For waiting on
    // health without polling.
    Task<void> changed(Milliseconds deadline);

    // Called after a change of a container, network or volume, with the project it belongs to
    // ("" when it has none), and with the event that caused it (nullptr after a list).
    using OnChange = std::function<void(const std::string& project, const Event* event)>;
    void on_change(OnChange callback);
    // Told before a call of ours stops, kills or starts this container, so that its end or start is
    // not taken for somebody else's. Forgotten when it has happened, or after two minutes.
    void expect_stop(const std::string& id);
    void expect_start(const std::string& id);

    // Called when another engine answers at the same address (EngineInfo::id): what was remembered
    // of the old one is dropped already, and nothing of it may be applied to the new one.
    using OnEngineChanged = std::function<void(const EngineInfo& before, const EngineInfo& now)>;
    void on_engine_changed(OnEngineChanged callback);
    // Called with the id of each container that the engine says was removed, also one that is no
    // compose container.
    void on_removed(std::function<void(const std::string& id)> callback);
    // Called when synced() changes.
    void on_sync(std::function<void(bool synced)> callback);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}    // namespace trueup::engine
