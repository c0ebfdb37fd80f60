// SPDX-License-Identifier: Apache-2.0
// Where the wanted commit cannot be had (not fetched, not loaded, not built), what was applied last goes
// on to be looked at and kept true: a commit that nobody can fetch must not hide that somebody edits what
// runs, nor leave it stopped.
#include <algorithm>
#include <utility>

#include "controller/base/log.hpp"
#include "controller/plan/plan.hpp"
#include "controller/reconcile/reconciler_run.hpp"

namespace trueup::reconcile {
namespace {

bool is_of_a_container(const rollout::ActionResult& result) {
    return result.kind.ends_with("-container");
}

// A container was prepared for the wanted commit, which the one that stands would remove again, and the
// wanted one prepare again.
bool has_prepared(const Findings& findings) {
    if (!findings.observed) return false;
    const auto& containers = findings.observed->containers;
    return std::any_of(containers.begin(), containers.end(), [](const auto& container) {
        return container.name.ends_with(plan::next_name(""));
    });
}

// Nothing of what stands was touched.
bool is_untouched(const Findings& findings) {
    if (!findings.error || findings.error->code() == Errc::cancelled) return false;
    if (findings.stage == Stage::fetch || findings.stage == Stage::load) return true;
    return findings.stage == Stage::apply && !findings.stopped && !has_prepared(findings) &&
           std::none_of(findings.done.begin(), findings.done.end(), is_of_a_container);
}

}    // namespace

// Its definition is what was applied; how it is dealt with (`sync`, `suspend`) is what is said now.
std::optional<v1alpha1::StackSpec> Reconciler::standing_spec(const Run& run) const {
    const v1alpha1::StackSpec& wanted = run.entry.stack.spec;
    const store::Applied* applied = parts_.store.applied(run.entry.stack.metadata.name);
    if (applied == nullptr || applied->commit.empty()) return std::nullopt;
    v1alpha1::StackSpec spec = wanted;
    if (run.memory.good) {
        spec.git = run.memory.good->git;
        spec.path = run.memory.good->path;
        spec.compose = run.memory.good->compose;
        spec.code = run.memory.good->code;
    }
    spec.git.commit = applied->commit;
    spec.git.branch.clear();
    if (spec == wanted) return std::nullopt;
    return spec;
}

void Reconciler::remember_good(Run& run) const {
    run.memory.standing = nullptr;
    if (is_applied(run)) run.memory.good = run.entry.stack.spec;
}

// Only what was applied exactly: a definition that is another by now is no drift of what runs.
bool Reconciler::is_applied(const Run& run) const {
    const store::Applied* applied = parts_.store.applied(run.entry.stack.metadata.name);
    return run.findings.desired != nullptr && was_applied(applied, *run.findings.desired);
}

boost::asio::awaitable<void> Reconciler::keep_standing(Run& failed, OnPlan on_plan) {
    if (!options_.keeps_standing || !is_untouched(failed.findings)) co_return;
    auto spec = standing_spec(failed);
    if (!spec) co_return;
    std::shared_ptr<Memory> memory = failed.memory.standing;
    if (!memory) memory = std::make_shared<Memory>();
    Entry entry = failed.entry;
    entry.stack.spec = std::move(*spec);
    Run run(std::move(entry), memory, failed.stop);
    run.acts = true;
    run.findings.stands_in = true;
    // What it is looked at by, from its first look on.
    const auto before = std::exchange(failed.memory.standing, memory);
    auto looked = co_await up_to_diff(run);
    if (!is_applied(run)) {
        failed.memory.standing = before;
        co_return;
    }
    const auto result = co_await act(run, std::move(looked), std::move(on_plan));
    if (!result) run.findings.error = result.error();
    co_await note_done(run);
    stand_in(failed.findings, std::move(run.findings));
}

// What is seen and done is of what stands; why it is not the wanted one stays the failure.
void Reconciler::stand_in(Findings& wanted, Findings standing) {
    if (!standing.observed) {    // the engine is away: nothing that was said before holds
        wanted = std::move(standing);
        wanted.stands_in = false;
        return;
    }
    if (standing.error)
        log::warning(
            "what runs is not kept as it was applied",
            {{"commit", standing.desired->commit.id}, {"error", standing.error->message()}});
    standing.stage = wanted.stage;
    standing.error = wanted.error;
    standing.reason = wanted.reason;
    standing.handled_request = wanted.handled_request;
    standing.actions_done += wanted.actions_done;
    if (!standing.confirmation) standing.confirmation = wanted.confirmation;
    standing.stands_in = true;
    wanted = std::move(standing);
}

}    // namespace trueup::reconcile
