// SPDX-License-Identifier: Apache-2.0
// The daemon's loop: the desired-state source, the engine's events, resyncs and code sweeps all
// only put stack names into the queue; a few workers take them and reconcile. Level-based: what
// happened is never passed on, only whom to look at.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "controller/base/task_group.hpp"
#include "controller/engine/turns.hpp"
#include "controller/reconcile/reconciler.hpp"
#include "controller/reconcile/registry.hpp"
#include "controller/reconcile/work_queue.hpp"
#include "controller/source/desired.hpp"

namespace trueup::reconcile {

// One engine, and who reconciles on it; both outlive the controller.
struct EngineLoop {
    engine::Cache& cache;
    Reconciler& reconciler;
    Hand* hand = nullptr;    // nullptr: nobody else acts there
};
using EngineLoops = std::map<std::string, EngineLoop>;    // by its name in the configuration

struct ControllerOptions {
    int workers = 4;
    Milliseconds sweep_interval{2'000};      // code sweeps over running containers; 0 = none
    Milliseconds refresh_interval{2'000};    // of the store: what a command beside wrote
    // From when a file is gone until its stack is removed: who deletes many does so one by one.
    Milliseconds removal_delay{5'000};
    BackoffOptions backoff;
};

class Controller {
public:
    Controller(Executor executor, const Clock& clock, metrics::Metrics& metrics, Registry& registry,
               store::Store& store, source::DesiredSource& source, EngineLoops engines,
               ControllerOptions options);
    ~Controller();

    // Starts the loops in `group`, which the caller closes and awaits.
    void start(TaskGroup& group);
    // Takes no more work; returns when nothing is in work any more, or at the deadline
    // (Errc::timeout).
    Task<void> drain(Milliseconds deadline);
    // Where the stack stands in the queue.
    struct Attempt {
        int failures = 0;    // in a row
        bool in_work = false;
        std::optional<SystemTime> next_look;    // unless something happens before
    };
    Attempt attempt(const std::string& stack) const;
    // Look at the stack now; "" = at all. One that the registry does not have any more is forgotten.
    void look_at(const std::string& stack);
    // Reads the desired state now: what was saved a moment ago counts from then on. Errors: it could not
    // be read (the last good one stays in force), cancelled.
    Task<void> read_source();
    // The desired state was read at least once.
    bool source_read() const { return source_read_; }

private:
    boost::asio::awaitable<void> follow_source();
    boost::asio::awaitable<void> follow_store();
    boost::asio::awaitable<void> work();
    boost::asio::awaitable<void> sweep(std::string name, EngineLoop engine);
    boost::asio::awaitable<void> measure();
    boost::asio::awaitable<void> wait_for_work();
    boost::asio::awaitable<void> reconcile_one(WorkQueue::Taken taken);
    // Why it may not run where its file says; nothing when it may.
    void leave_other_engine(const std::string& name, const std::string& engine);
    void settle(const std::string& name, const Entry& entry, Findings findings, SteadyTime began);
    void look_when_due(const std::string& name, const Findings& findings);
    void requeue(const std::string& name, const Entry& entry, const Findings& findings,
                 SteadyTime began);
    void requeue_failed(const std::string& name, const Entry& entry, const Error& error,
                        double seconds);
    void report_plan(const std::string& name, const Findings& findings);
    void report(const std::string& name, const Findings& findings);
    void publish(const Entry& entry, v1alpha1::StackStatus status, const Findings& findings,
                 const plan::Plan& differing, SystemTime now);
    void count_drift(const std::string& name, const Entry& entry, DriftedThings things);
    void forget(const std::string& name);
    void enqueue(const std::string& name, Priority priority);
    void enqueue_all(const std::string& engine, Priority priority);
    void follow(const std::string& name, const EngineLoop& engine);
    store::Changes take_snapshot(const source::DesiredSnapshot& snapshot);
    void note_known(const Entry& entry, store::Changes& changes) const;
    void note_renamed(const Entry& entry, store::Changes& changes) const;
    void note_orphan(const std::string& name, store::Changes& changes) const;
    // What happened to other things than stacks; written by follow_store().
    void note(store::About about, const std::string& name, store::EventType type,
              std::string reason, std::string message);
    void note_engine(const std::string& name, bool synced);
    void note_lost_history(const std::string& name, const Findings& first_look);
    void note_invalid_files();
    boost::asio::awaitable<void> tell_unremembered();
    Task<void> write_notes();
    Gate gate_by_now(const std::string& name, bool removes) const;
    void log_findings(const std::string& name, const Findings& findings);
    void log_question(const std::string& name, const Findings& findings);

    Executor executor_;
    const Clock& clock_;
    metrics::Metrics& metrics_;
    Registry& registry_;
    store::Store& store_;
    source::DesiredSource& source_;
    engine::Turns reading_;    // of source_: one at a time
    EngineLoops engines_;
    ControllerOptions options_;
    WorkQueue queue_;
    std::map<Place, std::string> stack_of_place_;
    std::map<std::string, std::string> engine_of_stack_;    // where it was reconciled last
    std::map<std::string, metrics::StackState> exported_;
    std::map<std::string, DriftedThings> drifted_;    // by stack; what was counted already
    struct Wake;
    std::unique_ptr<Wake> wake_;
    store::Changes notes_;
    std::set<std::string> unremembered_;     // the store did not know them, until the first look
    std::set<std::string> found_running_;    // of these, what was made by us; to be told
    std::map<std::string, std::string> questions_;    // by stack, as they were logged
    std::set<std::string> waiting_for_engine_;        // stacks of one that another holds, as logged
    std::set<std::string> lost_engines_;
    std::set<std::string> followed_engines_;    // at any time
    std::map<std::string, std::string>
        invalid_files_;    // as they were told; "" = the source itself
    int active_ = 0;
    bool draining_ = false;
    bool source_read_ = false;
};

}    // namespace trueup::reconcile
