// SPDX-License-Identifier: Apache-2.0
// What the API asks of the controller beyond the registry's stacks: the actions of an operator, what
// is remembered, and explanations. Each call is about stacks that the registry has.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controller/base/task.hpp"
#include "controller/reconcile/explain.hpp"
#include "controller/reconcile/findings.hpp"
#include "controller/reconcile/operations.hpp"
#include "controller/store/records.hpp"

namespace trueup::http {

class Operator {
public:
    virtual ~Operator() = default;

    // reconcile::Operations says what each does, and with which errors.
    virtual Task<std::vector<std::string>> suspend(reconcile::Choice choice,
                                                   std::optional<Seconds> time, std::string reason,
                                                   std::string actor) = 0;
    virtual Task<std::vector<std::string>> resume(reconcile::Choice choice, std::string actor) = 0;
    virtual Task<void> confirm(std::string stack, std::string token, std::string actor) = 0;
    virtual Task<void> forget(std::string stack, std::string actor) = 0;
    virtual Task<std::string> request_reconcile(std::string stack, std::string actor) = 0;
    // That request was acted on: the stack's status tells with which outcome.
    virtual bool is_handled(const std::string& stack, const std::string& request) const = 0;

    virtual Task<std::vector<store::Event>> events(store::EventQuery query) = 0;
    virtual Task<std::vector<store::Revision>> revisions(std::string stack) = 0;    // newest first
    // Whether the stack's engine has it, as far as its events told.
    virtual bool has_image(const std::string& stack, const std::string& id) const = 0;

    virtual Task<reconcile::Explanation> explain(std::string stack) = 0;
    // What differs by what is known now: no request is made. Nothing before the first look.
    virtual std::optional<reconcile::Findings> known(const std::string& stack) const = 0;
};

}    // namespace trueup::http
