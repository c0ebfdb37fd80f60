// SPDX-License-Identifier: Apache-2.0
#include "controller/app/parts.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <cerrno>
#include <exception>
#include <filesystem>
#include <system_error>
#include <utility>

#include "controller/app/configuration.hpp"
#include "controller/base/log.hpp"
#include "controller/engine/own_container.hpp"
#include "controller/engine/registry_logins.hpp"

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
        const std::error_code why(errno, std::generic_category());
        return Error(Errc::denied, fmt::format("cannot write to the state directory {}: {} "
                                               "(choose another with --state-dir)",
                                               absolute.string(), why.message()));
    }
    return absolute.lexically_normal().string();
}

std::vector<std::string> host_roots(const v1alpha1::Configuration& configuration) {
    std::vector<std::string> roots;
    for (const v1alpha1::FilePath& root : configuration.host_roots) roots.push_back(root.path);
    return roots;
}

std::vector<std::string> credential_files(const v1alpha1::Configuration& configuration) {
    std::vector<std::string> files;
    const auto add = [&files](const v1alpha1::FilePath& file) {
        if (file.given()) files.push_back(file.path);
    };
    for (const auto& credential : configuration.git_credentials) {
        add(credential.secret_file);
        add(credential.private_key_file);
        add(credential.known_hosts_file);
        add(credential.ca_file);
    }
    for (const auto& credential : configuration.registry_credentials) {
        add(credential.password_file);
        add(credential.docker_config);
    }
    return files;
}

// Each engine has a key of its own: who may read one is no master of the others.
std::string key_file(const std::string& state_directory, const std::string& engine) {
    return engine == "default" ? state_directory + "/owner.key"
                               : fmt::format("{}/owner-{}.key", state_directory, engine);
}

}    // namespace

Result<std::unique_ptr<Objects>> Objects::make(v1alpha1::Configuration configuration,
                                               std::function<void(const std::string&)> progress,
                                               store::Use use) {
    auto state_directory = make_state_directory(configuration.state_directory.path);
    if (!state_directory) return state_directory.error();

    std::unique_ptr<Objects> objects(new Objects());
    objects->configuration = std::move(configuration);
    objects->state_directory = std::move(*state_directory);
    const Executor executor = objects->io.get_executor();
    metrics::Metrics& metrics = objects->metrics;

    store::StoreOptions store_options;
    store_options.directory = objects->state_directory;
    store_options.use = use;
    store_options.on_error = [&metrics] { metrics.store_error(); };
    auto opened = store::Store::open(objects->clock, std::move(store_options));
    if (!opened) return opened.error();
    objects->store = std::move(*opened);

    source::GitOptions git_options;
    const engine::SeatKind kind =
        use == store::Use::controller ? engine::SeatKind::daemon : engine::SeatKind::one_shot;
    git_options.deadline =
        std::chrono::duration_cast<Milliseconds>(objects->configuration.git_timeout);
    git_options.cache_directory = objects->state_directory + "/git";
    git_options.observe = [&metrics](std::string_view operation, bool success, double seconds) {
        metrics.git_request(operation, success, seconds);
    };
    objects->repositories =
        std::make_unique<source::GitRepositories>(executor, objects->pool, std::move(git_options));

    for (const v1alpha1::EngineConfiguration& chosen : objects->configuration.engines) {
        const auto added = objects->add_engine(chosen, progress, kind);
        if (!added) return added.error();
    }
    objects->tasks = std::make_unique<TaskGroup>(
        executor,
        [&metrics](const std::string&, const std::string&) { metrics.reconcile_panic(); });
    return objects;
}

namespace {

Task<std::optional<engine::RegistryCredentials>> read_login(Pool& pool,
                                                            engine::RegistryLogins logins,
                                                            std::string reference) {
    std::function<Result<std::optional<engine::RegistryCredentials>>()> work =
        [&logins, &reference] { return logins.read(reference); };
    co_return co_await base::offload_result(pool, std::move(work));
}

}    // namespace

Result<void> Objects::add_engine(const v1alpha1::EngineConfiguration& chosen,
                                 const std::function<void(const std::string&)>& progress,
                                 engine::SeatKind kind) {
    const Executor executor = io.get_executor();
    engine::EngineOptions reached = engine_options(chosen);
    reached.observe = [this, name = chosen.name](std::string_view operation, unsigned status,
                                                 double seconds) {
        metrics.engine_request(name, operation, status, seconds);
    };
    reached.login = [this](std::string reference) {
        return read_login(pool, engine::RegistryLogins(configuration.registry_credentials),
                          std::move(reference));
    };
    auto engine = engine::make_docker_engine(executor, std::move(reached));
    if (!engine) return engine.error().in("engine " + chosen.name);

    EngineObjects made;
    made.url = chosen.url;
    made.engine = std::move(*engine);
    made.cache = std::make_unique<engine::Cache>(executor, *made.engine, clock);
    reconcile::HandOptions hand;
    hand.engine_name = chosen.name;
    hand.engine_place = to_string(chosen.url_position);
    hand.hands = &hands;
    hand.key_file = key_file(state_directory, chosen.name);
    hand.state_directory = state_directory;
    hand.own_container_ids = engine::own_container_ids();
    hand.seat.controller_name = configuration.name;
    hand.seat.kind = kind;
    made.hand =
        std::make_unique<reconcile::Hand>(*made.engine, *made.cache, pool, clock, std::move(hand));
    reconcile::ReconcilerOptions options;
    options.controller_name = configuration.name;
    options.hand = made.hand.get();
    options.git_credentials = source::GitCredentials(configuration.git_credentials);
    options.credential_files = credential_files(configuration);
    options.host_files = source::HostFiles(host_roots(configuration));
    if (!chosen.url.starts_with("unix://")) options.remote_engine = chosen.name;
    options.state_directory = state_directory;
    options.progress = progress;
    // Who applies a file by hand asks for just that.
    options.keeps_standing = kind == engine::SeatKind::daemon;
    const reconcile::Parts parts{*made.engine, *made.cache, *repositories, pool,
                                 clock,        metrics,     *store};
    made.reconciler = std::make_unique<reconcile::Reconciler>(parts, std::move(options));
    engines.emplace(chosen.name, std::move(made));
    return Result<void>();
}

reconcile::Engines Objects::engine_names() const {
    reconcile::Engines names;
    names.names.clear();
    for (const auto& [name, engine] : engines) names.names.insert(name);
    names.ignore_others = configuration.ignore_other_engines;
    return names;
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

boost::asio::awaitable<void> release_seat(const EngineObjects& engine, std::string name) {
    const auto released = co_await engine.hand->release();
    if (released) co_return;
    log::warning("the seat on an engine could not be given back",
                 {{"engine", name}, {"error", released.error().message()}});
}

void run_to_end(Objects& objects, boost::asio::awaitable<void> task) {
    std::exception_ptr failure;
    boost::asio::co_spawn(objects.io, run_then_close(objects, std::move(task)),
                          [&failure](std::exception_ptr raised) { failure = std::move(raised); });
    objects.io.run();
    if (failure) std::rethrow_exception(failure);
}

}    // namespace trueup::app
