// SPDX-License-Identifier: Apache-2.0
// Every object that daemon and one-shot verbs share, in the order of construction.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include <string>

#include "controller/app/options.hpp"
#include "controller/base/offload.hpp"
#include "controller/base/task_group.hpp"
#include "controller/engine/cache.hpp"
#include "controller/engine/engine.hpp"
#include "controller/metrics/metrics.hpp"
#include "controller/reconcile/reconciler.hpp"
#include "controller/source/git.hpp"

namespace trueup::app {

class Objects {
public:
    // Creates the state directory; errors: denied, invalid (engine url).
    static Result<std::unique_ptr<Objects>> make(const EngineChoice& choice,
                                                 std::function<void(const std::string&)> progress);
    ~Objects();

    boost::asio::io_context io{1};    // one thread: the caller's
    Pool pool{2};                     // blocking work: hashing, local git objects
    const Clock& clock = base::machine_clock();
    metrics::Metrics metrics{clock};    // first of all, since everything reports to it
    std::unique_ptr<engine::Engine> engine;
    std::unique_ptr<engine::Cache> cache;    // what the engine holds, fed by its events
    std::unique_ptr<source::GitRepositories> repositories;
    std::unique_ptr<reconcile::Reconciler> reconciler;
    std::unique_ptr<TaskGroup> tasks;    // owner of every coroutine
    std::string state_directory;
    std::string engine_url;

private:
    Objects() = default;
};

// Runs the loop until `task` has ended, then closes and awaits everything that still runs.
void run_to_end(Objects& objects, boost::asio::awaitable<void> task);

}    // namespace trueup::app
