// SPDX-License-Identifier: Apache-2.0
#include "controller/reconcile/network_use.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace trueup::reconcile {
namespace {

std::set<std::string> removed_networks(const plan::Plan& plan) {
    std::set<std::string> ids;
    for (const plan::Action& action : plan.actions) {
        if (const auto* step = std::get_if<plan::RemoveNetwork>(&action.step)) ids.insert(step->id);
    }
    return ids;
}

}    // namespace

Task<bool> note_others(engine::Engine& engine, const plan::Plan& plan, model::Observed& observed) {
    const std::set<std::string> removed = removed_networks(plan);
    if (removed.empty()) co_return false;
    engine::ContainerFilter everything;
    const auto listed = co_await engine.list_containers(std::move(everything));
    if (!listed) co_return listed.error().in("look who is on the networks that would be removed");
    bool any = false;
    for (model::ObservedNetwork& network : observed.networks) {
        if (!removed.contains(network.id)) continue;
        for (const model::ObservedContainer& container : *listed) {
            // One that never ran names its network without the id.
            if (!container.networks.contains(network.name) || observed.has_container(container.id))
                continue;
            network.others.push_back(container.name);
            any = true;
        }
        std::sort(network.others.begin(), network.others.end());
    }
    co_return any;
}

}    // namespace trueup::reconcile
