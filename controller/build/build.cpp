// SPDX-License-Identifier: Apache-2.0
// identify: context -> ids. build_image: pull bases -> stream the context tar from the pool into
// the engine's builder -> the image id.
#include "controller/build/build.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <utility>

#include "controller/base/digest.hpp"
#include "controller/base/task_group.hpp"
#include "controller/build/context_tar.hpp"
#include "controller/dockerfile/context.hpp"
#include "controller/engine/pipe.hpp"
#include "controller/model/labels.hpp"
#include "controller/render/render.hpp"

namespace trueup::build {
namespace {

namespace labels = model::labels;

std::string context_id(const dockerfile::Context& context) {
    base::Hasher hasher(base::HashKind::sha256);
    for (const dockerfile::ContextFile& file : context.files) {
        hasher.update(
            fmt::format("{} {} {}", static_cast<int>(file.kind), file.object_id, file.path));
        hasher.update(std::string_view("\0", 1));
    }
    return hasher.hex();
}

// Lengths go in front, so that no two inputs run into one another.
void add(base::Hasher& hasher, std::string_view text) {
    hasher.update(fmt::format("{}:", text.size()));
    hasher.update(text);
}

// Compose builds one image to run: of several platforms the engine's own.
std::string platform_of(const model::Service& service) {
    const model::Strings& platforms = service.build->platforms;
    if (!service.platform.empty() || platforms.size() != 1) return service.platform;
    return platforms.front();
}

// What an image is made with beside its files. Each says its name, so that the recipe of a build without
// any is what it was before trueup knew them.
void add_settings(base::Hasher& hasher, const model::Build& build) {
    const auto setting = [&](std::string_view name, const std::string& value) {
        add(hasher, name);
        add(hasher, value);
    };
    for (const auto& [key, value] : build.labels) setting("label " + key, value);
    for (const std::string& tag : build.tags) setting("tag", tag);
    for (const std::string& host : build.extra_hosts) setting("host", host);
    if (!build.network.empty() && build.network != "default") setting("network", build.network);
    if (build.shm_size != 0) setting("shm", std::to_string(build.shm_size));
    for (const auto& [name, limit] : build.ulimits)
        setting("ulimit " + name, fmt::format("{}:{}", limit.soft, limit.hard));
}

std::string recipe_id(const model::Service& service, const dockerfile::Context& context) {
    const model::Build& build = *service.build;
    base::Hasher hasher(base::HashKind::sha256);
    add(hasher, build.context_id);
    add(hasher, context.dockerfile_text);
    add(hasher, build.target);
    for (const auto& [key, value] : build.args) {
        add(hasher, key);
        add(hasher, value);
    }
    const std::string platform = platform_of(service);
    if (!platform.empty()) add(hasher, platform);
    add_settings(hasher, build);
    return hasher.hex();
}

bool send_all(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

boost::asio::awaitable<void> write_on_pool(Pool& pool, const dockerfile::Context& context,
                                           const BuildInputs& inputs, engine::Pipe& pipe,
                                           Result<void>& written) {
    std::function<void()> work = [&] {
        const int descriptor = pipe.worker_end();
        written = write_context_tar(
            context, *inputs.tree, inputs.commit_time,
            [descriptor](std::string_view bytes) { return send_all(descriptor, bytes); });
        pipe.close_worker_end();
    };
    co_await base::offload(pool, std::move(work));
}

// The context on its way to the builder. One that could not be written whole must not end like one
// that was: the builder would make an image of the part.
class ContextSource final : public engine::ByteSource {
public:
    ContextSource(engine::Pipe& pipe, TaskGroup& writer, const Result<void>& written)
        : pipe_(pipe), writer_(writer), written_(written) {}

    bool torn = false;

    Task<std::string> read() override {
        auto chunk = co_await pipe_.read();
        if (!chunk || !chunk->empty()) co_return chunk;
        co_await writer_.wait();
        torn = !written_;
        // Ends the request at once, without waiting for an answer.
        if (torn) co_return Error(Errc::cancelled, "the build context is not whole");
        co_return chunk;
    }

private:
    engine::Pipe& pipe_;
    TaskGroup& writer_;
    const Result<void>& written_;
};

// The id of each base image, pulled when the engine does not have it, or always.
Task<std::vector<std::string>> ensure_bases(engine::Engine& engine,
                                            std::vector<dockerfile::BaseImage> bases,
                                            std::string platform, bool always,
                                            engine::Progress progress) {
    std::vector<std::string> ids;
    for (const dockerfile::BaseImage& base : bases) {
        auto image = co_await engine.inspect_image(base.reference);
        if (always || (!image && image.error().code() == Errc::not_found)) {
            if (progress) progress(fmt::format("pulling {}", base.reference));
            const auto pulled =
                co_await engine.pull_image(base.reference, progress, std::nullopt, platform);
            if (!pulled) co_return pulled.error().in(to_string(base.position));
            image = co_await engine.inspect_image(base.reference);
        }
        if (!image) co_return image.error().in(to_string(base.position));
        ids.push_back(image->id);
    }
    co_return ids;
}

// The builder takes layers of images that the engine has. One that cannot be had only costs time.
boost::asio::awaitable<void> ensure_caches(engine::Engine& engine, model::Strings references,
                                           std::string platform, engine::Progress progress) {
    for (const std::string& reference : references) {
        const auto image = co_await engine.inspect_image(reference);
        if (image) continue;
        const auto pulled = co_await engine.pull_image(reference, progress, std::nullopt, platform);
        if (!pulled && progress)
            progress(fmt::format("cache_from {}: {}", reference, pulled.error().message()));
    }
}

std::string build_id(const std::string& recipe, const std::vector<std::string>& base_ids,
                     const engine::EngineInfo& info) {
    base::Hasher hasher(base::HashKind::sha256);
    add(hasher, recipe);
    add(hasher, info.os);
    add(hasher, info.architecture);
    for (const std::string& id : base_ids) add(hasher, id);
    return hasher.hex();
}

engine::BuildRequest request_of(const BuildInputs& inputs, const dockerfile::Context& context,
                                const std::string& build) {
    engine::BuildRequest request;
    request.reference = render::image_reference(inputs.project_name, inputs.service);
    request.dockerfile = dockerfile_in_tar(context);
    const model::Build& wanted = *inputs.service.build;
    request.target = wanted.target;
    request.platform = platform_of(inputs.service);
    request.args = wanted.args;
    request.no_cache = inputs.no_cache || wanted.no_cache;
    request.further_references = wanted.tags;
    request.cache_from = wanted.cache_from;
    request.extra_hosts = wanted.extra_hosts;
    request.network = wanted.network;
    request.shm_size = wanted.shm_size;
    request.ulimits = wanted.ulimits;
    request.labels = wanted.labels;
    request.labels[std::string(labels::recipe)] = inputs.service.build->recipe_id;
    request.labels[std::string(labels::context)] = inputs.service.build->context_id;
    request.labels[std::string(labels::build)] = build;
    request.labels[std::string(labels::image_revision)] = inputs.revision;
    // Always said: labels of the base image are its children's too.
    request.labels[std::string(labels::uncached)] = request.no_cache ? "true" : "false";
    return request;
}

Task<dockerfile::Context> read_context(Pool& pool, const BuildInputs& inputs) {
    std::function<Result<dockerfile::Context>()> work = [&inputs] {
        return dockerfile::read_context(inputs.service, *inputs.tree);
    };
    return base::offload_result(pool, std::move(work));
}

Task<std::string> stream_build(engine::Engine& engine, Pool& pool, const BuildInputs& inputs,
                               const dockerfile::Context& context, engine::BuildRequest request,
                               engine::Progress progress) {
    const auto executor = co_await boost::asio::this_coro::executor;
    auto pipe = engine::Pipe::make(executor);
    if (!pipe) co_return pipe.error();
    Result<void> written;
    TaskGroup writer(executor);
    writer.spawn("build context", write_on_pool(pool, context, inputs, **pipe, written));
    ContextSource source(**pipe, writer, written);
    auto image = co_await engine.build_image(std::move(request), source, std::move(progress));
    // Whatever happened, the worker must end before what it uses does.
    (*pipe)->close();
    co_await writer.wait();
    writer.close();
    if (source.torn) co_return written.error();
    co_return image;
}

}    // namespace

Result<model::Project> identify(model::Project project, const model::Tree& tree) {
    Problems problems;
    for (auto& [name, service] : project.services) {
        if (!service.build) continue;
        const auto context = dockerfile::read_context(service, tree);
        if (!context) {
            const Problems found = context.error().problems();
            problems.insert(problems.end(), found.begin(), found.end());
            continue;
        }
        service.build->context_id = context_id(*context);
        service.build->recipe_id = recipe_id(service, *context);
    }
    if (!problems.empty()) return Error(std::move(problems));
    return project;
}

Task<BuildOutcome> build_image(engine::Engine& engine, Pool& pool, BuildInputs inputs,
                               engine::Progress progress) {
    const auto began = std::chrono::steady_clock::now();
    const auto context = co_await read_context(pool, inputs);
    if (!context) co_return context.error();
    auto bases = co_await ensure_bases(
        engine, dockerfile::base_images(context->dockerfile, context->dockerfile_path),
        platform_of(inputs.service), inputs.service.build->pull, progress);
    if (!bases) co_return bases.error();
    co_await ensure_caches(engine, inputs.service.build->cache_from, platform_of(inputs.service),
                           progress);
    const auto info = co_await engine.info();
    if (!info) co_return info.error();

    BuildOutcome outcome;
    outcome.build_id = build_id(inputs.service.build->recipe_id, *bases, *info);
    engine::BuildRequest request = request_of(inputs, *context, outcome.build_id);
    auto image =
        co_await stream_build(engine, pool, inputs, *context, std::move(request), progress);
    if (!image) co_return image.error();
    outcome.image_id = std::move(*image);
    outcome.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    co_return outcome;
}

}    // namespace trueup::build
