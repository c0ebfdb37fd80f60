// SPDX-License-Identifier: Apache-2.0
// Built images are found by recipe, never by tag: a tag can be moved, a recipe is what the commit
// says. Of several, the one that runs already wins (nothing need be replaced), then a proven one.
#include "controller/plan/images.hpp"

#include <tuple>

#include "controller/plan/plan.hpp"

namespace trueup::plan {

using model::CodeStatus;
using model::ObservedImage;
using model::Service;

Images::Images(const model::Project& project, const model::Observed& observed, const Ours& ours)
    : project_(project), observed_(observed), ours_(ours) {
    for (const auto& [name, service] : project.services) {
        if (service.build)
            builders_.emplace(render::image_reference(project.name, service), &service);
    }
    for (const auto& [id, image] : observed.images) {
        if (!image.recipe_id.empty()) by_recipe_.emplace(image.recipe_id, &image);
    }
    for (const model::ObservedContainer* container : ours) {
        if (container->state != model::ContainerState::running) continue;
        in_use_.emplace(container->service, container->image_id);
        if (container->code.status == CodeStatus::fresh) seen_fresh_.insert(container->image_id);
    }
}

const Service* Images::builder_of(const Service& service) const {
    if (service.build) return &service;
    const auto found = builders_.find(service.image);
    return found == builders_.end() ? nullptr : found->second;
}

ImageChoice Images::choose(const Service& service, const std::string& config_hash) const {
    ImageChoice choice;
    choice.builder = builder_of(service);
    choice.reference = render::image_reference(project_.name, service);
    if (choice.builder != nullptr) {
        choose_built(service, choice);
    } else {
        choice.id = pulled(service, config_hash);
    }
    if (!choice.id) return choice;
    const auto image = observed_.images.find(*choice.id);
    if (image != observed_.images.end()) choice.unproven = is_unproven(service, image->second);
    return choice;
}

// Where the tag is gone from the engine, a container that was made for this very tag (it is part of
// the configuration) tells which image it was: no reason to pull another one.
std::optional<std::string> Images::pulled(const Service& service,
                                          const std::string& config_hash) const {
    const auto found = observed_.image_of_reference.find(service.image);
    if (found != observed_.image_of_reference.end()) return found->second;
    const model::ObservedContainer* best = nullptr;
    const auto rank = [](const model::ObservedContainer& container) {
        return std::make_pair(container.state != model::ContainerState::running,
                              container.image_id);
    };
    for (const model::ObservedContainer* each : ours_) {
        const bool same = each->service == service.name && each->config_hash == config_hash;
        if (!same || !observed_.images.contains(each->image_id)) continue;
        if (best == nullptr || rank(*each) < rank(*best)) best = each;
    }
    if (best == nullptr) return std::nullopt;
    return best->image_id;
}

void Images::choose_built(const Service& service, ImageChoice& choice) const {
    const std::string& recipe = choice.builder->build->recipe_id;
    const ObservedImage* best = nullptr;
    const auto rank = [&](const ObservedImage& image) {
        const bool used = in_use_.contains(std::make_pair(service.name, image.id));
        return std::make_tuple(!used, image.code.status != CodeStatus::fresh, image.id);
    };
    const auto [first, last] = by_recipe_.equal_range(recipe);
    for (auto entry = first; entry != last; ++entry) {
        const ObservedImage& image = *entry->second;
        if (image.code.status == CodeStatus::stale) {
            if (choice.rejected == nullptr || image.id < choice.rejected->id)
                choice.rejected = &image;
        } else if (best == nullptr || rank(image) < rank(*best)) {
            best = &image;
        }
    }
    if (best != nullptr) choice.id = best->id;
}

// A proof in a running container is one of its image too. A pulled image that holds other code
// stays unproven: nothing can rebuild it, so the proof must fail before anything is stopped for it.
bool Images::is_unproven(const Service& service, const ObservedImage& image) const {
    if (!project_.code.contains(service.name) || image.code.status == CodeStatus::fresh)
        return false;
    return image.code.status == CodeStatus::stale || !seen_fresh_.contains(image.id);
}

std::string Images::recipe_of(const std::string& image_id) const {
    const auto found = observed_.images.find(image_id);
    return found == observed_.images.end() ? std::string() : found->second.recipe_id;
}

bool Images::is_known(const std::string& image_id) const {
    return observed_.images.contains(image_id);
}

std::optional<std::string> desired_image(const model::Project& project, const Service& service,
                                         const model::Observed& observed,
                                         const render::StackIdentity& identity) {
    const Slots slots = arrange(project, observed, identity);
    return Images(project, observed, slots.ours)
        .choose(service, render::config_hash(project, service))
        .id;
}

}    // namespace trueup::plan
