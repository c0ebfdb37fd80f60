// SPDX-License-Identifier: Apache-2.0
// get and describe: ask the controller's API, print the answer.
#include <fmt/format.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cstdio>
#include <utility>

#include "api/cli/cli.hpp"
#include "api/cli/client.hpp"
#include "api/cli/describe.hpp"
#include "api/cli/doubt.hpp"
#include "api/cli/output.hpp"
#include "api/cli/record_output.hpp"
#include "api/cli/verbs.hpp"

namespace trueup::cli {
namespace {

namespace json = boost::json;

constexpr int events_in_description = 10;

Look look() { return look_at(STDOUT_FILENO, base::machine_clock().now()); }

Result<int> print(const Result<std::string>& text) {
    if (!text) return text.error();
    std::fputs(text->c_str(), stdout);
    if (!text->ends_with('\n')) std::fputc('\n', stdout);
    return exit_done;
}

bool is_structured(Format format) { return format == Format::json || format == Format::yaml; }

Task<int> get_stack(Client& client, std::string path, Format format) {
    const auto answer = co_await client.get(std::move(path));
    if (!answer) co_return answer.error();
    co_return print(print_stacks(*answer, format, look()));
}

// What could not be read of the desired state may name any stack: none at all is no answer then.
Task<int> get_stacks(Client& client, std::string path, Format format) {
    const auto answer = co_await client.get(std::move(path));
    if (!answer) co_return answer.error();
    const auto sources = co_await client.get("/sources");
    const std::string doubt = sources ? doubt_of_sources(*sources) : std::string();
    const bool doubtful = !doubt.empty() && stack_names(*answer).empty();
    Result<int> code = exit_done;
    if (!doubtful || is_structured(format)) code = print(print_stacks(*answer, format, look()));
    if (doubtful) std::fputs("no stack is listed: ", stderr);
    if (doubtful || !is_structured(format)) std::fputs(doubt.c_str(), stderr);
    if (code && doubtful) co_return exit_error;
    co_return code;
}

Task<int> get_sources(Client& client, std::string path, Format format) {
    const auto answer = co_await client.get(std::move(path));
    if (!answer) co_return answer.error();
    auto code = print(print_sources(*answer, format, look()));
    if (code && !all_readable(*answer)) co_return exit_error;
    co_return code;
}

// What cannot be told beside the stack is left out: a description is worth more than an error.
Task<int> describe_stack(Client& client, std::string name, Format format) {
    const auto stack = co_await client.get(stack_path(name));
    if (!stack) co_return stack.error();
    if (auto text = print_structured(*stack, format)) co_return print(std::move(*text));
    const auto described = print_description(*stack, look());
    if (!described) co_return described.error();
    const auto history = co_await client.get(stack_path(name, "/history"));
    const auto explanation = co_await client.get(stack_path(name, "/explain"));
    const std::string recent = fmt::format("/events?limit={}", events_in_description);
    const auto events = co_await client.get(stack_path(name, recent));
    std::string more;
    if (history) more += revision_line(*history, look());
    const std::string waits = explanation ? waiting_line(*explanation) : std::string();
    const bool first = explanation && is_waiting(*explanation);
    if (!first) more += waits;
    std::string text = (first ? waits : std::string()) + *described;
    text += more.empty() ? more : "\n" + more;
    const auto table =
        events ? print_events(*events, Format::table, look()) : Result<std::string>(events.error());
    if (table) text += "\nEvents:\n" + indent_lines(*table, 2) + "\n";
    co_return print(std::move(text));
}

}    // namespace

int get(const ServerChoice& choice, const std::string& kind, const std::string& name,
        const std::string& selector) {
    const Format format = parse_format(choice.output).value_or(Format::table);
    const bool sources = kind == "sources";
    std::string path = sources ? "/sources" : "/stacks";
    if (!name.empty()) path += "/" + engine::percent_encode(name);
    if (!selector.empty()) path += "?labelSelector=" + engine::percent_encode(selector);
    return converse(choice.server, [&](Client& client, TaskGroup&) {
        if (sources) return get_sources(client, path, format);
        return name.empty() ? get_stacks(client, path, format) : get_stack(client, path, format);
    });
}

int describe(const ServerChoice& choice, const std::string& name) {
    const Format format = parse_format(choice.output).value_or(Format::table);
    return converse(choice.server, [&](Client& client, TaskGroup&) {
        return describe_stack(client, name, format);
    });
}

}    // namespace trueup::cli
