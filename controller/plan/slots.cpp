// SPDX-License-Identifier: Apache-2.0
#include "controller/plan/slots.hpp"

#include "controller/plan/ownership.hpp"

namespace trueup::plan {
namespace {

using model::ObservedContainer;

// The exact name decides; a container whose service was given another name since is still of its
// slot.
void put(Slot& slot, const ObservedContainer& container) {
    const std::string& name = container.name;
    const bool exact = name == slot.name;
    if (!exact && name.ends_with(next_name(""))) {
        slot.prepared.push_back(&container);
        return;
    }
    const bool aside = !exact && name.ends_with(previous_name(""));
    const ObservedContainer*& place = aside ? slot.previous : slot.current;
    const std::string& wanted = aside ? previous_name(slot.name) : slot.name;
    if (place == nullptr) {
        place = &container;
    } else if (name == wanted) {
        slot.surplus.push_back(place);
        place = &container;
    } else {
        slot.surplus.push_back(&container);
    }
}

}    // namespace

Slots arrange(const model::Project& project, const model::Observed& observed,
              const render::StackIdentity& identity) {
    Slots slots;
    for (const auto& [name, service] : project.services) {
        std::vector<Slot>& list = slots.of_service[name];
        for (int number = 1; number <= service.replicas; ++number) {
            Slot slot;
            slot.service = &service;
            slot.number = number;
            slot.name = render::container_name(project.name, service, number);
            list.push_back(std::move(slot));
        }
    }
    for (const ObservedContainer& container : observed.containers) {
        if (container.one_off || container.project != project.name) continue;
        if (!is_ours(container, observed, identity)) {
            slots.foreign.push_back(&container);
            continue;
        }
        slots.ours.push_back(&container);
        const auto found = slots.of_service.find(container.service);
        if (found == slots.of_service.end()) {
            slots.orphans.push_back(&container);
        } else if (container.number < 1 ||
                   container.number > static_cast<int>(found->second.size())) {
            slots.excess.push_back(&container);
        } else {
            put(found->second[static_cast<std::size_t>(container.number - 1)], container);
        }
    }
    for (const ObservedContainer& container : observed.elsewhere) {
        if (!container.one_off && is_ours(container, observed, identity))
            slots.moved.push_back(&container);
    }
    return slots;
}

}    // namespace trueup::plan
