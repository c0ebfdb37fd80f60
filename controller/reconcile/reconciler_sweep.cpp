// SPDX-License-Identifier: Apache-2.0
// Sweeping: running containers whose code may have changed meanwhile are compared again.
#include <fmt/format.h>

#include <set>
#include <utility>

#include "controller/reconcile/reconciler_run.hpp"

namespace trueup::reconcile {
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
    const std::shared_ptr<Memory> memory = memory_of(stack);
    const auto swept = memory->swept.find(container.id);
    const std::string last = swept == memory->swept.end() ? std::string() : swept->second;
    const SystemTime looked = known->proven_at.value_or(SystemTime());
    const auto recheck = relevant.empty() ? quiet_recheck : changed_recheck;
    if (relevant == last && parts_.clock.now() - looked < recheck) co_return false;
    const auto compared = co_await compare(stack, desired, container);
    if (!compared && compared.error().code() != Errc::not_found) co_return compared.error();
    memory->swept[container.id] = std::move(relevant);
    known = proofs_.container(container, expected->code_id);
    co_return known == nullptr || known->status != before;
}

Task<std::vector<std::string>> Reconciler::sweep() {
    std::vector<std::string> changed;
    std::set<std::string> alive;
    std::vector<std::pair<std::string, std::shared_ptr<const Desired>>> stacks;
    for (const auto& [name, memory] : memory_) {
        if (memory->desired) stacks.emplace_back(name, memory->desired);
    }
    for (const auto& [id, container] : parts_.cache.owned_containers()) alive.insert(id);
    for (const auto& [name, desired] : stacks) {
        bool differs = false;
        model::Observed observed =
            parts_.cache.observe(desired->project, desired->policy.identity.stack);
        fill_adopted(observed, parts_.store.adopted(), desired->policy.identity);
        for (const model::ObservedContainer& container : observed.containers) {
            alive.insert(container.id);
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
