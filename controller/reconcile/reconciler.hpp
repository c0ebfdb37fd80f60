// SPDX-License-Identifier: Apache-2.0
// One stack, once: fetch -> load -> observe -> diff -> apply -> verify. reconcile() is the whole
// controller in one function; everything else here remembers what need not be done again.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "controller/base/task.hpp"
#include "controller/code/process_ages.hpp"
#include "controller/code/readings.hpp"
#include "controller/reconcile/findings.hpp"
#include "controller/reconcile/hand.hpp"
#include "controller/reconcile/parts.hpp"
#include "controller/reconcile/proofs.hpp"
#include "controller/reconcile/registry.hpp"
#include "controller/source/git_credentials.hpp"
#include "controller/source/host_files.hpp"

namespace trueup::reconcile {

struct ReconcilerOptions {
    std::string controller_name = "trueup";
    source::GitCredentials git_credentials;
    source::HostFiles host_files;
    // The engine is on another host: it does not see what is materialised here. "" = it is here.
    std::string remote_engine;
    // Of git servers and registries. A refused stack is looked at again when one of them changes.
    std::vector<std::string> credential_files;
    std::string state_directory;    // binds are materialised below it
    // Whether anything may be changed on the engine now, and the key of its seals. nullptr: it is
    // nobody else's, and there are no seals.
    const Hand* hand = nullptr;
    // How long a container without health check must stay up before the one it replaced is removed.
    Milliseconds grace{1'000};
    // How long a sweep looks at one container. Its code is unknown where that is over, and the next looks
    // are seldom.
    Milliseconds look_deadline{std::chrono::minutes(2)};
    // Where the wanted commit cannot be had, what was applied last is kept true.
    bool keeps_standing = false;
    // Lines for a person while actions run: "service api: build: #5 RUN …". May be empty.
    std::function<void(const std::string& line)> progress;
};

class Reconciler {
public:
    Reconciler(Parts parts, ReconcilerOptions options);
    ~Reconciler();

    // Called before the first action of a plan that is not empty: what was found, and the plan.
    using OnPlan = std::function<void(const Findings&)>;

    // Asked before each action: what the desired state says by now (suspended, superseded).
    using Stop = std::function<Gate()>;

    // All stages, as far as the off switches let it. The entry is a copy: the registry may change
    // meanwhile. What was found and done is recorded in the store.
    boost::asio::awaitable<Findings> reconcile(Entry entry, OnPlan on_plan, Stop stop = nullptr);
    // Instead of that for a stack that is to go (Entry::removal): its containers and networks, never
    // its volumes. Needs no commit. Findings::removed once nothing of it is left; the store then
    // forgets it.
    boost::asio::awaitable<Findings> remove(Entry entry, OnPlan on_plan, Stop stop = nullptr);
    // Up to diff; changes nothing (a code comparison may create and remove a container that never
    // runs).
    boost::asio::awaitable<Findings> preview(Entry entry);

    // What differs by what is known now: nothing is fetched, compared or asked. Nothing before the
    // first look.
    std::optional<Findings> known(const std::string& stack) const;
    // When the git server was asked for the stack's revision last.
    std::optional<SystemTime> asked_at(const std::string& stack) const;

    // The next reconcile of the stack asks the git server again (a branch may have moved).
    void expect_new_commits(const std::string& stack);
    // Nothing is remembered of a stack that is gone.
    void forget(const std::string& stack);
    // The stacks whose files of the host changed since they were read last, and those that were
    // refused, when a credential's file changed.
    boost::asio::awaitable<std::vector<std::string>> changed_host_files();
    // Changes in containers are noticed from now on; nullptr: no more.
    void watch_code_with(code::CodeWatch* watch) {
        readings_.watch_with(watch);
        ages_.watch_with(watch);
    }
    // One pass over the running containers of all stacks known so far: compares code again, and looks
    // at what is mounted read-only, where something was noticed or may have changed unnoticed. Returns
    // the stacks of which something became another; of a container that cannot be looked at, its code
    // became unknown. A few are looked at side by side, each for a bounded time. An error only when the
    // task is cancelled.
    Task<std::vector<std::string>> sweep();
    // How many containers have more code folders than may be watched.
    std::size_t half_watched() const { return readings_.half_watched(); }
    // Something was being written at the last pass: the next one should come soon.
    bool is_unsettled() const { return ages_.is_unsettled(); }

private:
    struct Run;
    struct Memory;
    struct Pass;    // of a sweep

