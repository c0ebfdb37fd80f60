// SPDX-License-Identifier: Apache-2.0
// What the API asks of the controller, remembered and answered from plain values.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "api/http/operator.hpp"

namespace trueup::test {

class FakeOperator final : public http::Operator {
public:
    // "suspend shop for 3600s, reason: …, by person:…", one an action.
    std::vector<std::string> calls;
    std::optional<Error> error;    // of every action
    std::set<std::string> handled;
    std::vector<store::Event> its_events;
    store::EventQuery query;    // the last one
    std::vector<store::Revision> its_revisions;
    std::set<std::string> images;
    std::optional<reconcile::Explanation> explanation;
    std::optional<reconcile::Findings> findings;

    Task<std::vector<std::string>> suspend(reconcile::Choice choice, std::optional<Seconds> time,
                                           std::string reason, std::string actor) override {
        const std::string text =
            time ? "for " + std::to_string(time->count()) + "s" : std::string("until resumed");
        calls.push_back("suspend " + to_text(choice) + " " + text + ", reason: " + reason +
                        ", by " + actor);
        if (error) co_return *error;
        co_return names(choice);
    }
    Task<std::vector<std::string>> resume(reconcile::Choice choice, std::string actor) override {
        calls.push_back("resume " + to_text(choice) + ", by " + actor);
        if (error) co_return *error;
        co_return names(choice);
    }
    Task<void> confirm(std::string stack, std::string token, std::string actor) override {
        calls.push_back("confirm " + stack + " '" + token + "', by " + actor);
        if (error) co_return *error;
        co_return Result<void>();
    }
    Task<void> forget(std::string stack, std::string actor) override {
        calls.push_back("forget " + stack + ", by " + actor);
        if (error) co_return *error;
        co_return Result<void>();
    }
    Task<std::string> request_reconcile(std::string stack, std::string actor) override {
        calls.push_back("reconcile " + stack + ", by " + actor);
        if (error) co_return *error;
        co_return std::string("request-1");
    }
    bool is_handled(const std::string&, const std::string& request) const override {
        return handled.contains(request);
    }
    Task<std::vector<store::Event>> events(store::EventQuery asked) override {
        query = asked;
        if (error) co_return *error;
        co_return its_events;
    }
    Task<std::vector<store::Revision>> revisions(std::string) override {
        if (error) co_return *error;
        co_return its_revisions;
    }
    bool has_image(const std::string&, const std::string& id) const override {
        return images.contains(id);
    }
    Task<reconcile::Explanation> explain(std::string stack) override {
        if (error) co_return *error;
        reconcile::Explanation made = explanation.value_or(reconcile::Explanation());
        made.stack = stack;
        co_return made;
    }
    std::optional<reconcile::Findings> known(const std::string&) const override { return findings; }

private:
    static std::string to_text(const reconcile::Choice& choice) {
        if (choice.all) return "all";
        if (!choice.stack.empty()) return choice.stack;
        std::string text;
        for (const auto& [key, value] : choice.selector) text += "[" + key + "=" + value + "]";
        return text;
    }
    static std::vector<std::string> names(const reconcile::Choice& choice) {
        if (choice.all) return {std::string(store::every_stack)};
        if (!choice.stack.empty()) return {choice.stack};
        return {"one", "two"};
    }
};

}    // namespace trueup::test
