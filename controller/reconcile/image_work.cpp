// SPDX-License-Identifier: Apache-2.0
// A container must have the commit's files and, beyond them, what the build of its image made: so the
// image is looked at before the first of its containers, once for good.
#include "controller/reconcile/image_work.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "controller/base/text.hpp"
#include "controller/build/build.hpp"
#include "controller/build/purge.hpp"
#include "controller/code/scan.hpp"
#include "controller/reconcile/image_trust.hpp"
#include "controller/rollout/mask.hpp"

namespace trueup::reconcile {
namespace {

bool is_only_bytecode(const model::CodeState& state) {
    return state.differences.empty() && !state.bytecode.empty();
}

constexpr std::chrono::seconds slow_look{5};

// What is recorded of an image for the next start; nothing where it would be very long, or holds what
// cannot be written.
constexpr std::size_t longest_manifest = 5'000;

std::optional<store::ProvenImage> record_of(const std::string& stack, const std::string& service,
                                            const std::string& image_id,
                                            const code::Comparison& comparison) {
    store::ProvenImage record{stack, service, image_id, comparison.state.code_id, {}};
    if (comparison.of_build.size() > longest_manifest) return std::nullopt;
    for (const auto& [path, file] : comparison.of_build) {
        if (base::find_invalid_utf8(path)) return std::nullopt;
        record.manifest[path] =
            file.object_id + (file.executable ? " x" : "") + (file.symlink ? " l" : "");
    }
    return record;
}

code::Comparison comparison_of(const store::ProvenImage& record,
                               const code::ExpectedCode& expected) {
    code::Comparison comparison;
    comparison.state.status = model::CodeStatus::fresh;
    comparison.state.code_id = record.code_id;
    comparison.state.files = expected.files.size();
    comparison.apart = comparison.state;
    for (const auto& [path, text] : record.manifest) {
        const auto words = base::split(text, ' ');
        const auto has = [&](std::string_view flag) {
            return std::find(words.begin() + 1, words.end(), flag) != words.end();
        };
        comparison.of_build[path] = {std::string(words.front()), has("x"), has("l")};
    }
    code::note_changes(comparison.state, comparison.of_build, expected);
    return comparison;
}

std::string list_text(const model::CodeState& state, const std::string& commit) {
    constexpr std::size_t shown = 5;
    std::string text;
    const std::size_t count = std::min(state.bytecode.size(), shown);
    for (std::size_t at = 0; at < count; ++at)
        text +=
            fmt::format("{}{}", at == 0 ? "" : "; ", model::to_text(state.bytecode[at], commit));
    if (state.bytecode_count > count)
        text += fmt::format("; and {} more", state.bytecode_count - count);
    return text;
}

}    // namespace

std::string proof_owner(const std::string& controller_name, const std::string& stack) {
    return controller_name + "/" + stack;
}

CommitImages::CommitImages(Parts parts, Proofs& proofs, code::Readings& readings,
                           std::shared_ptr<const Desired> desired, OnLine progress)
    : parts_(parts),
      proofs_(proofs),
      readings_(readings),
      desired_(std::move(desired)),
      progress_(std::move(progress)) {}

metrics::StackLabels CommitImages::labels() const {
    return {desired_->policy.identity.stack, desired_->policy.identity.environment};
}

void CommitImages::give_up(const std::string& service, Error why) {
    proofs_.give_up(desired_->project.services.at(service).build->recipe_id, std::move(why));
}

void CommitImages::try_again() {
    for (const auto& [name, service] : desired_->project.services) {
        if (service.build) proofs_.try_again(service.build->recipe_id);
    }
}

Task<std::string> CommitImages::build(std::string service, std::string distrust) {
    if (!distrust.empty()) {
        const auto given_up =
            proofs_.given_up(desired_->project.services.at(service).build->recipe_id);
        if (given_up) co_return *given_up;
        parts_.metrics.cache_distrusted(labels(), distrust);
    }
    build::BuildInputs inputs;
    inputs.project_name = desired_->project.name;
    inputs.service = desired_->project.services.at(service);
    inputs.tree = desired_->commit.tree;
    inputs.revision = desired_->commit.id;
    inputs.commit_time = desired_->commit.time;
    inputs.no_cache = !distrust.empty();
    const rollout::Mask mask = rollout::mask_of_build(inputs.service, desired_->host_values);
    engine::Progress progress = [this, service, &mask](const std::string& line) {
        if (progress_) progress_(fmt::format("service {}: build: {}", service, mask.hide(line)));
    };
    const SteadyTime began = parts_.clock.steady();
    auto outcome = co_await build::build_image(parts_.engine, parts_.pool, std::move(inputs),
                                               std::move(progress));
    const double seconds = std::chrono::duration<double>(parts_.clock.steady() - began).count();
    if (outcome) {
        // Counted when its proof is known.
        built_.insert_or_assign(outcome->image_id, seconds);
        co_return std::move(outcome->image_id);
    }
    parts_.metrics.build_done(labels(), "failed", seconds);
    if (outcome.error().code() != Errc::invalid) co_return outcome.error();
    co_return Error(Errc::unhealthy, "the build failed: " + mask.hide(outcome.error().message()));
}

Task<model::CodeState> CommitImages::prove(std::string service, std::string image_id) {
    const auto expected = desired_->expected.find(service);
    if (expected == desired_->expected.end()) {
        count_build(image_id, true);
        co_return model::CodeState();
    }
    const auto builder = co_await builder_of(service, image_id);
    if (!builder) co_return builder.error();
    const SteadyTime began = parts_.clock.steady();
    const auto known = expected->second;
    auto compared = co_await code::compare_image(
        parts_.engine, parts_.pool, image_id, known,
        proof_owner(desired_->policy.identity.controller, desired_->policy.identity.stack),
        proofs_.verdicts(), parts_.clock.now(), *builder);
    if (!compared) co_return compared.error();
    const auto judged =
        co_await judge_changes(parts_, proofs_, desired_, known, image_id, *compared);
    if (!judged) co_return judged.error();
    const double seconds = std::chrono::duration<double>(parts_.clock.steady() - began).count();
    const bool fresh = compared->state.status == model::CodeStatus::fresh;
    parts_.metrics.verification_done(labels(), "files", fresh, seconds);
    // With bytecode in it, it is counted by what comes of the purge.
    if (!is_only_bytecode(compared->state)) count_build(image_id, fresh);
    const model::CodeState state = compared->state;
    store::Changes changes;
    const auto proven =
        fresh ? record_of(desired_->policy.identity.stack, service, image_id, *compared)
              : std::nullopt;
    if (proven) changes.emplace_back(*proven);
    proofs_.put_image(image_id, std::move(*compared));
    co_await parts_.store.write(std::move(changes));
    co_return state;
}

// An image that the commit only names is whose it is: nobody could build another one.
Task<code::Builder> CommitImages::builder_of(std::string service, std::string image_id) {
    const auto& build = desired_->project.services.at(service).build;
    if (!build) co_return code::Builder::trueup;
    const auto image = co_await parts_.engine.inspect_image(std::move(image_id));
    if (!image) co_return image.error();
    const bool own = image->recipe_id == build->recipe_id && image->owner.empty();
    co_return own ? code::Builder::trueup : code::Builder::stranger;
}

Task<rollout::PurgedImage> CommitImages::purge(std::string service, std::string image_id) {
    const auto expected = desired_->expected.at(service);
    const auto proof = proofs_.image(image_id, expected->code_id);
    if (proof == nullptr) co_return Error(Errc::internal, "purge: the image was not proven");
    const std::string commit = desired_->commit.id.substr(0, 7);
    const std::string list = list_text(proof->state, commit);
    if (desired_->bytecode == v1alpha1::BytecodePolicy::reject) {
        count_build(image_id, false);
        co_return Error(Errc::unhealthy,
                        "the image holds bytecode that is not the commit's, and "
                        "spec.build.bytecode is reject: " +
                            list);
    }
    const model::Service& definition = desired_->project.services.at(service);
    build::PurgeInputs inputs;
    inputs.image_id = image_id;
    inputs.reference = render::image_reference(desired_->project.name, definition);
    inputs.platform = definition.platform;
    inputs.program = proofs_.verdicts().any_program(image_id);
    inputs.files = proof->untrusted;
    const std::size_t count = inputs.files.size();
    engine::Progress progress = [this, service](const std::string& line) {
        if (progress_) progress_(fmt::format("service {}: purge: {}", service, line));
    };
    auto purged =
        co_await build::purge_image(parts_.engine, std::move(inputs), std::move(progress));
    if (!purged) {
        count_build(image_id, false);
        if (purged.error().code() != Errc::invalid) co_return purged.error();
        co_return Error(Errc::unhealthy,
                        fmt::format("bytecode that is not the commit's cannot be purged ({}): {}",
                                    list, purged.error().message()));
    }
    parts_.metrics.bytecode_purged(labels(), count);
    auto counted = built_.extract(image_id);
    if (!counted.empty()) {
        counted.key() = *purged;
        built_.insert(std::move(counted));
    }
    rollout::PurgedImage result;
    result.remark = fmt::format("purged {} bytecode {} that {} not the commit's: {}", count,
                                count == 1 ? "file" : "files", count == 1 ? "is" : "are", list);
    result.image_id = std::move(*purged);
    co_return result;
}

bool CommitImages::has_code(const std::string& service, const std::string& path) const {
    const auto expected = desired_->expected.find(service);
    return expected != desired_->expected.end() && code::has_file_in(*expected->second, path);
}

void CommitImages::count_build(const std::string& image_id, bool proven) {
    const auto built = built_.find(image_id);
    if (built == built_.end()) return;
    parts_.metrics.build_done(labels(), proven ? "built" : "unproven", built->second);
    built_.erase(built);
}

Task<model::CodeState> CommitImages::prove_container(std::string service,
                                                     std::string container_id) {
    if (!desired_->expected.contains(service)) co_return model::CodeState();
    auto container = co_await parts_.engine.inspect_container(container_id);
    if (!container) co_return container.error();
    container->service = service;
    co_return co_await prove_observed(std::move(*container));
}

Task<model::CodeState> CommitImages::prove_observed(model::ObservedContainer container) {
    const SteadyTime began = parts_.clock.steady();
    auto compared = co_await compare_observed(container);
    if (!compared) {
        readings_.look_again(container.id, parts_.clock.steady() - began);
        co_return compared.error();
    }
    const model::CodeState state = compared->state;
    proofs_.put_container(container, std::move(*compared),
                          desired_->expected.at(container.service));
    co_return state;
}

Task<code::Comparison> CommitImages::compare_observed(model::ObservedContainer container) {
    const auto expected = desired_->expected.at(container.service);
    if (proofs_.image(container.image_id, expected->code_id) == nullptr) {
        const auto proven = co_await recall_or_prove(container.service, container.image_id);
        // An image that is gone tells nothing: then what differs is told as it was found.
        if (!proven && proven.error().code() != Errc::not_found) co_return proven.error();
    }
    co_return co_await compare_container(std::move(container));
}

// What a controller of before proved need not be read again.
Task<void> CommitImages::recall_or_prove(std::string service, std::string image_id) {
    const auto expected = desired_->expected.at(service);
    const std::string& stack = desired_->policy.identity.stack;
    const store::ProvenImage* known = parts_.store.proven(stack, service);
    if (known != nullptr && known->image_id == image_id && known->code_id == expected->code_id) {
        code::Comparison comparison = comparison_of(*known, *expected);
        if (comparison.state.of_build_count > 0) {
            // Another Dockerfile may copy the same files: what its steps made tells nothing of this one's.
            const auto builder = co_await builder_of(service, image_id);
            if (builder && *builder == code::Builder::trueup)
                proofs_.witnessed().add(comparison.of_build, *expected);
        }
        proofs_.put_image(image_id, std::move(comparison));
        co_return Result<void>();
    }
    const auto proven = co_await prove(service, image_id);
    if (!proven) co_return proven.error();
    co_return Result<void>();
}

Task<code::Comparison> CommitImages::compare_container(model::ObservedContainer container) {
    const auto expected = desired_->expected.at(container.service);
    const auto image = proofs_.image(container.image_id, expected->code_id);
    std::shared_ptr<const code::Manifest> manifest;
    if (image != nullptr) manifest = {image, &image->of_build};
    const SteadyTime began = parts_.clock.steady();
    code::Subject subject;
    subject.container_id = container.id;
    const bool runs = container.state == model::ContainerState::running ||
                      container.state == model::ContainerState::paused;
    if (runs) subject.pid = container.pid;
    subject.data_folders = code::data_folders(
        container.mounts, desired_->project.services.at(container.service).tmpfs, *expected);
    auto compared = co_await code::compare_running(
        parts_.engine, parts_.pool, readings_, std::move(subject), expected, std::move(manifest),
        proofs_.verdicts(), parts_.clock.now());
    const auto took = parts_.clock.steady() - began;
    if (!compared) co_return compared.error();
    // Its interpreter kept the others waiting.
    if (took > slow_look) readings_.note_time(container.id, took);
    const bool fresh = compared->state.status == model::CodeStatus::fresh;
    parts_.metrics.verification_done(labels(), "files", fresh,
                                     std::chrono::duration<double>(took).count());
    co_return compared;
}

}    // namespace trueup::reconcile
