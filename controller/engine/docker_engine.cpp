// SPDX-License-Identifier: Apache-2.0
// Every request goes through call() or stream(): version prefix, deadline, metrics, errors. The version
// is negotiated once, and again after the engine was lost (it may have been upgraded).
#include "controller/engine/docker_engine.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <algorithm>
#include <cstdlib>
#include <utility>

#include "controller/engine/codec.hpp"
#include "controller/engine/wire.hpp"

namespace trueup::engine {

namespace json = boost::json;

namespace {

constexpr int oldest_minor = 41;    // engine 20.10
constexpr int newest_minor = 45;    // engine 26.1: what the contract suite was run on

}    // namespace

Task<EngineInfo> DockerEngine::info() {
    auto response = co_await get("info", "/info");
    if (!response) co_return response.error();
    auto info = codec::info(response->body);
    if (!info) co_return info;
    info->api_version = api_version_;
    const auto bridge = co_await get("inspect network", "/networks/bridge");
    if (bridge) info->started = codec::engine_start(bridge->body);
    co_return info;
}

Task<HttpResponse> DockerEngine::get(std::string operation, std::string target) {
    HttpRequest request;
    request.target = std::move(target);
    request.may_repeat = true;
    return call(std::move(operation), std::move(request), options_.request_timeout,
                options_.response_limit);
}

Task<HttpResponse> DockerEngine::post(std::string operation, std::string target,
                                      json::object body) {
    HttpRequest request;
    request.method = "POST";
    request.target = std::move(target);
    request.content_type = "application/json";
    request.body = json::serialize(body);
    return call(std::move(operation), std::move(request), options_.request_timeout, small_answer);
}

// A POST without a body; 304 (already so) is success.
Task<void> DockerEngine::act(std::string operation, std::string target, Milliseconds extra) {
    HttpRequest request;
    request.method = "POST";
    request.target = std::move(target);
    auto response = co_await call(std::move(operation), std::move(request),
                                  options_.request_timeout + extra, small_answer);
    if (!response) co_return response.error();
    co_return Result<void>();
}

Task<HttpResponse> DockerEngine::call(std::string operation, HttpRequest request,
                                      Milliseconds deadline, std::size_t limit) {
    const auto negotiated = co_await negotiate();
    if (!negotiated) co_return negotiated.error();
    request.target = "/v" + api_version_ + request.target;
    const auto began = std::chrono::steady_clock::now();
    auto response = co_await transport_->request(std::move(request), deadline, limit);
    told(operation, response, began);
    co_return checked(std::move(response), operation);
}

Task<HttpResponse> DockerEngine::stream(std::string operation, HttpRequest request,
                                        Milliseconds idle, ByteSink& sink,
                                        std::function<void(unsigned)> opened) {
    const auto negotiated = co_await negotiate();
    if (!negotiated) co_return negotiated.error();
    request.target = "/v" + api_version_ + request.target;
    const auto began = std::chrono::steady_clock::now();
    auto response = co_await transport_->stream(std::move(request), idle, sink, std::move(opened));
    told(operation, response, began);
    co_return checked(std::move(response), operation);
}

void DockerEngine::told(const std::string& operation, const Result<HttpResponse>& response,
                        std::chrono::steady_clock::time_point began) {
    if (!response && response.error().code() == Errc::unavailable) api_version_.clear();
    if (!options_.observe) return;
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    options_.observe(operation, response ? response->status : 0, seconds);
}

Result<HttpResponse> DockerEngine::checked(Result<HttpResponse> response,
                                           const std::string& operation) {
    if (!response) return response.error();
    if (response->status < 300 || response->status == 304) return response;
    return codec::error_of(response->status, response->body, operation);
}

Task<void> DockerEngine::negotiate() {
    if (!api_version_.empty()) co_return Result<void>();
    HttpRequest request;
    request.target = "/_ping";
    request.may_repeat = true;
    auto response =
        co_await transport_->request(std::move(request), options_.request_timeout, small_answer);
    if (!response) co_return response.error();
    if (response->status != 200)
        co_return codec::error_of(response->status, response->body, "ping");
    const std::string offered = response->header("api-version");
    const auto minor = wire::minor_of(offered);
    if (!minor)
        co_return Error(Errc::unavailable,
                        "what answers is no Docker Engine: it names no API version");
    if (*minor < oldest_minor) {
        co_return Error(
            Errc::invalid,
            fmt::format("the engine speaks API {} only; trueup needs 1.{} (Docker 20.10) or newer",
                        offered, oldest_minor));
    }
    api_version_ = fmt::format("1.{}", std::min(*minor, newest_minor));
    co_return Result<void>();
}

std::string default_engine_url() {
    const char* host = std::getenv("DOCKER_HOST");
    return host != nullptr && *host != '\0' ? host : "unix:///var/run/docker.sock";
}

EngineOptions default_engine_options(std::string url) {
    const auto variable = [](const char* name) {
        const char* value = std::getenv(name);
        return std::string(value == nullptr ? "" : value);
    };
    EngineOptions options;
    options.url = std::move(url);
    if (!options.url.starts_with("tcp://") || variable("DOCKER_TLS_VERIFY").empty()) return options;
    std::string folder = variable("DOCKER_CERT_PATH");
    if (folder.empty()) folder = variable("HOME") + "/.docker";
    options.tls.emplace();
    const auto existing = [&folder](const char* name) {
        const std::string path = folder + name;
        return ::access(path.c_str(), F_OK) == 0 ? path : std::string();
    };
    options.tls->authority_file = existing("/ca.pem");
    options.tls->certificate_file = existing("/cert.pem");
    options.tls->key_file = existing("/key.pem");
    return options;
}

Result<std::unique_ptr<Engine>> make_docker_engine(Executor executor, EngineOptions options) {
    auto address = parse_address(options.url);
    if (!address) return address.error().in("engine");
    TransportOptions transport_options;
    transport_options.connect_timeout = options.connect_timeout;
    transport_options.connections = options.connections;
    transport_options.tls = options.tls;
    transport_options.ssh = options.ssh;
    // Each is a login, and sshd turns away who makes many at once (MaxStartups).
    constexpr std::size_t most_logins = 4;
    if (address->kind == Address::Kind::ssh)
        transport_options.connections = std::min(options.connections, most_logins);
    auto transport =
        make_transport(std::move(executor), std::move(*address), std::move(transport_options));
    return std::unique_ptr<Engine>(
        std::make_unique<DockerEngine>(std::move(transport), std::move(options)));
}

}    // namespace trueup::engine
