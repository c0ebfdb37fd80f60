// SPDX-License-Identifier: Apache-2.0
// What streams: archives and events down, build contexts up, progress down.
#include <fmt/format.h>

#include <utility>

#include "controller/engine/codec.hpp"
#include "controller/engine/docker_engine.hpp"
#include "controller/engine/progress.hpp"
#include "controller/engine/registry_logins.hpp"
#include "controller/engine/wire.hpp"

namespace trueup::engine {
namespace {

constexpr std::size_t event_limit = 1U << 20U;

std::string moment(std::int64_t unix_nano) {
    return fmt::format("{}.{:09}", unix_nano / 1'000'000'000, unix_nano % 1'000'000'000);
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
        if (pending_.size() > event_limit)
            co_return Error(Errc::unavailable, "an event is too long");
        co_return Result<void>();
    }

private:
    std::function<void(Event)> received_;
    std::string pending_;
};

class NoSink final : public ByteSink {
public:
    Task<void> write(std::string /*chunk*/) override { co_return Result<void>(); }
};

// The frames of a stream, up to a limit.
class FrameSink final : public ByteSink {
public:
    explicit FrameSink(std::size_t limit) : limit_(limit) {}
    Task<void> write(std::string chunk) override {
        bytes += chunk;
        if (bytes.size() <= limit_) co_return Result<void>();
        co_return Error(Errc::invalid, fmt::format("it printed more than {} bytes", limit_));
    }
    std::string bytes;

private:
    std::size_t limit_;
};

boost::json::object exec_body(const ExecRequest& request) {
    boost::json::object body;
    body["AttachStdout"] = true;
    body["AttachStderr"] = true;
    boost::json::array command;
    for (const std::string& word : request.command) command.emplace_back(word);
    body["Cmd"] = std::move(command);
    boost::json::array environment;
    for (const auto& [name, value] : request.environment)
        environment.emplace_back(fmt::format("{}={}", name, value));
    body["Env"] = std::move(environment);
    body["User"] = request.user;
    body["WorkingDir"] = request.working_dir;
    body["Privileged"] = request.privileged;
    return body;
}

// The engine answers 404 or 500 to whatever a registry said; only the words tell that it was a no.
Error pull_error(const Error& error, const std::string& reference,
                 const std::optional<RegistryCredentials>& credentials) {
    constexpr std::string_view operation = "image_pull: ";
    std::string message = error.message();
    if (message.starts_with(operation)) message.erase(0, operation.size());
    const bool refused = message.find("unauthorized") != std::string::npos ||
                         message.find("no basic auth credentials") != std::string::npos ||
                         message.find("access denied") != std::string::npos ||
                         message.find("denied: ") != std::string::npos;
    if (!refused) return Error(error.code(), message).in("pulling " + reference);
    const std::string registry = registry_of(reference);
    std::string advice = credentials
                             ? fmt::format("{} refuses the credentials that it was shown", registry)
                             : fmt::format(
                                   "{} was shown no credentials: name some for it in "
                                   "registryCredentials of the controller's configuration",
                                   registry);
    if (credentials && !credentials->origin.empty()) {
        advice += fmt::format(": correct the registryCredentials at {}, or what that file holds",
                              credentials->origin);
    }
    return Error(Errc::denied, fmt::format("pulling {}: {} ({})", reference, message, advice));
}

}    // namespace

Task<void> DockerEngine::read_archive(std::string id, std::string path, ByteSink& sink) {
    HttpRequest request;
    request.target =
        fmt::format("/containers/{}/archive?path={}", percent_encode(id), percent_encode(path));
    auto response = co_await stream("container_archive", std::move(request), options_.idle_timeout,
                                    sink, nullptr);
    if (!response) co_return response.error();
    co_return Result<void>();
}

Task<void> DockerEngine::write_archive(std::string id, std::string path, std::string tar) {
    HttpRequest request;
    request.method = "PUT";
    request.target =
        fmt::format("/containers/{}/archive?path={}", percent_encode(id), percent_encode(path));
    request.content_type = "application/x-tar";
    request.body = std::move(tar);
    auto response = co_await call("container_archive_write", std::move(request),
                                  options_.request_timeout, small_answer);
    if (!response) co_return response.error();
    co_return Result<void>();
}

Task<std::string> DockerEngine::import_image(std::string reference, std::string tar) {
    const auto parts = wire::split_reference(reference);
    HttpRequest request;
    request.method = "POST";
    request.target = fmt::format("/images/create?fromSrc=-&repo={}&tag={}",
                                 percent_encode(parts.first), percent_encode(parts.second));
    request.content_type = "application/x-tar";
    request.body = std::move(tar);
    ProgressSink sink(nullptr);
    auto response =
        co_await stream("image_import", std::move(request), options_.idle_timeout, sink, nullptr);
    if (!response) co_return response.error();
    const auto failed = sink.reader.error();
    if (failed) co_return failed->in("importing " + reference);
    auto image = co_await inspect_image(reference);
    if (!image) co_return image.error().in("the import ended without an image");
    co_return image->id;
}

