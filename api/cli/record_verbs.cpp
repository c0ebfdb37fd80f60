// SPDX-License-Identifier: Apache-2.0
// events, history, explain: what is remembered, and what follows from it.
#include <fmt/format.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cstdio>
#include <utility>

#include "api/cli/answer_reader.hpp"
#include "api/cli/cli.hpp"
#include "api/cli/client.hpp"
#include "api/cli/operator_verbs.hpp"
#include "api/cli/output.hpp"
#include "api/cli/record_output.hpp"
#include "controller/base/text.hpp"

namespace trueup::cli {
namespace {

namespace json = boost::json;

constexpr Milliseconds watch_interval{1'000};
constexpr int most_events = 1000;

Look look() { return look_at(STDOUT_FILENO, base::machine_clock().now()); }

Format format_of(const ServerChoice& server) {
    return parse_format(server.output).value_or(Format::table);
}

Result<int> print(const Result<std::string>& text) {
    if (!text) return text.error();
    std::fputs(text->c_str(), stdout);
    std::fflush(stdout);
    return exit_done;
}

using Print = std::function<Result<std::string>(const json::value& answer)>;
Task<int> get_and_print(Client& client, std::string path, Print printer) {
    const auto answer = co_await client.get(std::move(path));
    if (!answer) co_return answer.error();
    co_return print(printer(*answer));
}

std::string events_path(const std::string& stack, const std::string& after, int limit) {
    const std::string query = fmt::format("/events?limit={}&after={}", limit, after);
    return stack.empty() ? query : stack_path(stack, query);
}

// Prints what is there, then what comes, as lines. A controller that restarts is waited for.
Task<int> follow_events(Client& client, EventsChoice choice, std::optional<SystemTime> since) {
    std::string after = "0";
    for (;;) {
        const auto answer = co_await client.get(events_path(choice.stack, after, most_events));
        if (!answer && after == "0") co_return answer.error();
        if (answer) {
            const auto newest =
                text_of(object_of(answer->as_object(), "metadata"), "resourceVersion");
            auto recent = since ? since_only(*answer, *since) : *answer;
            const auto printed = print(print_event_lines(recent, format_of(choice.server)));
            if (!printed) co_return printed.error();
            if (newest != "0") after = newest;
        }
        const auto slept = co_await base::sleep_for(watch_interval);
        if (!slept) co_return slept.error();
    }
}

}    // namespace

int events(const EventsChoice& choice) {
    std::optional<SystemTime> since;
    if (!choice.since.empty()) {
        const auto age = base::parse_duration(choice.since);
        if (!age) {
            std::fprintf(stderr, "--since: not a duration, for example 30m or 12h\n");
            return exit_error;
        }
        since = base::machine_clock().now() - std::chrono::duration_cast<Seconds>(*age);
    }
    return converse(choice.server.server, [&](Client& client, TaskGroup&) {
        if (choice.watch) return follow_events(client, choice, since);
        Print printer = [&choice, since](const json::value& answer) {
            return print_events(since ? since_only(answer, *since) : answer,
                                format_of(choice.server), look());
        };
        const int limit = since ? most_events : 100;
        return get_and_print(client, events_path(choice.stack, "0", limit), std::move(printer));
    });
}

int history(const ServerChoice& server, const std::string& stack) {
    return converse(server.server, [&](Client& client, TaskGroup&) {
        Print printer = [&server](const json::value& answer) {
            return print_history(answer, format_of(server), look());
        };
        return get_and_print(client, stack_path(stack, "/history"), std::move(printer));
    });
}

int explain(const ServerChoice& server, const std::string& stack) {
    return converse(server.server, [&](Client& client, TaskGroup&) {
        Print printer = [&server](const json::value& answer) {
            return print_explanation(answer, format_of(server), look());
        };
        return get_and_print(client, stack_path(stack, "/explain"), std::move(printer));
    });
}

}    // namespace trueup::cli
