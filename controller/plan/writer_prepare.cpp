// SPDX-License-Identifier: Apache-2.0
// The preparation: what can fail without harm, and what an interrupted rollout left half done.
#include <fmt/format.h>

#include <algorithm>

#include "controller/plan/writer.hpp"

namespace trueup::plan {

using model::ObservedContainer;
using model::Service;

namespace {

template <class Key>
void insert_found(const std::map<Key, int>& numbers, const Key& key, Numbers& after) {
    const auto found = numbers.find(key);
    if (found != numbers.end()) after.insert(found->second);
}

}    // namespace

// Before anything else: whatever fails later, what was found right is known from now on.
void Writer::adopt(const Service& service) {
    OfService& entry = services_.at(service.name);
    for (const Decision& decision : entry.decisions) {
        if (!decision.adopts) continue;
        AdoptContainer step;
        step.service = service.name;
        step.number = decision.number;
        step.id = decision.current->id;
        step.name = decision.current->name;
        step.config_hash = render::config_hash(inputs_.project, service);
        step.image_id = decision.current->image_id;
        if (entry.image.builder != nullptr) step.recipe_id = entry.image.builder->build->recipe_id;
        step.revision = inputs_.policy.identity.revision;
        const Cause cause{Drift::state,
                          fmt::format("created by another tool, and as commit {} says",
                                      short_commit(inputs_.policy.identity.revision))};
        entry.adopted[decision.number] = add(service, std::move(step), cause, {});
    }
}

// What an interrupted rollout left goes; what it took away comes back. Remembers in `cleared` what
// a new container of the slot has to wait for.
void Writer::clear_slots(const Service& service) {
    OfService& entry = services_.at(service.name);
    for (const Decision& decision : entry.decisions) {
        Numbers cleared;
        insert_found(entry.adopted, decision.number, cleared);
        for (const Removal& removal : decision.at_once) cleared.insert(remove(removal, {}));
        if (decision.recovered) {
            const Cause cause{Drift::state, "set aside by an interrupted rollout"};
            const ObservedContainer& container = *decision.current;
            const std::string name = own_name(container.name);
            RenameContainer rename{service.name, container.id, container.name, name};
            int last = add(service, std::move(rename), cause, cleared);
            if (decision.start_recovered) {
                StartContainer start;
                start.service = service.name;
                start.number = decision.number;
                start.name = name;
                start.id = container.id;
                start.unpause = container.state == model::ContainerState::paused;
                last = add(service, std::move(start), cause, {last});
                entry.starts.insert(last);
            }
            cleared = {last};
        } else if (decision.misnamed && !makes_container(decision)) {
            const ObservedContainer& container = *decision.current;
            RenameContainer rename{service.name, container.id, container.name, decision.name};
            const Cause cause{Drift::state,
                              "left over by an interrupted recreate of docker compose"};
            cleared = {add(service, std::move(rename), cause, cleared)};
        }
        entry.cleared[decision.number] = std::move(cleared);
    }
}

void Writer::add_image(const Service& service) {
    OfService& entry = services_.at(service.name);
    const auto first =
        std::find_if(entry.decisions.begin(), entry.decisions.end(), makes_container);
    if (first == entry.decisions.end()) return;
    ImageChoice& image = entry.image;
    if (entry.pull_due) image.id.reset();
    if (image.id) {
        if (!image.unproven) return;
        const auto key = std::make_pair(*image.id, inputs_.project.code.at(service.name));
        const auto found = proofs_.find(key);
        const int number =
            found != proofs_.end()
                ? found->second
                : add(service, ProveImage{service.name, *image.id}, first->cause, {});
        proofs_.emplace(key, number);
        entry.image_action = number;
        return;
    }
    Step step = PullImage{service.name, image.reference};
    std::string key = "reference " + image.reference;
    if (image.builder != nullptr) {
        const std::string& recipe = image.builder->build->recipe_id;
        const std::string reference = render::image_reference(inputs_.project.name, *image.builder);
        // No cache is to blame for bytecode that a build brings along.
        std::string distrust;
        if (image.rejected != nullptr && !image.rejected->code.differences.empty())
            distrust = model::distrust_reason(image.rejected->code);
        step = BuildImage{image.builder->name, reference, recipe, std::move(distrust)};
        key = "recipe " + recipe;
    }
    const auto found = image_numbers_.find(key);
    const int number =
        found != image_numbers_.end()
            ? found->second
            : add(service, std::move(step), entry.pull_due.value_or(first->cause), {});
    image_numbers_.emplace(std::move(key), number);
    entry.image_action = number;
}

// Last of all: a registry that is away must not keep anything from being put right.
void Writer::pull_again() {
    const Numbers rest = draft_.ends();
    for (const auto& [name, entry] : services_) {
        const Service& service = inputs_.project.services.at(name);
        if (!entry.pull_due || !entry.image.id || entry.decisions.empty()) continue;
        const std::string& reference = entry.image.reference;
        if (!image_numbers_.try_emplace("reference " + reference, 0).second) continue;
        add(service, PullImage{name, reference}, *entry.pull_due, rest);
    }
}

void Writer::prepare(const Service& service, const Decision& decision) {
    if (!makes_container(decision)) return;
    OfService& entry = services_.at(service.name);
    Numbers after;
    if (entry.image_action != 0) after.insert(entry.image_action);
    for (const auto& [key, attachment] : service.networks)
        insert_found(resources_.networks, key, after);
    for (const model::Mount& mount : service.mounts) {
        if (mount.kind == model::MountKind::volume)
            insert_found(resources_.volumes, mount.source, after);
    }
    for (const std::string& name : render::shared_services(service)) {
        const auto shared = services_.find(name);
        if (shared == services_.end()) continue;
        for (const auto& [number, prepared] : shared->second.prepared) after.insert(prepared);
    }
    const Numbers& cleared = entry.cleared[decision.number];
    after.insert(cleared.begin(), cleared.end());
    PrepareContainer step;
    step.service = service.name;
    step.number = decision.number;
    step.name = decision.name;
    step.image_id = entry.image.id.value_or("");
    if (!entry.image.id) step.image_from = entry.image_action;
    step.beside = decision.current != nullptr || names_.contains(decision.name) ||
                  service.networks.size() > 1;
    const ObservedContainer* before =
        decision.current != nullptr ? decision.current : decision.previous;
    if (before != nullptr) step.replaces = before->id;
    if (const auto held = holders_.find(decision.name); held != holders_.end())
        step.holder = held->second;
    entry.prepared[decision.number] = add(service, std::move(step), decision.cause, after);
}

}    // namespace trueup::plan
