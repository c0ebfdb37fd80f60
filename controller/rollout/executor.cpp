// SPDX-License-Identifier: Apache-2.0
// An action becomes ready when the last action it waits for has succeeded; ready actions are
// spawned in the order of the plan, and permits bound how many work at once. The loop sleeps until
// an action has ended.
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <utility>

#include "controller/rollout/materialise.hpp"
#include "controller/rollout/run.hpp"

namespace trueup::rollout {
namespace {

bool settles(const plan::Action& action) {
    return std::holds_alternative<plan::SettleContainer>(action.step);
}

// May end anywhere: what it leaves is found by the next run, and it can take long.
bool is_interruptible(const plan::Action& action) {
    return settles(action) || std::holds_alternative<plan::PullImage>(action.step) ||
           std::holds_alternative<plan::BuildImage>(action.step) ||
           std::holds_alternative<plan::ProveImage>(action.step);
}

// The container is another one after the plan, or was started by it.
bool changes(const plan::Plan& plan, const plan::SettleContainer& settle) {
    const auto starts = [&settle](const plan::Action& action) {
        const auto* start = std::get_if<plan::StartContainer>(&action.step);
        return start != nullptr && start->name == settle.name;
    };
    return !settle.previous.empty() ||
           std::any_of(plan.actions.begin(), plan.actions.end(), starts);
}

bool waits_for(const model::Project& project, const plan::Action& action,
               const std::string& dependency) {
    const auto service = project.services.find(action.service);
    return service != project.services.end() && service->second.depends_on.contains(dependency);
}

}    // namespace

boost::asio::awaitable<Outcome> apply(const plan::Plan& plan, const Context& context) {
    if (plan.blocked || plan.actions.empty()) co_return Outcome();
    const Executor executor = co_await boost::asio::this_coro::executor;
    Run run(executor, plan, context);
    co_await run.carry_out();
    co_return run.take();
}

Run::Run(Executor executor, const plan::Plan& plan, const Context& context)
    : executor_(executor),
      plan_(plan),
      context_(context),
      work_(executor),
      waits_(executor),
      permits_(executor, context.parallelism),
      watch_(executor, context.cache),
      wake_(executor, boost::asio::steady_timer::time_point::max()),
      missing_(plan.actions.size() + 1),
      followers_(plan.actions.size() + 1) {
    mask_.add(context.host_values);
    for (const plan::Action& action : plan.actions) {
        missing_[static_cast<std::size_t>(action.number)] = action.after.size();
        for (const int before : action.after)
            followers_[static_cast<std::size_t>(before)].push_back(action.number);
        if (action.after.empty()) ready_.push_back(action.number);
    }
}

Outcome Run::take() {
    outcome_.restored.assign(restored_.begin(), restored_.end());
    if (cancelled_ && !outcome_.error)
        outcome_.error = Error(Errc::cancelled, "stopped before the plan was done");
    return std::move(outcome_);
}

boost::asio::awaitable<void> Run::carry_out() {
    const auto materialised = co_await materialise_binds();
    if (materialised) {
        waits_.spawn("rollout watch", watch_.run());
    } else {
        outcome_.error = materialised.error();
        ready_.clear();
    }
    while (true) {
        if (co_await base::is_cancelled()) {
            cancelled_ = true;
            waits_.close();
        }
        spawn_ready();
        if (running_ == 0) break;
        if (!progressed_) co_await wake_.async_wait(base::use_task);
        progressed_ = false;
    }
    waits_.close();
    work_.close();
    co_await waits_.wait();
    co_await work_.wait();
    if ((outcome_.error || outcome_.stopped) && !cancelled_) co_await remove_unused();
}

void Run::spawn_ready() {
    while (!ready_.empty()) {
        const plan::Action& action = plan_.actions[static_cast<std::size_t>(ready_.front() - 1)];
        ready_.pop_front();
        if (!may_begin(action)) continue;
        ++running_;
        TaskGroup& group = is_interruptible(action) ? waits_ : work_;
        group.spawn(fmt::format("rollout action {}", action.number), run_action(action));
    }
}

// What was started is settled even after a failure elsewhere: only then is its place in order.
bool Run::may_begin(const plan::Action& action) {
    if (cancelled_) return false;
    if (settles(action)) return true;
    if (!outcome_.stopped && context_.stop) outcome_.stopped = context_.stop();
    return !failed_ && !outcome_.stopped;
}

boost::asio::awaitable<void> Run::run_action(const plan::Action& action) {
    bool permitted = settles(action);
    const bool counts = !permitted;
    if (counts) permitted = co_await permits_.acquire();
    if (permitted && may_begin(action)) {
        say(fmt::format("#{} {}: {}", action.number, action.target, plan::describe(action.step)));
        const SteadyTime began = context_.clock.steady();
        Task<void> work = dispatch(action);
        const auto done = co_await std::move(work);
        finish(action, done,
               std::chrono::duration<double>(context_.clock.steady() - began).count());
    }
    if (permitted && counts) permits_.release();
    --running_;
    progressed_ = true;
    wake_.cancel();
}

Task<void> Run::dispatch(const plan::Action& action) {
    return std::visit([this, &action](const auto& step) { return perform(step, action.number); },
                      action.step);
}

void Run::finish(const plan::Action& action, const Result<void>& done, double seconds) {
    ActionResult result;
    result.number = action.number;
    result.kind = plan::kind(action.step);
    result.service = action.service;
    result.target = action.target;
    result.seconds = seconds;
    result.remarks = std::move(remarks_[action.number]);
    if (done) {
        say(fmt::format("#{} done in {:.1f} s", action.number, seconds));
        for (const int follower : followers_[static_cast<std::size_t>(action.number)]) {
            if (--missing_[static_cast<std::size_t>(follower)] == 0) ready_.push_back(follower);
        }
    } else {
        const Error error = mask_.hide(done.error());
        say(fmt::format("#{} failed: {}", action.number, error.message()));
        fail(action, error, result);
    }
    outcome_.actions.push_back(std::move(result));
}

// What nobody requires holds nobody up: those that wait for it go on, and so does all else, but for the
// further replicas of the service itself.
void Run::fail(const plan::Action& action, const Error& error, ActionResult& result) {
    const auto* settle = std::get_if<plan::SettleContainer>(&action.step);
    const bool optional = settle != nullptr && settle->optional && !cancelled_;
    if (optional && !changes(plan_, *settle)) {
        result.remarks.push_back(
            {"DependencyFailed",
             "goes on without it, for no service requires it: " + error.message()});
    } else {
        result.error = error.in(action.target);
        if (!outcome_.error) outcome_.error = result.error;
    }
    if (!optional) {
        failed_ = true;
        return;
    }
    for (const int follower : followers_[static_cast<std::size_t>(action.number)]) {
        const auto& next = plan_.actions[static_cast<std::size_t>(follower - 1)];
        if (!waits_for(context_.project, next, action.service)) continue;
        if (--missing_[static_cast<std::size_t>(follower)] == 0) ready_.push_back(follower);
    }
}

void Run::say(const std::string& line) const {
    if (context_.progress) context_.progress(line);
}

void Run::remark(int number, std::string reason, std::string text) {
    say(fmt::format("#{} {}", number, text));
    remarks_[number].push_back({std::move(reason), std::move(text)});
}

// Before anything else, and for existing containers too: the engine makes a folder of whatever bind
// source it does not find.
Task<void> Run::materialise_binds() {
    std::map<std::string, model::Mount> mounts;    // by content
    const auto add = [&](const std::string& name) {
        for (const auto& [target, mount] :
             render::mounts_by_target(context_.project, service(name))) {
            if (mount.in_commit) mounts.emplace(mount.content_id, mount);
        }
    };
    for (const plan::Action& action : plan_.actions) {
        if (const auto* prepare = std::get_if<plan::PrepareContainer>(&action.step))
            add(prepare->service);
        if (const auto* start = std::get_if<plan::StartContainer>(&action.step))
            add(start->service);
    }
    if (mounts.empty()) co_return Result<void>();
    std::function<Result<void>()> write = [&]() -> Result<void> {
        for (const auto& [content, mount] : mounts) {
            auto written = materialise(context_.tree, mount, context_.identity.bind_root);
            if (!written) return written.error().in("bind " + mount.target);
        }
        return {};
    };
    co_return co_await base::offload_result(context_.pool, std::move(write));
}

// Never started, so nothing of anybody is in them.
boost::asio::awaitable<void> Run::remove_unused() {
    for (const std::string& id : unused_) co_await context_.engine.remove_container(id, true, true);
}

}    // namespace trueup::rollout
