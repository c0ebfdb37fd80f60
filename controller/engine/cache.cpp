// SPDX-License-Identifier: Apache-2.0
// follow() holds one event subscription. When the engine has accepted it, everything is listed once;
// events that come meanwhile wait and are then looked at one by one (cache_events.cpp).
#include <algorithm>
#include <random>
#include <set>
#include <utility>

#include "controller/base/log.hpp"
#include "controller/engine/cache_state.hpp"
#include "controller/model/labels.hpp"

namespace trueup::engine {
namespace {

constexpr std::size_t parallel_inspects = 8;

// How far back causes are looked for at the first connection.
constexpr Seconds look_back{3'600};

// The actions that change what observe() answers, or tell why. exec_* are left out: every exec health check makes
// three of them and the engine keeps 256 events only.
EventFilter subscription() {
    EventFilter filter;
    filter.types = {"container", "network", "volume", "image"};
    filter.actions = {"create",  "start",   "restart", "kill",          "die",     "oom",
                      "stop",    "destroy", "rename",  "pause",         "unpause", "update",
                      "connect", "remove",  "tag",     "health_status", "untag",   "disconnect",
                      "delete",  "pull",    "load",    "import"};
    return filter;
}

}    // namespace

Cache::Cache(Executor executor, Engine& engine, const Clock& clock)
    : state_(std::make_unique<State>(std::move(executor), engine, clock)) {}
Cache::~Cache() = default;

bool Cache::synced() const { return state_->synced; }
std::optional<Error> Cache::problem() const { return state_->problem; }
bool Cache::has_image(const std::string& id) const { return state_->world.has_image(id); }

const EngineInfo& Cache::info() const { return state_->info; }
void Cache::on_change(OnChange callback) { state_->on_change.push_back(std::move(callback)); }
void Cache::on_sync(std::function<void(bool synced)> callback) {
    state_->on_sync.push_back(std::move(callback));
}
void Cache::on_removed(std::function<void(const std::string& id)> callback) {
    state_->on_removed.push_back(std::move(callback));
}
void Cache::on_engine_changed(OnEngineChanged callback) {
    state_->on_engine_changed.push_back(std::move(callback));
}
void Cache::expect_stop(const std::string& id) {
    state_->causes.expect_stop(id, state_->clock.steady());
}
void Cache::expect_start(const std::string& id) {
    state_->causes.expect_start(id, state_->clock.steady());
}
model::Observed Cache::observe(const model::Project& project, const std::string& stack,
                               const std::set<std::string>& also) const {
    return state_->world.observe(project, stack, also);
}
std::map<std::string, model::ObservedContainer> Cache::owned_containers() const {
    return state_->world.owned();
}

boost::asio::awaitable<void> Cache::run() {
    TaskGroup tasks(state_->executor);
    state_->tasks = &tasks;
    co_await state_->follow();
    tasks.close();
    co_await tasks.wait();
    state_->tasks = nullptr;
    state_->set_synced(false);
}

boost::asio::awaitable<void> Cache::State::follow() {
    std::mt19937 random(std::random_device{}());
    Milliseconds backoff = first_backoff;
    for (;;) {
        const bool stopped = co_await base::is_cancelled();
        if (stopped) break;
        const std::uint64_t mine = ++connection;
        EventFilter filter = subscription();
        // The engine answers before it subscribes: what happens between is still in its ring, and
        // so, with luck, is what happened while nobody listened.
        filter.since = last_event > 0 ? last_event : nanoseconds(clock.now() - look_back);
        last_before = last_event;
        std::function<void()> opened = [this, mine] {
            listing = true;
            waiting_events.clear();
            tasks->spawn("engine list", list_all(mine));
        };
        std::function<void(Event)> on_event = [this, mine](Event event) {
            if (mine == connection) received(std::move(event));
        };
        const bool was_synced = synced;
        const auto ended = co_await engine.stream_events(std::move(filter), std::move(opened),
                                                         std::move(on_event));
        const bool lost_now = synced || was_synced;
        if (lost_now) ran_before = world.running();
        ++connection;
        if (ended.error().code() == Errc::cancelled) break;
        problem = ended.error();
        if (lost_now) {
            backoff = first_backoff;
            log::warning("the engine was lost", {{"error", ended.error().message()}});
        }
        set_synced(false);
        notify();
        const auto jitter =
            std::uniform_int_distribution<int>(0, static_cast<int>(backoff.count() / 2))(random);
        const auto slept = co_await base::sleep_for(backoff + Milliseconds(jitter));
        if (!slept) break;
        backoff = std::min(backoff * 2, longest_backoff);
    }
}

boost::asio::awaitable<void> Cache::State::list_all(std::uint64_t of_connection) {
    Milliseconds backoff = first_backoff;
    while (of_connection == connection) {
        const auto listed = co_await list_everything();
        if (of_connection != connection) co_return;
        if (listed) break;
        if (listed.error().code() == Errc::cancelled) co_return;
        problem = listed.error();
        notify();
        const auto slept = co_await base::sleep_for(backoff);
        if (!slept) co_return;
        backoff = std::min(backoff * 2, longest_backoff);
    }
    listing = false;
    problem.reset();
    catch_up();
    set_synced(true);
}

Task<void> Cache::State::list_everything() {
    auto told = co_await engine.info();
    if (!told) co_return told.error();
    meet(std::move(*told));
    for (const List list : {List::networks, List::volumes, List::images}) {
        const auto done = co_await read(list);
        if (!done) co_return done.error();
    }
    const auto containers = co_await list_project(nullptr);
    if (!containers) co_return containers.error();
    co_return co_await recall();
}

// Does its ring still hold what we heard last? The subscription replays that too, though over a slow
// connection after the list. Where the engine's clock was set back, nothing is to be learnt.
Task<void> Cache::State::recall() {
    remembers = last_before == 0 || last_before >= nanoseconds(info.time.value_or(clock.now()));
    if (remembers) co_return Result<void>();
    EventFilter filter = subscription();
    filter.since = filter.until = last_before;
    std::function<void()> opened = [] {};
    std::function<void(Event)> on_event = [this](const Event&) { remembers = true; };
    co_return co_await engine.stream_events(std::move(filter), std::move(opened),
                                            std::move(on_event));
}

// Another engine at the same address has other containers: what is known of the old one's is no
// more, and what waits is only of the new one.
void Cache::State::meet(EngineInfo told) {
    const EngineInfo before = std::exchange(info, std::move(told));
    causes.know_engine_start(info.started);
    const std::int64_t now = nanoseconds(info.time.value_or(clock.now()));
    if (listening_since == 0) listening_since = now;
    if (before.id.empty() || before.id == info.id) return;
    log::warning("another engine answers at the same address",
                 {{"before", before.id}, {"now", info.id}});
    const std::set<std::string> projects = world.projects();
    world = World();
    causes.clear();
    applied.clear();
    last_before = 0;
    listening_since = now;
    for (const auto& callback : on_engine_changed) callback(before, info);
    for (const std::string& project : projects) tell(project, nullptr);
}

// All compose containers, or one project's: each is inspected, since a list entry lacks details.
Task<void> Cache::State::list_project(const std::string* project) {
    ContainerFilter filter;
    std::string wanted(model::labels::compose_project);
    if (project != nullptr) wanted += "=" + *project;
    filter.labels.push_back(std::move(wanted));
    auto listed = co_await engine.list_containers(std::move(filter));
    if (!listed) co_return listed.error();
    std::vector<std::string> ids;
    for (const model::ObservedContainer& container : *listed) ids.push_back(container.id);
    const std::set<std::string> alive(ids.begin(), ids.end());
    const std::set<std::string> gone = world.keep_only(alive, project);
    for (const std::string& id : gone) applied.erase(id);
    if (project == nullptr) causes.keep_only(alive);
    const auto inspected = co_await inspect_all(std::move(ids));
    if (!inspected) co_return inspected.error();
    if (!gone.empty() && project != nullptr) tell(*project, nullptr);
    co_return Result<void>();
}

Task<void> Cache::State::inspect_all(std::vector<std::string> ids) {
    std::optional<Error> failed;
    std::reverse(ids.begin(), ids.end());
    TaskGroup group(executor);
    const std::size_t lanes = std::min(parallel_inspects, ids.size());
    for (std::size_t lane = 0; lane < lanes; ++lane)
        group.spawn("inspect", inspect_some(ids, failed));
    co_await group.wait();
    if (failed) co_return *failed;
    co_return Result<void>();
}

boost::asio::awaitable<void> Cache::State::inspect_some(std::vector<std::string>& ids,
                                                        std::optional<Error>& failed) {
    while (!ids.empty() && !failed) {
        std::string id = std::move(ids.back());
        ids.pop_back();
        const auto done = co_await inspect(std::move(id), nullptr);
        if (!done) failed = done.error();
    }
}

Task<void> Cache::refresh_container(std::string id) {
    return state_->inspect(std::move(id), nullptr);
}

Task<void> Cache::refresh_project(std::string project_name) {
    const auto networks = co_await state_->read(State::List::networks);
    if (!networks) co_return networks.error();
    const auto volumes = co_await state_->read(State::List::volumes);
    if (!volumes) co_return volumes.error();
    co_return co_await state_->list_project(&project_name);
}

Task<void> Cache::refresh_images() {
    const auto images = co_await state_->read(State::List::images);
    if (!images) co_return images.error();
    co_return Result<void>();
}

Task<void> Cache::changed(Milliseconds deadline) {
    if (co_await base::is_cancelled()) co_return Error(Errc::cancelled, "cancelled");
    boost::asio::steady_timer timer(state_->executor, deadline);
    state_->waiters.push_back(&timer);
    const auto waited = co_await timer.async_wait(base::use_task);
    std::erase(state_->waiters, &timer);
    if (co_await base::is_cancelled()) co_return Error(Errc::cancelled, "cancelled");
    const boost::system::error_code code = std::get<0>(waited);
    if (!code) co_return Error(Errc::timeout, "nothing changed in time");
    co_return Result<void>();
}

Task<void> Cache::wait_synced(Milliseconds deadline) {
    const SteadyTime until = state_->clock.steady() + deadline;
    while (!state_->synced) {
        if (state_->problem && needs_somebody(*state_->problem)) co_return *state_->problem;
        const auto left = std::chrono::duration_cast<Milliseconds>(until - state_->clock.steady());
        if (left.count() <= 0) {
            co_return state_->problem ? *state_->problem
                                      : Error(Errc::timeout, "the engine did not answer in time");
        }
        const auto waited = co_await changed(left);
        if (!waited && waited.error().code() == Errc::cancelled) co_return waited.error();
    }
    co_return Result<void>();
}

}    // namespace trueup::engine
