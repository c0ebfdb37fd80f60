// SPDX-License-Identifier: Apache-2.0
// A stack that no file names any more goes the same way as a plan of any other stack, but for what
// only a commit could tell: there is none.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>
#include <vector>

#include "controller/reconcile/kept_images.hpp"
#include "controller/reconcile/network_use.hpp"
#include "controller/reconcile/reconciler_run.hpp"

namespace trueup::reconcile {
namespace {

class NoTree final : public model::Tree {
public:
    Result<model::TreeEntry> stat(std::string_view path) const override { return nothing(path); }
    Result<std::vector<model::TreeEntry>> list(std::string_view path) const override {
        return nothing(path);
    }
    Result<std::string> read(std::string_view path, std::size_t /*limit*/) const override {
        return nothing(path);
    }

private:
    static Error nothing(std::string_view path) {
        return Error(Errc::not_found, fmt::format("{}: a removal has no commit", path));
    }
};

class NoImages final : public rollout::ImageWork {
public:
    Task<std::string> build(std::string service, std::string /*distrust*/) override {
        co_return nothing(service);
    }
    void give_up(const std::string& /*service*/, Error /*why*/) override {}
    Task<model::CodeState> prove(std::string service, std::string /*image_id*/) override {
        co_return nothing(service);
    }
    Task<model::CodeState> prove_container(std::string service,
                                           std::string /*container_id*/) override {
        co_return nothing(service);
    }
    Task<rollout::PurgedImage> purge(std::string service, std::string /*image_id*/) override {
        co_return nothing(service);
    }
    bool has_code(const std::string& /*service*/, const std::string& /*path*/) const override {
        return false;
    }

private:
    static Error nothing(const std::string& service) {
        return Error(Errc::internal, fmt::format("service {}: a removal has no image", service));
    }
};

// "a, b" of those of the project.
template <class Resource>
std::string names_of(const std::vector<Resource>& resources, const std::string& project) {
    std::string names;
    for (const Resource& each : resources) {
        if (each.project == project) names += (names.empty() ? "" : ", ") + each.name;
    }
    return names;
}

// " (a and b had been adopted)"; "" when none of what the plan removes had been.
std::string adopted_among(const plan::Plan& plan) {
    std::vector<std::string> names;
    for (const plan::Action& action : plan.actions) {
        const auto* step = std::get_if<plan::RemoveContainer>(&action.step);
        if (step != nullptr && step->adopted) names.push_back(step->name);
    }
    if (names.empty()) return {};
    return fmt::format(" ({} had been adopted)", fmt::join(names, ", "));
}

model::Project project_of(const Entry& entry) {
    model::Project project;
    project.name = entry.stack.project_name();
    return project;
}

}    // namespace

boost::asio::awaitable<Findings> Reconciler::remove(Entry entry, OnPlan on_plan, Stop stop) {
    const std::string name = entry.stack.metadata.name;
    Run run(std::move(entry), memory_of(name), std::move(stop));
    run.findings.removes = true;
    run.acts = true;
    look_for_request(run);
    co_await lift_expired(run);
    co_await remove_leftovers(run);
    Result<void> result = co_await look_at_rest(run);
    const Removal removal = run.entry.removal.value_or(Removal());
    const bool confirmed =
        parts_.store.confirmation(name, std::string(removal_confirmed)) != nullptr;
    if (!removal.token.empty() && !confirmed)
        run.findings.confirmation = v1alpha1::ConfirmationStatus{removal.token, removal.question};
    look_at_gate(run);
    co_await note_found(run);
    if (result && run.findings.gate.apply && !run.findings.plan.empty()) {
        if (on_plan) on_plan(run.findings);
        result = co_await remove_rest(run);
    }
    if (!result) run.findings.error = result.error();
    run.findings.removed = result && run.findings.gate.apply && run.findings.remaining.in_sync();
    if (run.findings.removed) run.findings.stage = Stage::done;
    co_await note_done(run);
    if (run.findings.removed) co_await note_removed(run);
    co_return std::move(run.findings);
}

Task<void> Reconciler::look_at_rest(Run& run) {
    Findings& findings = run.findings;
    findings.stage = Stage::observe;
    const auto follows = followed();
    if (!follows) co_return follows.error();
    const auto ours = look_at_hand(run);
    if (!ours) co_return ours.error();
    const std::string& stack = run.entry.stack.metadata.name;
    plan::Policy policy;
    policy.identity.controller = options_.controller_name;
    policy.identity.key = owner_key();
    if (options_.hand != nullptr) policy.self_container_id = options_.hand->own_container_id();
    policy.identity.stack = stack;
    policy.identity.environment = run.entry.stack.spec.environment;
    findings.observed = parts_.cache.observe(project_of(run.entry), stack,
                                             adopted_by(stack, parts_.store.adopted()));
    fill_adopted(*findings.observed, parts_.store.adopted(), policy.identity);
    findings.stage = Stage::diff;
    findings.remaining = plan::removal(*findings.observed, policy);
    const auto used = co_await note_others(parts_.engine, findings.remaining, *findings.observed);
    if (!used) co_return used.error();
    if (*used) findings.remaining = plan::removal(*findings.observed, policy);
    if (findings.plan.empty()) findings.plan = findings.remaining;
    co_return Result<void>();
}

Task<void> Reconciler::remove_rest(Run& run) {
    run.findings.stage = Stage::apply;
    const model::Project project = project_of(run.entry);
    const render::StackIdentity identity;
    const NoTree tree;
    NoImages images;
    rollout::Context context{.engine = parts_.engine,
                             .cache = parts_.cache,
                             .pool = parts_.pool,
                             .clock = parts_.clock,
                             .project = project,
                             .identity = identity,
                             .tree = tree,
                             .images = images};
    const auto applied = co_await carry_out(run, std::move(context));
    if (!applied) co_return applied.error();
    const auto refreshed = co_await parts_.cache.refresh_project(project.name);
    if (!refreshed) co_return refreshed.error();
    co_await drop_unused_hooks(run.entry.stack.metadata.name);
    const auto looked = co_await look_at_rest(run);
    if (!looked) co_return looked.error();
    // There is no way back to a stack that is gone.
    Needed nothing;
    nothing.is_all = true;
    const auto released =
        co_await keep_images(parts_.engine, run.entry.stack.metadata.name, std::move(nothing));
    if (!released) co_return released.error();
    run.findings.stage = Stage::verify;
    co_return Result<void>();
}

// What stays is named, since nobody else will speak of it any more.
boost::asio::awaitable<void> Reconciler::note_removed(Run& run) {
    const std::string& name = run.entry.stack.metadata.name;
    const std::string project = run.entry.stack.project_name();
    const model::Observed& left = *run.findings.observed;
    const std::string volumes = names_of(left.volumes, project);
    const std::string networks = names_of(left.networks, project);
    store::Event event;
    event.name = name;
    event.reason = "Removed";
    event.message =
        fmt::format("its file {} is gone: its containers{} and networks were removed; {}{}",
                    run.entry.file, adopted_among(run.findings.plan),
                    volumes.empty() ? "it has no volumes" : "its volumes stay: " + volumes,
                    networks.empty() ? "" : "; networks that another tool made stay: " + networks);
    event.cause = "sync.deletionPolicy: delete";
    const std::string confirmed(removal_confirmed);
    if (const auto* yes = parts_.store.confirmation(name, confirmed)) event.actor = yes->actor;
    store::Changes changes;
    changes.emplace_back(std::move(event));
    changes.emplace_back(store::Forget{name});
    co_await parts_.store.write(std::move(changes));
}

}    // namespace trueup::reconcile
