// SPDX-License-Identifier: Apache-2.0
#include "controller/engine/world.hpp"

#include <algorithm>
#include <utility>

namespace trueup::engine {

std::string normal_reference(std::string reference) {
    for (const std::string_view prefix : {"docker.io/", "index.docker.io/"}) {
        if (reference.starts_with(prefix)) reference.erase(0, prefix.size());
    }
    if (reference.starts_with("library/")) reference.erase(0, 8);
    if (reference.find('@') != std::string::npos || reference.starts_with("sha256:"))
        return reference;
    const std::size_t colon = reference.rfind(':');
    const std::size_t slash = reference.rfind('/');
    const bool has_tag =
        colon != std::string::npos && (slash == std::string::npos || colon > slash);
    return has_tag ? reference : reference + ":latest";
}

bool World::put(model::ObservedContainer container) {
    const auto found = containers_.find(container.id);
    if (found != containers_.end() && found->second == container) return false;
    remove_container(container.id);    // it may have been under another project
    of_project_[container.project].insert(container.id);
    if (!container.stack.empty()) of_stack_[container.stack].insert(container.id);
    const std::string id = container.id;
    containers_.emplace(id, std::move(container));
    return true;
}

namespace {

void take_out(std::map<std::string, std::set<std::string>>& index, const std::string& key,
              const std::string& id) {
    const auto found = index.find(key);
    if (found == index.end()) return;
    found->second.erase(id);
    if (found->second.empty()) index.erase(found);
}

void sort_by_name(std::vector<model::ObservedContainer>& containers) {
    std::sort(containers.begin(), containers.end(), [](const auto& left, const auto& right) {
        return std::tie(left.name, left.id) < std::tie(right.name, right.id);
    });
}

}    // namespace

bool World::remove_container(const std::string& id) {
    const auto found = containers_.find(id);
    if (found == containers_.end()) return false;
    take_out(of_project_, found->second.project, id);
    take_out(of_stack_, found->second.stack, id);
    containers_.erase(found);
    return true;
}

const model::ObservedContainer* World::find(const std::string& id) const {
    const auto found = containers_.find(id);
    return found == containers_.end() ? nullptr : &found->second;
}

std::set<std::string> World::keep_only(const std::set<std::string>& ids,
                                       const std::string* project) {
    std::set<std::string> gone;
    for (const auto& [id, container] : containers_) {
        const bool concerned = project == nullptr || container.project == *project;
        if (concerned && !ids.contains(id)) gone.insert(id);
    }
    for (const std::string& id : gone) remove_container(id);
    return gone;
}

bool World::set_networks(std::vector<model::ObservedNetwork> networks) {
    std::sort(networks.begin(), networks.end(),
              [](const auto& left, const auto& right) { return left.name < right.name; });
    if (networks == networks_) return false;
    networks_ = std::move(networks);
    return true;
}

bool World::set_volumes(std::vector<model::ObservedVolume> volumes) {
    std::sort(volumes.begin(), volumes.end(),
              [](const auto& left, const auto& right) { return left.name < right.name; });
    if (volumes == volumes_) return false;
    volumes_ = std::move(volumes);
    return true;
}

bool World::set_images(std::vector<model::ObservedImage> images) {
    std::map<std::string, model::ObservedImage> by_id;
    for (model::ObservedImage& image : images) {
        const std::string id = image.id;
        by_id.insert_or_assign(id, std::move(image));
    }
    if (by_id == images_) return false;
    images_ = std::move(by_id);
    image_of_reference_.clear();
    images_of_recipe_.clear();
    for (const auto& [id, image] : images_) {
        for (const std::string& reference : image.references)
            image_of_reference_[normal_reference(reference)] = id;
        if (!image.recipe_id.empty()) images_of_recipe_.emplace(image.recipe_id, id);
    }
    return true;
}

std::vector<model::ObservedContainer> World::elsewhere(const std::string& project,
                                                       const std::string& stack,
                                                       const std::set<std::string>& also) const {
    std::set<std::string> ids = also;
    const auto labelled = of_stack_.find(stack);
    if (labelled != of_stack_.end()) ids.insert(labelled->second.begin(), labelled->second.end());
    std::vector<model::ObservedContainer> found;
    for (const std::string& id : ids) {
        const auto known = containers_.find(id);
        if (known != containers_.end() && known->second.project != project)
            found.push_back(known->second);
    }
    sort_by_name(found);
    return found;
}

model::Observed World::observe(const model::Project& project, const std::string& stack,
                               const std::set<std::string>& also) const {
    model::Observed observed;
    const auto ids = of_project_.find(project.name);
    if (ids != of_project_.end()) {
        for (const std::string& id : ids->second) observed.containers.push_back(containers_.at(id));
    }
    sort_by_name(observed.containers);
    observed.elsewhere = elsewhere(project.name, stack, also);
    const auto needs_network = [&](const model::ObservedNetwork& network) {
        return network.project == project.name || (!stack.empty() && network.stack == stack) ||
               std::any_of(project.networks.begin(), project.networks.end(),
                           [&](const auto& entry) { return entry.second.name == network.name; });
    };
    std::copy_if(networks_.begin(), networks_.end(), std::back_inserter(observed.networks),
                 needs_network);
    const auto needs_volume = [&](const model::ObservedVolume& volume) {
        return volume.project == project.name ||
               std::any_of(project.volumes.begin(), project.volumes.end(),
                           [&](const auto& entry) { return entry.second.name == volume.name; });
    };
    std::copy_if(volumes_.begin(), volumes_.end(), std::back_inserter(observed.volumes),
                 needs_volume);
    add_images(project, observed);
    return observed;
}

void World::add_images(const model::Project& project, model::Observed& observed) const {
    const auto add = [&](const std::string& id) {
        const auto found = images_.find(id);
        if (found != images_.end()) observed.images.emplace(id, found->second);
    };
    for (const model::ObservedContainer& container : observed.containers) add(container.image_id);
    for (const model::ObservedContainer& container : observed.elsewhere) add(container.image_id);
    for (const auto& [name, service] : project.services) {
        if (!service.image.empty()) {
            const auto found = image_of_reference_.find(normal_reference(service.image));
            if (found != image_of_reference_.end()) {
                observed.image_of_reference[service.image] = found->second;
                add(found->second);
            }
        }
        if (!service.build) continue;
        const auto [first, last] = images_of_recipe_.equal_range(service.build->recipe_id);
        for (auto entry = first; entry != last; ++entry) add(entry->second);
    }
}

std::map<std::string, model::ObservedContainer> World::owned() const {
    std::map<std::string, model::ObservedContainer> found;
    for (const auto& [id, container] : containers_) {
        if (container.owned) found.emplace(id, container);
    }
    return found;
}

std::vector<model::ObservedContainer> World::containers() const {
    std::vector<model::ObservedContainer> all;
    all.reserve(containers_.size());
    for (const auto& [id, container] : containers_) all.push_back(container);
    return all;
}

std::set<std::string> World::projects() const {
    std::set<std::string> names;
    for (const auto& [name, ids] : of_project_) names.insert(name);
    return names;
}

std::map<std::string, std::string> World::running() const {
    std::map<std::string, std::string> started;
    for (const auto& [id, container] : containers_) {
        if (container.pid > 0) started.emplace(id, container.started_at);
    }
    return started;
}

}    // namespace trueup::engine
