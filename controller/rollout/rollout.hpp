// SPDX-License-Identifier: Apache-2.0
// The executor: carries out a Plan, action by action, and takes no decisions. Actions run in
// parallel up to a bound, each after those it names.
//
// The first failure stops new actions from starting, unless it is that of a container which nobody
// requires (SettleContainer::optional); those in flight finish, and what was started is still
// settled. A failed start or settle puts the previous container back. Prepared containers that were
// not needed are removed. The same when Context::stop says so. Cancelled: builds, pulls, proofs and
// waits end at once; the few calls of a replacement that has begun are finished first.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "controller/base/clock.hpp"
#include "controller/base/offload.hpp"
#include "controller/base/task.hpp"
#include "controller/engine/cache.hpp"
#include "controller/engine/engine.hpp"
#include "controller/model/observed.hpp"
#include "controller/model/project.hpp"
#include "controller/model/tree.hpp"
#include "controller/plan/plan.hpp"
#include "controller/render/render.hpp"
#include "controller/rollout/kept_hooks.hpp"

namespace trueup::rollout {

struct PurgedImage {
    std::string image_id;
    std::string remark;    // "purged 3 bytecode files that are not the commit's: …"
};

// What only the commit can answer; reconcile/ implements it with build/ and code/.
class ImageWork {
public:
    virtual ~ImageWork() = default;
    // Builds the service's image and tags it; the new image's id. `distrust`: "", or why it is built
    // without cache (model::distrust_reason); then invalid where that failed its proof before.
    virtual Task<std::string> build(std::string service, std::string distrust) = 0;
    // What was built without cache does not hold the commit's code either: building it again is of no
    // use. `why` is that build's answer from now on.
    virtual void give_up(const std::string& service, Error why) = 0;
    // Compares with the commit. Unknown where the service has no code that could be compared: such
    // a service is started all the same and its code is never called fresh.
    virtual Task<model::CodeState> prove(std::string service, std::string image_id) = 0;
    virtual Task<model::CodeState> prove_container(std::string service,
                                                   std::string container_id) = 0;
    // A built image that was proven but for its bytecode, without that: the new image is called as
    // the one before. unhealthy where the Stack rejects such images.
    virtual Task<PurgedImage> purge(std::string service, std::string image_id) = 0;
    // In the containers of the service a file of the commit is at the path or below it.
    virtual bool has_code(const std::string& service, const std::string& path) const = 0;
};

// What is to be known of a container and cannot be written on it; reconcile/ keeps it in the store.
class Ledger {
public:
    virtual ~Ledger() = default;
    virtual Task<void> adopt(plan::AdoptContainer step) = 0;
};

// Copies what of a container's code differs, right before that is set aside for it; reconcile/ keeps
// it in the state directory.
class Evidence {
public:
    virtual ~Evidence() = default;
    // Of any container that is replaced, whatever for: keeps what is known to differ in it. What goes
    // wrong with it is told, and keeps no container from being replaced.
    virtual boost::asio::awaitable<void> keep(std::string container_id) = 0;
};

// What an action did beyond what the plan says, as an event: its reason, "BytecodePurged" or
// "RebuiltWithoutCache", and its text.
struct Remark {
    std::string reason;
    std::string text;
};

// What one action did.
struct ActionResult {
    int number = 0;         // in the plan
    std::string kind;       // plan::kind(action): "create-network", "start-container"…
    std::string service;    // "" when it belongs to none
    std::string target;     // as in the plan
    double seconds = 0;
    std::vector<Remark> remarks;
    std::optional<Error> error;
};

struct Outcome {
    // Those that were started, in the order in which they ended.
    std::vector<ActionResult> actions;
    std::vector<std::string> restored;    // services whose previous container was put back, sorted
    bool stopped = false;                 // Context::stop said so before all was done; no error
    // The first failure, with its target; nothing when every action succeeded. cancelled when the
    // task was cancelled.
    std::optional<Error> error;
};

struct Context {
    // All references outlive apply().
    engine::Engine& engine;
    engine::Cache& cache;    // followed by somebody: apply() waits for its changes
    Pool& pool;
    const Clock& clock;
    const model::Project& project;    // the one that was diffed
    const render::StackIdentity& identity;
    const model::Tree& tree;    // the commit, for binds of its paths
    ImageWork& images;
    Ledger* ledger = nullptr;    // of plans that adopt
    Evidence* evidence = nullptr;
    HooksPlace hooks{};    // where none is, those of the project run
    // What files of the host say, which no error repeats.
    model::Strings host_values{};

    std::size_t parallelism = 8;    // actions at once; waiting for health takes none of them
    // How long a container may take to become healthy or, as a one-shot, to end. Nothing: from its
    // health check (start_period + retries × (interval + timeout) + 10 s); an hour for a one-shot.
    std::optional<std::chrono::nanoseconds> health_timeout;
    // How long a container without health check must stay up before the one it replaced is removed.
    Milliseconds grace{1'000};
    // Asked before each action: true = begin nothing more; what was started is settled. May be
    // empty.
    std::function<bool()> stop;
    // One line when an action starts and ends: "service api: start container shop-api-1". May be
    // empty.
    std::function<void(const std::string& line)> progress;
};

// Carries out `plan`. A plan that is blocked or empty does nothing and succeeds.
boost::asio::awaitable<Outcome> apply(const plan::Plan& plan, const Context& context);

}    // namespace trueup::rollout
