// SPDX-License-Identifier: Apache-2.0
// get and describe: ask the controller's API, print the answer.
#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>
#include <cstdio>
#include <optional>
#include <utility>

#include "api/cli/cli.hpp"
#include "api/cli/output.hpp"
#include "api/cli/verbs.hpp"
#include "controller/base/task_group.hpp"
#include "controller/engine/transport.hpp"

namespace trueup::cli {
namespace {

constexpr std::string_view api_root = "/apis/trueup.dev/v1alpha1";
constexpr Milliseconds deadline{10'000};
constexpr std::size_t answer_limit = 64U << 20U;

boost::asio::awaitable<void> ask(engine::Transport& transport, std::string target,
                                 std::optional<Result<engine::HttpResponse>>& answer) {
    engine::HttpRequest request;
    request.target = std::move(target);
    auto response = co_await transport.request(std::move(request), deadline, answer_limit);
    answer.emplace(std::move(response));
}

Error not_reachable(const std::string& server, const Error& error) {
    return Error(error.code(),
                 fmt::format("the controller at {} does not answer: {}\n"
                             "start one with 'trueup controller', or name another with --server",
                             server, error.message()));
}

Result<boost::json::value> fetch(const std::string& server, const std::string& path) {
    auto address = engine::parse_address(server);
    if (!address) return address.error().in("--server");
    boost::asio::io_context io(1);
    const auto transport =
        engine::make_transport(io.get_executor(), std::move(*address), engine::TransportOptions());
    std::optional<Result<engine::HttpResponse>> answer;
    TaskGroup tasks(io.get_executor());
    tasks.spawn("ask", ask(*transport, std::string(api_root) + path, answer));
    io.run();
    tasks.close();
    if (!*answer) return not_reachable(server, answer->error());
    boost::system::error_code code;
    boost::json::value value = boost::json::parse((*answer)->body, code);
    if (code)
        return Error(Errc::unavailable,
                     fmt::format("what answers at {} is no trueup controller", server));
    if ((*answer)->status == 200) return value;
    const auto* message = value.is_object() ? value.as_object().if_contains("message") : nullptr;
    return Error((*answer)->status == 404 ? Errc::not_found : Errc::unavailable,
                 message != nullptr && message->is_string()
                     ? std::string(message->as_string())
                     : fmt::format("status {}", (*answer)->status));
}

int print(const Result<std::string>& text) {
    if (!text) {
        std::fprintf(stderr, "%s\n", text.error().message().c_str());
        return exit_error;
    }
    std::fputs(text->c_str(), stdout);
    if (!text->ends_with('\n')) std::fputc('\n', stdout);
    return exit_done;
}

Look look() { return look_at(STDOUT_FILENO, base::machine_clock().now()); }

}    // namespace

int get(const ServerChoice& choice, const std::string& kind, const std::string& name) {
    const Format format = parse_format(choice.output).value_or(Format::table);
    const bool sources = kind == "sources";
    std::string path = sources ? "/sources" : "/stacks";
    if (!name.empty()) path += "/" + engine::percent_encode(name);
    const auto answer = fetch(choice.server, path);
    if (!answer) return print(answer.error());
    return print(sources ? print_sources(*answer, format, look())
                         : print_stacks(*answer, format, look()));
}

int describe(const ServerChoice& choice, const std::string& name) {
    const auto answer = fetch(choice.server, "/stacks/" + engine::percent_encode(name));
    if (!answer) return print(answer.error());
    return print(print_description(*answer, look()));
}

}    // namespace trueup::cli
