// SPDX-License-Identifier: Apache-2.0
// Built images are found by recipe, never by tag: a tag can be moved, a recipe is what the commit
// says. Of several, the one that runs already wins (nothing need be replaced), then a proven one.
// An image that another tool built has no recipe, so it stands for one only where it was found: a new container
// that ran it would tell nobody what it runs, and would be replaced once more.
#include "controller/plan/images.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "controller/plan/plan.hpp"

namespace trueup::plan {

using model::CodeStatus;
using model::ObservedImage;
using model::Service;

Images::Images(const model::Project& project, const model::Observed& observed, const Slots& slots)
    : project_(project), observed_(observed), slots_(slots) {
    for (const auto& [name, service] : project.services) {
        if (service.build)
            builders_.emplace(render::image_reference(project.name, service), &service);
    }
    for (const auto& [id, image] : observed.images) {
        if (!image.recipe_id.empty()) by_recipe_.emplace(image.recipe_id, &image);
    }
    for (const model::ObservedContainer* container : slots.ours) {
        add_use(*container);
        if (container->adopted) add_taken_over(*container);
    }
    for (const model::ObservedContainer* container : slots.adoptable) {
        add_use(*container);
        add_taken_over(*container);
    }
}

namespace {

// What runs counts before what has ended (a one-shot), and that before what was only prepared.
int standing(const model::ObservedContainer& container) {
    switch (container.state) {
        case model::ContainerState::running:
        case model::ContainerState::paused:
        case model::ContainerState::restarting: return 0;
        case model::ContainerState::exited: return 1;
        case model::ContainerState::created:
        case model::ContainerState::removing:
        case model::ContainerState::dead: break;
    }
    return 2;
}
constexpr int unused = 3;

}    // namespace

void Images::add_use(const model::ObservedContainer& container) {
    const auto key = std::make_pair(container.service, container.image_id);
    const auto [use, fresh] = in_use_.try_emplace(key, standing(container));
    if (!fresh) use->second = std::min(use->second, standing(container));
    const bool ran = standing(container) < 2;
    if (ran && container.code.status == CodeStatus::fresh) seen_fresh_.insert(container.image_id);
}

// Another tool built its image: as good as ours, for that container, where its code is the commit's.
void Images::add_taken_over(const model::ObservedContainer& container) {
    const auto image = observed_.images.find(container.image_id);
    if (image == observed_.images.end() || !image->second.recipe_id.empty()) return;
    const auto service = project_.services.find(container.service);
    const Service* builder =
        service == project_.services.end() ? nullptr : builder_of(service->second);
    std::string recipe = container.recipe_id;
    if (!container.adopted && builder != nullptr && container.code.status == CodeStatus::fresh)
        recipe = builder->build->recipe_id;
    if (!recipe.empty() && !is_of_recipe(container.image_id, recipe))
        by_recipe_.emplace(std::move(recipe), &image->second);
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
    const auto consider = [&](const model::ObservedContainer* each, bool same) {
        if (!same || each->service != service.name || !observed_.images.contains(each->image_id))
            return;
        if (best == nullptr || rank(*each) < rank(*best)) best = each;
    };
    for (const model::ObservedContainer* each : slots_.ours)
        consider(each, render::is_hash_of(each->config_hash, config_hash, service.unkeyed_hash));
    for (const model::ObservedContainer* each : slots_.adoptable)
        consider(each, each->image_reference == service.image);
    if (best == nullptr) return std::nullopt;
    return best->image_id;
}

void Images::choose_built(const Service& service, ImageChoice& choice) const {
    const std::string& recipe = choice.builder->build->recipe_id;
    const ObservedImage* best = nullptr;
    const auto rank = [&](const ObservedImage& image) {
        const auto use = in_use_.find(std::make_pair(service.name, image.id));
        return std::make_tuple(use == in_use_.end() ? unused : use->second,
                               image.code.status != CodeStatus::fresh, image.id);
    };
    const auto [first, last] = by_recipe_.equal_range(recipe);
    for (auto entry = first; entry != last; ++entry) {
        const ObservedImage& image = *entry->second;
        if (image.code.status == CodeStatus::stale) {
            if (choice.rejected == nullptr || image.id < choice.rejected->id)
                choice.rejected = &image;
        } else if (!image.recipe_id.empty() && (best == nullptr || rank(image) < rank(*best))) {
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

bool Images::is_of_recipe(const std::string& image_id, const std::string& recipe) const {
    const auto [first, last] = by_recipe_.equal_range(recipe);
    return std::any_of(first, last,
                       [&](const auto& entry) { return entry.second->id == image_id; });
}

bool Images::stands_for(const std::string& image_id, const std::string& recipe) const {
    const auto image = observed_.images.find(image_id);
    return image != observed_.images.end() && image->second.recipe_id.empty() &&
           image->second.code.status != CodeStatus::stale && is_of_recipe(image_id, recipe);
}

bool Images::is_known(const std::string& image_id) const {
    return observed_.images.contains(image_id);
}

std::optional<std::string> desired_image(const model::Project& project, const Service& service,
                                         const model::Observed& observed, const Policy& policy) {
    const Slots slots = arrange(project, observed, policy);
    const Images images(project, observed, slots);
    return images.choose(service, render::config_hash(project, service)).id;
}

}    // namespace trueup::plan
