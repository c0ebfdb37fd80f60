// SPDX-License-Identifier: Apache-2.0
// `trueup controller`: the object graph, top to bottom, then the loops until a signal says stop.
#include <fmt/format.h>

#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <utility>

#include "api/http/server.hpp"
#include "controller/app/application.hpp"
#include "controller/app/configuration.hpp"
#include "controller/app/operator.hpp"
#include "controller/app/parts.hpp"
#include "controller/base/log.hpp"
#include "controller/reconcile/controller.hpp"
#include "controller/source/desired.hpp"
#include "controller/source/desired_spec.hpp"
#include "controller/source/git_credentials.hpp"

namespace trueup::app {
namespace {

boost::asio::awaitable<void> release_engines(const Objects& objects) {
    for (const auto& [name, engine] : objects.engines) {
        co_await release_seat(engine, name);
    }
}

boost::asio::awaitable<void> until_signal(Objects& objects, reconcile::Controller& controller,
                                          Milliseconds grace) {
    boost::asio::signal_set signals(objects.io, SIGTERM, SIGINT);
    co_await signals.async_wait(base::use_task);
    log::info("stopping: waiting for work in progress");
    const auto drained = co_await controller.drain(grace);
    if (!drained) log::warning("work in progress was cut off; the next start continues it");
    // Work that was cut off goes on until it is cancelled: then the seat is left to be found.
    if (drained) co_await release_engines(objects);
}

Result<void> engines_followed(const Objects& objects) {
    std::string missing;
    for (const auto& [name, engine] : objects.engines) {
        if (engine.cache->synced()) continue;
        const auto problem = engine.cache->problem();
        missing += fmt::format("{}engine {} is not followed: {}", missing.empty() ? "" : "; ", name,
                               problem ? problem->message() : std::string("connecting"));
    }
    if (missing.empty()) return Result<void>();
    return Error(Errc::unavailable, std::move(missing));
}

Result<void> source_read(const reconcile::Controller& controller) {
    if (controller.source_read()) return Result<void>();
    return Error(Errc::unavailable, "the desired state was not read yet");
}

Result<void> store_written(const store::Store& store) {
    const auto problem = store.problem();
    return problem ? Result<void>(*problem) : Result<void>();
}

http::Health health_checks(const Objects& objects, const reconcile::Controller& controller) {
    http::Health health;
    health.live = {{"ping", [] { return Result<void>(); }}};
    health.ready = {
        {"engines", [&objects] { return engines_followed(objects); }},
        {"desired-state", [&controller] { return source_read(controller); }},
        {"store", [&objects] { return store_written(*objects.store); }},
    };
    return health;
}

struct Listeners {
    std::unique_ptr<http::Server> api;
    std::unique_ptr<http::Server> metrics;
};

Result<Listeners> open_listeners(Objects& objects, const reconcile::Registry& registry,
                                 http::Operator& operations, http::Health health) {
    const v1alpha1::Configuration& configuration = objects.configuration;
    const auto api_endpoint = http::parse_loopback_endpoint(configuration.api_listen);
    if (!api_endpoint) return api_endpoint.error().in("api.listen (--listen)");
    const auto metrics_endpoint = http::parse_loopback_endpoint(configuration.metrics_listen);
    if (!metrics_endpoint) return metrics_endpoint.error().in("metrics.listen (--metrics-listen)");
    const Executor executor = objects.io.get_executor();
    Listeners listeners;
    auto api =
        http::Server::listen_api(executor, *api_endpoint, registry, operations, objects.metrics);
    if (!api) return api.error().in("api.listen (--listen)");
    listeners.api = std::move(*api);
    auto metrics = http::Server::listen_metrics(executor, *metrics_endpoint, objects.pool,
                                                objects.metrics, std::move(health));
    if (!metrics) return metrics.error().in("metrics.listen (--metrics-listen)");
    listeners.metrics = std::move(*metrics);
    return listeners;
}

log::Level level_of(const std::string& name) {
    if (name == "debug") return log::Level::debug;
    if (name == "warning") return log::Level::warning;
    return name == "error" ? log::Level::error : log::Level::info;
}

Result<v1alpha1::Configuration> configure(const ControllerChoice& choice) {
    auto configuration = load_configuration(choice);
    if (!configuration) return configuration;
    log::configure(level_of(configuration->log_level),
                   configuration->log_format == "json" ? log::Format::json : log::Format::text);
    if (configuration->desired.empty()) {
        return Error(Errc::invalid,
                     "no desired state is named: write --desired DIR, FILE or git+URL//path, or "
                     "desiredState.source into the configuration");
    }
    Problems refused = refused_listeners(*configuration);
    if (!refused.empty()) return Error(std::move(refused));
    for (const Problem& warning : configuration->warnings) log::warning(to_string(warning));
    // A file that is not there yet may come; whoever needs it tells.
    const FileFindings files = look_at_files(*configuration);
    for (const Problem& problem : files.problems) log::error(to_string(problem));
    for (const Problem& warning : files.warnings) log::warning(to_string(warning));
    return configuration;
}

Result<std::unique_ptr<source::DesiredSource>> make_desired(Objects& objects) {
    const v1alpha1::Configuration& configuration = objects.configuration;
    const auto spec = source::parse_desired_spec(configuration.desired);
    if (!spec) return spec.error();
    source::DesiredOptions options;
    options.poll_interval = std::chrono::duration_cast<Milliseconds>(configuration.poll_interval);
    if (spec->git && !configuration.desired_credentials.empty()) {
        options.credential = [credentials = source::GitCredentials(configuration.git_credentials),
                              name = configuration.desired_credentials,
                              url = spec->url] { return credentials.read(name, url); };
    }
    return source::make_desired_source(objects.io.get_executor(), configuration.desired,
                                       *objects.repositories, std::move(options));
}

std::string list_engines(const Objects& objects) {
    std::string text;
    for (const auto& [name, engine] : objects.engines)
        text += fmt::format("{}{} at {}", text.empty() ? "" : ", ", name, engine.url);
    return text;
}

reconcile::EngineLoops engine_loops(const Objects& objects) {
    reconcile::EngineLoops loops;
    for (const auto& [name, engine] : objects.engines)
        loops.emplace(name,
                      reconcile::EngineLoop{*engine.cache, *engine.reconciler, engine.hand.get()});
    return loops;
}

}    // namespace

Result<void> run_controller(const ControllerChoice& choice) {
    auto configured = configure(choice);
    if (!configured) return configured.error();
    auto made = Objects::make(std::move(*configured), nullptr, store::Use::controller);
    if (!made) return made.error();
    Objects& objects = **made;
    const v1alpha1::Configuration& configuration = objects.configuration;
    const Executor executor = objects.io.get_executor();

    auto desired = make_desired(objects);
    if (!desired) return desired.error().in("desiredState.source (--desired)");

    reconcile::Registry registry(objects.clock, objects.engine_names());
    reconcile::ControllerOptions controller_options;
    controller_options.workers = configuration.workers;
    reconcile::Controller controller(executor, objects.clock, objects.metrics, registry,
                                     *objects.store, **desired, engine_loops(objects),
                                     controller_options);

    const OperatorParts operator_parts{objects, registry, controller};
    ControllerOperator operations(operator_parts);
    auto listeners =
        open_listeners(objects, registry, operations, health_checks(objects, controller));
    if (!listeners) return listeners.error();

    log::info("trueup controller", {{"version", TRUEUP_VERSION},
                                    {"name", configuration.name},
                                    {"configuration", configuration.file},
                                    {"desired", (*desired)->name()},
                                    {"engines", list_engines(objects)},
                                    {"state", objects.state_directory},
                                    {"api", http::to_string(listeners->api->endpoint())},
                                    {"metrics", http::to_string(listeners->metrics->endpoint())}});
    objects.tasks->spawn("api", listeners->api->run());
    objects.tasks->spawn("metrics", listeners->metrics->run());
    controller.start(*objects.tasks);
    const auto grace = std::chrono::duration_cast<Milliseconds>(configuration.stop_grace_period);
    run_to_end(objects, until_signal(objects, controller, grace));
    log::info("stopped");
    return Result<void>();
}

}    // namespace trueup::app
