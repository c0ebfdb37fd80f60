// SPDX-License-Identifier: Apache-2.0
#include "controller/reconcile/operations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controller/base/text.hpp"
#include "controller/reconcile/gate.hpp"

namespace trueup::reconcile {
namespace {

constexpr std::size_t reason_limit = 1'000;
constexpr std::size_t key_limit = 253;
constexpr std::size_t value_limit = 4'096;
constexpr std::size_t annotations_limit = 64;

Error no_stack(const std::string& name) {
    return Error(Errc::not_found, fmt::format("there is no stack '{}' (see `trueup get`)", name));
}

// Text of a person that is shown to others: one line, no control characters.
Result<void> check_text(std::string_view what, std::string_view text, std::size_t limit) {
    const bool odd = std::any_of(text.begin(), text.end(), [](char each) {
        return static_cast<unsigned char>(each) < 0x20 || each == 0x7f;
    });
    if (text.size() <= limit && !odd && !base::find_invalid_utf8(text)) return Result<void>();
    return Error(Errc::invalid,
                 fmt::format("{} must be one line of UTF-8, at most {} bytes", what, limit));
}

}    // namespace

Operations::Operations(store::Store& store, Registry& registry, const Clock& clock, Wake wake)
    : store_(store), registry_(registry), clock_(clock), wake_(std::move(wake)) {}

Result<std::vector<std::string>> Operations::names(const Choice& choice) const {
    const int chosen =
        (choice.stack.empty() ? 0 : 1) + (choice.all ? 1 : 0) + (choice.selector.empty() ? 0 : 1);
    if (chosen != 1)
        return Error(Errc::invalid, "choose a stack, a label selector, or all: one of them");
    if (choice.all) return std::vector<std::string>{std::string(store::every_stack)};
    if (!choice.stack.empty()) {
        if (registry_.find(choice.stack) == nullptr) return no_stack(choice.stack);
        return std::vector<std::string>{choice.stack};
    }
    std::vector<std::string> found;
    for (const std::string& name : registry_.names()) {
        const v1alpha1::Labels& labels = registry_.find(name)->stack.metadata.labels;
        if (v1alpha1::matches(labels, choice.selector)) found.push_back(name);
    }
    if (found.empty()) return Error(Errc::not_found, "no stack has these labels");
    return found;
}

store::Event Operations::event(const std::string& stack, std::string reason, std::string message,
                               const std::string& actor) const {
    store::Event made;
    const bool all = stack == store::every_stack;
    made.about = all ? store::About::controller : store::About::stack;
    if (!all) made.name = stack;
    made.reason = std::move(reason);
    made.message = std::move(message);
    made.actor = actor;
    return made;
}

Task<std::vector<std::string>> Operations::suspend(Choice choice,
                                                   std::optional<std::chrono::seconds> time,
                                                   std::string reason, std::string actor) {
    const auto chosen = names(choice);
    if (!chosen) co_return chosen.error();
    const auto checked = check_text("the reason", reason, reason_limit);
    if (!checked) co_return checked.error();
    constexpr std::chrono::hours longest{24 * 3'660};
    if (time && (*time <= std::chrono::seconds(0) || *time > longest))
        co_return Error(Errc::invalid, "suspend for a time between a second and ten years");
    const SystemTime now = clock_.now();
    store::Changes changes;
    for (const std::string& name : *chosen) {
        store::Suspension suspension;
        suspension.stack = name;
        if (time) suspension.until = now + *time;
        suspension.reason = reason;
        suspension.actor = actor;
        suspension.since = now;
        GateInputs inputs;
        inputs.suspension = &suspension;
        changes.emplace_back(event(name, "Suspended", decide_gate(inputs).message, actor));
        changes.emplace_back(std::move(suspension));
    }
    const auto written = co_await store_.write(std::move(changes));
    for (const std::string& name : *chosen) wake_(name == store::every_stack ? "" : name);
    if (!written) co_return written.error();
    co_return *chosen;
}

Task<std::vector<std::string>> Operations::resume(Choice choice, std::string actor) {
    auto chosen = names(choice);
    if (!chosen) co_return chosen.error();
    std::vector<std::string> lifted;
    store::Changes changes;
    for (const auto& [name, suspension] : store_.suspensions()) {
        const bool meant = choice.all || std::count(chosen->begin(), chosen->end(), name) > 0;
        if (!meant) continue;
        lifted.push_back(name);
        store::Event made = event(name, "Resumed", "resumed", actor);
        made.cause = suspension.reason;
        changes.emplace_back(std::move(made));
        changes.emplace_back(store::Resume{name});
    }
    const auto written = co_await store_.write(std::move(changes));
    for (const std::string& name : lifted) wake_(name == store::every_stack ? "" : name);
    if (!written) co_return written.error();
    for (const std::string& name : *chosen) {
        const Entry* entry = registry_.find(name);
        GateInputs inputs;
        inputs.suspended_by_file = entry != nullptr && entry->stack.spec.suspend;
        inputs.suspension = store_.suspension(name, clock_.now());
        const Gate gate = decide_gate(inputs);
        if (!gate.suspension) continue;
        co_return Error(
            Errc::conflict,
            fmt::format("stack {} stays suspended: {} ({})", name, gate.message,
                        inputs.suspended_by_file ? "change the file" : "resume with --all"));
    }
    if (lifted.empty())
        co_return Error(Errc::conflict, "nothing is suspended that this could resume");
    co_return lifted;
}

Task<void> Operations::confirm(std::string stack, std::string token, std::string actor) {
    const Entry* entry = registry_.find(stack);
    if (entry == nullptr) co_return no_stack(stack);
    const auto waits = entry->stack.status.confirmation;
    if (!waits) {
        co_return Error(Errc::conflict, fmt::format("stack {} waits for no confirmation", stack));
    }
    if (!token.empty() && token != waits->token) {
        co_return Error(Errc::conflict, fmt::format("stack {} waits for something else by now: {}",
                                                    stack, waits->message));
    }
    const SystemTime now = clock_.now();
    store::Changes changes;
    std::vector<std::string> together{stack};
    const bool removes = entry->removal && entry->removal->token == waits->token;
    if (removes) together = entry->removal->together;
    for (const std::string& name : together) {
        store::Event made = event(name, "Confirmed", "confirmed: " + waits->message, actor);
        changes.emplace_back(std::move(made));
        const std::string said = removes ? std::string(removal_confirmed) : waits->token;
        changes.emplace_back(store::Confirmation{name, said, actor, now});
    }
    const auto written = co_await store_.write(std::move(changes));
    for (const std::string& name : together) wake_(name);
    co_return written;
}

Task<void> Operations::forget(std::string stack, std::string actor) {
    const Entry* entry = registry_.find(stack);
    if (entry == nullptr) co_return no_stack(stack);
    if (!entry->file_gone) {
        co_return Error(Errc::conflict, fmt::format("{} names stack {}: only a stack whose file is "
                                                    "gone can be forgotten",
                                                    entry->file, stack));
    }
    if (entry->removal) {
        co_return Error(Errc::conflict,
                        fmt::format("stack {} is to be removed, and is forgotten then", stack));
    }
    store::Changes changes;
    changes.emplace_back(
        event(stack, "Forgotten", "forgotten; what runs of it is left as it is", actor));
    changes.emplace_back(store::Forget{stack});
    registry_.remove(stack);
    const auto written = co_await store_.write(std::move(changes));
    wake_(stack);
    co_return written;
}

Task<std::string> Operations::request_reconcile(std::string stack, std::string actor) {
    const Entry* entry = registry_.find(stack);
    if (entry == nullptr) co_return no_stack(stack);
    if (entry->file_error)
        co_return Error(*entry->file_error)
            .in("its file is invalid, and what it said before stays in force");
    GateInputs inputs;
    inputs.suspended_by_file = entry->stack.spec.suspend;
    inputs.suspension = store_.suspension(stack, clock_.now());
    const Gate gate = decide_gate(inputs);
    if (gate.suspension) {
        co_return Error(Errc::conflict,
                        fmt::format("stack {} is {}; resume it first", stack, gate.message));
    }
    const SystemTime now = clock_.now();
    const auto since = now.time_since_epoch();
    const auto fraction = (since - std::chrono::duration_cast<Seconds>(since)).count();
    std::string request = base::to_rfc3339(now);
    request.insert(request.size() - 1, fmt::format(".{:09}", fraction));
    const auto annotated =
        co_await annotate(stack, std::string(requested_at), request, std::move(actor));
    if (!annotated && annotated.error().code() != Errc::unavailable) co_return annotated.error();
    co_return request;
}

Task<void> Operations::annotate(std::string stack, std::string key,
                                std::optional<std::string> value, std::string actor) {
    const Entry* entry = registry_.find(stack);
    if (entry == nullptr) co_return no_stack(stack);
    const bool asks = key == requested_at;
    const auto checked = check_text("an annotation", value.value_or(""), value_limit);
    if (!checked) co_return checked.error();
    const auto named = check_text("an annotation's name", key, key_limit);
    if (!named || key.empty() || key.find(' ') != std::string::npos)
        co_return Error(Errc::invalid, "an annotation has a name like example.com/owner");
    const auto& present = entry->stack.metadata.annotations;
    if (value && !present.contains(key) && present.size() >= annotations_limit)
        co_return Error(Errc::conflict, fmt::format("stack {} has {} annotations already", stack,
                                                    annotations_limit));
    if (!asks && registry_.is_of_file(stack, key)) {
        co_return Error(Errc::conflict,
                        fmt::format("the annotation {} of stack {} is its file's; change it there",
                                    key, stack));
    }
    registry_.annotate(stack, key, std::move(value));
    if (!asks) co_return Result<void>();
    store::Changes changes;
    changes.emplace_back(event(stack, "ReconcileRequested", "a reconcile was asked for", actor));
    const auto written = co_await store_.write(std::move(changes));
    wake_(stack);
    co_return written;
}

}    // namespace trueup::reconcile
