// SPDX-License-Identifier: Apache-2.0
#include "controller/app/operator.hpp"

#include <utility>

#include "api/http/selector.hpp"

namespace trueup::app {
namespace {

constexpr std::size_t events_of_explanation = 200;

store::Event event_of(const std::string& stack, std::string reason, std::string message,
                      const std::string& actor, SystemTime now) {
    store::Event event;
    event.about = stack == store::every_stack ? store::About::controller : store::About::stack;
    event.name = stack == store::every_stack ? std::string() : stack;
    event.reason = std::move(reason);
    event.message = std::move(message);
    event.actor = actor;
    event.first_time = event.last_time = now;
    return event;
}

}    // namespace

Result<std::vector<std::string>> ControllerOperator::names_of(
    const reconcile::Choice& choice) const {
    std::vector<std::string> names;
    if (choice.all) return std::vector<std::string>{std::string(store::every_stack)};
    for (const std::string& name : parts_.registry.names()) {
        const auto& labels = parts_.registry.find(name)->stack.metadata.labels;
        const bool named = name == choice.stack;
        if (named || (choice.stack.empty() && http::matches(labels, choice.selector)))
            names.push_back(name);
    }
    if (names.empty()) return Error(Errc::not_found, "no stack is meant by this");
    return names;
}

void ControllerOperator::look_at(const std::vector<std::string>& names) {
    for (const std::string& name : names)
        parts_.controller.look_at(name == store::every_stack ? std::string() : name);
}

Task<std::vector<std::string>> ControllerOperator::suspend(reconcile::Choice choice,
                                                           std::optional<Seconds> time,
                                                           std::string reason, std::string actor) {
    const auto names = names_of(choice);
    if (!names) co_return names.error();
    const SystemTime now = parts_.objects.clock.now();
    store::Changes changes;
    for (const std::string& name : *names) {
        store::Suspension suspension;
        suspension.stack = name;
        if (time) suspension.until = now + *time;
        suspension.reason = reason;
        suspension.actor = actor;
        suspension.since = now;
        changes.emplace_back(std::move(suspension));
        changes.emplace_back(event_of(
            name, "Suspended", reason.empty() ? "suspended" : "suspended: " + reason, actor, now));
    }
    const auto written = co_await parts_.objects.store->write(std::move(changes));
    look_at(*names);
    if (!written) co_return written.error();
    co_return *names;
}

Task<std::vector<std::string>> ControllerOperator::resume(reconcile::Choice choice,
                                                          std::string actor) {
    const auto names = names_of(choice);
    if (!names) co_return names.error();
    store::Changes changes;
    const auto& suspensions = parts_.objects.store->suspensions();
    for (const std::string& name : *names) {
        if (!suspensions.contains(name)) continue;
        store::Resume resume;
        resume.stack = name;
        changes.emplace_back(std::move(resume));
        changes.emplace_back(
            event_of(name, "Resumed", "resumed", actor, parts_.objects.clock.now()));
    }
    if (changes.empty()) {
        co_return Error(Errc::conflict,
                        "nothing is suspended that this could resume: a suspension of every stack "
                        "ends with --all, spec.suspend in its file");
    }
    const auto written = co_await parts_.objects.store->write(std::move(changes));
    look_at(*names);
    if (!written) co_return written.error();
    co_return *names;
}

Task<void> ControllerOperator::confirm(std::string stack, std::string token, std::string actor) {
    const reconcile::Entry* entry = parts_.registry.find(stack);
    if (entry == nullptr) co_return Error(Errc::not_found, "stack " + stack + " is gone");
    const auto& asked = entry->stack.status.confirmation;
    if (!asked) co_return Error(Errc::conflict, "stack " + stack + " waits for no confirmation");
    if (!token.empty() && token != asked->token)
        co_return Error(Errc::conflict, "stack " + stack + " waits for something else by now");
    const SystemTime now = parts_.objects.clock.now();
    store::Confirmation confirmation;
    confirmation.stack = stack;
    confirmation.token = asked->token;
    confirmation.actor = actor;
    confirmation.time = now;
    store::Changes changes;
    changes.emplace_back(event_of(stack, "Confirmed", asked->message, actor, now));
    changes.emplace_back(std::move(confirmation));
    const auto written = co_await parts_.objects.store->write(std::move(changes));
    parts_.controller.look_at(stack);
    co_return written;
}

Task<std::string> ControllerOperator::request_reconcile(std::string stack, std::string actor) {
    const SystemTime now = parts_.objects.clock.now();
    const std::string request =
        base::to_rfc3339(now) + "/" + std::to_string(parts_.registry.resource_version());
    store::Changes changes;
    changes.emplace_back(
        event_of(stack, "ReconcileRequested", "a reconcile was asked for", actor, now));
    // Whether the disk has the event changes nothing about the request.
    co_await parts_.objects.store->write(std::move(changes));
    parts_.registry.annotate(stack, std::string(reconcile::requested_at), request);
    parts_.controller.look_at(stack);
    co_return request;
}

bool ControllerOperator::is_handled(const std::string& stack, const std::string& request) const {
    const reconcile::Entry* entry = parts_.registry.find(stack);
    return entry != nullptr && entry->stack.status.last_handled_reconcile_at == request;
}

Task<std::vector<store::Event>> ControllerOperator::events(store::EventQuery query) {
    return parts_.objects.store->events(std::move(query));
}

Task<std::vector<store::Revision>> ControllerOperator::revisions(std::string stack) {
    return parts_.objects.store->revisions(std::move(stack));
}

const EngineObjects* ControllerOperator::engine_of(const std::string& stack) const {
    const reconcile::Entry* entry = parts_.registry.find(stack);
    if (entry == nullptr) return nullptr;
    const auto found = parts_.objects.engines.find(entry->stack.spec.engine);
    return found == parts_.objects.engines.end() ? nullptr : &found->second;
}

bool ControllerOperator::has_image(const std::string& stack, const std::string& id) const {
    const EngineObjects* engine = engine_of(stack);
    return engine != nullptr && engine->cache->has_image(id);
}

void ControllerOperator::add_engine(const std::string& stack, reconcile::Known& known) const {
    const EngineObjects* engine = engine_of(stack);
    if (engine == nullptr) {
        known.engine = Error(Errc::not_found, "engine " + known.entry.stack.spec.engine +
                                                  " is not one of this controller's");
        return;
    }
    known.look = engine->reconciler->known(stack);
    known.asked_at = engine->reconciler->asked_at(stack);
    for (const store::Revision& revision : known.revisions) {
        for (const std::string& image : revision.images) {
            if (engine->cache->has_image(image)) known.images.insert(image);
        }
    }
    if (engine->cache->synced()) return;
    const auto problem = engine->cache->problem();
    known.engine = problem ? *problem : Error(Errc::unavailable, "connecting");
}

// What the store cannot give is left out: an explanation is most needed when something is broken.
Task<reconcile::Explanation> ControllerOperator::explain(std::string stack) {
    reconcile::Known known;
    store::EventQuery query;
    query.about = store::About::stack;
    query.name = stack;
    query.limit = events_of_explanation;
    auto events = co_await parts_.objects.store->events(std::move(query));
    auto revisions = co_await parts_.objects.store->revisions(stack);
    const reconcile::Entry* entry = parts_.registry.find(stack);
    if (entry == nullptr) co_return Error(Errc::not_found, "stack " + stack + " is gone");
    known.entry = *entry;
    known.now = parts_.objects.clock.now();
    known.source = parts_.registry.source();
    if (events) known.events = std::move(*events);
    if (revisions) known.revisions = std::move(*revisions);
    known.store = parts_.objects.store->problem();
    const store::Suspension* suspension = parts_.objects.store->suspension(stack, known.now);
    if (suspension != nullptr) known.suspension = *suspension;
    add_engine(stack, known);
    const reconcile::Controller::Attempt attempt = parts_.controller.attempt(stack);
    known.failures = attempt.failures;
    known.in_work = attempt.in_work;
    known.next_look = attempt.next_look;
    co_return reconcile::explain(known);
}

std::optional<reconcile::Findings> ControllerOperator::known(const std::string& stack) const {
    const EngineObjects* engine = engine_of(stack);
    if (engine == nullptr) return std::nullopt;
    return engine->reconciler->known(stack);
}

}    // namespace trueup::app
