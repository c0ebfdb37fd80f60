// SPDX-License-Identifier: Apache-2.0
// Sweeping: running containers whose code may have changed meanwhile are compared again, and stacks
// whose images moved under their tags are told.
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <deque>
#include <optional>
#include <set>
#include <utility>

#include "controller/base/log.hpp"
#include "controller/base/task_group.hpp"
#include "controller/reconcile/reconciler_run.hpp"

namespace trueup::reconcile {
namespace {

// The list of changes names paths, not contents, and does not see mounted volumes: so a container
// whose list stays the same is compared again from time to time all the same.
constexpr std::chrono::seconds changed_recheck{30};
constexpr std::chrono::minutes quiet_recheck{10};
// One that answers slowly does not keep the others waiting. The pool has a thread for each of them.
constexpr std::size_t looks_at_once = 4;

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

// What a look found, whenever that was.
model::CodeState without_time(model::CodeState state) {
    state.proven_at.reset();
    return state;
}

}    // namespace

Task<bool> Reconciler::sweep_container(std::string stack, std::shared_ptr<const Desired> desired,
                                       model::ObservedContainer container) {
    const auto expected = desired->expected.at(container.service);
    const model::CodeState* known = proofs_.container(container, expected->code_id);
    if (known == nullptr) co_return false;    // its first comparison belongs to observe
    const model::CodeState before = without_time(*known);
    const code::Readings::Due due = readings_.due(container.id);
    if (due == code::Readings::Due::nothing) co_return false;
    if (due == code::Readings::Due::ask) {
        const auto asked = co_await may_have_changed(stack, container, *expected);
        if (!asked) co_return asked.error();
        if (!*asked) co_return false;
    }
    const auto compared = co_await compare(stack, desired, container);
    if (!compared && compared.error().code() != Errc::not_found) co_return compared.error();
    known = proofs_.container(container, expected->code_id);
    co_return known == nullptr || without_time(*known) != before;
}

// Of a container that is read through the engine.
Task<bool> Reconciler::may_have_changed(std::string stack, model::ObservedContainer container,
                                        const code::ExpectedCode& expected) {
    auto changes = co_await parts_.engine.container_changes(container.id);
    if (!changes) {
        if (changes.error().code() == Errc::not_found) co_return false;
        co_return changes.error();
    }
    std::string relevant = relevant_changes(*changes, expected);
    const model::CodeState* known = proofs_.container(container, expected.code_id);
    if (known == nullptr) co_return false;
    std::string& last = memory_of(stack)->swept[container.id];
    const SystemTime looked = known->proven_at.value_or(SystemTime());
    const auto recheck = relevant.empty() ? quiet_recheck : changed_recheck;
    if (relevant == last && parts_.clock.now() - looked < recheck) co_return false;
    last = std::move(relevant);
    co_return true;
}

namespace {

// Its process can be older than files that it has read, and that would matter.
bool has_an_age(const model::ObservedContainer& container, const Desired& desired) {
    const auto service = desired.project.services.find(container.service);
    return container.state == model::ContainerState::running && container.owned &&
           !container.one_off && service != desired.project.services.end() &&
           plan::may_be_outdated(desired.project, service->second);
}

}    // namespace

// Whatever is looked at for the first time since its start; the sweep looks again.
Task<void> Reconciler::look_at_ages(Run& run, model::Observed& observed) {
    const Desired& desired = *run.findings.desired;
    for (model::ObservedContainer& container : observed.containers) {
        if (!has_an_age(container, desired) || !ages_.is_new(container)) continue;
        const auto looked =
            co_await ages_.look(parts_.pool, container, desired.policy.identity.bind_root);
        if (!looked) co_return looked.error();
        ages_.fill(container);
    }
    co_return Result<void>();
}

Task<bool> Reconciler::sweep_age(std::shared_ptr<const Desired> desired,
                                 model::ObservedContainer container) {
    if (!has_an_age(container, *desired) || !ages_.is_due(container)) co_return false;
    co_return co_await ages_.look(parts_.pool, std::move(container),
                                  desired->policy.identity.bind_root);
}

// What fails for one container says nothing of the others: they are looked at all the same.
Task<bool> Reconciler::sweep_one(std::string stack, std::shared_ptr<const Desired> desired,
                                 model::ObservedContainer container) {
    auto aged = co_await sweep_age(desired, container);
    if (!aged && aged.error().code() == Errc::cancelled) co_return aged.error();
    if (!aged) {
        log::debug("what a container has mounted cannot be looked at",
                   {{"container", container.name}, {"error", aged.error().message()}});
    }
    const bool older = aged && *aged;
    if (!desired->expected.contains(container.service)) co_return older;
    const auto swept = co_await sweep_container(stack, desired, container);
    if (swept) co_return *swept || older;
    if (swept.error().code() == Errc::cancelled) co_return swept.error();
    const bool is_news = note_unseen(stack, *desired, container, swept.error());
    co_return is_news || older;
}

// Whether that is news.
bool Reconciler::note_unseen(const std::string& stack, const Desired& desired,
                             const model::ObservedContainer& container, const Error& why) {
    // An engine that went away is no container's matter.
    if (!parts_.cache.synced()) return false;
    const auto memory = memory_.find(stack);
    if (memory != memory_.end()) memory->second->swept.erase(container.id);
    const auto expected = desired.expected.find(container.service);
    if (expected == desired.expected.end()) return false;
    const bool is_news = proofs_.put_unknown(container, expected->second->code_id);
    if (is_news) {
        log::warning("the code of a container cannot be compared",
                     {{"container", container.name}, {"error", why.message()}});
    }
    return is_news;
}

// What is to be looked at in one pass, and the stacks of which something became another. Only what is due
// is in it: a pass over ten thousand containers copies none.
struct Reconciler::Pass {
    struct Look {
        std::string stack;
        std::shared_ptr<const Desired> desired;
        model::ObservedContainer container;
    };
    std::deque<Look> looks;
    std::set<std::string> changed;
};

bool Reconciler::is_due(const Desired& desired, const model::ObservedContainer& container) const {
    if (container.state != model::ContainerState::running || !container.owned) return false;
    if (has_an_age(container, desired) && ages_.is_due(container)) return true;
    const auto expected = desired.expected.find(container.service);
    return expected != desired.expected.end() &&
           proofs_.container(container, expected->second->code_id) != nullptr &&
           readings_.due(container.id) != code::Readings::Due::nothing;
}

boost::asio::awaitable<void> Reconciler::sweep_into(std::optional<Result<bool>>& swept,
                                                    std::string stack,
                                                    std::shared_ptr<const Desired> desired,
                                                    model::ObservedContainer container) {
    auto done = co_await sweep_one(std::move(stack), std::move(desired), std::move(container));
    swept.emplace(std::move(done));
}

namespace {

boost::asio::awaitable<void> close_after(Milliseconds time, TaskGroup& group) {
    const auto slept = co_await base::sleep_for(time);
    if (slept) group.close();
}

}    // namespace

// A container may keep whoever looks at it waiting for ever.
Task<bool> Reconciler::sweep_in_time(std::string stack, std::shared_ptr<const Desired> desired,
                                     model::ObservedContainer container) {
    const auto executor = co_await boost::asio::this_coro::executor;
    std::optional<Result<bool>> swept;
    TaskGroup looking(executor);
    TaskGroup timing(executor);
    looking.spawn("look at " + container.name, sweep_into(swept, stack, desired, container));
    timing.spawn("deadline of " + container.name, close_after(options_.look_deadline, looking));
    co_await looking.wait();
    looking.close();
    timing.close();
    co_await timing.wait();
    const bool cancelled = co_await base::is_cancelled();
    if (cancelled) co_return Error(Errc::cancelled, "cancelled while code was compared");
    // Moved: of a Result<bool> that is no constant, boost takes whether it is one for its value.
    if (swept && (*swept || swept->error().code() != Errc::cancelled)) co_return std::move(*swept);
    const Error why(Errc::unavailable,
                    fmt::format("it was not done after {} seconds",
                                std::chrono::ceil<Seconds>(options_.look_deadline).count()));
    readings_.look_again(container.id, options_.look_deadline);
    // Whatever was made for it may still be there.
    const auto memory = memory_.find(stack);
    if (memory != memory_.end()) memory->second->leftovers = true;
    co_return note_unseen(stack, *desired, container, why);
}

// One of those who look, until nothing is left.
boost::asio::awaitable<void> Reconciler::look_on(Pass& pass) {
    while (!pass.looks.empty()) {
        Pass::Look look = std::move(pass.looks.front());
        pass.looks.pop_front();
        const std::string stack = look.stack;
        const auto swept = co_await sweep_in_time(std::move(look.stack), std::move(look.desired),
                                                  std::move(look.container));
        if (!swept) co_return;    // cancelled
        if (*swept) pass.changed.insert(stack);
    }
}

Task<void> Reconciler::look_at_all(Pass& pass) {
    const auto executor = co_await boost::asio::this_coro::executor;
    TaskGroup group(executor);
    const std::size_t count = std::min(looks_at_once, pass.looks.size());
    for (std::size_t number = 0; number < count; ++number) group.spawn("code sweep", look_on(pass));
    co_await group.wait();
    group.close();
    const bool cancelled = co_await base::is_cancelled();
    if (cancelled) co_return Error(Errc::cancelled, "cancelled while code was compared");
    co_return Result<void>();
}

Task<std::vector<std::string>> Reconciler::sweep() {
    std::set<std::string> alive;
    std::vector<std::pair<std::string, std::shared_ptr<const Desired>>> stacks;
    for (const auto& [name, memory] : memory_) {
        if (const auto& desired = shown(*memory).desired) stacks.emplace_back(name, desired);
    }
    for (const auto& [id, container] : parts_.cache.owned_containers()) alive.insert(id);
    Pass pass;
    for (const auto& [name, desired] : stacks) {
        model::Observed observed =
            parts_.cache.observe(desired->project, desired->policy.identity.stack);
        fill_adopted(observed, parts_.store.adopted(), desired->policy.identity);
        // No event names the stacks that a moved tag is something to.
        model::StringMap& tags = memory_of(name)->tags;
        if (!tags.empty() && tags != observed.image_of_reference) pass.changed.insert(name);
        tags = observed.image_of_reference;
        for (model::ObservedContainer& container : observed.containers) {
            alive.insert(container.id);
            if (is_due(*desired, container))
                pass.looks.push_back({name, desired, std::move(container)});
        }
    }
    const auto looked = co_await look_at_all(pass);
    if (!looked) co_return looked.error();
    std::vector<std::string> changed(pass.changed.begin(), pass.changed.end());
    // What an engine that went away does not list is not gone.
    if (!parts_.cache.synced()) co_return changed;
    proofs_.keep_only(alive);
    readings_.keep_only(alive);
    co_await ages_.keep_only(parts_.pool, alive);
    co_return changed;
}

}    // namespace trueup::reconcile
