// SPDX-License-Identifier: Apache-2.0
#include "controller/reconcile/running.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <set>
#include <utility>

namespace trueup::reconcile {
namespace {

using model::ObservedContainer;

// The services that are to become something else, not only to run again.
std::set<std::string> changing_services(const plan::Plan& remaining) {
    std::set<std::string> services;
    for (const auto& [drift, service] : drifted_things(remaining)) {
        if (drift != plan::Drift::state) services.insert(service);
    }
    return services;
}

}    // namespace

std::string running_commit(const Desired& desired, const model::Observed& observed,
                           const plan::Plan& remaining) {
    if (remaining.in_sync()) return desired.commit.id;
    const std::set<std::string> changing = changing_services(remaining);
    std::set<std::string> revisions;
    std::set<std::string> telling;    // without those that are as desired and were so before
    for (const ObservedContainer& container : observed.containers) {
        if (!container.owned || container.state != model::ContainerState::running) continue;
        revisions.insert(container.revision);
        if (container.revision == desired.commit.id || changing.contains(container.service))
            telling.insert(container.revision);
    }
    if (revisions.empty()) return {};
    // A plan that is blocked does not say what differs.
    if (!remaining.blocked && changing.empty()) return desired.commit.id;
    const std::set<std::string>& agreeing = remaining.blocked ? revisions : telling;
    if (revisions.size() == 1) return *revisions.begin();
    return agreeing.size() == 1 ? *agreeing.begin() : std::string();
}

std::optional<Findings> under_old_name(const Findings& findings) {
    if (findings.desired == nullptr || !findings.observed) return std::nullopt;
    const auto& blocked =
        findings.plan.blocked ? findings.plan.blocked : findings.remaining.blocked;
    if (!blocked || blocked->reason != "ProjectRenamed") return std::nullopt;
    const auto is_ours = [](const ObservedContainer& each) { return each.owned && !each.one_off; };
    const model::Observed& observed = *findings.observed;
    const auto first = std::find_if(observed.elsewhere.begin(), observed.elsewhere.end(), is_ours);
    const bool here = std::any_of(observed.containers.begin(), observed.containers.end(), is_ours);
    if (here || first == observed.elsewhere.end()) return std::nullopt;
    auto desired = std::make_shared<Desired>(*findings.desired);
    desired->project.name = first->project;
    Findings renamed = findings;
    renamed.desired = std::move(desired);
    renamed.observed->containers.clear();
    renamed.observed->elsewhere.clear();
    std::copy_if(observed.elsewhere.begin(), observed.elsewhere.end(),
                 std::back_inserter(renamed.observed->containers),
                 [&](const ObservedContainer& each) {
                     return is_ours(each) && each.project == first->project;
                 });
    return renamed;
}

}    // namespace trueup::reconcile
