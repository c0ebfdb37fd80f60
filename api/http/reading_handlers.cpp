// SPDX-License-Identifier: Apache-2.0
// The handlers that change nothing.
#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "api/http/handlers.hpp"
#include "api/http/record_json.hpp"
#include "api/http/selector.hpp"
#include "api/http/source_json.hpp"
#include "api/v1alpha1/codec.hpp"

namespace trueup::http {
namespace {

constexpr std::int64_t most_events = 1000;

// Of lists; what kubectl also sends (limit, pretty, timeoutSeconds) changes no answer of ours.
std::optional<Response> check_query(const Target& target) {
    const std::string watch = target.value("watch");
    if (!watch.empty() && watch != "0" && watch != "false")
        return to_status(405, "watch is not supported yet; list again instead");
    for (const std::string name : {"fieldSelector", "continue"}) {
        if (!target.value(name).empty())
            return to_status(400, fmt::format("{} is not supported yet", name));
    }
    return std::nullopt;
}

Result<std::int64_t> number(const Target& target, const std::string& name, std::int64_t otherwise,
                            std::int64_t most) {
    const std::string* text = target.find(name);
    if (text == nullptr || text->empty()) return otherwise;
    std::int64_t value = 0;
    const char* last = text->data() + text->size();
    const auto [end, code] = std::from_chars(text->data(), last, value);
    if (code != std::errc() || end != last || value < 0 || value > most)
        return Error(Errc::invalid, fmt::format("{}: not a number from 0 to {}", name, most));
    return value;
}

Result<store::EventQuery> event_query(const Target& target) {
    constexpr std::int64_t any = std::numeric_limits<std::int64_t>::max();
    const auto after = number(target, "after", 0, any);
    if (!after) return after.error();
    const auto limit = number(target, "limit", 100, most_events);
    if (!limit) return limit.error();
    store::EventQuery query;
    query.after = *after;
    query.limit = static_cast<std::size_t>(*limit);
    return query;
}

Answering answer_events(Call call, store::EventQuery query) {
    const auto events = co_await call.api.operations.events(std::move(query));
    if (!events) co_return to_status(events.error());
    co_return to_response(events_to_json(*events));
}

}    // namespace

Answering list_stacks(Call call) {
    if (auto refused = check_query(call.target); refused) co_return std::move(*refused);
    auto stacks = call.api.registry.stacks();
    const std::string text = call.target.value("labelSelector");
    if (!text.empty()) {
        const auto selector = parse_selector(text);
        if (!selector) co_return to_status(400, selector.error().message());
        std::erase_if(stacks, [&selector](const v1alpha1::Stack& stack) {
            return !v1alpha1::matches(stack.metadata.labels, *selector);
        });
    }
    co_return to_response(v1alpha1::list_to_json(stacks, call.api.registry.resource_version()));
}

Answering get_stack(Call call) {
    if (auto refused = check_query(call.target); refused) co_return std::move(*refused);
    const reconcile::Entry* entry = call.api.registry.find(call.name);
    co_return entry == nullptr ? not_found("stacks", call.name)
                               : to_response(v1alpha1::to_json(entry->stack));
}

Answering list_sources(Call call) {
    if (auto refused = check_query(call.target); refused) co_return std::move(*refused);
    const reconcile::Registry& registry = call.api.registry;
    co_return to_response(source_list_to_json(registry.source(), registry.names().size(),
                                              registry.resource_version()));
}

Answering get_source(Call call) {
    if (auto refused = check_query(call.target); refused) co_return std::move(*refused);
    const reconcile::Registry& registry = call.api.registry;
    co_return call.name != source_name
        ? not_found("sources", call.name)
        : to_response(source_to_json(registry.source(), registry.names().size()));
}

Answering list_events(Call call) {
    if (auto refused = check_query(call.target); refused) co_return std::move(*refused);
    const auto query = event_query(call.target);
    if (!query) co_return to_status(400, query.error().message());
    Response response = co_await answer_events(std::move(call), *query);
    co_return response;
}

// Also of a stack that is gone: its events outlive it.
Answering list_stack_events(Call call) {
    if (auto refused = check_query(call.target); refused) co_return std::move(*refused);
    auto query = event_query(call.target);
    if (!query) co_return to_status(400, query.error().message());
    query->about = store::About::stack;
    query->name = call.name;
    const bool known = call.api.registry.find(call.name) != nullptr;
    const std::string name = call.name;
    const auto events = co_await call.api.operations.events(*query);
    if (!events) co_return to_status(events.error());
    co_return events->empty() && !known ? not_found("stacks", name)
                                        : to_response(events_to_json(*events));
}

Answering list_revisions(Call call) {
    const bool known = call.api.registry.find(call.name) != nullptr;
    const auto revisions = co_await call.api.operations.revisions(call.name);
    if (!revisions) co_return to_status(revisions.error());
    if (revisions->empty() && !known) co_return not_found("stacks", call.name);
    std::set<std::string> present;
    for (const store::Revision& revision : *revisions) {
        for (const std::string& image : revision.images) {
            if (call.api.operations.has_image(call.name, image)) present.insert(image);
        }
    }
    co_return to_response(revisions_to_json(*revisions, present));
}

Answering explain_stack(Call call) {
    if (call.api.registry.find(call.name) == nullptr) co_return not_found("stacks", call.name);
    const auto explanation = co_await call.api.operations.explain(call.name);
    if (!explanation) co_return to_status(explanation.error());
    co_return to_response(reconcile::to_json(*explanation));
}

Answering get_plan(Call call) {
    if (call.api.registry.find(call.name) == nullptr) co_return not_found("stacks", call.name);
    const auto findings = call.api.operations.known(call.name);
    if (!findings) {
        co_return to_status(
            503, fmt::format("stack {} was not looked at yet; ask again in a moment", call.name));
    }
    co_return to_response(plan_to_json(call.name, *findings));
}

}    // namespace trueup::http
