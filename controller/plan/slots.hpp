// SPDX-License-Identifier: Apache-2.0
// Observed containers, sorted by the place they stand in. Inside plan/ only.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "controller/model/observed.hpp"
#include "controller/plan/plan.hpp"

namespace trueup::plan {

// One replica of a service, and what stands in its place now.
struct Slot {
    const model::Service* service = nullptr;
    int number = 0;
    std::string name;                                      // final
    const model::ObservedContainer* current = nullptr;     // under its final name, or an older one
    const model::ObservedContainer* previous = nullptr;    // "<name>.previous"
    std::vector<const model::ObservedContainer*> prepared;    // "<name>.next"
    std::vector<const model::ObservedContainer*> surplus;     // a second one for the same place
};

using Containers = std::vector<const model::ObservedContainer*>;

struct Slots {
    Containers ours;    // in whatever place
    // Created by another tool, and to be taken over: they stand in slots, or are in excess.
    std::set<const model::ObservedContainer*> adoptable;
    // Likewise, and nothing wants them: left alone.
    Containers left;
    std::map<std::string, std::vector<Slot>> of_service;    // 1..replicas of every service
    Containers excess;                                      // beyond a service's replicas
    Containers orphans;                                     // of services that are not desired
    Containers moved;                                       // of the project it was before
    Containers foreign;                                     // not ours, and not to be adopted
};

// docker compose makes a new container as "<12 digits of the old one's id>_<name>", and docker-compose 1
// called the old one so: what is still called so was left over when it was interrupted.
bool is_left_over(const std::string& found, const std::string& name);

Slots arrange(const model::Project& project, const model::Observed& observed, const Policy& policy);

}    // namespace trueup::plan
