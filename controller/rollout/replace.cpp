// SPDX-License-Identifier: Apache-2.0
// Starting a container, in the place of another one where there is one, and the way back. The order
// of the calls is the one that plan/decide.cpp reads an interruption from.
#include <fmt/format.h>

#include <optional>
#include <utility>

#include "controller/rollout/run.hpp"
#include "controller/rollout/written_files.hpp"

namespace trueup::rollout {
namespace {

std::optional<Seconds> stop_timeout(const model::Service& service) {
    if (!service.stop_grace_period) return std::nullopt;
    return std::chrono::ceil<Seconds>(*service.stop_grace_period);
}

}    // namespace

Task<void> Run::perform(const plan::StartContainer& step, int /*number*/) {
    const std::string id = id_of(step.id, step.name);
    if (step.restart) co_return co_await restart(step);
    if (context_.evidence != nullptr && !step.replaces.empty())
        co_await context_.evidence->keep(step.replaces);
    auto started = co_await start_in_place(step, id);
    if (started) co_return started;
    if (step.previous.empty() || started.error().code() == Errc::cancelled) co_return started;
    Place place{step.service, step.name, id, step.previous};
    co_return co_await restore(std::move(place), started.error());
}

Task<void> Run::start_in_place(const plan::StartContainer& step, const std::string& id) {
    if (!step.unpause) {
        const auto written = co_await write_files(step.service, id);
        if (!written) co_return written.error().in("write configs and secrets into " + step.name);
    }
    if (!step.replaces.empty()) {
        const auto aside = co_await set_aside(step);
        if (!aside) co_return aside.error();
    }
    if (step.beside) {
        const auto named = co_await context_.engine.rename_container(id, step.name);
        if (!named) co_return named.error().in("name " + step.name);
        unused_.erase(id);
    }
    if (step.unpause) co_return co_await context_.engine.unpause_container(id);
    context_.cache.expect_start(id);
    const auto started = co_await context_.engine.start_container(id);
    if (!started) co_return started.error().in("start " + step.name);
    auto hooks = service(step.service).post_start;
    co_return co_await run_hooks(std::move(hooks), "post_start", id);
}

// One call: whatever is stopped under its own name was not stopped by us, also when we are gone by then.
// What is written into it is there already.
Task<void> Run::restart(const plan::StartContainer& step) {
    const auto found = co_await context_.engine.inspect_container(step.id);
    if (!found) co_return found.error().in("restart " + step.name);
    co_await before_stop(*found);
    context_.cache.expect_stop(step.id);
    context_.cache.expect_start(step.id);
    const auto restarted =
        co_await context_.engine.restart_container(step.id, stop_timeout(service(step.service)));
    if (!restarted) co_return restarted.error().in("restart " + step.name);
    auto hooks = service(step.service).post_start;
    co_return co_await run_hooks(std::move(hooks), "post_start", step.id);
}

// Before each start, since nothing tells whether a container that never ran has them already.
Task<void> Run::write_files(std::string name, std::string id) {
    const auto files = render::written_files(context_.project, service(name));
    if (files.empty()) co_return Result<void>();
    auto tar = tar_of(files);
    if (!tar) co_return tar.error();
    co_return co_await context_.engine.write_archive(std::move(id), "/", std::move(*tar));
}

// Renamed before it is stopped: whatever is stopped under its own name was not stopped by us. A
// container that is stopped but kept must not be revived by a restarted engine.
Task<void> Run::set_aside(const plan::StartContainer& step) {
    const auto found = co_await context_.engine.inspect_container(step.replaces);
    if (!found && found.error().code() == Errc::not_found) co_return Result<void>();
    if (!found) co_return found.error();
    const model::Service& wanted = service(step.service);
    Replaced replaced;
    replaced.name = found->name;
    replaced.was_running = found->state == model::ContainerState::running ||
                           found->state == model::ContainerState::restarting;
    if (!found->restart_policy.empty()) replaced.policy.name = found->restart_policy;
    // The number of retries is not observed.
    const model::RestartPolicy policy = render::restart_policy(wanted);
    if (replaced.policy.name == policy.name) replaced.policy = policy;
    replaced_[step.replaces] = replaced;
    co_await before_stop(*found);

    const auto renamed =
        co_await context_.engine.rename_container(step.replaces, plan::previous_name(found->name));
    if (!renamed) co_return renamed.error().in("set the previous container aside");
    if (replaced.policy.name != "no") {
        model::RestartPolicy no;
        const auto updated =
            co_await context_.engine.update_restart_policy(step.replaces, std::move(no));
        if (!updated) co_return updated.error().in("set the previous container aside");
    }
    context_.cache.expect_stop(step.replaces);
    const auto stopped =
        co_await context_.engine.stop_container(step.replaces, stop_timeout(wanted));
    if (!stopped) co_return stopped.error().in("stop the previous container");
    co_return Result<void>();
}

Task<void> Run::restore(Place place, Error error) {
    const auto done = co_await put_back(place);
    restored_.insert(place.service);
    if (done) {
        co_return Error(error.code(), error.message() + "; the previous container is back");
    }
    co_return Error(error.code(),
                    fmt::format("{}; and putting the previous container back failed: {}",
                                error.message(), done.error().message()));
}

// Goes on after a failed call: the more is done, the nearer is a running container.
Task<void> Run::put_back(const Place& place) {
    std::optional<Error> failed;
    const auto note = [&failed](const Result<void>& done) {
        if (!done && !failed) failed = done.error();
    };
    // It may have run, and then its volumes may hold somebody's data.
    const bool never_started = unused_.erase(place.id) > 0;
    context_.cache.expect_stop(place.id);
    const auto removed = co_await context_.engine.remove_container(place.id, true, never_started);
    if (!removed && removed.error().code() != Errc::not_found) note(removed);

    const auto previous = co_await context_.engine.inspect_container(place.previous);
    if (!previous) co_return previous.error();
    const auto known = replaced_.find(place.previous);
    Replaced was;
    was.policy = render::restart_policy(service(place.service));
    was.was_running = !plan::is_awaited(context_.project, place.service);
    was.name = plan::own_name(previous->name);
    if (known != replaced_.end()) was = known->second;
    model::RestartPolicy policy = was.policy;
    const auto updated =
        co_await context_.engine.update_restart_policy(place.previous, std::move(policy));
    note(updated);
    if (previous->name != was.name) {
        const auto renamed = co_await context_.engine.rename_container(place.previous, was.name);
        note(renamed);
    }
    if (was.was_running) {
        context_.cache.expect_start(place.previous);
        const auto started = co_await context_.engine.start_container(place.previous);
        note(started);
    }
    if (failed) co_return *failed;
    co_return Result<void>();
}

}    // namespace trueup::rollout
