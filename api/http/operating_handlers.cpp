// SPDX-License-Identifier: Apache-2.0
// The handlers that tell the controller to do something. Each reads its body before it does
// anything, and says who asked: the name that the client gives is a claim, and is recorded as one.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <algorithm>
#include <utility>

#include "api/http/body.hpp"
#include "api/http/handlers.hpp"
#include "api/http/reconciliation.hpp"
#include "api/http/selector.hpp"
#include "controller/base/text.hpp"

namespace trueup::http {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_actor = 128;
constexpr std::size_t longest_reason = 512;
constexpr std::size_t longest_token = 256;
constexpr std::size_t most_waiting = 16;
constexpr Seconds longest_wait{600};
constexpr Milliseconds look_again{50};

Result<std::string> actor_of(const Request& request) {
    if (request.actor.empty()) return store::person("unnamed");
    const bool plain = std::all_of(request.actor.begin(), request.actor.end(), [](char each) {
        return static_cast<unsigned char>(each) >= 0x20 && each != 0x7F;
    });
    if (!plain || request.actor.size() > longest_actor || base::find_invalid_utf8(request.actor)) {
        return Error(Errc::invalid,
                     fmt::format("X-Trueup-Actor: not a name of at most {} bytes", longest_actor));
    }
    return store::person(request.actor + " (claimed)");
}

// What a request says, once all of it was found right.
struct Order {
    std::string actor;
    Body body;
};
Result<Order> read_order(const Request& request, std::initializer_list<std::string_view> fields) {
    auto actor = actor_of(request);
    if (!actor) return actor.error();
    auto body = Body::parse(request.body, fields);
    if (!body) return body.error();
    return Order{std::move(*actor), std::move(*body)};
}

struct SuspendOrder {
    std::string actor;
    std::optional<Seconds> time;
    std::string reason;
};
Result<SuspendOrder> read_suspend(const Request& request) {
    const auto order = read_order(request, {"for", "reason"});
    if (!order) return order.error();
    const auto time = order->body.duration("for");
    if (!time) return time.error();
    const auto reason = order->body.text("reason", longest_reason);
    if (!reason) return reason.error();
    return SuspendOrder{order->actor, *time, reason->value_or("")};
}

Result<reconcile::Choice> choose_many(const Target& target) {
    reconcile::Choice choice;
    const std::string* text = target.find("labelSelector");
    choice.all = text == nullptr;
    if (choice.all) return choice;
    auto selector = parse_selector(*text);
    if (!selector) return selector.error();
    choice.selector = std::move(*selector);
    return choice;
}

reconcile::Choice choose_one(const std::string& name) {
    reconcile::Choice choice;
    choice.stack = name;
    return choice;
}

// "stacks one, two are"
std::string subject(const std::vector<std::string>& names) {
    if (names == std::vector<std::string>{std::string(store::every_stack)}) return "every stack is";
    return fmt::format("{} {} {}", names.size() == 1 ? "stack" : "stacks", fmt::join(names, ", "),
                       names.size() == 1 ? "is" : "are");
}

// `unavailable` is no refusal: what was said is in force, but the disk does not have it.
Response to_outcome(const Result<void>& result, std::string done, json::object details) {
    if (result) return to_success(std::move(done), std::move(details));
    const Error& error = result.error();
    if (error.code() != Errc::unavailable) return to_status(error);
    std::string warning = error.message();
    details["warning"] = warning;
    Response response = to_success(done + "; but until the controller ends: " + warning, details);
    std::replace(warning.begin(), warning.end(), '"', '\'');
    std::replace(warning.begin(), warning.end(), '\n', ' ');
    response.headers.emplace_back("Warning", fmt::format("299 trueup \"{}\"", warning));
    return response;
}

Response to_outcome(const Result<std::vector<std::string>>& names, const std::string& done,
                    const reconcile::Choice& asked) {
    json::object details;
    if (names) {
        details["stacks"] = json::array(names->begin(), names->end());
        return to_outcome(Result<void>(), subject(*names) + " " + done, std::move(details));
    }
    std::string asked_for = "what was asked for is";
    if (!asked.stack.empty()) asked_for = subject({asked.stack});
    return to_outcome(Result<void>(names.error()), asked_for + " " + done, std::move(details));
}

Answering suspend(Call call, reconcile::Choice choice) {
    auto order = read_suspend(call.request);
    if (!order) co_return to_status(400, order.error().message());
    const std::string done =
        order->time ? fmt::format("suspended for {}", base::format_duration(*order->time))
                    : std::string("suspended until resumed");
    const reconcile::Choice asked = choice;
    const auto names = co_await call.api.operations.suspend(
        std::move(choice), order->time, std::move(order->reason), std::move(order->actor));
    co_return to_outcome(names, done, asked);
}

Answering resume(Call call, reconcile::Choice choice) {
    auto order = read_order(call.request, {});
    if (!order) co_return to_status(400, order.error().message());
    const reconcile::Choice asked = choice;
    const auto names =
        co_await call.api.operations.resume(std::move(choice), std::move(order->actor));
    co_return to_outcome(names, "resumed", asked);
}

bool is_known(const Call& call) { return call.api.registry.find(call.name) != nullptr; }

// One of the few requests that may wait, as long as it lives.
struct Waiting {
    explicit Waiting(Api& its) : api(its) { ++api.waiting; }
    ~Waiting() { --api.waiting; }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    Api& api;
};

Answering wait_for_end(Call call, std::string request, Seconds time) {
    const Waiting waiting(call.api);
    const Clock& clock = base::machine_clock();
    const SteadyTime until = clock.steady() + time;
    for (;;) {
        const reconcile::Entry* entry = call.api.registry.find(call.name);
        if (entry == nullptr) co_return not_found("stacks", call.name);
        const bool handled = call.api.operations.is_handled(call.name, request);
        const Phase phase = phase_of(entry->stack.status, handled);
        if (phase != Phase::pending || clock.steady() >= until)
            co_return to_response(reconciliation_to_json(entry->stack, request, phase),
                                  phase == Phase::pending ? 202 : 200);
        const auto slept = co_await base::sleep_for(look_again);
        if (!slept) co_return to_status(503, "the controller is stopping");
    }
}

}    // namespace

