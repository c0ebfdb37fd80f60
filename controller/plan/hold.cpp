// SPDX-License-Identifier: Apache-2.0
// Intent is told from drift by what was applied last: where the service is wanted as it was then,
// the world has changed; where it is wanted otherwise, or never was applied, the operator has
// spoken. A rollout of ours that was interrupted is finished whatever the policy says.
#include "controller/plan/hold.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/digest.hpp"
#include "controller/plan/ownership.hpp"
#include "controller/plan/pulls.hpp"

namespace trueup::plan {
namespace {

using model::ObservedContainer;
using v1alpha1::DriftCorrection;

bool is_of_the_world(Drift drift) {
    switch (drift) {
        case Drift::image:
        case Drift::code:
        case Drift::bytecode:
        case Drift::process:
        case Drift::runtime:
        case Drift::state: return true;
        case Drift::revision:
        case Drift::config:
        case Drift::content:
        case Drift::orphan: break;
    }
    return false;
}

// As it was remembered before there was a key in it.
std::string unkeyed_applied_hash(const Wanted& wanted, const Inputs& inputs) {
    model::Service service = *wanted.service;
    service.config_hash = service.unkeyed_hash;
    return applied_hash(inputs.project, service, inputs.policy.identity.revision);
}

// With nothing remembered, a container made for just this configuration tells that it was applied.
bool was_applied(const Wanted& wanted, const Inputs& inputs, const std::string& hash) {
    if (inputs.policy.applied) {
        const auto found = inputs.policy.applied->services.find(wanted.service->name);
        if (found == inputs.policy.applied->services.end()) return false;
        return found->second == hash || (!wanted.service->unkeyed_hash.empty() &&
                                         found->second == unkeyed_applied_hash(wanted, inputs));
    }
    const auto& containers = inputs.observed.containers;
    return std::any_of(containers.begin(), containers.end(), [&](const ObservedContainer& each) {
        return !each.one_off && each.service == wanted.service->name && wanted.is_made_for(each) &&
               is_ours(each, inputs.observed, inputs.policy.identity);
    });
}

// What the decision would do to its place, in the words of the plan; "" = nothing.
std::string action_of(const Decision& decision) {
    StartContainer step;
    step.name = decision.name;
    switch (decision.verdict) {
        case Verdict::keep:
            if (!decision.misnamed) return {};
            return describe(RenameContainer{"", "", decision.current->name, decision.name});
        case Verdict::settle: {
            SettleContainer settle;
            settle.name = decision.name;
            return describe(settle);
        }
        case Verdict::replace: step.replaces = decision.current->id; break;
        case Verdict::unpause: step.unpause = true; break;
        case Verdict::restart: step.restart = true; break;
        case Verdict::start:
        case Verdict::create: break;
    }
    return describe(step);
}

Held held(const Decision& decision, HoldReason reason, std::string rule) {
    Held told;
    told.target = "service " + decision.service->name;
    told.service = decision.service->name;
    told.action = action_of(decision);
    told.cause = decision.cause;
    told.reason = reason;
    told.rule = std::move(rule);
    return told;
}

// The place keeps what it has; only what an earlier rollout prepared for it goes.
void do_nothing(Decision& decision) {
    decision.verdict = Verdict::keep;
    decision.held = true;
    decision.corrects = false;
    decision.recovered = false;
    decision.misnamed = false;
    decision.start_recovered = false;
    decision.before_start.clear();
    std::erase_if(decision.at_once, [](const Removal& each) { return each.stands_in_place; });
}

// Whoever stopped it may be working on it.
std::optional<Held> by_grace(const Decision& decision, const Policy& policy, SystemTime now) {
    if (decision.current == nullptr) return std::nullopt;
    const auto since = set_down_by_person(*decision.current);
    if (!since) return std::nullopt;
    const SystemTime until =
        *since + std::chrono::duration_cast<SystemTime::duration>(policy.grace);
    if (until <= now) return std::nullopt;
    Held told = held(decision, HoldReason::grace, "sync.grace");
    told.cause = state_cause(*decision.current);
    told.until = until;
    return told;
}

std::optional<Held> by_policy(const Decision& decision, const Wanted& wanted, const Inputs& inputs,
                              const std::string& hash, SystemTime now) {
    switch (inputs.policy.drift_correction) {
        case DriftCorrection::warn:
            return held(decision, HoldReason::drift_warn, "sync.driftCorrection: warn");
        case DriftCorrection::disabled:
            return held(decision, HoldReason::drift_disabled, "sync.driftCorrection: disabled");
        case DriftCorrection::enabled: break;
    }
    const auto token = recurs(inputs.policy, wanted.service->name, decision.cause.drift, hash);
    if (!token) return by_grace(decision, inputs.policy, now);
    Held told = held(
        decision, HoldReason::drift_recurs,
        fmt::format("it came back {} times within {} minutes; `trueup confirm {}` puts "
                    "it right once more",
                    corrections_allowed, correction_window.count(), inputs.policy.identity.stack));
    told.token = *token;
    return told;
}

bool is_self(const ObservedContainer* container, const Inputs& inputs) {
    return container != nullptr && !container->id.empty() &&
           container->id == inputs.policy.self_container_id;
}

constexpr std::string_view own_container =
    "it is the controller's own container: update it with docker compose";

bool touches_self(const Decision& decision, const Inputs& inputs) {
    const auto removes = [&](const std::vector<Removal>& removals) {
        return std::any_of(removals.begin(), removals.end(),
                           [&](const Removal& each) { return is_self(each.container, inputs); });
    };
    const bool changes = decision.verdict == Verdict::replace ||
                         decision.verdict == Verdict::restart || decision.recovered ||
                         decision.misnamed;
    return (changes && is_self(decision.current, inputs)) || is_self(decision.previous, inputs) ||
           removes(decision.at_once) || removes(decision.before_start);
}

}    // namespace

std::string_view to_string(HoldReason reason) {
    switch (reason) {
        case HoldReason::grace: return "Grace";
        case HoldReason::drift_warn: return "DriftWarn";
        case HoldReason::drift_disabled: return "DriftDisabled";
        case HoldReason::drift_recurs: return "DriftRecurs";
        case HoldReason::is_protected: return "Protected";
        case HoldReason::foreign: return "Foreign";
    }
    return "Held";
}

std::string applied_hash(const model::Project& project, const model::Service& service,
                         const std::string& commit) {
    base::Hasher hasher(base::HashKind::sha256);
    hasher.update(render::config_hash(project, service));
    hasher.update(fmt::format("\nreplicas {}\n", service.replicas));
    if (service.build) {
        hasher.update("recipe " + service.build->recipe_id);
    } else if (project.code.contains(service.name)) {
        hasher.update("commit " + commit);
    }
    return hasher.hex();
}

std::optional<std::string> recurs(const Policy& policy, const std::string& service, Drift drift,
                                  const std::string& applied_hash) {
    std::vector<SystemTime> times;    // since a person confirmed last
    std::optional<std::string> token;
    for (const Correction& each : policy.corrections) {
        const bool same =
            each.service == service && each.drift == drift && each.applied_hash == applied_hash;
        if (!same) continue;
        times.push_back(each.time);
        if (times.size() < corrections_allowed) continue;
        const SystemTime first = times[times.size() - corrections_allowed];
        if (!token && each.time - first > correction_window) continue;
        token = base::sha256_hex(fmt::format("recurs\n{}\n{}\n{}\n{}", service, to_string(drift),
                                             applied_hash, each.time.time_since_epoch().count()));
        if (!policy.confirmed.contains(*token)) continue;
        times.clear();
        token.reset();
    }
    return token;
}

bool acts(const Decision& decision) {
    return (decision.verdict != Verdict::keep && decision.verdict != Verdict::settle) ||
           decision.misnamed;
}

std::optional<Held> protect(Decision& decision, const Inputs& inputs) {
    if (!touches_self(decision, inputs)) return std::nullopt;
    Held told = held(decision, HoldReason::is_protected, std::string(own_container));
    if (told.action.empty()) told.action = "remove container " + decision.name;
    do_nothing(decision);
    std::erase_if(decision.at_once,
                  [&](const Removal& each) { return is_self(each.container, inputs); });
    return told;
}

std::optional<Held> hold(Decision& decision, const Wanted& wanted, const Inputs& inputs,
                         SystemTime now) {
    if (auto told = protect(decision, inputs)) return told;
    if (!acts(decision) || !decision.settled_before || !is_of_the_world(decision.cause.drift))
        return std::nullopt;
    // That a tag moves is what such a pull_policy is for.
    if (decision.cause.drift == Drift::image && follows_registry(*wanted.service))
        return std::nullopt;
    const std::string hash =
        applied_hash(inputs.project, *wanted.service, inputs.policy.identity.revision);
    if (!was_applied(wanted, inputs, hash)) return std::nullopt;
    decision.corrects = true;
    auto told = by_policy(decision, wanted, inputs, hash, now);
    if (told) do_nothing(decision);
    return told;
}

Held leave_alone(const ObservedContainer& container, const Inputs& inputs) {
    Held told;
    told.target = "container " + container.name;
    told.service = container.service;
    told.action = describe(RemoveContainer{});
    const std::string commit = short_commit(inputs.policy.identity.revision);
    const model::Strings& disabled = inputs.project.disabled_services;
    const bool by_profile =
        std::find(disabled.begin(), disabled.end(), container.service) != disabled.end();
    told.cause =
        Cause{Drift::orphan,
              by_profile ? fmt::format("service {} of {} is in no profile that was chosen",
                                       container.service, commit)
                         : fmt::format("service {} is not in {}", container.service, commit)};
    told.reason = HoldReason::foreign;
    told.rule = by_profile
                    ? "trueup did not create it: name a profile of it in spec.compose.profiles "
                      "to take it over, or remove it yourself"
                    : "trueup did not create it: remove it yourself";
    return told;
}

std::optional<Held> hold_removal(const Removal& removal, const Inputs& inputs) {
    if (!is_self(removal.container, inputs)) return std::nullopt;
    Held told;
    told.target = "container " + removal.container->name;
    told.service = removal.container->service;
    told.action = describe(RemoveContainer{});
    told.cause = removal.cause;
    told.reason = HoldReason::is_protected;
    told.rule = own_container;
    return told;
}

}    // namespace trueup::plan
