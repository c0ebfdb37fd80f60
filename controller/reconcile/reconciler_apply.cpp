// SPDX-License-Identifier: Apache-2.0
// Apply and verify: the plan is carried out, then looked at again.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "controller/reconcile/evidence.hpp"
#include "controller/reconcile/image_work.hpp"
#include "controller/reconcile/kept_images.hpp"
#include "controller/reconcile/network_use.hpp"
#include "controller/reconcile/reconciler_run.hpp"

namespace trueup::reconcile {
namespace {

// Of what failed first: only the action tells whose refusal or silence it was, a registry's or the
// engine's. "" = the error says it.
std::string reason_of(const std::vector<rollout::ActionResult>& done) {
    const auto failed = std::find_if(done.begin(), done.end(),
                                     [](const auto& each) { return each.error.has_value(); });
    if (failed == done.end()) return {};
    // Building is asked of the engine, which took us in: who refuses is the registry of a base image.
    const bool refused = failed->error->code() == Errc::denied;
    if (failed->kind == "pull-image" || (failed->kind == "build-image" && refused))
        return "PullFailed";
    if (failed->kind != "build-image") return {};
    // A failed step of a build is unhealthy: it may work the next time.
    return failed->error->code() == Errc::invalid ? "ProofFailed" : "BuildFailed";
}

}    // namespace

// Twice only where a network would be removed that others are on.
Task<plan::Plan> Reconciler::diff(Run& run) {
    const Desired& desired = *run.findings.desired;
    model::Observed& observed = *run.findings.observed;
    const plan::Policy rules = policy(desired, run.entry.stack.metadata.name);
    run.memory.others.clear();
    for (model::ObservedNetwork& network : observed.networks) network.others.clear();
    plan::Plan plan = plan::diff(desired.project, observed, rules, parts_.clock.now());
    const auto used = co_await note_others(parts_.engine, plan, observed);
    if (!used) co_return used.error();
    if (!*used) co_return std::move(plan);
    for (const model::ObservedNetwork& network : observed.networks) {
        if (!network.others.empty()) run.memory.others.emplace(network.id, network.others);
    }
    co_return plan::diff(desired.project, observed, rules, parts_.clock.now());
}

// Before the plan takes anything from an image that the history needs.
Task<void> Reconciler::keep_ways_back(Run& run) {
    if (!may_free_images(run.findings.plan)) co_return Result<void>();
    const v1alpha1::Stack& stack = run.entry.stack;
    const auto revisions = co_await parts_.store.revisions(stack.metadata.name);
    if (!revisions) co_return Result<void>();    // a disk in trouble stops no stack
    Needed needed = needed_images(*revisions, stack.spec.history_limit);
    co_return co_await keep_images(parts_.engine, stack.metadata.name, std::move(needed));
}

Task<void> Reconciler::apply(Run& run) {
    run.findings.stage = Stage::apply;
    const std::shared_ptr<const Desired> desired = run.findings.desired;
    CommitImages work(parts_, proofs_, readings_, desired, options_.progress);
    if (run.requested) work.try_again();
    const std::string& stack = run.entry.stack.metadata.name;
    StoreLedger ledger(parts_.store, stack);
    if (desired->policy.adopt && parts_.store.applied(stack) == nullptr) {
        store::Changes found = record_found_state(
            *desired, *run.findings.observed, run.entry.stack.spec.environment, parts_.clock.now());
        co_await parts_.store.write(std::move(found));
    }
    const auto kept = co_await keep_ways_back(run);
    if (!kept) co_return kept.error();
    KeptEvidence evidence(parts_, proofs_, desired, *run.findings.observed, run.entry,
                          options_.state_directory + "/evidence", run.noted, options_.progress);
    rollout::Context context{.engine = parts_.engine,
                             .cache = parts_.cache,
                             .pool = parts_.pool,
                             .clock = parts_.clock,
                             .project = desired->project,
                             .identity = desired->policy.identity,
                             .tree = *desired->commit.tree,
                             .images = work,
                             .ledger = &ledger};
    if (!options_.state_directory.empty()) context.evidence = &evidence;
    context.health_timeout = run.entry.stack.spec.rollout_timeout;
    context.host_values = desired->host_values;
    co_return co_await carry_out(run, std::move(context));
}

Task<void> Reconciler::carry_out(Run& run, rollout::Context context) {
    context.grace = options_.grace;
    context.hooks = hooks_place(run.entry.stack.metadata.name);
    context.progress = options_.progress;
    context.stop = [this, &run] {
        look_at_gate(run);
        return !run.findings.gate.apply || !may_act();
    };
    const plan::Plan plan = run.findings.plan;
    auto outcome = co_await rollout::apply(plan, context);
    co_await parts_.store.write(pulls_of(run, outcome));
    metrics::StackLabels labels{run.entry.stack.metadata.name, run.entry.stack.spec.environment};
    for (const rollout::ActionResult& result : outcome.actions) {
        const bool success = !result.error;
        parts_.metrics.action_done(labels, result.kind, success, result.seconds);
        if (success) ++run.findings.actions_done;
    }
    run.findings.done = std::move(outcome.actions);
    run.findings.stopped = outcome.stopped;
    for (const std::string& service : outcome.restored) {
        parts_.metrics.restored(labels);
        run.findings.restored.push_back(service);
    }
    if (!outcome.error) co_return Result<void>();
    if (parts_.cache.synced()) run.findings.reason = reason_of(run.findings.done);
    co_return *outcome.error;
}

rollout::HooksPlace Reconciler::hooks_place(const std::string& stack) const {
    rollout::HooksPlace place;
    if (options_.state_directory.empty()) return place;
    place.directory =
        fmt::format("{}/hooks/{}/{}", options_.state_directory, parts_.cache.info().id, stack);
    place.key = owner_key();
    return place;
}

boost::asio::awaitable<void> Reconciler::drop_unused_hooks(std::string stack) {
    const rollout::HooksPlace place = hooks_place(stack);
    // While the engine is out of sight nobody knows what is in use.
    if (!place.exists() || !parts_.cache.synced()) co_return;
    std::set<std::string> in_use;
    for (const auto& [id, container] : parts_.cache.owned_containers()) {
        if (container.stack == stack) in_use.insert(container.config_hash);
    }
    std::function<void()> drop = [&] { rollout::drop_hooks(place, in_use); };
    co_await base::offload(parts_.pool, std::move(drop));
}

// Before anything is looked at again: else what was pulled would be pulled once more.
store::Changes Reconciler::pulls_of(const Run& run, const rollout::Outcome& outcome) const {
    store::Changes changes;
    for (const rollout::ActionResult& result : outcome.actions) {
        const plan::Action& action =
            run.findings.plan.actions.at(static_cast<std::size_t>(result.number - 1));
        const auto* pull = std::get_if<plan::PullImage>(&action.step);
        if (pull == nullptr || result.error) continue;
        store::Pulled pulled{run.entry.stack.metadata.name, pull->reference,
                             run.findings.desired->commit.id, parts_.clock.now()};
        changes.emplace_back(std::move(pulled));
    }
    return changes;
}

namespace {

// Something remains for a reason that the plan was to remove.
bool same_causes(const plan::Plan& plan, const plan::Plan& remaining) {
    const auto remains = [&](const plan::Action& action) {
        return std::any_of(remaining.actions.begin(), remaining.actions.end(),
                           [&](const plan::Action& left) {
                               return left.service == action.service && left.cause == action.cause;
                           });
    };
    return std::any_of(plan.actions.begin(), plan.actions.end(), remains);
}

}    // namespace

// Looks again, at the engine itself: what was applied must leave nothing to do.
Task<void> Reconciler::verify(Run& run) {
    run.findings.stage = Stage::verify;
    const auto refreshed =
        co_await parts_.cache.refresh_project(run.findings.desired->project.name);
    if (!refreshed) co_return refreshed.error();
    const auto images = co_await parts_.cache.refresh_images();
    if (!images) co_return images.error();
    co_await drop_unused_hooks(run.entry.stack.metadata.name);
    // What was built has its base images there.
    run.memory.bases_known = false;
    const auto observed = co_await observe(run);
    if (!observed) co_return observed.error();
    store::Changes gone =
        release_gone(*run.findings.observed, parts_.store.adopted(), run.entry.stack.metadata.name);
    co_await parts_.store.write(std::move(gone));
    run.findings.stage = Stage::verify;
    auto remaining = co_await diff(run);
    if (!remaining) co_return remaining.error();
    run.findings.remaining = std::move(*remaining);
    // Somebody's container came into the project meanwhile, say: nothing more may be done.
    if (run.findings.remaining.blocked) {
        run.findings.plan.blocked = run.findings.remaining.blocked;
        co_return Error(Errc::conflict, run.findings.remaining.blocked->message);
    }
    if (run.findings.stopped) co_return Result<void>();
    // What differs for another reason happened meanwhile: drift of its own, for the next look.
    if (!same_causes(run.findings.plan, run.findings.remaining)) co_return Result<void>();
    co_return Error(Errc::unhealthy, "something still differs after all was applied: " +
                                         plan::to_text(run.findings.remaining.actions.front()));
}

void Reconciler::count_lead_time(const Run& run) {
    if (run.memory.proven_commit == run.findings.desired->commit.id) return;
    const bool first_look = run.memory.proven_commit.empty() && run.findings.plan.empty();
    run.memory.proven_commit = run.findings.desired->commit.id;
    // A controller that just started finds old commits running: that is no deployment.
    if (first_look) return;
    const auto seconds =
        std::chrono::duration<double>(parts_.clock.now() - run.findings.desired->commit.time)
            .count();
    parts_.metrics.lead_time({run.entry.stack.metadata.name, run.entry.stack.spec.environment},
                             std::max(0.0, seconds));
}

}    // namespace trueup::reconcile
