// SPDX-License-Identifier: Apache-2.0
// Every object that daemon and one-shot verbs share, in the order of construction.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "api/v1alpha1/configuration.hpp"
#include "controller/base/offload.hpp"
#include "controller/base/task_group.hpp"
#include "controller/engine/cache.hpp"
#include "controller/engine/engine.hpp"
#include "controller/metrics/metrics.hpp"
#include "controller/reconcile/claims.hpp"
#include "controller/reconcile/hand.hpp"
#include "controller/reconcile/reconciler.hpp"
#include "controller/source/git.hpp"
#include "controller/store/store.hpp"

namespace trueup::app {

// One engine of the configuration, and who reconciles on it.
struct EngineObjects {
    std::string url;
    std::unique_ptr<engine::Engine> engine;
    std::unique_ptr<engine::Cache> cache;     // what the engine holds, fed by its events
    std::unique_ptr<reconcile::Hand> hand;    // who acts on it
    std::unique_ptr<reconcile::Reconciler> reconciler;
};

class Objects {
public:
    // Creates the state directory; errors: denied, invalid (an engine's url), those of Store::open.
    static Result<std::unique_ptr<Objects>> make(v1alpha1::Configuration configuration,
                                                 std::function<void(const std::string&)> progress,
                                                 store::Use use = store::Use::beside);
    ~Objects();

    // Which Stacks are this controller's.
    reconcile::Engines engine_names() const;

    boost::asio::io_context io{1};    // one thread: the caller's
    // Blocking work: hashing, local git objects. A sweep may have a thread for each container that it looks
    // at (four), and others need one.
    Pool pool{5};
    const Clock& clock = base::machine_clock();
    metrics::Metrics metrics{clock};    // first of all, since everything reports to it
    v1alpha1::Configuration configuration;
    std::unique_ptr<store::Store> store;    // what is remembered
    std::string state_directory;
    std::unique_ptr<source::GitRepositories> repositories;
    std::vector<reconcile::Hand*> hands;             // of the engines
    std::map<std::string, EngineObjects> engines;    // by name
    std::unique_ptr<TaskGroup> tasks;                // owner of every coroutine

private:
    Objects() = default;
    Result<void> add_engine(const v1alpha1::EngineConfiguration& chosen,
                            const std::function<void(const std::string&)>& progress,
                            engine::SeatKind kind);
};

// Gives the engine's seat back, so that the next one need not wait; what fails is in the log.
boost::asio::awaitable<void> release_seat(const EngineObjects& engine, std::string name);

// Runs the loop until `task` has ended, then closes and awaits everything that still runs.
void run_to_end(Objects& objects, boost::asio::awaitable<void> task);

}    // namespace trueup::app
