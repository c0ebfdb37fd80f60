// SPDX-License-Identifier: Apache-2.0
// Workers sleep on one timer that is set to the queue's next ready time; whatever enqueues wakes
// them. What follows a reconcile is in controller_report.cpp.
#include "controller/reconcile/controller.hpp"
#include "controller/reconcile/moves.hpp"

#include <fmt/format.h>

#include <boost/asio/steady_timer.hpp>
#include <algorithm>
#include <exception>
#include <set>
#include <utility>

#include "controller/base/log.hpp"
#include "controller/reconcile/status.hpp"

namespace trueup::reconcile {
namespace {

// An editor writes a file in several steps.
constexpr Milliseconds notice_settles{50};
constexpr Milliseconds unsettled_interval{500};
// BuildKit in engine 20.10 moves a tag without an event.
constexpr Milliseconds images_recheck{15'000};

}    // namespace

struct Controller::Wake {
    explicit Wake(const Executor& executor) : idle(executor) {}

    // Each idle worker sleeps on a timer of its own: setting a shared one would wake the others.
    std::set<boost::asio::steady_timer*> sleepers;
    boost::asio::steady_timer idle;    // cancelled when a worker became idle

    void wake_workers() {
        for (boost::asio::steady_timer* sleeper : sleepers) sleeper->cancel();
    }
};

Controller::Controller(Executor executor, const Clock& clock, metrics::Metrics& metrics,
                       Registry& registry, store::Store& store, source::DesiredSource& source,
                       EngineLoops engines, ControllerOptions options)
    : executor_(std::move(executor)),
      clock_(clock),
      metrics_(metrics),
      registry_(registry),
      store_(store),
      source_(source),
      reading_(executor_, 1),
      engines_(std::move(engines)),
      options_(options),
      queue_(options.backoff),
      wake_(std::make_unique<Wake>(executor_)) {
    registry_.name_source(source_.name());
    metrics_.max_workers(options_.workers);
    for (const auto& [name, engine] : engines_) follow(name, engine);
}

void Controller::follow(const std::string& name, const EngineLoop& engine) {
    metrics_.engine_synced(name, false);
    engine.cache.on_change([this, name](const std::string& project, const engine::Event*) {
        const auto found = stack_of_place_.find(Place(name, project));
        if (found == stack_of_place_.end()) return;
        queue_.add_noticed(found->second, clock_.steady());
        metrics_.queue_add();
        wake_->wake_workers();
    });
    engine.cache.on_sync([this, name](bool synced) {
        metrics_.engine_synced(name, synced);
        enqueue_all(name, Priority::resync);
        note_engine(name, synced);
    });
    engine.cache.on_engine_changed(
        [this, name](const engine::EngineInfo& before, const engine::EngineInfo& now) {
            note(store::About::engine, name, store::EventType::warning, "EngineReplaced",
                 fmt::format("another engine answers at this address: {} instead of {}; what was "
                             "known of the old one is forgotten",
                             now.id, before.id));
        });
    if (engine.hand == nullptr) return;
    metrics_.engine_held(name, false);
    engine.hand->on_change([this, name, hand = engine.hand] {
        metrics_.engine_held(name, hand->check().has_value());
        enqueue_all(name, Priority::resync);
    });
}

Controller::~Controller() = default;

void Controller::start(TaskGroup& group) {
    for (const auto& [name, engine] : engines_) {
        group.spawn("cache of engine " + name, engine.cache.run());
        if (engine.hand != nullptr) group.spawn("seat of engine " + name, engine.hand->run());
    }
    group.spawn("desired state", follow_source());
    group.spawn("store", follow_store());
    for (int index = 0; index < options_.workers; ++index)
        group.spawn(fmt::format("worker {}", index), work());
    for (const auto& [name, engine] : engines_) {
        if (options_.sweep_interval.count() > 0)
            group.spawn("code sweep of engine " + name, sweep(name, engine));
    }
    group.spawn("queue metrics", measure());
}

void Controller::enqueue(const std::string& name, Priority priority) {
    queue_.add(name, priority, clock_.steady());
    metrics_.queue_add();
    wake_->wake_workers();
}

void Controller::enqueue_all(const std::string& engine, Priority priority) {
    for (const std::string& name : registry_.names()) {
        if (registry_.find(name)->stack.spec.engine == engine) enqueue(name, priority);
    }
}

boost::asio::awaitable<void> Controller::wait_for_work() {
    boost::asio::steady_timer sleeper(executor_, boost::asio::steady_timer::time_point::max());
    const auto next = queue_.next_ready();
    if (next && !draining_) sleeper.expires_at(*next);
    wake_->sleepers.insert(&sleeper);
    co_await sleeper.async_wait(base::use_task);
    wake_->sleepers.erase(&sleeper);
}

boost::asio::awaitable<void> Controller::work() {
    for (;;) {
        const bool stopped = co_await base::is_cancelled();
        if (stopped) break;
        auto taken = draining_ ? std::nullopt : queue_.take(clock_.steady());
        if (!taken) {
            co_await wait_for_work();
            continue;
        }
        metrics_.queue_wait(std::chrono::duration<double>(taken->waited).count());
        metrics_.active_workers(++active_);
        const std::string key = taken->key;
        bool threw = false;
        try {
            co_await reconcile_one(std::move(*taken));
        } catch (const std::exception& exception) {
            log::error("a reconcile ended in an exception",
                       {{"stack", key}, {"what", exception.what()}});
            threw = true;
        }
        const SteadyTime now = clock_.steady();
        if (threw) {
            metrics_.reconcile_panic();
            queue_.add_rate_limited(key, now);
        }
        queue_.done(key, now);
        metrics_.active_workers(--active_);
        wake_->idle.cancel();
        wake_->wake_workers();
    }
}

boost::asio::awaitable<void> Controller::reconcile_one(WorkQueue::Taken taken) {
    const Entry* found = registry_.find(taken.key);
    if (found == nullptr) {
        queue_.forget(taken.key);
        co_return;
    }
    Entry entry = *found;
    const std::string name = taken.key;
    const SteadyTime began = clock_.steady();
    if (entry.refused) {
        settle(name, entry, refused_findings(entry), began);
        co_return;
    }
    if (entry.remembered && entry.file_gone && !entry.removal) {
        settle(name, entry, orphan_findings(entry, store_.suspension(name, clock_.now())), began);
        co_return;
    }
    store::Changes moved;
    const engine::Cache& there = engines_.at(entry.stack.spec.engine).cache;
    auto held = hold_move(entry, store_, there, clock_.now(), moved);
    co_await store_.write(std::move(moved));
    if (held) {
        settle(name, entry, std::move(*held), began);
        co_return;
    }
    leave_other_engine(name, entry.stack.spec.engine);
    // At the start: whoever acts on the engine, its hand wakes us as soon as it knows.
    const Hand* hand = engines_.at(entry.stack.spec.engine).hand;
    if (hand != nullptr && hand->is_undecided()) co_return;
    Reconciler& reconciler = engines_.at(entry.stack.spec.engine).reconciler;
    if (taken.priority == Priority::resync) reconciler.expect_new_commits(name);
    Reconciler::OnPlan on_plan = [this, name](const Findings& seen) { report_plan(name, seen); };
    Reconciler::Stop stop = [this, name, removes = entry.removal.has_value()] {
        return gate_by_now(name, removes);
    };
    Findings findings;
    if (entry.removal) {
        const auto waits = entry.removal->since + options_.removal_delay - began;
        if (waits > SteadyTime::duration(0)) {
            queue_.add_at(name, Priority::normal, began + waits, began);
            co_return;
        }
        findings = co_await reconciler.remove(entry, std::move(on_plan), std::move(stop));
    } else {
        findings = co_await reconciler.reconcile(entry, std::move(on_plan), std::move(stop));
    }
    const Entry* now = registry_.find(name);
    if (findings.removed && now != nullptr && now->removal) {
        log::info("the stack is removed", {{"stack", name}});
        registry_.remove(name);
        forget(name);
        co_return;
    }
    settle(name, entry, std::move(findings), began);
}

// What the desired state says of the stack by now, while a plan of it is carried out.
Gate Controller::gate_by_now(const std::string& name, bool removes) const {
    const Entry* now = registry_.find(name);
    GateInputs inputs;
    inputs.suspended_by_file = now != nullptr && now->stack.spec.suspend;
    if (removes && now != nullptr && now->removal && !now->removal->token.empty() &&
        store_.confirmation(name, std::string(removal_confirmed)) == nullptr)
        inputs.awaits = now->removal->question;
    Gate gate = decide_gate(inputs);
    if (gate.apply && removes && (now == nullptr || !now->removal)) {
        gate.apply = false;
        gate.reason = "Superseded";
        gate.message = "its file is back";
    }
    return gate;
}

boost::asio::awaitable<void> Controller::sweep(std::string name, EngineLoop engine) {
    const auto executor = co_await boost::asio::this_coro::executor;
    code::CodeWatch watch(executor);
    engine.reconciler.watch_code_with(&watch);
    SteadyTime images_listed = clock_.steady();
    for (;;) {
        const bool stopped = co_await base::is_cancelled();
        if (stopped) break;
        const Milliseconds longest = engine.reconciler.is_unsettled()
                                         ? std::min(unsettled_interval, options_.sweep_interval)
                                         : options_.sweep_interval;
        const auto waited = co_await watch.wait(notice_settles, longest);
        if (!waited) break;
        const bool ours = engine.hand == nullptr || engine.hand->check();
        if (!engine.cache.synced() || draining_ || !ours) continue;
        const auto of_host = co_await engine.reconciler.changed_host_files();
        for (const std::string& stack : of_host) {
            log::info("a file of the host that the stack needs changed", {{"stack", stack}});
            enqueue(stack, Priority::normal);
        }
        const auto changed = co_await engine.reconciler.sweep();
        if (!changed) continue;    // cancelled
        for (const std::string& stack : *changed) enqueue(stack, Priority::normal);
        metrics_.code_half_watched(name, engine.reconciler.half_watched());
        if (clock_.steady() - images_listed < images_recheck) continue;
        images_listed = clock_.steady();
        const auto listed = co_await engine.cache.refresh_images();
        if (!listed) log::debug("images cannot be listed", {{"error", listed.error().message()}});
    }
    engine.reconciler.watch_code_with(nullptr);
}

boost::asio::awaitable<void> Controller::measure() {
    for (;;) {
        const bool stopped = co_await base::is_cancelled();
        if (stopped) break;
        const SteadyTime now = clock_.steady();
        double total = 0;
        double longest = 0;
        for (const auto& [key, since] : queue_.in_work()) {
            const double seconds = std::chrono::duration<double>(now - since).count();
            total += seconds;
            longest = std::max(longest, seconds);
        }
        metrics_.queue_unfinished(total, longest);
        metrics_.queue_depth("0", queue_.depth(Priority::normal, now));
        metrics_.queue_depth("-100", queue_.depth(Priority::resync, now));
        // It also ends silently, when the engine does not answer any more.
        for (const auto& [name, engine] : engines_) {
            if (engine.hand != nullptr)
                metrics_.engine_held(name, engine.hand->check().has_value());
        }
        const auto slept = co_await base::sleep_for(Milliseconds(5'000));
        if (!slept) co_return;
    }
}

void Controller::look_at(const std::string& stack) {
    if (!stack.empty()) {
        if (registry_.find(stack) == nullptr) return forget(stack);
        return enqueue(stack, Priority::normal);
    }
    for (const std::string& name : registry_.names()) enqueue(name, Priority::normal);
}

Controller::Attempt Controller::attempt(const std::string& stack) const {
    Attempt attempt;
    attempt.failures = queue_.failures(stack);
    attempt.in_work = queue_.is_in_work(stack);
    if (const auto ready = queue_.ready_at(stack)) {
        const auto wait =
            std::chrono::duration_cast<SystemTime::duration>(*ready - clock_.steady());
        attempt.next_look = clock_.now() + wait;
    }
    return attempt;
}

Task<void> Controller::drain(Milliseconds deadline) {
    draining_ = true;
    const SteadyTime until = clock_.steady() + deadline;
    while (active_ > 0) {
        if (clock_.steady() >= until)
            co_return Error(Errc::timeout, "work in progress did not end in time");
        wake_->idle.expires_at(until);
        co_await wake_->idle.async_wait(base::use_task);
    }
    co_return Result<void>();
}

}    // namespace trueup::reconcile
