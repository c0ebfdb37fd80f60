// SPDX-License-Identifier: Apache-2.0
// Kubernetes conventions: a list keyed by type; lastTransitionTime moves with the status only.
#include <algorithm>
#include <cassert>

#include "api/v1alpha1/stack.hpp"

namespace trueup::v1alpha1 {

std::string_view to_string(ConditionStatus status) {
    switch (status) {
        case ConditionStatus::unknown: return "Unknown";
        case ConditionStatus::yes: return "True";
        case ConditionStatus::no: return "False";
    }
    return "Unknown";
}

const Condition* find_condition(const StackStatus& status, std::string_view type) {
    const auto found =
        std::find_if(status.conditions.begin(), status.conditions.end(),
                     [&](const Condition& condition) { return condition.type == type; });
    return found == status.conditions.end() ? nullptr : &*found;
}

void set_condition(StackStatus& status, Condition condition, SystemTime now) {
    assert(!condition.type.empty() && !condition.reason.empty());
    const auto found =
        std::find_if(status.conditions.begin(), status.conditions.end(),
                     [&](const Condition& other) { return other.type == condition.type; });
    if (found == status.conditions.end()) {
        condition.last_transition_time = now;
        status.conditions.push_back(std::move(condition));
        return;
    }
    condition.last_transition_time =
        found->status == condition.status ? found->last_transition_time : now;
    *found = std::move(condition);
}

void remove_condition(StackStatus& status, std::string_view type) {
    std::erase_if(status.conditions,
                  [&](const Condition& condition) { return condition.type == type; });
}

}    // namespace trueup::v1alpha1
