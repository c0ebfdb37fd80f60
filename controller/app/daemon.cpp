// SPDX-License-Identifier: Apache-2.0
// `trueup controller`: the object graph, top to bottom, then the loops until a signal says stop.
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <utility>

#include "api/http/server.hpp"
#include "controller/app/application.hpp"
#include "controller/app/parts.hpp"
#include "controller/base/log.hpp"
#include "controller/reconcile/controller.hpp"
#include "controller/source/desired.hpp"

namespace trueup::app {
namespace {

boost::asio::awaitable<void> until_signal(Objects& objects, reconcile::Controller& controller,
                                          Milliseconds grace) {
    boost::asio::signal_set signals(objects.io, SIGTERM, SIGINT);
    co_await signals.async_wait(base::use_task);
    log::info("stopping: waiting for work in progress");
    const auto drained = co_await controller.drain(grace);
    if (!drained) log::warning("work in progress was cut off; the next start continues it");
}

http::Health health_checks(const Objects& objects, const reconcile::Controller& controller) {
    http::Health health;
    health.live = [] { return Result<void>(); };
    health.ready = [&objects, &controller]() -> Result<void> {
        if (!objects.cache->synced()) {
            const auto problem = objects.cache->problem();
            return Error(Errc::unavailable,
                         "the engine is not followed: " +
                             (problem ? problem->message() : std::string("connecting")));
        }
        if (!controller.source_read())
            return Error(Errc::unavailable, "the desired state was not read yet");
        return Result<void>();
    };
    return health;
}

struct Listeners {
    std::unique_ptr<http::Server> api;
    std::unique_ptr<http::Server> metrics;
};

Result<Listeners> open_listeners(Objects& objects, const ControllerChoice& choice,
                                 const reconcile::Registry& registry, http::Health health) {
    const auto api_endpoint = http::parse_loopback_endpoint(choice.listen);
    if (!api_endpoint) return api_endpoint.error().in("--listen");
    const auto metrics_endpoint = http::parse_loopback_endpoint(choice.metrics_listen);
    if (!metrics_endpoint) return metrics_endpoint.error().in("--metrics-listen");
    const Executor executor = objects.io.get_executor();
    Listeners listeners;
    auto api = http::Server::listen_api(executor, *api_endpoint, registry, objects.metrics);
    if (!api) return api.error().in("--listen");
    listeners.api = std::move(*api);
    auto metrics = http::Server::listen_metrics(executor, *metrics_endpoint, objects.pool,
                                                objects.metrics, std::move(health));
    if (!metrics) return metrics.error().in("--metrics-listen");
    listeners.metrics = std::move(*metrics);
    return listeners;
}

}    // namespace

Result<void> run_controller(const ControllerChoice& choice) {
    auto made = Objects::make(choice.engine, nullptr);
    if (!made) return made.error();
    Objects& objects = **made;
    const Executor executor = objects.io.get_executor();

    source::DesiredOptions desired_options;
    desired_options.poll_interval = choice.poll_interval;
    auto desired = source::make_desired_source(executor, choice.desired, *objects.repositories,
                                               desired_options);
    if (!desired) return desired.error().in("--desired");

    reconcile::Registry registry(objects.clock);
    reconcile::ControllerOptions controller_options;
    controller_options.workers = choice.workers;
    controller_options.sweep_interval = choice.sweep_interval;
    const reconcile::Parts parts{*objects.engine, *objects.cache, *objects.repositories,
                                 objects.pool,    objects.clock,  objects.metrics};
    reconcile::Controller controller(executor, parts, registry, **desired, *objects.reconciler,
                                     controller_options);

    auto listeners = open_listeners(objects, choice, registry, health_checks(objects, controller));
    if (!listeners) return listeners.error();

    log::info("trueup controller", {{"version", TRUEUP_VERSION},
                                    {"desired", (*desired)->name()},
                                    {"engine", objects.engine_url},
                                    {"state", objects.state_directory},
                                    {"api", http::to_string(listeners->api->endpoint())},
                                    {"metrics", http::to_string(listeners->metrics->endpoint())}});
    objects.tasks->spawn("api", listeners->api->run());
    objects.tasks->spawn("metrics", listeners->metrics->run());
    controller.start(*objects.tasks);
    run_to_end(objects, until_signal(objects, controller, choice.stop_grace));
    log::info("stopped");
    return Result<void>();
}

}    // namespace trueup::app
