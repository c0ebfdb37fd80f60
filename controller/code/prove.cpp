// SPDX-License-Identifier: Apache-2.0
// What was found, compared: of a container that runs, of any container, of an image.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <random>
#include <utility>

#include "controller/code/archive_read.hpp"
#include "controller/code/bytecode.hpp"
#include "controller/code/readings.hpp"
#include "controller/model/labels.hpp"

namespace trueup::code {
namespace {

boost::json::object throw_away_body(const std::string& image_id, const std::string& owner) {
    boost::json::object labels;
    labels[proof_label] = owner;
    // docker compose labels its images too: this is none of the project's containers.
    labels[model::labels::compose_project] = "";
    boost::json::object body;
    body["Image"] = image_id;
    // Never started; an image without a command would be refused otherwise.
    boost::json::array command;
    command.emplace_back("/never-started");
    body["Cmd"] = std::move(command);
    body["NetworkDisabled"] = true;
    body["Labels"] = std::move(labels);
    return body;
}

// Several may be at work at once, and what a killed controller left is in nobody's way.
std::string throw_away_name() {
    std::random_device random;
    return fmt::format("{}{:08x}{:08x}", proof_prefix, random(), random());
}

Comparison compared(const ExpectedCode& expected, const FoundFiles& found, const Manifest* manifest,
                    SystemTime now) {
    Comparison comparison = compare(expected, found, manifest);
    comparison.state.proven_at = now;
    comparison.apart.proven_at = now;
    return comparison;
}

// Byte code of a container that has ended runs nothing, and it is compared anew when it starts.
Task<Comparison> without_verdicts(engine::Engine& engine, std::string container_id,
                                  Comparison comparison) {
    const auto container = co_await engine.inspect_container(container_id);
    if (!container) co_return container.error();
    const bool has_ended = container->state == model::ContainerState::exited ||
                           container->state == model::ContainerState::created ||
                           container->state == model::ContainerState::dead;
    if (has_ended) co_return comparison;
    co_return Error(Errc::conflict, fmt::format("comparing the bytecode: the container is {}",
                                                model::to_string(container->state)));
}

// What an image brought along is no drift: it came from the build, not from a person. Of a stranger's
// build nobody knows that, a checkout is soon dirty.
Comparison compared_image(const ExpectedCode& expected, const FoundFiles& found, Builder builder,
                          SystemTime now) {
    Comparison comparison = compared(expected, found, nullptr, now);
    if (builder == Builder::trueup) {
        comparison.state = comparison.apart;
        return comparison;
    }
    const Manifest modes = only_modes(comparison.of_build, expected);
    comparison = compared(expected, found, &modes, now);
    comparison.of_build = modes;
    return comparison;
}

}    // namespace

Task<Comparison> compare_found(engine::Engine& engine, std::string container_id,
                               std::shared_ptr<const ExpectedCode> expected,
                               const FoundFiles& found, std::shared_ptr<const Manifest> manifest,
                               Verdicts& verdicts, SystemTime now) {
    Comparison comparison = compared(*expected, found, manifest.get(), now);
    if (!expected->bytecode) co_return comparison;
    const std::vector<BytecodeFile> files = bytecode_in_use(*expected, found);
    if (files.empty()) co_return comparison;
    const auto judged =
        co_await judge_container(engine, container_id, container_id, files, verdicts);
    if (!judged && judged.error().code() == Errc::conflict)
        co_return co_await without_verdicts(engine, container_id, std::move(comparison));
    if (!judged) co_return judged.error().in("comparing the bytecode");
    add_findings(comparison, *expected, files, *judged, false);
    co_return comparison;
}

Task<Comparison> compare_container(engine::Engine& engine, Pool& pool, std::string container_id,
                                   std::shared_ptr<const ExpectedCode> expected,
                                   std::shared_ptr<const Manifest> manifest, Verdicts& verdicts,
                                   SystemTime now) {
    const auto found = co_await read_archive(engine, pool, container_id, expected);
    if (!found) co_return found.error();
    co_return co_await compare_found(engine, container_id, expected, *found, std::move(manifest),
                                     verdicts, now);
}

Task<Comparison> compare_running(engine::Engine& engine, Pool& pool, Readings& readings,
                                 Subject subject, std::shared_ptr<const ExpectedCode> expected,
                                 std::shared_ptr<const Manifest> manifest, Verdicts& verdicts,
                                 SystemTime now) {
    const std::string container_id = subject.container_id;
    const model::Strings data_folders = subject.data_folders;
    auto found = co_await readings.read(engine, pool, std::move(subject), expected);
    if (!found) co_return found.error();
    if (!data_folders.empty()) {
        auto code = manifest == nullptr ? nullptr : std::make_shared<Manifest>(*manifest);
        Manifest none;
        leave_out(data_folders, *found, code == nullptr ? none : *code);
        manifest = std::move(code);
    }
    co_return co_await compare_found(engine, container_id, expected, *found, std::move(manifest),
                                     verdicts, now);
}

Task<Comparison> compare_image(engine::Engine& engine, Pool& pool, std::string image_id,
                               std::shared_ptr<const ExpectedCode> expected, std::string owner,
                               Verdicts& verdicts, SystemTime now, Builder builder) {
    boost::json::object body = throw_away_body(image_id, owner);
    const auto container = co_await engine.create_container(throw_away_name(), std::move(body));
    if (!container) co_return container.error().in("comparing the code of an image");
    const auto found = co_await read_archive(engine, pool, *container, expected);
    const auto removed = co_await engine.remove_container(*container, true, true);
    if (!found) co_return found.error();
    if (!removed && removed.error().code() != Errc::not_found) co_return removed.error();
    Comparison comparison = compared_image(*expected, *found, builder, now);
    if (!expected->bytecode) co_return comparison;
    const std::vector<BytecodeFile> files = bytecode_in_use(*expected, *found);
    if (files.empty()) co_return comparison;
    const auto judged = co_await judge_image(engine, image_id, owner, files, verdicts);
    if (!judged) co_return judged.error();
    add_findings(comparison, *expected, files, *judged, true);
    co_return comparison;
}

Task<void> remove_leftovers(engine::Engine& engine, std::string owner) {
    engine::ContainerFilter filter;
    filter.labels.push_back(fmt::format("{}={}", proof_label, owner));
    const auto left = co_await engine.list_containers(std::move(filter));
    if (!left) co_return left.error();
    for (const model::ObservedContainer& container : *left) {
        if (!container.name.starts_with(proof_prefix)) continue;
        const auto removed = co_await engine.remove_container(container.id, true, true);
        if (!removed && removed.error().code() != Errc::not_found) co_return removed.error();
    }
    co_return Result<void>();
}

}    // namespace trueup::code
