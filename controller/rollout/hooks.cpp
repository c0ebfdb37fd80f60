// SPDX-License-Identifier: Apache-2.0
// What a service wants to be run in its containers after they were started and before they are stopped.
// Output may hold secrets, so only exit codes are told.
#include <fmt/format.h>

#include <utility>

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

// A hook that fails is told, and the container is stopped all the same: whatever replaces it waits.
boost::asio::awaitable<void> Run::before_stop(std::string name, std::string id) {
    auto hooks = service(name).pre_stop;
    if (hooks.empty()) co_return;
    const auto ran = co_await run_hooks(std::move(hooks), "pre_stop", std::move(id));
    if (!ran) say(fmt::format("service {}: {}", name, ran.error().message()));
}

}    // namespace trueup::rollout
