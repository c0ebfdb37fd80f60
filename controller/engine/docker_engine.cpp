// SPDX-License-Identifier: Apache-2.0
// Engine over HTTP. Every call goes through call(): version prefix, deadline, metrics, errors. The
// version is negotiated once, and again after the engine was lost (it may have been upgraded).
#include <fmt/format.h>

#include <boost/json.hpp>
#include <algorithm>
#include <cstdlib>
#include <utility>

#include "controller/engine/codec.hpp"
#include "controller/engine/engine.hpp"
#include "controller/engine/progress.hpp"
#include "controller/engine/transport.hpp"

namespace trueup::engine {
namespace {

namespace json = boost::json;

constexpr int oldest_minor = 41;    // engine 20.10
constexpr int newest_minor = 45;    // engine 26.1: what the contract suite was run on
constexpr std::size_t small_answer = 1U << 20U;

// "1.41" -> 41; nothing for anything that is not 1.N.
std::optional<int> minor_of(const std::string& version) {
    if (!version.starts_with("1.") || version.size() < 3 || version.size() > 6) return std::nullopt;
    const std::string rest = version.substr(2);
    if (rest.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
    return std::stoi(rest);
}

// Lines of a build or pull, told as they come.
class ProgressSink final : public ByteSink {
public:
    explicit ProgressSink(Progress progress) : progress_(std::move(progress)) {}
    Task<void> write(std::string chunk) override {
        for (const std::string& line : reader.feed(chunk)) {
            if (progress_) progress_(line);
        }
        co_return Result<void>();
    }
    ProgressReader reader;

private:
    Progress progress_;
};

// Splits the event stream into lines.
class EventSink final : public ByteSink {
public:
    explicit EventSink(std::function<void(Event)> received) : received_(std::move(received)) {}
    Task<void> write(std::string chunk) override {
        pending_ += chunk;
        std::size_t end = pending_.find('\n');
        while (end != std::string::npos) {
            auto event = codec::event(std::string_view(pending_).substr(0, end));
            pending_.erase(0, end + 1);
            if (event) received_(std::move(*event));
            end = pending_.find('\n');
        }
        if (pending_.size() > small_answer)
            co_return Error(Errc::unavailable, "an event is too long");
        co_return Result<void>();
    }

private:
    std::function<void(Event)> received_;
    std::string pending_;
};

std::string filters(const std::vector<std::pair<std::string, std::vector<std::string>>>& wanted) {
    json::object object;
    for (const auto& [key, values] : wanted) {
        if (values.empty()) continue;
        json::array list;
        for (const std::string& value : values) list.emplace_back(value);
        object[key] = std::move(list);
    }
    return percent_encode(json::serialize(object));
}

std::string json_map(const model::StringMap& map) {
    json::object object;
    for (const auto& [key, value] : map) object[key] = value;
    return percent_encode(json::serialize(object));
}

// stdout and stderr come in frames: 1 byte stream, 3 zero, 4 length (big-endian), unless the
// container has a terminal, when they come plain.
std::string without_frames(const std::string& bytes) {
    std::string text;
    std::size_t at = 0;
    while (at + 8 <= bytes.size()) {
        const auto byte = [&](std::size_t offset) {
            return static_cast<unsigned char>(bytes[at + offset]);
        };
        if (byte(0) > 2 || byte(1) != 0 || byte(2) != 0 || byte(3) != 0) return bytes;
        const std::size_t size = (std::size_t{byte(4)} << 24U) | (std::size_t{byte(5)} << 16U) |
                                 (std::size_t{byte(6)} << 8U) | std::size_t{byte(7)};
        text += bytes.substr(at + 8, size);
        at += 8 + size;
    }
    return text;
}

// "registry:5000/name:tag@digest" -> what /images/create takes apart: name, and tag or digest.
std::pair<std::string, std::string> split_reference(const std::string& reference) {
    const std::size_t digest = reference.find('@');
    if (digest != std::string::npos)
        return {reference.substr(0, digest), reference.substr(digest + 1)};
    const std::size_t colon = reference.rfind(':');
    const std::size_t slash = reference.rfind('/');
    if (colon != std::string::npos && (slash == std::string::npos || colon > slash)) {
        return {reference.substr(0, colon), reference.substr(colon + 1)};
    }
    return {reference, "latest"};
}

class DockerEngine final : public Engine {
public:
    DockerEngine(std::unique_ptr<Transport> transport, EngineOptions options)
        : transport_(std::move(transport)), options_(std::move(options)) {}

    Task<EngineInfo> info() override {
        auto response = co_await get("info", "/info");
        if (!response) co_return response.error();
        auto info = codec::info(response->body);
        if (info) info->api_version = api_version_;
        co_return info;
    }

    Task<std::vector<model::ObservedContainer>> list_containers(ContainerFilter filter) override {
        const std::string target =
            fmt::format("/containers/json?all={}&filters={}", filter.all ? 1 : 0,
                        filters({{"label", filter.labels}}));
        auto response = co_await get("container_list", target);
        if (!response) co_return response.error();
        co_return codec::containers(response->body);
    }

    Task<model::ObservedContainer> inspect_container(std::string id) override {
        auto response =
            co_await get("container_inspect", "/containers/" + percent_encode(id) + "/json");
        if (!response) co_return response.error();
        co_return codec::container(response->body);
    }

    Task<std::string> create_container(std::string name, json::object body) override {
        auto response = co_await post(
            "container_create", "/containers/create?name=" + percent_encode(name), std::move(body));
        if (!response) co_return response.error();
        co_return codec::created_id(response->body);
    }

    Task<void> start_container(std::string id) override {
        return act("container_start", "/containers/" + percent_encode(id) + "/start",
                   Milliseconds(0));
    }

    Task<void> stop_container(std::string id, std::optional<Seconds> timeout) override {
        std::string target = "/containers/" + percent_encode(id) + "/stop";
        if (timeout) target += fmt::format("?t={}", timeout->count());
        // The container's own stop timeout is not known here: the engine's default is 10 s.
        const Milliseconds extra = timeout ? Milliseconds(*timeout) : Milliseconds(600'000);
        return act("container_stop", std::move(target), extra);
    }

    Task<void> kill_container(std::string id, std::string signal) override {
        return act("container_kill",
                   "/containers/" + percent_encode(id) + "/kill?signal=" + percent_encode(signal),
                   Milliseconds(0));
    }

    Task<void> unpause_container(std::string id) override {
        return act("container_unpause", "/containers/" + percent_encode(id) + "/unpause",
                   Milliseconds(0));
    }

    Task<void> rename_container(std::string id, std::string name) override {
        return act("container_rename",
                   "/containers/" + percent_encode(id) + "/rename?name=" + percent_encode(name),
                   Milliseconds(0));
    }

    Task<void> update_restart_policy(std::string id, model::RestartPolicy policy) override {
        json::object restart;
        restart["Name"] = policy.name;
        restart["MaximumRetryCount"] = policy.max_retries;
        json::object body;
        body["RestartPolicy"] = std::move(restart);
        auto response = co_await post(
            "container_update", "/containers/" + percent_encode(id) + "/update", std::move(body));
        if (!response) co_return response.error();
        co_return Result<void>();
    }

    Task<void> remove_container(std::string id, bool force, bool volumes) override {
        HttpRequest request;
        request.method = "DELETE";
        request.target = fmt::format("/containers/{}?force={}&v={}", percent_encode(id),
                                     force ? 1 : 0, volumes ? 1 : 0);
        auto response = co_await call("container_remove", std::move(request),
                                      options_.request_timeout, small_answer);
        if (!response) co_return response.error();
        co_return Result<void>();
    }

    Task<std::string> container_logs(std::string id, int lines) override {
        const std::string target =
            fmt::format("/containers/{}/logs?stdout=1&stderr=1&tail={}", percent_encode(id), lines);
        auto response = co_await get("container_logs", target);
        if (!response) co_return response.error();
        co_return without_frames(response->body);
    }

    Task<void> read_archive(std::string id, std::string path, ByteSink& sink) override {
        HttpRequest request;
        request.target =
            fmt::format("/containers/{}/archive?path={}", percent_encode(id), percent_encode(path));
        auto response = co_await stream("container_archive", std::move(request),
                                        options_.idle_timeout, sink, nullptr);
        if (!response) co_return response.error();
        co_return Result<void>();
    }

    Task<std::vector<ChangedPath>> container_changes(std::string id) override {
        auto response =
            co_await get("container_changes", "/containers/" + percent_encode(id) + "/changes");
        if (!response) co_return response.error();
        co_return codec::changes(response->body);
    }

    Task<std::vector<model::ObservedNetwork>> list_networks() override {
        auto response = co_await get("network_list", "/networks");
        if (!response) co_return response.error();
        co_return codec::networks(response->body);
    }

    Task<std::string> create_network(json::object body) override {
        // Without it two networks of one name may exist side by side.
        body["CheckDuplicate"] = true;
        auto response = co_await post("network_create", "/networks/create", std::move(body));
        if (!response) co_return response.error();
        co_return codec::created_id(response->body);
    }

    Task<void> connect_network(std::string id, json::object body) override {
        auto response = co_await post(
            "network_connect", "/networks/" + percent_encode(id) + "/connect", std::move(body));
        if (!response) co_return response.error();
        co_return Result<void>();
    }

    Task<void> remove_network(std::string id) override {
        HttpRequest request;
        request.method = "DELETE";
        request.target = "/networks/" + percent_encode(id);
        auto response = co_await call("network_remove", std::move(request),
                                      options_.request_timeout, small_answer);
        if (!response) co_return response.error();
        co_return Result<void>();
    }

    Task<std::vector<model::ObservedVolume>> list_volumes() override {
        auto response = co_await get("volume_list", "/volumes");
        if (!response) co_return response.error();
        co_return codec::volumes(response->body);
    }

    Task<void> create_volume(json::object body) override {
        auto response = co_await post("volume_create", "/volumes/create", std::move(body));
        if (!response) co_return response.error();
        co_return Result<void>();
    }

    Task<std::vector<model::ObservedImage>> list_images() override {
        auto response = co_await get("image_list", "/images/json");
        if (!response) co_return response.error();
        co_return codec::images(response->body);
    }

    Task<model::ObservedImage> inspect_image(std::string reference) override {
        auto response =
            co_await get("image_inspect", "/images/" + percent_encode(reference) + "/json");
        if (!response) co_return response.error();
        co_return codec::image(response->body);
    }

    Task<void> tag_image(std::string id, std::string reference) override {
        const auto parts = split_reference(reference);
        return act("image_tag",
                   fmt::format("/images/{}/tag?repo={}&tag={}", percent_encode(id),
                               percent_encode(parts.first), percent_encode(parts.second)),
                   Milliseconds(0));
    }

    Task<void> remove_image(std::string id) override {
        HttpRequest request;
        request.method = "DELETE";
        request.target = "/images/" + percent_encode(id);
        auto response = co_await call("image_remove", std::move(request), options_.request_timeout,
                                      small_answer);
        if (!response) co_return response.error();
        co_return Result<void>();
    }

    Task<void> pull_image(std::string reference, Progress progress) override {
        const auto parts = split_reference(reference);
        HttpRequest request;
        request.method = "POST";
        request.target = fmt::format("/images/create?fromImage={}&tag={}",
                                     percent_encode(parts.first), percent_encode(parts.second));
        ProgressSink sink(std::move(progress));
        auto response =
            co_await stream("image_pull", std::move(request), options_.idle_timeout, sink, nullptr);
        if (!response) co_return response.error().in("pulling " + reference);
        const auto failed = sink.reader.error();
        if (failed)
            co_return Error(Errc::unavailable,
                            fmt::format("pulling {}: {}", reference, failed->message()));
        co_return Result<void>();
    }

    Task<std::string> build_image(BuildRequest build, ByteSource& context,
                                  Progress progress) override {
        HttpRequest request;
        request.method = "POST";
        request.target = fmt::format(
            "/build?version=2&t={}&dockerfile={}&target={}&buildargs={}&labels={}&nocache={}",
            percent_encode(build.reference), percent_encode(build.dockerfile),
            percent_encode(build.target), json_map(build.args), json_map(build.labels),
            build.no_cache ? 1 : 0);
        request.content_type = "application/x-tar";
        request.upload = &context;
        ProgressSink sink(std::move(progress));
        auto response = co_await stream("image_build", std::move(request), options_.idle_timeout,
                                        sink, nullptr);
        if (!response) co_return response.error();
        const auto failed = sink.reader.error();
        if (failed) co_return *failed;
        if (!sink.reader.image_id().empty()) co_return sink.reader.image_id();
        auto image = co_await inspect_image(build.reference);
        if (!image) co_return image.error().in("the build ended without an image");
        co_return image->id;
    }

    Task<void> stream_events(EventFilter filter, std::function<void()> opened,
                             std::function<void(Event)> received) override {
        HttpRequest request;
        request.target =
            "/events?filters=" + filters({{"type", filter.types}, {"event", filter.actions}});
        if (filter.since) request.target += fmt::format("&since={}", *filter.since);
        EventSink sink(std::move(received));
        auto on_open = [opened = std::move(opened)](unsigned status) {
            if (status == 200 && opened) opened();
        };
        auto response = co_await stream("events", std::move(request), Milliseconds(0), sink,
                                        std::move(on_open));
        if (!response) co_return response.error();
        co_return Error(Errc::unavailable, "the engine ended the event stream");
    }

private:
    Task<HttpResponse> get(std::string operation, std::string target) {
        HttpRequest request;
        request.target = std::move(target);
        request.may_repeat = true;
        return call(std::move(operation), std::move(request), options_.request_timeout,
                    options_.response_limit);
    }

    Task<HttpResponse> post(std::string operation, std::string target, json::object body) {
        HttpRequest request;
        request.method = "POST";
        request.target = std::move(target);
        request.content_type = "application/json";
        request.body = json::serialize(body);
        return call(std::move(operation), std::move(request), options_.request_timeout,
                    small_answer);
    }

    // A POST without a body; 304 (already so) is success.
    Task<void> act(std::string operation, std::string target, Milliseconds extra) {
        HttpRequest request;
        request.method = "POST";
        request.target = std::move(target);
        auto response = co_await call(std::move(operation), std::move(request),
                                      options_.request_timeout + extra, small_answer);
        if (!response) co_return response.error();
        co_return Result<void>();
    }

    Task<HttpResponse> call(std::string operation, HttpRequest request, Milliseconds deadline,
                            std::size_t limit) {
        const auto negotiated = co_await negotiate();
        if (!negotiated) co_return negotiated.error();
        request.target = "/v" + api_version_ + request.target;
        const auto began = std::chrono::steady_clock::now();
        auto response = co_await transport_->request(std::move(request), deadline, limit);
        told(operation, response, began);
        co_return checked(std::move(response), operation);
    }

    Task<HttpResponse> stream(std::string operation, HttpRequest request, Milliseconds idle,
                              ByteSink& sink, std::function<void(unsigned)> opened) {
        const auto negotiated = co_await negotiate();
        if (!negotiated) co_return negotiated.error();
        request.target = "/v" + api_version_ + request.target;
        const auto began = std::chrono::steady_clock::now();
        auto response =
            co_await transport_->stream(std::move(request), idle, sink, std::move(opened));
        told(operation, response, began);
        co_return checked(std::move(response), operation);
    }

    void told(const std::string& operation, const Result<HttpResponse>& response,
              std::chrono::steady_clock::time_point began) {
        if (!response && response.error().code() == Errc::unavailable) api_version_.clear();
        if (!options_.observe) return;
        const double seconds =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
        options_.observe(operation, response ? response->status : 0, seconds);
    }

    static Result<HttpResponse> checked(Result<HttpResponse> response,
                                        const std::string& operation) {
        if (!response) return response.error();
        if (response->status < 300 || response->status == 304) return response;
        return codec::error_of(response->status, response->body, operation);
    }

    Task<void> negotiate() {
        if (!api_version_.empty()) co_return Result<void>();
        HttpRequest request;
        request.target = "/_ping";
        request.may_repeat = true;
        auto response = co_await transport_->request(std::move(request), options_.request_timeout,
                                                     small_answer);
        if (!response) co_return response.error();
        if (response->status != 200)
            co_return codec::error_of(response->status, response->body, "ping");
        const std::string offered = response->header("api-version");
        const auto minor = minor_of(offered);
        if (!minor)
            co_return Error(Errc::unavailable,
                            "what answers is no Docker Engine: it names no API version");
        if (*minor < oldest_minor) {
            co_return Error(
                Errc::invalid,
                fmt::format(
                    "the engine speaks API {} only; trueup needs 1.{} (Docker 20.10) or newer",
                    offered, oldest_minor));
        }
        api_version_ = fmt::format("1.{}", std::min(*minor, newest_minor));
        co_return Result<void>();
    }

    std::unique_ptr<Transport> transport_;
    EngineOptions options_;
    std::string api_version_;    // "" = not negotiated yet
};

}    // namespace

std::string default_engine_url() {
    const char* host = std::getenv("DOCKER_HOST");
    return host != nullptr && *host != '\0' ? host : "unix:///var/run/docker.sock";
}

Result<std::unique_ptr<Engine>> make_docker_engine(Executor executor, EngineOptions options) {
    auto address = parse_address(options.url);
    if (!address) return address.error().in("engine");
    TransportOptions transport_options;
    transport_options.connect_timeout = options.connect_timeout;
    transport_options.connections = options.connections;
    auto transport = make_transport(std::move(executor), std::move(*address), transport_options);
    return std::unique_ptr<Engine>(
        std::make_unique<DockerEngine>(std::move(transport), std::move(options)));
}

}    // namespace trueup::engine
