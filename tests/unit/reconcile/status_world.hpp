// SPDX-License-Identifier: Apache-2.0
// A stack of one service as a reconcile found it, and what a status says.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "controller/reconcile/status.hpp"

namespace trueup::reconcile {

using v1alpha1::Condition;
using v1alpha1::ConditionStatus;
using v1alpha1::StackStatus;

inline const std::string commit_id = "9f3c1e2000000000000000000000000000000000";
inline const SystemTime now = SystemTime(std::chrono::seconds(1'000'000));

inline model::Service built_service(const std::string& name) {
    model::Service service;
    service.name = name;
    service.build.emplace();
    service.build->recipe_id = "recipe";
    return service;
}

inline std::shared_ptr<Desired> shop() {
    auto desired = std::make_shared<Desired>();
    desired->commit.id = commit_id;
    desired->project.name = "shop";
    desired->project.services["api"] = built_service("api");
    desired->expected["api"] = std::make_shared<const code::ExpectedCode>();
    return desired;
}

inline model::ObservedContainer running_api() {
    model::ObservedContainer container;
    container.id = "1";
    container.name = "shop-api-1";
    container.project = "shop";
    container.service = "api";
    container.number = 1;
    container.owned = true;
    container.revision = commit_id;
    container.state = model::ContainerState::running;
    container.code.status = model::CodeStatus::fresh;
    container.code.proven_at = now;
    return container;
}

inline Entry entry_of_shop() {
    Entry entry;
    entry.stack.metadata.name = "shop-production";
    entry.stack.metadata.generation = 3;
    entry.stack.spec.environment = "production";
    entry.file = "/stacks/shop.yaml";
    return entry;
}

inline Findings done(std::shared_ptr<const Desired> desired, model::ObservedContainer container) {
    Findings findings;
    findings.stage = Stage::done;
    findings.desired = std::move(desired);
    findings.observed.emplace();
    findings.observed->containers.push_back(std::move(container));
    return findings;
}

inline Findings failed(Stage stage, Error error) {
    Findings findings;
    findings.stage = stage;
    findings.error = std::move(error);
    return findings;
}

inline ConditionStatus status_of(const StackStatus& status, const std::string& type) {
    const Condition* condition = v1alpha1::find_condition(status, type);
    return condition == nullptr ? ConditionStatus::unknown : condition->status;
}

inline std::string reason_of(const StackStatus& status, const std::string& type) {
    const Condition* condition = v1alpha1::find_condition(status, type);
    return condition == nullptr ? "absent" : condition->reason;
}

inline std::string message_of(const StackStatus& status, const std::string& type) {
    const Condition* condition = v1alpha1::find_condition(status, type);
    return condition == nullptr ? "absent" : condition->message;
}

// A compiled program: no file of the commit is in its image, and nothing was compared.
inline std::shared_ptr<Desired> compiled_shop() {
    auto desired = shop();
    desired->expected.clear();
    desired->untraced["api"].push_back(
        {{"Dockerfile", 7, 1}, "COPY: '/out' was made in stage b", ""});
    return desired;
}

inline Findings compiled(const std::string& recipe_of_image) {
    auto container = running_api();
    container.code = model::CodeState();
    container.image_id = "sha256:1";
    Findings findings = done(compiled_shop(), container);
    findings.observed->images["sha256:1"].recipe_id = recipe_of_image;
    return findings;
}

}    // namespace trueup::reconcile
