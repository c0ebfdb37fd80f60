// SPDX-License-Identifier: Apache-2.0
#include "controller/reconcile/history_event.hpp"

#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <algorithm>
#include <array>
#include <utility>

#include "api/v1alpha1/codec.hpp"
#include "controller/base/digest.hpp"
#include "controller/reconcile/service_status.hpp"
#include "controller/reconcile/status.hpp"

namespace trueup::reconcile {
namespace {

using store::Event;
using store::EventType;

constexpr std::array<std::pair<std::string_view, std::string_view>, 12> reasons{{
    {"adopt-container", "ContainerAdopted"},
    {"create-network", "NetworkCreated"},
    {"remove-network", "NetworkRemoved"},
    {"create-volume", "VolumeCreated"},
    {"pull-image", "ImagePulled"},
    {"build-image", "ImageBuilt"},
    {"start-container", "ContainerStarted"},
    {"restart-container", "ContainerRestarted"},
    {"replace-container", "ContainerReplaced"},
    {"unpause-container", "ContainerUnpaused"},
    {"remove-container", "ContainerRemoved"},
    {"rename-container", "ContainerRenamed"},
}};

// Preparing, proving and settling are steps of these: told only where they fail.
std::string_view reason_of(const std::string& kind) {
    const auto* found = std::find_if(reasons.begin(), reasons.end(),
                                     [&](const auto& each) { return each.first == kind; });
    return found == reasons.end() ? std::string_view() : found->second;
}

void record_actions(const Entry& entry, const Findings& findings, SystemTime now,
                    store::Changes& changes) {
    for (const rollout::ActionResult& result : findings.done) {
        const plan::Action& action =
            findings.plan.actions.at(static_cast<std::size_t>(result.number - 1));
        std::string_view reason = reason_of(result.kind);
        if (result.error) reason = "ActionFailed";
        if (reason.empty()) continue;
        Event made = event_of(
            entry, result.error ? EventType::warning : EventType::normal, std::string(reason),
            result.error ? result.error->message()
                         : fmt::format("{}: {}", action.target, plan::describe(action.step)));
        made.service = action.service;
        made.cause = text_of(action.cause);
        changes.emplace_back(std::move(made));
        for (const rollout::Remark& remark : result.remarks) {
            Event beyond = event_of(entry, EventType::normal, remark.reason,
                                    fmt::format("{}: {}", action.target, remark.text));
            beyond.service = action.service;
            beyond.cause = text_of(action.cause);
            changes.emplace_back(std::move(beyond));
        }
        if (result.error || !action.corrects) continue;
        store::Correction correction;
        correction.stack = entry.stack.metadata.name;
        correction.service = action.service;
        correction.drift = plan::to_string(action.cause.drift);
        correction.applied_hash = findings.desired->applied_hashes.at(action.service);
        correction.time = now;
        changes.emplace_back(std::move(correction));
    }
    for (const std::string& service : findings.restored) {
        Event made =
            event_of(entry, EventType::warning, "PreviousRestored",
                     fmt::format("service {}: the new container failed, the one before was "
                                 "put back",
                                 service));
        made.service = service;
        changes.emplace_back(std::move(made));
    }
    if (findings.stopped) {
        changes.emplace_back(event_of(entry, EventType::normal, "RolloutStopped",
                                      "stopped before its next action: " + findings.gate.message));
    }
}

// Its variables may be secrets: their names only.
std::string spec_digest(const Entry& entry) {
    v1alpha1::Stack stack;
    stack.spec = entry.stack.spec;
    for (auto& [name, value] : stack.spec.compose.variables) value.clear();
    const boost::json::object object = v1alpha1::to_json(stack);
    return base::sha256_hex(boost::json::serialize(object.at("spec")));
}

store::Revision revision_of(const Entry& entry, const Findings& findings, SystemTime now) {
    store::Revision revision;
    revision.stack = entry.stack.metadata.name;
    revision.commit = findings.desired->commit.id;
    revision.spec_digest = spec_digest(entry);
    revision.environment = entry.stack.spec.environment;
    revision.project = findings.desired->project.name;
    revision.time = now;
    revision.cause = why(findings.plan);
    return revision;
}

std::set<std::string> images_of(const std::vector<v1alpha1::ServiceStatus>& services) {
    std::set<std::string> images;
    for (const v1alpha1::ServiceStatus& service : services) {
        if (!service.image_id.empty()) images.insert(service.image_id);
    }
    return images;
}

void add_services(store::Revision& revision, const Desired& desired,
                  const std::vector<v1alpha1::ServiceStatus>& services) {
    revision.outcome = store::Outcome::proven;
    for (const v1alpha1::ServiceStatus& status : services) {
        store::ServiceIdentity identity;
        identity.service = status.name;
        identity.image_id = status.image_id;
        identity.config_hash = desired.project.services.at(status.name).config_hash;
        const auto expected = desired.expected.find(status.name);
        if (expected != desired.expected.end()) identity.code_id = expected->second->code_id;
        identity.proof = status.proof;
        identity.proven_at = status.proven_at;
        const bool built = desired.project.services.at(status.name).build.has_value();
        if (status.fresh != "True" && (built || expected != desired.expected.end()))
            revision.outcome = store::Outcome::deployed;
        revision.services.push_back(std::move(identity));
    }
}

// What is left as it is was applied, and changed by itself since: the rest is brought to run beside it.
bool is_drift_of_applied(const plan::Held& held) {
    switch (held.reason) {
        case plan::HoldReason::grace:
        case plan::HoldReason::drift_warn:
        case plan::HoldReason::drift_disabled:
        case plan::HoldReason::drift_recurs: return true;
        case plan::HoldReason::is_protected:
        case plan::HoldReason::foreign: break;
    }
    return false;
}

// Or else what is put right of the rest later would count as wanted anew: never held, and for ever. What
// is not the stack's takes no part in it.
bool is_reached(const plan::Plan& remaining, const store::Applied* applied) {
    return remaining.empty() &&
           std::all_of(remaining.held.begin(), remaining.held.end(),
                       [applied](const plan::Held& held) {
                           return held.reason == plan::HoldReason::foreign ||
                                  (applied != nullptr && is_drift_of_applied(held));
                       });
}

// A state that was reached: what was applied, and a revision where it is another than the last.
void record_reached(const Entry& entry, const Findings& findings, const store::Applied* applied,
                    Told& told, SystemTime now, store::Changes& changes) {
    const Desired& desired = *findings.desired;
    const bool same = was_applied(applied, desired);
    const auto& held = findings.remaining.held;
    if (same && std::any_of(held.begin(), held.end(), is_drift_of_applied)) return;
    if (same && findings.done.empty() && !told.images.empty()) return;
    const auto services = service_statuses(desired, *findings.observed);
    const std::set<std::string> images = images_of(services);
    const bool same_images = told.images.empty() || told.images == images;
    told.images = images;
    if (same && same_images) return;

    store::Revision revision = revision_of(entry, findings, now);
    add_services(revision, desired, services);
    revision.images.assign(images.begin(), images.end());
    Event made = event_of(
        entry, EventType::normal, "Deployed",
        fmt::format("commit {} runs{}", short_id(desired.commit.id),
                    revision.outcome == store::Outcome::proven ? ", proven" : ", not proven"));
    made.cause = revision.cause;
    store::Applied reached;
    reached.stack = entry.stack.metadata.name;
    reached.commit = desired.commit.id;
    reached.spec_digest = revision.spec_digest;
    reached.services = desired.applied_hashes;
    reached.time = now;
    changes.emplace_back(std::move(made));
    changes.emplace_back(std::move(reached));
    changes.emplace_back(std::move(revision));
    changes.emplace_back(
        store::HistoryLimit{entry.stack.metadata.name, entry.stack.spec.history_limit});
}

void record_failure(const Entry& entry, const Findings& findings, Told& told, SystemTime now,
                    store::Changes& changes) {
    const std::string reason = failure_reason(findings);
    // One engine that is away is one event of that engine.
    if (reason == "EngineUnavailable") return;
    const std::string& message = findings.error->message();
    changes.emplace_back(event_of(entry, EventType::warning, reason, message));
    told.failure = reason;
    const bool attempted = findings.stage == Stage::apply || findings.stage == Stage::verify;
    if (!attempted || !deploys(findings.plan)) return;
    std::string failed = findings.desired->commit.id;
    for (const auto& [name, hash] : findings.desired->applied_hashes) failed += " " + hash;
    if (failed == told.failed_revision) return;
    told.failed_revision = std::move(failed);
    store::Revision revision = revision_of(entry, findings, now);
    revision.outcome = store::Outcome::failed;
    revision.message = message;
    changes.emplace_back(std::move(revision));
    changes.emplace_back(
        store::HistoryLimit{entry.stack.metadata.name, entry.stack.spec.history_limit});
}

}    // namespace

bool was_applied(const store::Applied* applied, const Desired& desired) {
    return applied != nullptr && applied->commit == desired.commit.id &&
           applied->services == desired.applied_hashes;
}

bool deploys(const plan::Plan& plan) {
    return std::any_of(plan.actions.begin(), plan.actions.end(), [](const plan::Action& action) {
        return std::holds_alternative<plan::StartContainer>(action.step) && !action.corrects;
    });
}

store::Changes record_done(const Entry& entry, const Findings& findings,
                           const store::Applied* applied, Told& told, SystemTime now) {
    store::Changes changes;
    record_actions(entry, findings, now, changes);
    if (findings.error) {
        if (findings.error->code() != Errc::cancelled)
            record_failure(entry, findings, told, now, changes);
        return changes;
    }
    if (!told.failure.empty()) {
        changes.emplace_back(event_of(entry, EventType::normal, "Recovered",
                                      fmt::format("no longer {}", told.failure)));
        told.failure.clear();
        told.failed_revision.clear();
    }
    if (findings.desired && findings.observed && is_reached(findings.remaining, applied))
        record_reached(entry, findings, applied, told, now, changes);
    return changes;
}

}    // namespace trueup::reconcile
