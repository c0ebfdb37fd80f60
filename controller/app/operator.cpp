// SPDX-License-Identifier: Apache-2.0
#include "controller/app/operator.hpp"

#include <utility>

namespace trueup::app {
namespace {

constexpr std::size_t events_of_explanation = 200;

}    // namespace

ControllerOperator::ControllerOperator(OperatorParts parts)
    : parts_(parts),
      operations_(*parts.objects.store, parts.registry, parts.objects.clock,
                  [&controller = parts.controller](const std::string& stack) {
                      controller.look_at(stack);
                  }) {}

Task<std::vector<std::string>> ControllerOperator::suspend(reconcile::Choice choice,
                                                           std::optional<Seconds> time,
                                                           std::string reason, std::string actor) {
    return operations_.suspend(std::move(choice), time, std::move(reason), std::move(actor));
}

Task<std::vector<std::string>> ControllerOperator::resume(reconcile::Choice choice,
                                                          std::string actor) {
    return operations_.resume(std::move(choice), std::move(actor));
}

Task<void> ControllerOperator::confirm(std::string stack, std::string token, std::string actor) {
    return operations_.confirm(std::move(stack), std::move(token), std::move(actor));
}

Task<void> ControllerOperator::forget(std::string stack, std::string actor) {
    return operations_.forget(std::move(stack), std::move(actor));
}

Task<std::string> ControllerOperator::request_reconcile(std::string stack, std::string actor) {
    const auto read = co_await parts_.controller.read_source();
    if (!read) co_return read.error().in("the desired state cannot be read");
    co_return co_await operations_.request_reconcile(std::move(stack), std::move(actor));
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
    if (const auto ours = engine->hand->check(); !ours) known.seat = ours.error();
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
