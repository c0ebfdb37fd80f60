// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "controller/plan/plan.hpp"

namespace trueup::plan {

bool must_be_healthy(const model::Project& project, const std::string& service_name) {
    return std::any_of(project.services.begin(), project.services.end(), [&](const auto& entry) {
        const auto found = entry.second.depends_on.find(service_name);
        return found != entry.second.depends_on.end() && found->second.required &&
               found->second.condition == model::DependencyCondition::healthy;
    });
}

}    // namespace trueup::plan
