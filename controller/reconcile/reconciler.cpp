// SPDX-License-Identifier: Apache-2.0
// The stages, in order. Each writes what it found into the Run; the first error ends it. What a
// stage made is remembered per stack, so that a reconcile in which nothing changed costs no git
// access, no load and no engine request: the cache answers observe, diff is empty, and that is all.
#include "controller/reconcile/reconciler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "controller/base/log.hpp"
#include "controller/reconcile/image_work.hpp"
#include "controller/reconcile/status.hpp"

namespace trueup::reconcile {

// What is remembered of a stack between two reconciles.
struct Reconciler::Memory {
    v1alpha1::StackSpec spec;                       // of `desired` and `commit`
    std::optional<source::Commit> commit;           // the last one that was fetched
    bool ask_again = false;                         // the branch may have moved
    std::shared_ptr<const Desired> desired;         // of that commit and spec
    std::map<std::string, std::string> code_ids;    // by service, of `desired`
    std::map<std::string, std::string> recipes;
    bool leftovers = true;        // proofs of an attempt that failed or was killed may lie about
    std::string proven_commit;    // lead time was counted for it
    std::map<std::string, std::string>
        swept;    // container id -> changed paths at the last compare
};

struct Reconciler::Run {
    Entry entry;
    Memory& memory;
    Findings findings;
};

Reconciler::Reconciler(Parts parts, ReconcilerOptions options)
    : parts_(parts), options_(std::move(options)) {}
Reconciler::~Reconciler() = default;

boost::asio::awaitable<Findings> Reconciler::reconcile(Entry entry, OnPlan on_plan) {
    const std::string name = entry.stack.metadata.name;
    Run run{std::move(entry), memory_[name], {}};
    co_await remove_leftovers(run);
    Result<void> result = co_await up_to_diff(run);
    if (result && !run.findings.plan.empty())
        result = co_await apply_and_verify(run, std::move(on_plan));
    if (!result) {
        run.memory.leftovers = true;
        run.findings.error = result.error();
    } else if (run.findings.remaining.empty()) {
        run.findings.stage = Stage::done;
        if (run.findings.remaining.in_sync()) count_lead_time(run);
    }
    co_return std::move(run.findings);
}

boost::asio::awaitable<Findings> Reconciler::preview(Entry entry) {
    const std::string name = entry.stack.metadata.name;
    Run run{std::move(entry), memory_[name], {}};
    const Result<void> result = co_await up_to_diff(run);
    if (!result) run.findings.error = result.error();
    if (result) run.findings.stage = Stage::done;
    co_return std::move(run.findings);
}

Task<void> Reconciler::up_to_diff(Run& run) {
    const auto fetched = co_await fetch(run);
    if (!fetched) co_return fetched.error();
    const auto loaded = co_await load(run);
    if (!loaded) co_return loaded.error();
    const auto observed = co_await observe(run);
    if (!observed) co_return observed.error();
    Findings& findings = run.findings;
    findings.stage = Stage::diff;
    findings.plan = plan::diff(findings.desired->project, *findings.observed,
                               findings.desired->policy, parts_.clock.now());
    findings.remaining = findings.plan;
    if (findings.plan.blocked) co_return Error(Errc::conflict, findings.plan.blocked->message);
    co_return Result<void>();
}

Task<void> Reconciler::apply_and_verify(Run& run, OnPlan on_plan) {
    if (on_plan) on_plan(run.findings);
    const auto applied = co_await apply(run);
    const auto verified = co_await verify(run);
    if (!applied) {
        run.findings.stage = Stage::apply;
        co_return applied.error();
    }
    co_return verified;
}

// One attempt at a stack runs at a time, so what carries the stack's proof label now is left over.
boost::asio::awaitable<void> Reconciler::remove_leftovers(Run& run) {
    if (!run.memory.leftovers || !parts_.cache.synced()) co_return;
    const auto removed = co_await code::remove_leftovers(
        parts_.engine, proof_owner(options_.controller_name, run.entry.stack.metadata.name));
    run.memory.leftovers = !removed;
}

Task<void> Reconciler::fetch(Run& run) {
    run.findings.stage = Stage::fetch;
    Memory& memory = run.memory;
    const v1alpha1::StackSpec& spec = run.entry.stack.spec;
    const bool same_spec = memory.spec == spec;
    const bool may_have_moved = !spec.git.branch.empty() && memory.ask_again;
    if (same_spec && memory.commit && !may_have_moved) co_return Result<void>();

    const auto url = absolute_git_url(spec.git, run.entry.directory);
    if (!url) co_return url.error();
    source::Revision revision;
    revision.commit = spec.git.commit;
    revision.branch = spec.git.branch;
    auto commit = co_await parts_.repositories.fetch(*url, std::move(revision));
    if (!commit) co_return commit.error();
    const bool same_commit = memory.commit && memory.commit->id == commit->id;
    if (!same_spec || !same_commit) memory.desired = nullptr;
    memory.spec = spec;
    memory.commit = std::move(*commit);
    memory.ask_again = false;
    co_return Result<void>();
}

Task<void> Reconciler::load(Run& run) {
    run.findings.stage = Stage::load;
    Memory& memory = run.memory;
    if (!memory.desired) {
        LoadInputs inputs;
        inputs.spec = run.entry.stack.spec;
        inputs.stack_name = run.entry.stack.metadata.name;
        inputs.project_name = run.entry.stack.project_name();
        inputs.controller_name = options_.controller_name;
        inputs.bind_root = options_.state_directory + "/binds";
        inputs.commit = *memory.commit;
        std::function<Result<std::shared_ptr<const Desired>>()> work = [&inputs] {
            return load_desired(inputs);
        };
        auto desired = co_await base::offload_result(parts_.pool, std::move(work));
        if (!desired) co_return desired.error();
        memory.desired = std::move(*desired);
        memory.code_ids.clear();
        memory.recipes.clear();
        for (const auto& [service, expected] : memory.desired->expected)
            memory.code_ids[service] = expected->code_id;
        for (const auto& [service, definition] : memory.desired->project.services) {
            if (definition.build) memory.recipes[service] = definition.build->recipe_id;
        }
    }
    run.findings.desired = memory.desired;
    co_return Result<void>();
}

model::Observed Reconciler::snapshot(const Desired& desired) const {
    model::Observed observed = parts_.cache.observe(desired.project);
    const auto memory = memory_.find(desired.policy.identity.stack);
    if (memory != memory_.end())
        proofs_.fill(observed, memory->second.code_ids, memory->second.recipes);
    return observed;
}

Task<void> Reconciler::observe(Run& run) {
    run.findings.stage = Stage::observe;
    if (!parts_.cache.synced()) {
        const auto problem = parts_.cache.problem();
        co_return problem ? problem->in("the engine")
                          : Error(Errc::unavailable, "the engine: connecting");
    }
    model::Observed observed = snapshot(*run.findings.desired);
    const auto compared = co_await compare_new(run, observed);
    if (!compared) co_return compared.error();
    run.findings.observed = std::move(observed);
    co_return Result<void>();
}

namespace {

// Worth comparing: ours, running, with code, and not of another recipe (that one is drift already,
// and its code is known to be another commit's).
bool needs_comparison(const model::ObservedContainer& container, const Desired& desired,
                      const model::Observed& observed) {
    if (!container.owned || container.one_off || container.state != model::ContainerState::running)
        return false;
    if (container.code.status != model::CodeStatus::unknown) return false;
    if (!desired.expected.contains(container.service)) return false;
    const model::Service& service = desired.project.services.at(container.service);
    if (!service.build) return true;
    const auto image = observed.images.find(container.image_id);
    return image != observed.images.end() && image->second.recipe_id == service.build->recipe_id;
}

}    // namespace

Task<void> Reconciler::compare_new(Run& run, model::Observed& observed) {
    bool any = false;
    for (const model::ObservedContainer& container : observed.containers) {
        if (!needs_comparison(container, *run.findings.desired, observed)) continue;
        const auto compared =
            co_await compare(run.entry.stack.metadata.name, run.findings.desired, container);
        if (!compared && compared.error().code() == Errc::cancelled) co_return compared.error();
        // A container that vanished meanwhile is the next look's matter; its code stays unknown.
        if (!compared) {
            log::warning("the code of a container cannot be compared",
                         {{"container", container.name}, {"error", compared.error().message()}});
        }
        any = true;
    }
    if (any) observed = snapshot(*run.findings.desired);
    co_return Result<void>();
}

Task<void> Reconciler::compare(std::string stack, std::shared_ptr<const Desired> desired,
                               model::ObservedContainer container) {
    CommitImages work(parts_, proofs_, desired, options_.progress);
    const auto state = co_await work.prove_observed(container);
    if (!state) co_return state.error();
    Memory& memory = memory_[stack];
    memory.swept.erase(container.id);
    co_return Result<void>();
}

Task<void> Reconciler::apply(Run& run) {
    run.findings.stage = Stage::apply;
    const std::shared_ptr<const Desired> desired = run.findings.desired;
    CommitImages work(parts_, proofs_, desired, options_.progress);
    rollout::Context context{.engine = parts_.engine,
                             .cache = parts_.cache,
                             .pool = parts_.pool,
                             .clock = parts_.clock,
                             .project = desired->project,
                             .identity = desired->policy.identity,
                             .tree = *desired->commit.tree,
                             .images = work};
    context.health_timeout = run.entry.stack.spec.rollout_timeout;
    context.grace = options_.grace;
    context.progress = options_.progress;
    const plan::Plan plan = run.findings.plan;
    auto outcome = co_await rollout::apply(plan, context);
    metrics::StackLabels labels{run.entry.stack.metadata.name, run.entry.stack.spec.environment};
    for (const rollout::ActionResult& result : outcome.actions) {
        const bool success = !result.error;
        parts_.metrics.action_done(labels, result.kind, success, result.seconds);
        if (success) ++run.findings.actions_done;
    }
    for (const std::string& service : outcome.restored) {
        parts_.metrics.restored(labels);
        run.findings.restored.push_back(service);
    }
    if (outcome.error) co_return *outcome.error;
    co_return Result<void>();
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
    const auto observed = co_await observe(run);
    if (!observed) co_return observed.error();
    run.findings.stage = Stage::verify;
    run.findings.remaining = plan::diff(run.findings.desired->project, *run.findings.observed,
                                        run.findings.desired->policy, parts_.clock.now());
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

void Reconciler::expect_new_commits(const std::string& stack) {
    const auto found = memory_.find(stack);
    if (found != memory_.end()) found->second.ask_again = true;
}

void Reconciler::forget(const std::string& stack) { memory_.erase(stack); }

namespace {

// The list of changes names paths, not contents, and does not see mounted volumes: so a container
// whose list stays the same is compared again from time to time all the same.
constexpr std::chrono::seconds changed_recheck{30};
constexpr std::chrono::minutes quiet_recheck{10};

// The changed paths below the code directories, as one text: equal texts mean nothing new.
std::string relevant_changes(const std::vector<engine::ChangedPath>& changes,
                             const code::ExpectedCode& expected) {
    std::set<std::string> paths;
    for (const engine::ChangedPath& change : changes) {
        for (const std::string& directory : expected.directories) {
            const bool below = change.path == directory || change.path.starts_with(directory + "/");
            if (below)
                paths.insert(fmt::format("{}{}\n", static_cast<int>(change.change), change.path));
        }
    }
    return fmt::format("{}", fmt::join(paths, ""));
}

}    // namespace

Task<bool> Reconciler::sweep_container(std::string stack, std::shared_ptr<const Desired> desired,
                                       model::ObservedContainer container) {
    const auto expected = desired->expected.at(container.service);
    const model::CodeState* known = proofs_.container(container, expected->code_id);
    if (known == nullptr) co_return false;    // its first comparison belongs to observe
    const model::CodeStatus before = known->status;
    auto changes = co_await parts_.engine.container_changes(container.id);
    if (!changes) {
        if (changes.error().code() == Errc::not_found) co_return false;
        co_return changes.error();
    }
    std::string relevant = relevant_changes(*changes, *expected);
    const auto swept = memory_[stack].swept.find(container.id);
    const std::string last = swept == memory_[stack].swept.end() ? std::string() : swept->second;
    const SystemTime looked = known->proven_at.value_or(SystemTime());
    const auto recheck = relevant.empty() ? quiet_recheck : changed_recheck;
    if (relevant == last && parts_.clock.now() - looked < recheck) co_return false;
    const auto compared = co_await compare(stack, desired, container);
    if (!compared && compared.error().code() != Errc::not_found) co_return compared.error();
    memory_[stack].swept[container.id] = std::move(relevant);
    known = proofs_.container(container, expected->code_id);
    co_return known == nullptr || known->status != before;
}

Task<std::vector<std::string>> Reconciler::sweep() {
    std::vector<std::string> changed;
    std::set<std::string> alive;
    std::vector<std::pair<std::string, std::shared_ptr<const Desired>>> stacks;
    for (const auto& [name, memory] : memory_) {
        if (memory.desired) stacks.emplace_back(name, memory.desired);
    }
    for (const auto& [id, container] : parts_.cache.owned_containers()) alive.insert(id);
    for (const auto& [name, desired] : stacks) {
        bool differs = false;
        const model::Observed observed = parts_.cache.observe(desired->project);
        for (const model::ObservedContainer& container : observed.containers) {
            const bool running = container.state == model::ContainerState::running;
            if (!running || !container.owned || !desired->expected.contains(container.service))
                continue;
            const auto swept = co_await sweep_container(name, desired, container);
            if (!swept) co_return swept.error();
            differs = differs || *swept;
        }
        if (differs) changed.push_back(name);
    }
    proofs_.keep_only(alive);
    co_return changed;
}

}    // namespace trueup::reconcile
