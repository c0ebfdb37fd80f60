// SPDX-License-Identifier: Apache-2.0
// The stages, in order. Each writes what it found into the Run; the first error ends it. What a
// stage made is remembered per stack, so that a reconcile in which nothing changed costs no git
// access, no load and no engine request: the cache answers observe, diff is empty, and that is all.
#include "controller/reconcile/reconciler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controller/base/log.hpp"
#include "controller/reconcile/image_work.hpp"
#include "controller/reconcile/reconciler_run.hpp"

namespace trueup::reconcile {

Reconciler::Reconciler(Parts parts, ReconcilerOptions options)
    : parts_(parts),
      options_(std::move(options)),
      readings_(parts.clock),
      ages_(parts.clock, options_.state_directory.empty()
                             ? std::string()
                             : options_.state_directory + "/processes") {}
Reconciler::~Reconciler() = default;

boost::asio::awaitable<Findings> Reconciler::reconcile(Entry entry, OnPlan on_plan, Stop stop) {
    const std::string name = entry.stack.metadata.name;
    Run run(std::move(entry), memory_of(name), std::move(stop));
    run.acts = true;
    look_for_request(run);
    co_await lift_expired(run);
    co_await remove_leftovers(run);
    auto looked = co_await up_to_diff(run);
    const auto result = co_await act(run, std::move(looked), on_plan);
    if (!result) {
        run.memory.leftovers = true;
        run.findings.error = result.error();
    } else if (run.findings.remaining.empty()) {
        run.findings.stage = Stage::done;
        if (run.findings.remaining.in_sync()) count_lead_time(run);
    }
    co_await note_done(run);
    if (result)
        remember_good(run);
    else
        co_await keep_standing(run, std::move(on_plan));
    co_return std::move(run.findings);
}

// Tells what was found, and carries the plan out where that may be.
Task<void> Reconciler::act(Run& run, Result<void> looked, OnPlan on_plan) {
    Findings& findings = run.findings;
    findings.confirmation = to_confirm(findings.plan);
    look_at_gate(run);
    co_await note_found(run);
    Result<void> result = std::move(looked);
    if (result && findings.gate.apply && !findings.plan.empty())
        result = co_await apply_and_verify(run, std::move(on_plan));
    // What was held may be healed by what was done beside it.
    findings.confirmation = to_confirm(result ? findings.remaining : findings.plan);
    co_return result;
}

boost::asio::awaitable<Findings> Reconciler::preview(Entry entry) {
    const std::string name = entry.stack.metadata.name;
    Run run(std::move(entry), memory_of(name), nullptr);
    const Result<void> result = co_await up_to_diff(run);
    run.findings.confirmation = to_confirm(run.findings.plan);
    look_at_gate(run);
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
    run.confirmed = parts_.store.confirmed(run.entry.stack.metadata.name);
    auto made = co_await diff(run);
    if (!made) co_return made.error();
    findings.plan = std::move(*made);
    findings.remaining = findings.plan;
    if (findings.plan.blocked) co_return Error(Errc::conflict, findings.plan.blocked->message);
    if (findings.plan.empty()) co_return Result<void>();
    auto beyond = render::beyond(findings.desired->project,
                                 render::capability_of(parts_.cache.info().api_version));
    if (!beyond.empty()) co_return Error(std::move(beyond));
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
    if (!run.memory.leftovers || !parts_.cache.synced() || !may_act()) co_return;
    const auto removed = co_await code::remove_leftovers(
        parts_.engine, proof_owner(options_.controller_name, run.entry.stack.metadata.name));
    run.memory.leftovers = !removed;
}

bool Reconciler::may_act() const {
    return options_.hand == nullptr || options_.hand->check().has_value();
}

std::string Reconciler::owner_key() const {
    return options_.hand == nullptr ? std::string() : options_.hand->owner_key();
}

// Another controller has the engine, or it does not let us in: the hand goes on trying, and wakes us.
Result<void> Reconciler::look_at_hand(Run& run) const {
    if (options_.hand == nullptr || !run.acts) return Result<void>();
    const auto ours = options_.hand->check();
    if (ours) return ours;
    if (options_.hand->is_twin()) {
        run.findings.reason = "DuplicateEngine";
        return ours;
    }
    if (ours.error().code() == Errc::conflict) run.findings.reason = "EngineHeld";
    return Error(Errc::unavailable, ours.error().message());
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
    auto credential = co_await read_credential(spec.git.credentials, *url);
    if (!credential) co_return credential.error();
    auto commit =
        co_await parts_.repositories.fetch(*url, std::move(revision), std::move(*credential));
    if (!commit) co_return commit.error();
    memory.asked_at = parts_.clock.now();
    const bool same_commit = memory.commit && memory.commit->id == commit->id;
    if (!same_spec || !same_commit) memory.desired = nullptr;
    memory.spec = spec;
    memory.commit = std::move(*commit);
    memory.ask_again = false;
    co_return Result<void>();
}

Task<source::GitCredential> Reconciler::read_credential(std::string name, std::string url) {
    std::function<Result<source::GitCredential>()> work = [this, &name, &url] {
        return options_.git_credentials.read(name, url);
    };
    co_return co_await base::offload_result(parts_.pool, std::move(work));
}

Task<void> Reconciler::load(Run& run) {
    run.findings.stage = Stage::load;
    Memory& memory = run.memory;
    // Before the files of the host, which are kept only for who is loaded anew.
    const std::string key = owner_key();
    if (memory.desired && memory.desired->policy.identity.key != key) memory.desired = nullptr;
    const auto read = co_await read_host_files(run);
    if (!read) co_return read.error();
    if (!memory.desired) {
        LoadInputs inputs;
        inputs.host_contents = std::move(memory.host_contents);
        inputs.host_files = options_.host_files;
        inputs.remote_engine = options_.remote_engine;
        inputs.spec = run.entry.stack.spec;
        inputs.stack_name = run.entry.stack.metadata.name;
        inputs.project_name = run.entry.stack.project_name();
        inputs.controller_name = options_.controller_name;
        inputs.owner_key = key;
        if (options_.hand != nullptr) inputs.unseen_files = options_.hand->why_files_are_unseen();
        inputs.bind_root = options_.state_directory + "/binds";
        inputs.commit = *memory.commit;
        std::function<Result<std::shared_ptr<const Desired>>()> work = [&inputs] {
            return load_desired(inputs);
        };
        auto desired = co_await base::offload_result(parts_.pool, std::move(work));
        if (!desired) co_return desired.error();
        memory.desired = std::move(*desired);
        memory.bases_known = false;
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
    const std::string& stack = desired.policy.identity.stack;
    model::Observed observed =
        parts_.cache.observe(desired.project, stack, adopted_by(stack, parts_.store.adopted()));
    fill_adopted(observed, parts_.store.adopted(), desired.policy.identity);
    for (const auto& [slot, done] : parts_.store.completed(desired.policy.identity.stack))
        observed.completed.emplace(slot, model::Completion{done.config_hash, done.image});
    const auto known = memory_.find(desired.policy.identity.stack);
    for (model::ObservedContainer& container : observed.containers) ages_.fill(container);
    if (known == memory_.end()) return observed;
    const std::shared_ptr<Memory>& standing = known->second->standing;
    const bool stands = standing && standing->desired.get() == &desired;
    const Memory& memory = stands ? *standing : *known->second;
    proofs_.fill(observed, memory.code_ids, memory.recipes);
    memory.changed_folders.fill(desired, observed);
    for (model::ObservedNetwork& network : observed.networks) {
        const auto others = memory.others.find(network.id);
        if (others != memory.others.end()) network.others = others->second;
    }
    return observed;
}

// Whatever stands in the way, a refusal too: the cache goes on trying, and wakes us once it is there.
Result<void> Reconciler::followed() const {
    if (parts_.cache.synced()) return Result<void>();
    const auto problem = parts_.cache.problem();
    const std::string why = problem ? problem->message() : std::string("connecting");
    return Error(Errc::unavailable, "the engine: " + why);
}

Task<void> Reconciler::observe(Run& run) {
    run.findings.stage = Stage::observe;
    const auto follows = followed();
    if (!follows) co_return follows.error();
    const auto ours = look_at_hand(run);
    if (!ours) co_return ours.error();
    // Loaded while the seat was being taken: what is created must carry the seal of its key.
    if (run.findings.desired->policy.identity.key != owner_key()) {
        const auto loaded = co_await load(run);
        if (!loaded) co_return loaded.error();
        run.findings.stage = Stage::observe;
    }
    const auto asked = co_await look_at_bases(run);
    if (!asked) co_return asked.error();
    model::Observed observed = snapshot(*run.findings.desired);
    const auto compared = co_await compare_new(run, observed);
    if (!compared) co_return compared.error();
    const auto aged = co_await look_at_ages(run, observed);
    if (!aged) co_return aged.error();
    const auto looked =
        co_await run.memory.changed_folders.look(parts_.pool, run.findings.desired, observed);
    if (!looked) co_return looked.error();
    if (run.findings.desired->policy.adopt) {
        const auto filled =
            co_await run.memory.comparisons.fill(parts_.engine, run.findings.desired, observed);
        if (!filled) co_return filled.error();
    }
    run.findings.observed = std::move(observed);
    co_return Result<void>();
}

namespace {

// Running; or made by another tool, and to be adopted: then its code says what its image is.
bool may_tell(const model::ObservedContainer& container, const Desired& desired) {
    if (container.state == model::ContainerState::running)
        return container.owned || desired.policy.adopt;
    return !container.owned && desired.policy.adopt &&
           container.state == model::ContainerState::exited;
}

// Worth comparing: with code, and not of another recipe (that one is drift already, and its code is
// known to be another commit's).
bool needs_comparison(const model::ObservedContainer& container, const Desired& desired,
                      const model::Observed& observed) {
    if (container.one_off || !may_tell(container, desired)) return false;
    // Unknown after a look: nothing there could tell. The sweep looks again.
    if (container.code.status != model::CodeStatus::unknown || container.code.proven_at)
        return false;
    if (!desired.expected.contains(container.service)) return false;
    const model::Service& service = desired.project.services.at(container.service);
    if (!service.build) return true;
    const auto image = observed.images.find(container.image_id);
    if (image == observed.images.end()) return false;
    const std::string& recipe =
        container.recipe_id.empty() ? image->second.recipe_id : container.recipe_id;
    return recipe == service.build->recipe_id || (recipe.empty() && !container.owned);
}

}    // namespace

Task<void> Reconciler::compare_new(Run& run, model::Observed& observed) {
    bool any = false;
    for (const model::ObservedContainer& container : observed.containers) {
        if (!needs_comparison(container, *run.findings.desired, observed)) continue;
        const auto compared =
            co_await compare(run.entry.stack.metadata.name, run.findings.desired, container);
        if (!compared && compared.error().code() == Errc::cancelled) co_return compared.error();
        // A container that vanished meanwhile is the next look's matter; its code stays unknown, and
        // the sweep tries again.
        if (!compared) {
            proofs_.put_unknown(container,
                                run.findings.desired->expected.at(container.service)->code_id);
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
    CommitImages work(parts_, proofs_, readings_, desired, options_.progress);
    const auto state = co_await work.prove_observed(container);
    if (!state) co_return state.error();
    memory_of(stack)->swept.erase(container.id);
    co_return Result<void>();
}

void Reconciler::expect_new_commits(const std::string& stack) {
    const auto found = memory_.find(stack);
    if (found != memory_.end()) found->second->ask_again = true;
}

std::shared_ptr<Reconciler::Memory> Reconciler::memory_of(const std::string& stack) {
    std::shared_ptr<Memory>& memory = memory_[stack];
    if (!memory) memory = std::make_shared<Memory>();
    return memory;
}

void Reconciler::forget(const std::string& stack) { memory_.erase(stack); }

}    // namespace trueup::reconcile