Answering suspend_stack(Call call) {
    if (!is_known(call)) co_return not_found("stacks", call.name);
    reconcile::Choice choice = choose_one(call.name);
    Response response = co_await suspend(std::move(call), std::move(choice));
    co_return response;
}

Answering suspend_stacks(Call call) {
    auto choice = choose_many(call.target);
    if (!choice) co_return to_status(400, choice.error().message());
    Response response = co_await suspend(std::move(call), std::move(*choice));
    co_return response;
}

Answering resume_stack(Call call) {
    if (!is_known(call)) co_return not_found("stacks", call.name);
    reconcile::Choice choice = choose_one(call.name);
    Response response = co_await resume(std::move(call), std::move(choice));
    co_return response;
}

Answering resume_stacks(Call call) {
    auto choice = choose_many(call.target);
    if (!choice) co_return to_status(400, choice.error().message());
    Response response = co_await resume(std::move(call), std::move(*choice));
    co_return response;
}

Answering confirm_stack(Call call) {
    if (!is_known(call)) co_return not_found("stacks", call.name);
    auto order = read_order(call.request, {"token"});
    if (!order) co_return to_status(400, order.error().message());
    const auto token = order->body.text("token", longest_token);
    if (!token) co_return to_status(400, token.error().message());
    const std::string name = call.name;
    const auto confirmed =
        co_await call.api.operations.confirm(name, token->value_or(""), std::move(order->actor));
    json::object details;
    details["stacks"] = json::array(1, json::value(name));
    co_return to_outcome(confirmed, "stack " + name + " is confirmed", std::move(details));
}

Answering forget_stack(Call call) {
    if (!is_known(call)) co_return not_found("stacks", call.name);
    auto order = read_order(call.request, {});
    if (!order) co_return to_status(400, order.error().message());
    const std::string name = call.name;
    const auto forgotten = co_await call.api.operations.forget(name, std::move(order->actor));
    json::object details;
    details["stacks"] = json::array(1, json::value(name));
    co_return to_outcome(forgotten, "stack " + name + " is forgotten", std::move(details));
}

Answering reconcile_stack(Call call) {
    if (!is_known(call)) co_return not_found("stacks", call.name);
    auto order = read_order(call.request, {});
    if (!order) co_return to_status(400, order.error().message());
    const std::string* text = call.target.find("wait");
    Seconds time(0);
    if (text != nullptr) {
        const auto wait = parse_seconds("wait", *text, longest_wait);
        if (!wait) co_return to_status(400, wait.error().message());
        if (call.api.waiting >= most_waiting)
            co_return to_status(429, "too many requests wait already; ask without ?wait=");
        time = *wait;
    }
    auto request =
        co_await call.api.operations.request_reconcile(call.name, std::move(order->actor));
    if (!request) co_return to_status(request.error());
    Response response = co_await wait_for_end(std::move(call), std::move(*request), time);
    co_return response;
}

}    // namespace trueup::http
