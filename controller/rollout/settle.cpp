// SPDX-License-Identifier: Apache-2.0
// Settling: look at the container; where the verdict is open, wait for the engine's next event
// about it (with a slow look of our own behind that) until the deadline.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controller/rollout/bound_secrets.hpp"
#include "controller/rollout/limits.hpp"
#include "controller/rollout/mask.hpp"
#include "controller/rollout/run.hpp"

namespace trueup::rollout {
namespace {

using model::ContainerState;
using model::Health;
using std::chrono::nanoseconds;

constexpr Milliseconds slow_look{2'000};    // should an event be missed
constexpr nanoseconds margin = Seconds(10);
constexpr nanoseconds restart_limit = Seconds(30);    // to stay up, without a health check
constexpr nanoseconds image_check_limit =
    std::chrono::minutes(5);    // the image's own check: not known here
constexpr std::size_t log_lines = 10;

// The engine's defaults, where the service says nothing.
nanoseconds health_limit(const model::Service& service) {
    if (!service.healthcheck || service.healthcheck->disabled) return image_check_limit;
    const model::Healthcheck& check = *service.healthcheck;
    const nanoseconds once =
        check.interval.value_or(Seconds(30)) + check.timeout.value_or(Seconds(30));
    return check.start_period.value_or(Seconds(0)) + check.retries.value_or(3) * once + margin;
}

enum class Verdict : std::uint8_t { open, settled, failed };
struct Judgement {
    Verdict verdict = Verdict::open;
    std::string what;    // why it failed, or what is waited for
};

// What else is asked of a container but to run.
struct Wanted {
    bool completes = false;
    bool may_end = false;
    bool healthy = false;    // others wait for it
};

Judgement judge_running(const model::ObservedContainer& container, const Wanted& wanted) {
    if (container.health == Health::unhealthy) return {Verdict::failed, "is unhealthy"};
    if (wanted.completes) return {Verdict::open, "has not ended"};
    if (container.health == Health::none && wanted.healthy)
        return {Verdict::failed,
                "has no health check, and others wait for it to be healthy: add one to the service "
                "or its image, or wait for service_started"};
    if (container.health == Health::starting) return {Verdict::open, "is not healthy yet"};
    return {Verdict::settled, ""};
}

Judgement judge(const model::ObservedContainer& container, const Wanted& wanted) {
    switch (container.state) {
        case ContainerState::running: return judge_running(container, wanted);
        case ContainerState::restarting:
            return {Verdict::open,
                    fmt::format("keeps restarting, last with exit code {}", container.exit_code)};
        case ContainerState::created: return {Verdict::open, "was not started"};
        case ContainerState::exited:
            if (container.exit_code == 0 && wanted.may_end) return {Verdict::settled, ""};
            return {Verdict::failed, fmt::format("exited with code {}", container.exit_code)};
        case ContainerState::paused: return {Verdict::failed, "is paused"};
        case ContainerState::removing:
        case ContainerState::dead: break;
    }
    return {Verdict::failed, "is " + std::string(model::to_string(container.state))};
}

// Its code is known to be another and is left so, since that recurs: no fault of whatever else is put
// right in the same container.
bool leaves_code(const plan::Plan& plan, const std::string& service) {
    return std::any_of(plan.held.begin(), plan.held.end(), [&](const plan::Held& held) {
        const bool code =
            held.cause.drift == plan::Drift::code || held.cause.drift == plan::Drift::bytecode;
        return code && held.reason == plan::HoldReason::drift_recurs && held.service == service;
    });
}

}    // namespace

Task<void> Run::perform(const plan::SettleContainer& step, int /*number*/) {
    const std::string id = id_of(step.id, step.name);
    auto settled = co_await await_settled(step, id);
    if (settled) settled = co_await prove_container(step, id);
    if (!settled) {
        if (step.previous.empty() || settled.error().code() == Errc::cancelled) co_return settled;
        Place place{step.service, step.name, id, step.previous};
        co_return co_await restore(std::move(place), settled.error());
    }
    if (step.previous.empty()) co_return Result<void>();
    // It ran: its anonymous volumes stay.
    context_.cache.expect_stop(step.previous);
    const auto removed = co_await context_.engine.remove_container(step.previous, true, false);
    if (!removed && removed.error().code() != Errc::not_found)
        co_return removed.error().in("remove the previous container");
    co_return Result<void>();
}

// A container that replaces another one, and has no health check, must stay up for the grace time:
// the same start, seen again after it. The others need only be seen up.
Task<void> Run::await_settled(const plan::SettleContainer& step, const std::string& id) {
    const model::Service& of = service(step.service);
    Wanted wanted;
    wanted.completes = step.completes;
    wanted.may_end = step.completes || plan::is_one_shot(context_.project, of);
    wanted.healthy = plan::must_be_healthy(context_.project, step.service);
    const SteadyTime began = context_.clock.steady();
    const nanoseconds grace = step.previous.empty() ? nanoseconds(0) : nanoseconds(context_.grace);
    std::string up_since;
    SteadyTime stable = began + grace;
    while (true) {
        const auto container = co_await context_.engine.inspect_container(id);
        if (!container) co_return container.error();
        const Judgement judgement = judge(*container, wanted);
        if (judgement.verdict == Verdict::failed) {
            const auto error = co_await failure(step, id, judgement.what);
            co_return error;
        }
        const SteadyTime now = context_.clock.steady();
        const bool checked = container->health != Health::none;
        nanoseconds wait = slow_look;
        if (judgement.verdict == Verdict::settled) {
            if (checked || container->state != ContainerState::running) co_return Result<void>();
            if (!up_since.empty() && up_since != container->started_at) stable = now + grace;
            up_since = container->started_at;
            if (now >= stable) co_return Result<void>();
            wait = stable - now;
        }
        const nanoseconds own_limit = step.completes ? nanoseconds(one_shot_time)
                                      : checked      ? health_limit(of)
                                                     : restart_limit;
        const nanoseconds left = began + context_.health_timeout.value_or(own_limit) + grace - now;
        if (left <= nanoseconds(0)) {
            const std::string what = judgement.what.empty() ? "does not stay up" : judgement.what;
            const auto error = co_await failure(step, id, what + " and its time is over");
            co_return error;
        }
        const auto at_most =
            std::chrono::ceil<Milliseconds>(std::min({wait, left, nanoseconds(slow_look)}));
        const auto waited = co_await watch_.wait(*container, at_most);
        if (!waited) co_return waited.error();
    }
}

// Reads much: as one of the actions that work at once.
Task<void> Run::prove_container(const plan::SettleContainer& step, const std::string& id) {
    if (!co_await permits_.acquire())
        co_return Error(Errc::cancelled, "cancelled before the code was compared");
    const auto code = co_await context_.images.prove_container(step.service, id);
    permits_.release();
    if (!code) co_return code.error().in("compare the code of " + step.name);
    if (code->status != model::CodeStatus::stale) co_return Result<void>();
    if (!step.id.empty() && leaves_code(plan_, step.service)) co_return Result<void>();
    co_return Error(Errc::unhealthy, fmt::format("container {} does not run the commit's code: {}",
                                                 step.name, describe_stale(*code)));
}

boost::asio::awaitable<Error> Run::failure(const plan::SettleContainer& step, const std::string& id,
                                           std::string what) {
    std::string message = fmt::format("container {} {}", step.name, what);
    const auto logs = co_await context_.engine.container_logs(id, static_cast<int>(log_lines));
    if (logs) {
        std::function<Result<model::Strings>()> read = [&]() -> Result<model::Strings> {
            return bound_secrets(context_.project, service(step.service), context_.tree);
        };
        const auto bound = co_await base::offload_result(context_.pool, std::move(read));
        Mask mask =
            mask_of_container(context_.project, service(step.service), context_.host_values);
        if (bound) mask.add(*bound);
        const std::string lines = last_lines(mask.hide(*logs), log_lines);
        if (!lines.empty()) message += "; its last lines: " + lines;
    }
    co_return Error(Errc::unhealthy, std::move(message));
}

}    // namespace trueup::rollout
