// SPDX-License-Identifier: Apache-2.0
#include "controller/plan/slots.hpp"

#include <algorithm>
#include <utility>

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

// Whoever created it keeps no other controller's or stack's books.
bool is_adoptable(const ObservedContainer& container, const Policy& policy) {
    const render::StackIdentity& identity = policy.identity;
    return policy.adopt && (!container.owned || (container.owner == identity.controller &&
                                                 container.stack == identity.stack));
}

bool has_slot(const std::vector<Slot>& slots, int number) {
    return number >= 1 && std::cmp_less_equal(number, slots.size());
}

std::map<std::string, std::vector<Slot>> empty_slots(const model::Project& project) {
    std::map<std::string, std::vector<Slot>> slots;
    for (const auto& [name, service] : project.services) {
        std::vector<Slot>& list = slots[name];
        for (int number = 1; number <= service.replicas; ++number) {
            Slot slot;
            slot.service = &service;
            slot.number = number;
            slot.name = render::container_name(project.name, service, number);
            list.push_back(std::move(slot));
        }
    }
    return slots;
}

void place(Slots& slots, const ObservedContainer& container) {
    const auto found = slots.of_service.find(container.service);
    if (found == slots.of_service.end()) {
        slots.orphans.push_back(&container);
    } else if (!has_slot(found->second, container.number)) {
        slots.excess.push_back(&container);
    } else {
        put(found->second[static_cast<std::size_t>(container.number - 1)], container);
    }
}

// False: somebody stands in the place that its number names.
bool take_place(std::vector<Slot>& slots, const ObservedContainer& container) {
    if (!has_slot(slots, container.number)) return false;
    Slot& slot = slots[static_cast<std::size_t>(container.number - 1)];
    const bool aside = container.name != slot.name && container.name.ends_with(previous_name(""));
    const ObservedContainer*& place = aside ? slot.previous : slot.current;
    const bool left = is_left_over(container.name, slot.name);
    if (place != nullptr && !left) {
        if (!is_left_over(place->name, slot.name)) return false;
        std::swap(place, slot.surplus.emplace_back(&container));
    } else if (place != nullptr) {
        slot.surplus.push_back(&container);
    } else {
        place = &container;
    }
    return true;
}

// Ours are in their places before. A container whose number names no free place takes another one:
// how somebody else counted is no reason to make it anew.
void take_in(Slots& slots, const Containers& adoptable) {
    Containers without_place;
    for (const ObservedContainer* container : adoptable) {
        const auto found = slots.of_service.find(container->service);
        if (found == slots.of_service.end()) {
            slots.left.push_back(container);
            continue;
        }
        slots.adoptable.insert(container);
        if (!take_place(found->second, *container)) without_place.push_back(container);
    }
    for (const ObservedContainer* container : without_place) {
        std::vector<Slot>& list = slots.of_service.at(container->service);
        const auto free = std::find_if(list.begin(), list.end(), [](const Slot& slot) {
            return slot.current == nullptr && slot.previous == nullptr;
        });
        if (free == list.end())
            slots.excess.push_back(container);
        else
            free->current = container;
    }
}

}    // namespace

bool is_left_over(const std::string& found, const std::string& name) {
    constexpr std::size_t digits = 12;
    return found.size() == digits + 1 + name.size() && found.ends_with(name) &&
           found[digits] == '_' && found.find_first_not_of("0123456789abcdef") == digits;
}

Slots arrange(const model::Project& project, const model::Observed& observed,
              const Policy& policy) {
    Slots slots;
    slots.of_service = empty_slots(project);
    Containers adoptable;
    for (const ObservedContainer& container : observed.containers) {
        if (container.one_off || container.project != project.name) continue;
        if (is_ours(container, observed, policy.identity)) {
            slots.ours.push_back(&container);
            place(slots, container);
        } else {
            (is_adoptable(container, policy) ? adoptable : slots.foreign).push_back(&container);
        }
    }
    take_in(slots, adoptable);
    for (const ObservedContainer& container : observed.elsewhere) {
        if (!container.one_off && is_ours(container, observed, policy.identity))
            slots.moved.push_back(&container);
    }
    return slots;
}

}    // namespace trueup::plan