// Its output is attached, so the stream ends when the program does.
Task<int> DockerEngine::exec(std::string id, boost::json::object body, ByteSink& output) {
    auto made = co_await post("container_exec", "/containers/" + percent_encode(id) + "/exec",
                              std::move(body));
    if (!made) co_return made.error();
    const auto exec = codec::created_id(made->body);
    if (!exec) co_return exec.error();
    const std::string target = "/exec/" + percent_encode(*exec);
    HttpRequest start;
    start.method = "POST";
    start.target = target + "/start";
    start.content_type = "application/json";
    start.body = R"({"Detach":false,"Tty":false})";
    auto ended =
        co_await stream("exec_start", std::move(start), options_.idle_timeout, output, nullptr);
    if (!ended) co_return ended.error();
    auto state = co_await get("exec_inspect", target + "/json");
    if (!state) co_return state.error();
    co_return codec::exit_code(state->body);
}

Task<int> DockerEngine::run_in_container(std::string id, ExecRequest request) {
    auto body = exec_body(request);
    NoSink sink;
    co_return co_await exec(std::move(id), std::move(body), sink);
}

Task<ExecResult> DockerEngine::read_from_container(std::string id, ExecRequest request,
                                                   std::size_t limit) {
    auto body = exec_body(request);
    body["AttachStderr"] = false;
    FrameSink sink(limit);
    const auto code = co_await exec(std::move(id), std::move(body), sink);
    if (!code) co_return code.error();
    ExecResult result;
    result.exit_code = *code;
    result.output = wire::without_frames(sink.bytes);
    co_return result;
}

Task<void> DockerEngine::pull_image(std::string reference, Progress progress,
                                    std::optional<RegistryCredentials> credentials,
                                    std::string platform) {
    if (!credentials && options_.login) {
        auto found = co_await options_.login(reference);
        if (!found) co_return found.error().in("pulling " + reference);
        credentials = std::move(*found);
    }
    const auto parts = wire::split_reference(reference);
    HttpRequest request;
    request.method = "POST";
    request.target = fmt::format("/images/create?fromImage={}&tag={}", percent_encode(parts.first),
                                 percent_encode(parts.second));
    if (!platform.empty()) request.target += "&platform=" + percent_encode(platform);
    if (credentials)
        request.headers.emplace_back("X-Registry-Auth", wire::registry_auth(*credentials));
    ProgressSink sink(std::move(progress));
    auto response =
        co_await stream("image_pull", std::move(request), options_.idle_timeout, sink, nullptr);
    if (!response) co_return pull_error(response.error(), reference, credentials);
    const auto failed = sink.reader.error();
    if (failed) {
        const Error error(Errc::unavailable, failed->message());
        co_return pull_error(error, reference, credentials);
    }
    co_return Result<void>();
}

Task<std::string> DockerEngine::build_image(BuildRequest build, ByteSource& context,
                                            Progress progress) {
    HttpRequest request;
    request.method = "POST";
    request.target = wire::build_target(build);
    request.content_type = "application/x-tar";
    request.upload = &context;
    ProgressSink sink(std::move(progress));
    auto response =
        co_await stream("image_build", std::move(request), options_.idle_timeout, sink, nullptr);
    if (!response) co_return response.error();
    const auto failed = sink.reader.error();
    if (failed) co_return *failed;
    if (!sink.reader.image_id().empty()) co_return sink.reader.image_id();
    auto image = co_await inspect_image(build.reference);
    if (!image) co_return image.error().in("the build ended without an image");
    co_return image->id;
}

Task<void> DockerEngine::stream_events(EventFilter filter, std::function<void()> opened,
                                       std::function<void(Event)> received) {
    HttpRequest request;
    request.target =
        "/events?filters=" + wire::filters({{"type", filter.types}, {"event", filter.actions}});
    if (filter.since) request.target += "&since=" + moment(*filter.since);
    if (filter.until) request.target += "&until=" + moment(*filter.until);
    EventSink sink(std::move(received));
    auto on_open = [opened = std::move(opened)](unsigned status) {
        if (status == 200 && opened) opened();
    };
    auto response =
        co_await stream("events", std::move(request), Milliseconds(0), sink, std::move(on_open));
    if (!response) co_return response.error();
    if (filter.until) co_return Result<void>();
    co_return Error(Errc::unavailable, "the engine ended the event stream");
}

}    // namespace trueup::engine
