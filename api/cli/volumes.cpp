// SPDX-License-Identifier: Apache-2.0
// Look at every named volume first; one that must not go keeps all of them. Then, with --yes, each is
// removed by name and without force: the engine refuses one that came into use meanwhile, so that no seat
// on it is needed, which a controller that runs would hold.
#include "api/cli/volumes.hpp"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>
#include <cstdio>
#include <utility>

#include "api/cli/cli.hpp"
#include "api/cli/table.hpp"
#include "controller/app/configuration.hpp"
#include "controller/base/task_group.hpp"
#include "controller/engine/engine.hpp"
#include "controller/engine/transport.hpp"

namespace trueup::cli {
namespace {

namespace json = boost::json;

constexpr std::string_view version = "/v1.41";
constexpr Milliseconds deadline{30'000};
constexpr Milliseconds usage_deadline{60'000};    // the engine measures every volume for it
constexpr std::size_t answer_limit = 64U << 20U;

Errc code_of(unsigned status) {
    if (status == 404) return Errc::not_found;
    return status == 409 ? Errc::conflict : Errc::unavailable;
}

Task<json::value> ask(engine::Transport& transport, std::string method, std::string target,
                      Milliseconds time) {
    engine::HttpRequest request;
    request.method = std::move(method);
    request.target = std::string(version) + target;
    const auto response = co_await transport.request(std::move(request), time, answer_limit);
    if (!response) co_return response.error().in("the engine");
    boost::system::error_code code;
    json::value value = response->body.empty() ? json::value() : json::parse(response->body, code);
    if (code) co_return Error(Errc::unavailable, "what answers is no Docker Engine");
    if (response->status < 300) co_return value;
    const json::object* object = value.if_object();
    const json::value* message = object == nullptr ? nullptr : object->if_contains("message");
    co_return Error(code_of(response->status), message != nullptr && message->is_string()
                                                   ? std::string(message->get_string())
                                                   : fmt::format("status {}", response->status));
}

Task<std::vector<VolumeFacts>> look(engine::Transport& transport, RemoveVolumesChoice choice) {
    const auto containers = co_await ask(transport, "GET", "/containers/json?all=1", deadline);
    if (!containers) co_return containers.error();
    // The size is worth knowing, and no reason to fail.
    const auto usage = co_await ask(transport, "GET", "/system/df", usage_deadline);
    std::vector<VolumeFacts> all;
    for (const std::string& name : choice.names) {
        const std::string target = "/volumes/" + engine::percent_encode(name);
        const auto volume = co_await ask(transport, "GET", target, deadline);
        if (!volume && volume.error().code() == Errc::not_found) {
            const auto others = co_await ask(transport, "GET", "/volumes", deadline);
            co_return others ? missing_volume(name, *others, choice) : volume.error();
        }
        if (!volume) co_return volume.error();
        auto facts = volume_facts(*volume, *containers, usage ? &*usage : nullptr, choice);
        if (!facts) co_return facts.error();
        all.push_back(std::move(*facts));
    }
    co_return all;
}

Task<int> remove_all(engine::Transport& transport, std::vector<VolumeFacts> volumes) {
    int code = exit_done;
    for (const VolumeFacts& facts : volumes) {
        const std::string target = "/volumes/" + engine::percent_encode(facts.name);
        const auto removed = co_await ask(transport, "DELETE", target, deadline);
        if (removed) {
            std::printf("removed %s\n", printable(facts.name).c_str());
        } else {
            std::fprintf(stderr, "%s\n", printable(removed.error().message()).c_str());
            code = exit_error;
        }
    }
    co_return code;
}

Task<int> look_and_remove(engine::Transport& transport, RemoveVolumesChoice choice) {
    const auto volumes = co_await look(transport, choice);
    if (!volumes) co_return volumes.error();
    bool refused = false;
    for (const VolumeFacts& facts : *volumes) {
        std::printf("%s\n", facts_text(facts).c_str());
        const auto why = refuse_removal(facts, choice);
        if (!why) continue;
        refused = true;
        std::fprintf(stderr, "%s\n", printable(why->message(), true).c_str());
    }
    if (refused) co_return Error(Errc::conflict, "nothing was removed");
    if (!choice.yes) {
        std::fprintf(stderr,
                     "nothing was removed: say --yes to remove %zu %s and what is in %s for good\n",
                     volumes->size(), volumes->size() == 1 ? "volume" : "volumes",
                     volumes->size() == 1 ? "it" : "them");
        co_return exit_difference;
    }
    auto removed = co_await remove_all(transport, *volumes);
    co_return removed;
}

boost::asio::awaitable<void> keep(engine::Transport& transport, RemoveVolumesChoice choice,
                                  std::optional<Result<int>>& ended) {
    auto result = co_await look_and_remove(transport, std::move(choice));
    ended.emplace(std::move(result));
}

// The one that the controller would take: nowhere else is what the stack has.
Result<v1alpha1::EngineConfiguration> engine_of(const RemoveVolumesChoice& choice) {
    app::CommonChoice common;
    common.config_file = choice.config_file;
    const bool address = choice.engine.find("://") != std::string::npos;
    if (address) common.engine_url = choice.engine;
    const auto configuration = app::load_configuration(common);
    if (!configuration) return configuration.error();
    return app::pick_engine(*configuration, address ? "default" : choice.engine);
}

Result<int> remove_on(const v1alpha1::EngineConfiguration& chosen,
                      const RemoveVolumesChoice& choice) {
    engine::EngineOptions options = app::engine_options(chosen);
    auto address = engine::parse_address(options.url);
    if (!address) return address.error().in("engine " + chosen.name);
    std::printf("on engine %s (%s):\n", printable(chosen.name).c_str(),
                printable(chosen.url).c_str());
    boost::asio::io_context io(1);
    engine::TransportOptions reached;
    reached.tls = std::move(options.tls);
    reached.ssh = std::move(options.ssh);
    const auto transport =
        engine::make_transport(io.get_executor(), std::move(*address), std::move(reached));
    TaskGroup tasks(io.get_executor());
    std::optional<Result<int>> ended;
    tasks.spawn("remove volumes", keep(*transport, choice, ended));
    io.run();
    tasks.close();
    return *ended;
}

}    // namespace

int remove_volumes(const RemoveVolumesChoice& choice) {
    const auto chosen = engine_of(choice);
    const Result<int> ended = chosen ? remove_on(*chosen, choice) : Result<int>(chosen.error());
    if (ended) return *ended;
    std::fprintf(stderr, "%s\n", printable(ended.error().message()).c_str());
    return exit_error;
}

}    // namespace trueup::cli
