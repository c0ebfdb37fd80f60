// SPDX-License-Identifier: Apache-2.0
// The controller as the API sees it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "api/http/operator.hpp"
#include "controller/app/parts.hpp"
#include "controller/reconcile/controller.hpp"
#include "controller/reconcile/operations.hpp"
#include "controller/reconcile/registry.hpp"

namespace trueup::app {

// All of it outlives the operator.
struct OperatorParts {
    Objects& objects;
    reconcile::Registry& registry;
    reconcile::Controller& controller;
};

class ControllerOperator final : public http::Operator {
public:
    explicit ControllerOperator(OperatorParts parts);

    Task<std::vector<std::string>> suspend(reconcile::Choice choice, std::optional<Seconds> time,
                                           std::string reason, std::string actor) override;
    Task<std::vector<std::string>> resume(reconcile::Choice choice, std::string actor) override;
    Task<void> confirm(std::string stack, std::string token, std::string actor) override;
    Task<void> forget(std::string stack, std::string actor) override;
    Task<std::string> request_reconcile(std::string stack, std::string actor) override;
    bool is_handled(const std::string& stack, const std::string& request) const override;

    Task<std::vector<store::Event>> events(store::EventQuery query) override;
    Task<std::vector<store::Revision>> revisions(std::string stack) override;
    bool has_image(const std::string& stack, const std::string& id) const override;

    Task<reconcile::Explanation> explain(std::string stack) override;
    std::optional<reconcile::Findings> known(const std::string& stack) const override;

private:
    // Of the stack; nullptr when it has none of ours.
    const EngineObjects* engine_of(const std::string& stack) const;
    void add_engine(const std::string& stack, reconcile::Known& known) const;

    OperatorParts parts_;
    reconcile::Operations operations_;
};

}    // namespace trueup::app
