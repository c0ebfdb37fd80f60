// SPDX-License-Identifier: Apache-2.0
// Rounds: each takes, by name, the services whose dependencies were all taken in earlier rounds.
#include "controller/plan/order.hpp"

#include <set>
#include <string>

namespace trueup::plan {
namespace {

bool waits(const model::Service& service, const std::set<std::string>& waiting) {
    for (const auto& [name, dependency] : service.depends_on) {
        if (name != service.name && waiting.contains(name)) return true;
    }
    return false;
}

}    // namespace

std::vector<const model::Service*> in_dependency_order(const model::Project& project) {
    std::vector<const model::Service*> order;
    std::set<std::string> waiting;
    for (const auto& [name, service] : project.services) waiting.insert(name);
    while (!waiting.empty()) {
        std::vector<std::string> round;
        for (const std::string& name : waiting) {
            if (!waits(project.services.at(name), waiting)) round.push_back(name);
        }
        if (round.empty()) round.push_back(*waiting.begin());
        for (const std::string& name : round) {
            order.push_back(&project.services.at(name));
            waiting.erase(name);
        }
    }
    return order;
}

}    // namespace trueup::plan