    Task<void> up_to_diff(Run& run);
    Task<plan::Plan> diff(Run& run);
    bool may_act() const;
    std::string owner_key() const;
    Result<void> look_at_hand(Run& run) const;
    Task<void> act(Run& run, Result<void> looked, OnPlan on_plan);
    Task<void> apply_and_verify(Run& run, OnPlan on_plan);
    std::optional<v1alpha1::StackSpec> standing_spec(const Run& run) const;
    void remember_good(Run& run) const;
    bool is_applied(const Run& run) const;
    boost::asio::awaitable<void> keep_standing(Run& failed, OnPlan on_plan);
    static void stand_in(Findings& wanted, Findings standing);
    static const Memory& shown(const Memory& memory);
    void look_for_request(Run& run) const;
    void look_at_gate(Run& run) const;
    boost::asio::awaitable<void> lift_expired(Run& run);
    boost::asio::awaitable<void> note_found(Run& run);
    boost::asio::awaitable<void> note_done(Run& run);
    void note_completed(const Run& run, store::Changes& changes) const;
    static void take_back_yes(const Run& run, store::Changes& changes);
    store::Changes pulls_of(const Run& run, const rollout::Outcome& outcome) const;
    plan::Policy policy(const Desired& desired, const std::string& stack) const;
    boost::asio::awaitable<void> remove_leftovers(Run& run);
    Task<void> fetch(Run& run);
    Task<source::GitCredential> read_credential(std::string name, std::string url);
    Task<void> read_host_files(Run& run);
    Task<void> load(Run& run);
    Task<void> observe(Run& run);
    Task<void> look_at_bases(Run& run);
    Task<void> apply(Run& run);
    Task<void> keep_ways_back(Run& run);
    Task<void> verify(Run& run);
    Task<void> compare_new(Run& run, model::Observed& observed);
    Task<void> compare(std::string stack, std::shared_ptr<const Desired> desired,
                       model::ObservedContainer container);
    bool is_due(const Desired& desired, const model::ObservedContainer& container) const;
    bool note_unseen(const std::string& stack, const Desired& desired,
                     const model::ObservedContainer& container, const Error& why);
    boost::asio::awaitable<void> sweep_into(std::optional<Result<bool>>& swept, std::string stack,
                                            std::shared_ptr<const Desired> desired,
                                            model::ObservedContainer container);
    Task<bool> sweep_in_time(std::string stack, std::shared_ptr<const Desired> desired,
                             model::ObservedContainer container);
    boost::asio::awaitable<void> look_on(Pass& pass);
    Task<void> look_at_all(Pass& pass);
    Task<bool> sweep_one(std::string stack, std::shared_ptr<const Desired> desired,
                         model::ObservedContainer container);
    Task<bool> sweep_container(std::string stack, std::shared_ptr<const Desired> desired,
                               model::ObservedContainer container);
    Task<bool> may_have_changed(std::string stack, model::ObservedContainer container,
                                const code::ExpectedCode& expected);
    Task<void> look_at_ages(Run& run, model::Observed& observed);
    Task<bool> sweep_age(std::shared_ptr<const Desired> desired,
                         model::ObservedContainer container);
    Task<void> look_at_rest(Run& run);
    Task<void> remove_rest(Run& run);
    boost::asio::awaitable<void> note_removed(Run& run);
    Result<void> followed() const;
    Task<void> carry_out(Run& run, rollout::Context context);
    rollout::HooksPlace hooks_place(const std::string& stack) const;
    boost::asio::awaitable<void> drop_unused_hooks(std::string stack);
    std::vector<std::string> with_new_credentials(const std::string& fingerprint);
    model::Observed snapshot(const Desired& desired) const;
    void count_suppressed(const Run& run, const store::Changes& changes);
    void count_lead_time(const Run& run);

    Parts parts_;
    ReconcilerOptions options_;
    Proofs proofs_;
    code::Readings readings_;
    code::ProcessAges ages_;
    // Shared with those who work with it, since a stack may be forgotten meanwhile.
    std::shared_ptr<Memory> memory_of(const std::string& stack);
    std::map<std::string, std::shared_ptr<Memory>> memory_;
};

}    // namespace trueup::reconcile
