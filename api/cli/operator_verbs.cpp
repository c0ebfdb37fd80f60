// SPDX-License-Identifier: Apache-2.0
// Tell the controller, print what it says. A reconcile is one long request; beside it the stack is
// looked at, so that a person sees what happens meanwhile.
#include "api/cli/operator_verbs.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cstdio>
#include <optional>
#include <utility>

#include "api/cli/cli.hpp"
#include "api/cli/client.hpp"
#include "api/cli/confirm_text.hpp"
#include "api/cli/structured.hpp"
#include "api/cli/table.hpp"
#include "api/v1alpha1/codec.hpp"
#include "controller/base/text.hpp"

namespace trueup::cli {
namespace {

namespace json = boost::json;

constexpr Milliseconds action_deadline{20'000};
constexpr Milliseconds look_interval{250};

std::string text_at(const json::value& value, std::string_view pointer) {
    boost::system::error_code code;
    const json::value* found = value.find_pointer(pointer, code);
    return found != nullptr && found->is_string() ? std::string(found->get_string())
                                                  : std::string();
}

// "/suspend?labelSelector=…" or "/stacks/shop/suspend".
Result<std::string> action_path(const StacksChoice& stacks, const std::string& action) {
    const int named =
        (stacks.stack.empty() ? 0 : 1) + (stacks.all ? 1 : 0) + (stacks.selector.empty() ? 0 : 1);
    if (named != 1) return Error(Errc::invalid, "name exactly one of: STACK, --all, -l KEY=VALUE");
    if (stacks.all) return "/" + action;
    if (stacks.stack.empty())
        return fmt::format("/{}?labelSelector={}", action, engine::percent_encode(stacks.selector));
    return stack_path(stacks.stack, "/" + action);
}

Task<int> act(Client& client, std::string path, json::object body, std::string output) {
    const auto answer = co_await client.post(std::move(path), std::move(body), action_deadline);
    if (!answer) co_return answer.error();
    if (output == "json" || output == "yaml") {
        std::fputs((output == "json" ? to_pretty_json(*answer) : to_yaml(*answer)).c_str(), stdout);
    } else {
        std::printf("%s\n", printable(text_at(*answer, "/message")).c_str());
    }
    if (!client.warning().empty())
        std::fprintf(stderr, "warning: it is not on the controller's disk\n");
    co_return exit_done;
}

int fail(const Error& error) {
    std::fprintf(stderr, "%s\n", error.message().c_str());
    return exit_error;
}

int act(const ServerChoice& server, const StacksChoice& stacks, const std::string& action,
        json::object body) {
    const auto path = action_path(stacks, action);
    if (!path) return fail(path.error());
    return converse(server.server, [&](Client& client, TaskGroup&) {
        return act(client, *path, std::move(body), server.output);
    });
}

// --- confirm ---

// A script says what it says yes to, or that it does to anything; a person is asked back.
Result<void> ask_back(const ConfirmChoice& choice, const v1alpha1::ConfirmationStatus& asked) {
    if (choice.yes) return Result<void>();
    if (::isatty(STDIN_FILENO) == 0) {
        return Error(
            Errc::invalid,
            fmt::format("nothing was confirmed: there is no terminal to ask back at. `{}` says yes "
                        "to exactly this, --yes to whatever is asked",
                        confirming_command(asked, choice.stack, choice.server.server)));
    }
    std::fprintf(stderr, "is that meant? [y/N] ");
    const int answer = std::fgetc(stdin);
    if (answer == 'y' || answer == 'Y') return Result<void>();
    return Error(Errc::cancelled, "nothing was confirmed");
}

Task<int> confirm_shown(Client& client, ConfirmChoice choice) {
    json::object body;
    body["token"] = choice.token;
    if (choice.token.empty()) {
        const auto answer = co_await client.get(stack_path(choice.stack));
        if (!answer) co_return answer.error();
        const auto seen = v1alpha1::from_json(*answer);
        if (!seen) co_return seen.error();
        const auto& asked = seen->status.confirmation;
        if (!asked) {
            co_return Error(Errc::conflict,
                            fmt::format("stack {} waits for no confirmation", choice.stack));
        }
        std::fprintf(stderr, "stack %s waits: %s\n", printable(choice.stack).c_str(),
                     printable(asked->message).c_str());
        const auto meant = ask_back(choice, *asked);
        if (!meant) co_return meant.error();
        body["token"] = asked->token;
    }
    co_return co_await act(client, stack_path(choice.stack, "/confirm"), std::move(body),
                           choice.server.output);
}

// --- reconcile ---

void say(const std::string& line) {
    std::printf("%s\n", printable(line).c_str());
    std::fflush(stdout);
}

// What happens, each once: the plan's actions, and what is being waited for.
boost::asio::awaitable<void> tell_progress(Client& client, std::string stack) {
    std::string last;
    for (;;) {
        const bool stopped = co_await base::is_cancelled();
        if (stopped) break;
        const auto answer = co_await client.get(stack_path(stack));
        if (answer) {
            const auto seen = v1alpha1::from_json(*answer);
            const std::string now = seen ? progress_of(seen->status) : std::string();
            if (!now.empty() && now != last) {
                last = now;
                say(last);
            }
        }
        const auto slept = co_await base::sleep_for(look_interval);
        if (!slept) break;
    }
}

int tell_outcome(const std::string& stack, const json::value& answer, const std::string& output) {
    const std::string phase = text_at(answer, "/status/phase");
    if (output == "json" || output == "yaml") {
        std::fputs((output == "json" ? to_pretty_json(answer) : to_yaml(answer)).c_str(), stdout);
    } else {
        const std::string line = fmt::format(
            "stack {}: {}{}", stack,
            phase == "Succeeded" ? std::string() : text_at(answer, "/status/reason") + ": ",
            text_at(answer, "/status/message"));
        std::fprintf(phase == "Succeeded" ? stdout : stderr, "%s\n", printable(line, true).c_str());
    }
    return phase == "Succeeded" ? exit_done : exit_error;
}

Task<int> reconcile_and_wait(Client& client, TaskGroup& tasks, ReconcileChoice choice,
                             Seconds timeout) {
    const bool structured = choice.server.output == "json" || choice.server.output == "yaml";
    if (!choice.quiet && !structured) tasks.spawn("progress", tell_progress(client, choice.stack));
    const std::string path =
        stack_path(choice.stack, fmt::format("/reconcile?wait={}s", timeout.count()));
    json::object body;
    const Milliseconds deadline = timeout + action_deadline;
    const auto answer = co_await client.post(path, std::move(body), deadline);
    if (!answer) co_return answer.error();
    if (text_at(*answer, "/status/phase") == "Pending") {
        co_return Error(
            Errc::timeout,
            fmt::format("stack {}: not through after {}; it goes on without us: {}", choice.stack,
                        choice.timeout, text_at(*answer, "/status/message")));
    }
    co_return tell_outcome(choice.stack, *answer, choice.server.output);
}

}    // namespace

std::string progress_of(const v1alpha1::StackStatus& status) {
    const v1alpha1::Condition* reconciling = v1alpha1::find_condition(status, "Reconciling");
    if (reconciling != nullptr) return reconciling->message;
    const v1alpha1::Condition* ready = v1alpha1::find_condition(status, "Ready");
    const bool blind = ready != nullptr && ready->status == v1alpha1::ConditionStatus::unknown &&
                       (ready->reason == "EngineUnavailable" || ready->reason == "EngineHeld");
    return blind ? "waiting: " + ready->message : std::string();
}

int suspend(const SuspendChoice& choice) {
    json::object body;
    if (!choice.time.empty()) {
        const auto time = base::parse_duration(choice.time);
        if (!time || *time < Seconds(1) || *time > std::chrono::hours(8760)) {
            return fail(
                Error(Errc::invalid, fmt::format("--for '{}': not a duration from 1s to 8760h, for "
                                                 "example 30s or 1h30m",
                                                 printable(choice.time))));
        }
        body["for"] = choice.time;
    }
    if (!choice.reason.empty()) body["reason"] = choice.reason;
    return act(choice.server, choice.stacks, "suspend", std::move(body));
}

int resume(const ServerChoice& server, const StacksChoice& stacks) {
    return act(server, stacks, "resume", json::object());
}

int confirm(const ConfirmChoice& choice) {
    return converse(choice.server.server,
                    [&](Client& client, TaskGroup&) { return confirm_shown(client, choice); });
}

int forget(const ServerChoice& server, const std::string& stack) {
    StacksChoice one;
    one.stack = stack;
    return act(server, one, "forget", json::object());
}

int reconcile(const ReconcileChoice& choice) {
    const auto timeout = base::parse_duration(choice.timeout);
    if (!timeout || *timeout < Seconds(1) || *timeout > Seconds(600))
        return fail(Error(Errc::invalid, "--timeout: a duration from 1s to 10m, for example 90s"));
    const Seconds seconds = std::chrono::duration_cast<Seconds>(*timeout);
    return converse(choice.server.server, [&](Client& client, TaskGroup& tasks) {
        return reconcile_and_wait(client, tasks, choice, seconds);
    });
}

}    // namespace trueup::cli
