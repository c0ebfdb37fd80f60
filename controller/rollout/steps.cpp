// SPDX-License-Identifier: Apache-2.0
// The engine calls of the simple actions. What is there already, or gone already, is as desired.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "controller/rollout/run.hpp"

namespace trueup::rollout {
namespace {

// Succeeded, or failed with the one error that means: somebody did it already.
Result<void> unless(const Result<void>& done, Errc harmless) {
    if (!done && done.error().code() != harmless) return done.error();
    return {};
}

// A volume that nobody named has a name of the engine's.
bool is_anonymous(const std::pair<const std::string, model::ObservedMount>& mount) {
    constexpr std::size_t digits = 64;
    const std::string& name = mount.second.source;
    return mount.second.kind == model::MountedKind::volume && name.size() == digits &&
           name.find_first_not_of("0123456789abcdef") == std::string::npos;
}

// The service or the image still wants a volume there.
bool asks_for_volume(const model::Service& service, const boost::json::object& image,
                     const std::string& target) {
    for (const model::Mount& mount : service.mounts) {
        if (mount.target == target) return true;
    }
    const boost::json::value* config = image.if_contains("Config");
    if (config == nullptr || !config->is_object()) return false;
    const boost::json::value* volumes = config->get_object().if_contains("Volumes");
    return volumes != nullptr && volumes->is_object() && volumes->get_object().contains(target);
}

}    // namespace

std::string describe_stale(const model::CodeState& code) {
    if (code.differences.empty() && !code.bytecode.empty()) {
        std::string text = model::to_text(code.bytecode.front(), "the commit");
        if (code.bytecode_count > 1)
            text += fmt::format(", and {} more bytecode files", code.bytecode_count - 1);
        return text;
    }
    if (code.differences.empty()) return "the code differs from the commit";
    std::string text;
    for (const model::FileDifference& each : code.differences) {
        const bool mode = each.change == model::FileChange::mode;
        text += fmt::format("{}{}{} is {}", text.empty() ? "" : ", ", mode ? "the mode of " : "",
                            each.path, mode ? "another" : model::to_string(each.change));
    }
    if (code.difference_count > code.differences.size())
        text +=
            fmt::format(", and {} more differ", code.difference_count - code.differences.size());
    return text;
}

std::string Run::id_of(const std::string& id, const std::string& name) const {
    if (!id.empty()) return id;
    const auto found = prepared_.find(name);
    return found == prepared_.end() ? std::string() : found->second;
}

Task<void> Run::perform(const plan::AdoptContainer& step, int /*number*/) {
    if (context_.ledger == nullptr) co_return Error(Errc::internal, "nobody remembers adoptions");
    co_return co_await context_.ledger->adopt(step);
}

Task<void> Run::perform(const plan::CreateNetwork& step, int /*number*/) {
    auto body = render::network_body(context_.project, context_.project.networks.at(step.key),
                                     context_.identity);
    const auto made = co_await context_.engine.create_network(std::move(body));
    if (!made && made.error().code() != Errc::conflict) co_return made.error();
    co_return Result<void>();
}

Task<void> Run::perform(const plan::RemoveNetwork& step, int /*number*/) {
    const auto removed = co_await context_.engine.remove_network(step.id);
    co_return unless(removed, Errc::not_found);
}

Task<void> Run::perform(const plan::CreateVolume& step, int /*number*/) {
    auto body = render::volume_body(context_.project, context_.project.volumes.at(step.key),
                                    context_.identity);
    const auto made = co_await context_.engine.create_volume(std::move(body));
    co_return unless(made, Errc::conflict);
}

Task<void> Run::perform(const plan::PullImage& step, int number) {
    if (service(step.service).pull_policy == "never") {
        co_return Error(Errc::not_found,
                        fmt::format("image {} is not on the engine, and pull_policy of service {} "
                                    "is never (load it there)",
                                    step.reference, step.service));
    }
    const auto pulled = co_await context_.engine.pull_image(step.reference, nullptr, std::nullopt,
                                                            service(step.service).platform);
    if (!pulled) co_return pulled.error();
    const auto image = co_await context_.engine.inspect_image(step.reference);
    if (!image) co_return image.error().in("pulling " + step.reference);
    images_[number] = image->id;
    co_return Result<void>();
}

Task<model::CodeState> Run::prove_built(std::string service, std::string& image_id, int number) {
    auto code = co_await context_.images.prove(service, image_id);
    if (!code) co_return code.error().in("prove the image");
    const bool only_bytecode = code->differences.empty() && !code->bytecode.empty();
    if (code->status != model::CodeStatus::stale || !only_bytecode) co_return code;
    auto purged = co_await context_.images.purge(service, image_id);
    if (!purged) co_return purged.error();
    remark(number, "BytecodePurged", std::move(purged->remark));
    image_id = std::move(purged->image_id);
    code = co_await context_.images.prove(service, image_id);
    if (!code) co_return code.error().in("prove the purged image");
    co_return code;
}

Task<void> Run::perform(const plan::BuildImage& step, int number) {
    std::string distrust = step.distrust;
    while (true) {
        auto built = co_await context_.images.build(step.service, distrust);
        if (!built) co_return built.error();
        const auto code = co_await prove_built(step.service, *built, number);
        if (!code) co_return code.error();
        if (code->status != model::CodeStatus::stale) {
            images_[number] = *built;
            co_return Result<void>();
        }
        const std::string differs = describe_stale(*code);
        if (!distrust.empty()) {
            const Error error(
                Errc::invalid,
                fmt::format("the image that was built does not hold the commit's code, "
                            "even without cache: {} (a step of its Dockerfile may write "
                            "these files: spec.code says what to ignore; another "
                            "commit, or `trueup reconcile`, tries again)",
                            differs));
            context_.images.give_up(step.service, error);
            co_return error;
        }
        distrust = model::distrust_reason(*code);
        remark(number, "RebuiltWithoutCache",
               fmt::format("the image that was built does not hold the commit's code ({}): built "
                           "again without cache",
                           differs));
    }
}

Task<void> Run::perform(const plan::ProveImage& step, int /*number*/) {
    const auto code = co_await context_.images.prove(step.service, step.image_id);
    if (!code) co_return code.error().in("prove the image");
    if (code->status != model::CodeStatus::stale) co_return Result<void>();
    co_return Error(Errc::unhealthy,
                    "the image does not hold the commit's code: " + describe_stale(*code));
}

Task<void> Run::perform(const plan::PrepareContainer& step, int /*number*/) {
    render::Creation creation;
    creation.image_id = step.image_id.empty() ? images_[step.image_from] : step.image_id;
    creation.capability = capability();
    const auto kept = co_await keep_hooks(step.service);
    if (!kept) co_return kept.error();
    auto shared = co_await shared_containers(service(step.service));
    if (!shared) co_return shared.error();
    creation.containers = std::move(*shared);
    if (step.beside) {
        const auto free = co_await look_at_name(step);
        if (!free) co_return free.error();
    }
    if (!step.replaces.empty()) {
        auto inherited = co_await anonymous_volumes(step, creation.image_id);
        if (!inherited) co_return inherited.error();
        creation.inherited = std::move(*inherited);
    }
    auto body = render::container_body(context_.project, service(step.service), step.number,
                                       context_.identity, creation);
    const std::string name = step.beside ? plan::next_name(step.name) : step.name;
    const auto id = co_await context_.engine.create_container(name, std::move(body));
    if (!id && id.error().code() == Errc::conflict && !step.beside) {
        const auto free = co_await look_at_name(step);
        if (!free) co_return free.error();
    }
    if (!id) co_return id.error().in("create " + name);
    prepared_[step.name] = *id;
    if (step.beside) unused_.insert(*id);
    co_return co_await connect_further_networks(step, *id);
}

// While nothing is stopped yet: who has the name would keep the new container from it, and the one
// before would have been set aside for nothing.
Task<void> Run::look_at_name(const plan::PrepareContainer& step) {
    const auto found = co_await context_.engine.inspect_container(step.name);
    if (!found && found.error().code() == Errc::not_found) co_return Result<void>();
    if (!found) co_return found.error().in("look whether the name " + step.name + " is taken");
    if (found->id == step.replaces || found->id == step.holder) co_return Result<void>();
    const std::string whose =
        found->project.empty() ? "which is of no compose project" : "of project " + found->project;
    co_return Error(
        Errc::conflict,
        fmt::format("the name {} is taken by container {}, {}, which trueup does not "
                    "touch: rename that one, or choose another name in the compose file",
                    step.name, found->id.substr(0, 12), whose));
}

// Of the container that is to be replaced: its data goes on with the new one. Not where files of the
// commit are: there an old volume would hide them. A folder for uploads among the code hides none.
Task<model::StringMap> Run::anonymous_volumes(const plan::PrepareContainer& step,
                                              std::string image_id) {
    model::StringMap volumes;
    const auto found = co_await context_.engine.inspect_container(step.replaces);
    if (!found && found.error().code() == Errc::not_found) co_return volumes;
    if (!found) co_return found.error().in("look at the volumes of what is replaced");
    const bool any = std::any_of(found->mounts.begin(), found->mounts.end(), is_anonymous);
    if (!any) co_return volumes;
    const auto image = co_await context_.engine.inspect_image_raw(std::move(image_id));
    if (!image) co_return image.error().in("look at the volumes of the image");
    for (const auto& seen : found->mounts) {
        const auto& [target, mount] = seen;
        if (!is_anonymous(seen)) continue;
        if (!asks_for_volume(service(step.service), *image, target)) continue;
        if (context_.images.has_code(step.service, target))
            say(fmt::format("volume {} of {} is not taken over: it would hide the code at {}",
                            mount.source.substr(0, 12), found->name, target));
        else
            volumes.emplace(target, mount.source);
    }
    co_return volumes;
}

// The one that this plan prepared, else the one that is there.
Task<model::StringMap> Run::shared_containers(const model::Service& wanted) {
    model::StringMap ids;
    for (const std::string& name : render::shared_services(wanted)) {
        const std::string container =
            render::container_name(context_.project.name, service(name), 1);
        const auto prepared = prepared_.find(container);
        if (prepared != prepared_.end()) {
            ids[name] = prepared->second;
            continue;
        }
        const auto found = co_await context_.engine.inspect_container(container);
        if (!found) co_return found.error().in("share what is of service " + name);
        ids[name] = found->id;
    }
    co_return ids;
}

// Older engines take one network at create. A failure leaves the container to remove_unused().
Task<void> Run::connect_further_networks(const plan::PrepareContainer& step,
                                         const std::string& id) {
    auto networks = render::further_networks(context_.project, service(step.service), step.number,
                                             capability());
    for (render::NetworkAttachment& network : networks) {
        boost::json::object body;
        body["Container"] = id;
        body["EndpointConfig"] = std::move(network.endpoint_config);
        const auto connected =
            co_await context_.engine.connect_network(network.network_name, std::move(body));
        if (!connected) co_return connected.error().in("connect to " + network.network_name);
    }
    co_return Result<void>();
}

Task<void> Run::perform(const plan::RemoveContainer& step, int /*number*/) {
    if (!step.never_started) {
        const auto found = co_await context_.engine.inspect_container(step.id);
        if (found) co_await before_stop(*found);
    }
    context_.cache.expect_stop(step.id);
    const auto stopped = co_await context_.engine.stop_container(step.id, std::nullopt);
    // A dead container cannot be stopped, only removed; whether it is gone is what counts.
    if (!stopped && stopped.error().code() == Errc::cancelled) co_return stopped.error();
    if (!stopped && stopped.error().code() == Errc::not_found) co_return Result<void>();
    const auto removed =
        co_await context_.engine.remove_container(step.id, true, step.never_started);
    co_return unless(removed, Errc::not_found);
}

Task<void> Run::perform(const plan::RenameContainer& step, int /*number*/) {
    // Under its own name it always has its restart policy: so the policy comes first.
    model::RestartPolicy policy = render::restart_policy(service(step.service));
    const auto updated = co_await context_.engine.update_restart_policy(step.id, std::move(policy));
    if (!updated) co_return updated.error();
    co_return co_await context_.engine.rename_container(step.id, step.to);
}

}    // namespace trueup::rollout
