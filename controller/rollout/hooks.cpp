// SPDX-License-Identifier: Apache-2.0
// What a service wants to be run in its containers after they were started and before they are stopped.
// Output may hold secrets, so only exit codes are told.
#include <fmt/format.h>

#include <utility>

#include "controller/rollout/kept_hooks.hpp"
#include "controller/rollout/run.hpp"

namespace trueup::rollout {

Task<void> Run::run_hooks(std::vector<model::Hook> hooks, std::string kind, std::string id) {
    for (model::Hook& hook : hooks) {
        engine::ExecRequest request;
        request.command = std::move(hook.command);
        request.user = std::move(hook.user);
        request.working_dir = std::move(hook.working_dir);
        request.privileged = hook.privileged;
        for (auto& [name, value] : hook.environment) {
            if (value) request.environment.emplace(name, std::move(*value));
        }
        const std::string program = request.command.empty() ? "" : request.command.front();
        const auto code = co_await context_.engine.run_in_container(id, std::move(request));
        if (!code) co_return code.error().in(kind + " " + program);
        if (*code != 0) {
            co_return Error(Errc::unhealthy,
                            fmt::format("{}: {} ended with exit code {}", kind, program, *code));
        }
    }
    co_return Result<void>();
}

// Before there is a container that they are for.
Task<void> Run::keep_hooks(std::string name) {
    const model::Service& wanted = service(name);
    if (!context_.hooks.exists() || wanted.pre_stop.empty()) co_return Result<void>();
    const std::string hash = render::config_hash(context_.project, wanted);
    std::function<Result<void>()> write = [&] {
        return rollout::keep_hooks(context_.hooks, hash, wanted.pre_stop);
    };
    const auto kept = co_await base::offload_result(context_.pool, std::move(write));
    if (!kept) co_return kept.error().in("keep the pre_stop hooks of service " + name);
    co_return Result<void>();
}

// Those that it was made with; where nobody knows, what the commit says.
boost::asio::awaitable<std::vector<model::Hook>> Run::hooks_of(
    const model::ObservedContainer& container) {
    std::vector<model::Hook> hooks;
    const auto known = context_.project.services.find(container.service);
    if (known != context_.project.services.end()) hooks = known->second.pre_stop;
    if (!context_.hooks.exists() || container.config_hash.empty()) co_return hooks;
    std::function<Result<std::vector<model::Hook>>()> read = [&] {
        return kept_hooks(context_.hooks, container.config_hash);
    };
    auto kept = co_await base::offload_result(context_.pool, std::move(read));
    if (kept)
        hooks = std::move(*kept);
    else if (kept.error().code() != Errc::not_found)
        say(fmt::format("container {}: {}", container.name, kept.error().message()));
    co_return hooks;
}

// A hook that fails is told, and the container is stopped all the same: whatever replaces it waits.
boost::asio::awaitable<void> Run::before_stop(const model::ObservedContainer& container) {
    if (container.state != model::ContainerState::running) co_return;
    auto hooks = co_await hooks_of(container);
    if (hooks.empty()) co_return;
    const auto ran = co_await run_hooks(std::move(hooks), "pre_stop", container.id);
    if (!ran) say(fmt::format("container {}: {}", container.name, ran.error().message()));
}

}    // namespace trueup::rollout
