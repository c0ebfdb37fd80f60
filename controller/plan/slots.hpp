// SPDX-License-Identifier: Apache-2.0
// Observed containers, sorted by the place they stand in. Inside plan/ only.
#pragma once

#include <map>
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

// One-offs apart.
using Ours = std::vector<const model::ObservedContainer*>;

struct Slots {
    Ours ours;
    std::map<std::string, std::vector<Slot>> of_service;     // 1..replicas of every service
    std::vector<const model::ObservedContainer*> excess;     // beyond a service's replicas
    std::vector<const model::ObservedContainer*> orphans;    // of services that are not desired
    std::vector<const model::ObservedContainer*> moved;      // of the project it was before
    std::vector<const model::ObservedContainer*> foreign;    // not ours: created by somebody else
};

Slots arrange(const model::Project& project, const model::Observed& observed,
              const render::StackIdentity& identity);

}    // namespace trueup::plan
