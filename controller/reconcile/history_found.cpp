// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <utility>

#include "controller/reconcile/history_event.hpp"

namespace trueup::reconcile {

std::string text_of(const plan::Cause& cause) {
    return fmt::format("{}: {}", plan::to_string(cause.drift), cause.text);
}

store::Event event_of(const Entry& entry, store::EventType type, std::string reason,
                      std::string message) {
    store::Event made;
    made.name = entry.stack.metadata.name;
    made.type = type;
    made.reason = std::move(reason);
    made.message = std::move(message);
    return made;
}

std::string why(const plan::Plan& plan) {
    for (const plan::Action& action : plan.actions) {
        if (std::holds_alternative<plan::StartContainer>(action.step)) return text_of(action.cause);
    }
    return plan.actions.empty() ? "it ran as desired already" : text_of(plan.actions.front().cause);
}

std::string short_id(const std::string& commit) { return commit.substr(0, 7); }

namespace {

using store::Event;
using store::EventType;

std::string actor_of(model::Actor actor) {
    switch (actor) {
        case model::Actor::trueup: return std::string(store::actor_trueup);
        case model::Actor::engine: return std::string(store::actor_engine);
        case model::Actor::person: return store::person("");
        case model::Actor::unknown: break;
    }
    return std::string(store::actor_unknown);
}

// Who ended a container, where the engine told.
std::string who_ended(const Findings& findings, const std::string& service) {
    for (const model::ObservedContainer& container : findings.observed->containers) {
        if (container.service != service) continue;
        switch (container.ended.cause) {
            case model::EndCause::oom: return std::string(store::actor_kernel);
            case model::EndCause::stopped:
            case model::EndCause::killed: return actor_of(container.ended.by);
            case model::EndCause::crash:
            case model::EndCause::none: break;
        }
    }
    return std::string(store::actor_unknown);
}

struct Differing {
    std::string target;
    std::string service;
    const plan::Cause* cause;
};

// What changed by itself, corrected or left alone.
std::vector<Differing> drifts_of(const plan::Plan& plan) {
    std::vector<Differing> list;
    for (const plan::Action& action : plan.actions) {
        if (action.corrects) list.push_back({action.target, action.service, &action.cause});
    }
    for (const plan::Held& held : plan.held)
        list.push_back({held.target, held.service, &held.cause});
    return list;
}

void record_drift(const Entry& entry, const Findings& findings, Told& told,
                  store::Changes& changes) {
    decltype(told.drift) now;
    for (const Differing& each : drifts_of(findings.plan)) {
        auto key = std::make_tuple(each.cause->drift, each.target, each.cause->text);
        if (!now.insert(key).second || told.drift.contains(key)) continue;
        Event made = event_of(entry, EventType::warning, "DriftDetected",
                              fmt::format("{}: {}", each.target, text_of(*each.cause)));
        made.service = each.service;
        made.actor = each.cause->drift == plan::Drift::state ? who_ended(findings, each.service)
                                                             : std::string(store::actor_unknown);
        changes.emplace_back(std::move(made));
    }
    told.drift = std::move(now);
}

void record_suppressed(const Entry& entry, const plan::Plan& plan, Told& told,
                       store::Changes& changes) {
    decltype(told.suppressed) now;
    for (const plan::Held& held : plan.held) {
        if (held.reason != plan::HoldReason::drift_recurs) continue;
        const auto key = std::make_pair(held.cause.drift, held.target);
        if (!now.insert(key).second || told.suppressed.contains(key)) continue;
        Event made = event_of(entry, EventType::warning, "DriftRecurs", plan::to_text(held));
        made.service = held.service;
        made.cause = text_of(held.cause);
        changes.emplace_back(std::move(made));
    }
    told.suppressed = std::move(now);
}

void record_withheld(const Entry& entry, const Findings& findings, Told& told,
                     store::Changes& changes) {
    std::string withheld;
    if (!findings.gate.apply && !findings.remaining.actions.empty())
        withheld = findings.gate.reason + "\n" + plan::to_text(findings.remaining);
    if (withheld == told.withheld) return;
    told.withheld = std::move(withheld);
    if (told.withheld.empty()) return;
    Event made = event_of(entry, EventType::normal, "ChangesWithheld",
                          fmt::format("{} to do, not done: {}", findings.remaining.actions.size(),
                                      findings.gate.message));
    made.cause = text_of(findings.remaining.actions.front().cause);
    if (findings.gate.suspension && !findings.gate.suspension->actor.empty())
        made.actor = findings.gate.suspension->actor;
    changes.emplace_back(std::move(made));
}

}    // namespace

std::optional<v1alpha1::ConfirmationStatus> to_confirm(const plan::Plan& plan) {
    if (plan.blocked && !plan.blocked->token.empty())
        return v1alpha1::ConfirmationStatus{plan.blocked->token, plan.blocked->message};
    for (const plan::Held& held : plan.held) {
        if (!held.token.empty())
            return v1alpha1::ConfirmationStatus{held.token, plan::to_text(held)};
    }
    return std::nullopt;
}

store::Changes record_found(const Entry& entry, const Findings& findings, Told& told) {
    store::Changes changes;
    if (!findings.observed || findings.plan.blocked) return changes;
    record_drift(entry, findings, told, changes);
    record_suppressed(entry, findings.plan, told, changes);
    record_withheld(entry, findings, told, changes);
    if (findings.gate.apply && deploys(findings.plan)) {
        Event made =
            event_of(entry, EventType::normal, "DeploymentStarted",
                     fmt::format("commit {}: {} actions", short_id(findings.desired->commit.id),
                                 findings.plan.actions.size()));
        made.cause = why(findings.plan);
        changes.emplace_back(std::move(made));
    }
    return changes;
}

}    // namespace trueup::reconcile
