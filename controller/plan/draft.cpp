// SPDX-License-Identifier: Apache-2.0
#include "controller/plan/draft.hpp"

namespace trueup::plan {

int Draft::add(std::string target, std::string service, Step step, Cause cause, Numbers after) {
    const int number = static_cast<int>(actions_.size()) + 1;
    Action action;
    action.number = number;
    action.after = without_implied(after);
    action.target = std::move(target);
    action.service = std::move(service);
    action.step = std::move(step);
    action.cause = std::move(cause);

    std::vector<bool> ancestors(actions_.size(), false);
    for (const int direct : action.after) {
        const auto index = static_cast<std::size_t>(direct - 1);
        ancestors[index] = true;
        const std::vector<bool>& inherited = ancestors_[index];
        for (std::size_t i = 0; i < inherited.size(); ++i) {
            if (inherited[i]) ancestors[i] = true;
        }
        ends_.erase(direct);
    }
    ancestors_.push_back(std::move(ancestors));
    actions_.push_back(std::move(action));
    ends_.insert(number);
    return number;
}

Numbers Draft::ends() const { return ends_; }

std::vector<int> Draft::without_implied(const Numbers& after) const {
    std::vector<int> kept;
    for (const int number : after) {
        bool implied = false;
        for (auto later = after.upper_bound(number); later != after.end() && !implied; ++later) {
            implied = ancestors_[static_cast<std::size_t>(*later - 1)][static_cast<std::size_t>(number - 1)];
        }
        if (!implied) kept.push_back(number);
    }
    return kept;
}

}  // namespace trueup::plan
