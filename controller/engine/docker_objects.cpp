// SPDX-License-Identifier: Apache-2.0
// Containers, networks, volumes and images: one request, one answer.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <utility>

#include "controller/engine/codec.hpp"
#include "controller/engine/docker_engine.hpp"
#include "controller/engine/wire.hpp"

namespace trueup::engine {

namespace json = boost::json;

namespace {

std::string in_time(std::optional<Seconds> timeout) {
    return timeout ? fmt::format("?t={}", timeout->count()) : std::string();
}

// The container's own stop timeout is not known here: the engine's default is 10 s.
Milliseconds longest_stop(std::optional<Seconds> timeout) {
    return timeout ? Milliseconds(*timeout) : Milliseconds(600'000);
}

}    // namespace

Task<std::vector<model::ObservedContainer>> DockerEngine::list_containers(ContainerFilter filter) {
    const std::string target = fmt::format("/containers/json?all={}&filters={}", filter.all ? 1 : 0,
                                           wire::filters({{"label", filter.labels}}));
    auto response = co_await get("container_list", target);
    if (!response) co_return response.error();
    co_return codec::containers(response->body);
}

Task<model::ObservedContainer> DockerEngine::inspect_container(std::string id) {
    auto response =
        co_await get("container_inspect", "/containers/" + percent_encode(id) + "/json");
    if (!response) co_return response.error();
    co_return codec::container(response->body);
}

Task<json::object> DockerEngine::inspect_container_raw(std::string id) {
    auto response =
        co_await get("container_inspect", "/containers/" + percent_encode(id) + "/json");
    if (!response) co_return response.error();
    co_return codec::object(response->body);
}

Task<std::string> DockerEngine::create_container(std::string name, json::object body) {
    std::string target = "/containers/create?name=" + percent_encode(name);
    const json::value* platform = body.if_contains("Platform");
    if (platform != nullptr && platform->is_string())
        target += "&platform=" + percent_encode(std::string(platform->get_string()));
    body.erase("Platform");
    auto response = co_await post("container_create", std::move(target), std::move(body));
    if (!response) co_return response.error();
    co_return codec::created_id(response->body);
}

Task<void> DockerEngine::start_container(std::string id) {
    return act("container_start", "/containers/" + percent_encode(id) + "/start", Milliseconds(0));
}

Task<void> DockerEngine::stop_container(std::string id, std::optional<Seconds> timeout) {
    return act("container_stop", "/containers/" + percent_encode(id) + "/stop" + in_time(timeout),
               longest_stop(timeout));
}

Task<void> DockerEngine::restart_container(std::string id, std::optional<Seconds> timeout) {
    return act("container_restart",
               "/containers/" + percent_encode(id) + "/restart" + in_time(timeout),
               longest_stop(timeout));
}

Task<void> DockerEngine::kill_container(std::string id, std::string signal) {
    return act("container_kill",
               "/containers/" + percent_encode(id) + "/kill?signal=" + percent_encode(signal),
               Milliseconds(0));
}

Task<void> DockerEngine::unpause_container(std::string id) {
    return act("container_unpause", "/containers/" + percent_encode(id) + "/unpause",
               Milliseconds(0));
}

Task<void> DockerEngine::rename_container(std::string id, std::string name) {
    return act("container_rename",
               "/containers/" + percent_encode(id) + "/rename?name=" + percent_encode(name),
               Milliseconds(0));
}

Task<void> DockerEngine::update_restart_policy(std::string id, model::RestartPolicy policy) {
    json::object restart;
    restart["Name"] = policy.name;
    restart["MaximumRetryCount"] = policy.max_retries;
    json::object body;
    body["RestartPolicy"] = std::move(restart);
    auto response = co_await post("container_update",
                                  "/containers/" + percent_encode(id) + "/update", std::move(body));
    if (!response) co_return response.error();
    co_return Result<void>();
}

Task<void> DockerEngine::remove_container(std::string id, bool force, bool volumes) {
    HttpRequest request;
    request.method = "DELETE";
    request.target = fmt::format("/containers/{}?force={}&v={}", percent_encode(id), force ? 1 : 0,
                                 volumes ? 1 : 0);
    auto response = co_await call("container_remove", std::move(request), options_.request_timeout,
                                  small_answer);
    if (!response) co_return response.error();
    co_return Result<void>();
}

Task<std::string> DockerEngine::container_logs(std::string id, int lines) {
    const std::string target =
        fmt::format("/containers/{}/logs?stdout=1&stderr=1&tail={}", percent_encode(id), lines);
    auto response = co_await get("container_logs", target);
    if (!response) co_return response.error();
    co_return wire::without_frames(response->body);
}

Task<std::vector<ChangedPath>> DockerEngine::container_changes(std::string id) {
    auto response =
        co_await get("container_changes", "/containers/" + percent_encode(id) + "/changes");
    if (!response) co_return response.error();
    co_return codec::changes(response->body);
}

Task<std::vector<model::ObservedNetwork>> DockerEngine::list_networks() {
    auto response = co_await get("network_list", "/networks");
    if (!response) co_return response.error();
    co_return codec::networks(response->body);
}

Task<std::string> DockerEngine::create_network(json::object body) {
    // Without it two networks of one name may exist side by side.
    body["CheckDuplicate"] = true;
    auto response = co_await post("network_create", "/networks/create", std::move(body));
    if (!response) co_return response.error();
    co_return codec::created_id(response->body);
}

Task<void> DockerEngine::connect_network(std::string id, json::object body) {
    auto response = co_await post("network_connect", "/networks/" + percent_encode(id) + "/connect",
                                  std::move(body));
    if (!response) co_return response.error();
    co_return Result<void>();
}

Task<void> DockerEngine::remove_network(std::string id) {
    HttpRequest request;
    request.method = "DELETE";
    request.target = "/networks/" + percent_encode(id);
    auto response =
        co_await call("network_remove", std::move(request), options_.request_timeout, small_answer);
    if (!response) co_return response.error();
    co_return Result<void>();
}

Task<std::vector<model::ObservedVolume>> DockerEngine::list_volumes() {
    auto response = co_await get("volume_list", "/volumes");
    if (!response) co_return response.error();
    co_return codec::volumes(response->body);
}

Task<void> DockerEngine::create_volume(json::object body) {
    auto response = co_await post("volume_create", "/volumes/create", std::move(body));
    if (!response) co_return response.error();
    co_return Result<void>();
}

Task<std::vector<model::ObservedImage>> DockerEngine::list_images() {
    auto response = co_await get("image_list", "/images/json");
    if (!response) co_return response.error();
    co_return codec::images(response->body);
}

Task<model::ObservedImage> DockerEngine::inspect_image(std::string reference) {
    auto response = co_await get("image_inspect", "/images/" + percent_encode(reference) + "/json");
    if (!response) co_return response.error();
    co_return codec::image(response->body);
}

Task<json::object> DockerEngine::inspect_image_raw(std::string reference) {
    auto response = co_await get("image_inspect", "/images/" + percent_encode(reference) + "/json");
    if (!response) co_return response.error();
    co_return codec::object(response->body);
}

Task<void> DockerEngine::tag_image(std::string id, std::string reference) {
    const auto parts = wire::split_reference(reference);
    return act("image_tag",
               fmt::format("/images/{}/tag?repo={}&tag={}", percent_encode(id),
                           percent_encode(parts.first), percent_encode(parts.second)),
               Milliseconds(0));
}

Task<void> DockerEngine::remove_image(std::string id) {
    HttpRequest request;
    request.method = "DELETE";
    request.target = "/images/" + percent_encode(id);
    auto response =
        co_await call("image_remove", std::move(request), options_.request_timeout, small_answer);
    if (!response) co_return response.error();
    co_return Result<void>();
}

}    // namespace trueup::engine
