// SPDX-License-Identifier: Apache-2.0
#include "controller/app/parts.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <system_error>
#include <utility>

namespace trueup::app {
namespace {

Result<std::string> make_state_directory(const std::string& chosen) {
    const std::string path = chosen.empty() ? default_state_directory() : chosen;
    std::error_code code;
    const auto absolute = std::filesystem::absolute(path, code);
    if (!code) std::filesystem::create_directories(absolute, code);
    if (code) {
        return Error(
            Errc::denied,
            fmt::format(
                "cannot create the state directory {}: {} (choose another with --state-dir)", path,
                code.message()));
    }
    if (::access(absolute.c_str(), W_OK) != 0) {
        return Error(
            Errc::denied,
            fmt::format("cannot write to the state directory {} (choose another with --state-dir)",
                        absolute.string()));
    }
    return absolute.lexically_normal().string();
}

}    // namespace

std::string default_state_directory() {
    if (::geteuid() == 0) return "/var/lib/trueup";
    const char* state_home = std::getenv("XDG_STATE_HOME");
    if (state_home != nullptr && *state_home != '\0') return std::string(state_home) + "/trueup";
    const char* home = std::getenv("HOME");
    return std::string(home == nullptr ? "." : home) + "/.local/state/trueup";
}

Result<std::unique_ptr<Objects>> Objects::make(const EngineChoice& choice,
                                               std::function<void(const std::string&)> progress) {
    auto state_directory = make_state_directory(choice.state_directory);
    if (!state_directory) return state_directory.error();

    std::unique_ptr<Objects> objects(new Objects());
    objects->state_directory = std::move(*state_directory);
    objects->engine_url = choice.url.empty() ? engine::default_engine_url() : choice.url;
    const Executor executor = objects->io.get_executor();
    metrics::Metrics& metrics = objects->metrics;

    engine::EngineOptions engine_options;
    engine_options.url = objects->engine_url;
    engine_options.observe = [&metrics](std::string_view operation, unsigned status,
                                        double seconds) {
        metrics.engine_request(operation, status, seconds);
    };
    auto engine = engine::make_docker_engine(executor, std::move(engine_options));
    if (!engine) return engine.error();
    objects->engine = std::move(*engine);
    objects->cache = std::make_unique<engine::Cache>(executor, *objects->engine, objects->clock);

    source::GitOptions git_options;
    git_options.deadline = Milliseconds(choice.git_timeout_seconds * 1'000);
    git_options.cache_directory = objects->state_directory + "/git";
    git_options.observe = [&metrics](std::string_view operation, bool success, double seconds) {
        metrics.git_request(operation, success, seconds);
    };
    objects->repositories =
        std::make_unique<source::GitRepositories>(executor, objects->pool, std::move(git_options));

    reconcile::ReconcilerOptions reconciler_options;
    reconciler_options.controller_name = choice.controller_name;
    reconciler_options.state_directory = objects->state_directory;
    reconciler_options.progress = std::move(progress);
    const reconcile::Parts parts{*objects->engine, *objects->cache, *objects->repositories,
                                 objects->pool,    objects->clock,  objects->metrics};
    objects->reconciler =
        std::make_unique<reconcile::Reconciler>(parts, std::move(reconciler_options));
    objects->tasks = std::make_unique<TaskGroup>(
        executor,
        [&metrics](const std::string&, const std::string&) { metrics.reconcile_panic(); });
    return objects;
}

Objects::~Objects() { pool.join(); }

namespace {

boost::asio::awaitable<void> run_then_close(Objects& objects, boost::asio::awaitable<void> task) {
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    std::exception_ptr failure;
    try {
        co_await std::move(task);
    } catch (...) {
        failure = std::current_exception();
    }
    objects.tasks->close();
    co_await objects.tasks->wait();
    if (failure) std::rethrow_exception(failure);
}

}    // namespace

void run_to_end(Objects& objects, boost::asio::awaitable<void> task) {
    std::exception_ptr failure;
    boost::asio::co_spawn(objects.io, run_then_close(objects, std::move(task)),
                          [&failure](std::exception_ptr raised) { failure = std::move(raised); });
    objects.io.run();
    if (failure) std::rethrow_exception(failure);
}

}    // namespace trueup::app
