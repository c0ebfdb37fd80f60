// SPDX-License-Identifier: Apache-2.0
#include "api/cli/client.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <utility>

#include "api/cli/cli.hpp"
#include "api/cli/doubt.hpp"
#include "api/cli/table.hpp"

namespace trueup::cli {
namespace {

namespace json = boost::json;

constexpr std::string_view api_root = "/apis/trueup.dev/v1alpha1";
constexpr Milliseconds ask_deadline{10'000};
constexpr std::size_t answer_limit = 64U << 20U;

Errc code_of(unsigned status) {
    switch (status) {
        case 400:
        case 413:
        case 422: return Errc::invalid;
        case 403: return Errc::denied;
        case 404: return Errc::not_found;
        case 409: return Errc::conflict;
        default: return Errc::unavailable;
    }
}

// The message of a Kubernetes Status.
std::string message_of(const json::value& answer, unsigned status) {
    const json::object* object = answer.if_object();
    const json::value* message = object == nullptr ? nullptr : object->if_contains("message");
    if (message == nullptr || !message->is_string()) return fmt::format("status {}", status);
    return std::string(message->get_string());
}

// "shop" of ".../stacks/shop/events?limit=10"; "" for what is about no stack.
std::string stack_of(const std::string& target) {
    const std::string before = std::string(api_root) + "/stacks/";
    if (!target.starts_with(before)) return "";
    return target.substr(before.size(), target.find_first_of("/?", before.size()) - before.size());
}

boost::asio::awaitable<void> hold(Conversation conversation, Client client, TaskGroup& tasks,
                                  std::optional<Result<int>>& ended) {
    auto result = co_await conversation(client, tasks);
    ended.emplace(std::move(result));
    tasks.close();
}

}    // namespace

Client::Client(std::string server, std::unique_ptr<engine::Transport> transport)
    : server_(std::move(server)), transport_(std::move(transport)) {}

Result<Client> Client::make(Executor executor, std::string server) {
    auto address = engine::parse_address(server);
    if (!address) return address.error().in("--server");
    if (address->kind == engine::Address::Kind::ssh) {
        return Error(Errc::invalid,
                     fmt::format("--server: '{}' is no address of a controller: write "
                                 "http://host:port, and forward that port with ssh -L",
                                 server));
    }
    auto transport = engine::make_transport(std::move(executor), std::move(*address),
                                            engine::TransportOptions());
    return Client(std::move(server), std::move(transport));
}

Task<json::value> Client::get(std::string path) {
    engine::HttpRequest request;
    request.target = std::string(api_root) + path;
    request.may_repeat = true;
    return ask(std::move(request), ask_deadline);
}

Task<json::value> Client::post(std::string path, json::object body, Milliseconds deadline) {
    engine::HttpRequest request;
    request.method = "POST";
    request.target = std::string(api_root) + path;
    request.content_type = "application/json";
    request.body = json::serialize(body);
    request.headers.emplace_back("X-Trueup-Actor", local_person());
    return ask(std::move(request), deadline);
}

// "" when it is there.
Task<std::string> Client::explain_missing(std::string stack) {
    const auto stacks = co_await get("/stacks");
    if (!stacks) co_return stacks.error();
    const std::string near = suggest_stack(stack, stack_names(*stacks));
    if (near.empty()) co_return near;
    const auto sources = co_await get("/sources");
    std::string doubt = sources ? doubt_of_sources(*sources) : std::string();
    if (!doubt.empty()) doubt.pop_back();    // its last newline
    co_return fmt::format("there is no stack '{}'{}{}{}", stack, near, doubt.empty() ? "" : "\n",
                          doubt);
}

Task<json::value> Client::ask(engine::HttpRequest request, Milliseconds deadline) {
    const std::string stack = stack_of(request.target);
    auto response = co_await transport_->request(std::move(request), deadline, answer_limit);
    if (!response) {
        co_return Error(
            response.error().code(),
            fmt::format("the controller at {} does not answer: {}\n"
                        "start one with 'trueup controller', or name another with --server",
                        server_, response.error().message()));
    }
    boost::system::error_code code;
    json::value value = json::parse(response->body, code);
    if (code)
        co_return Error(Errc::unavailable,
                        fmt::format("what answers at {} is no trueup controller", server_));
    warning_ = response->header("warning");
    if (response->status >= 200 && response->status < 300) co_return value;
    Error error(code_of(response->status), message_of(value, response->status));
    if (error.code() == Errc::not_found && !stack.empty()) {
        const auto explained = co_await explain_missing(stack);
        if (explained && !explained->empty()) error = Error(Errc::not_found, *explained);
    }
    co_return error;
}

int converse(const std::string& server, Conversation conversation) {
    boost::asio::io_context io(1);
    auto client = Client::make(io.get_executor(), server);
    std::optional<Result<int>> ended;
    if (!client) {
        ended.emplace(client.error());
    } else {
        TaskGroup tasks(io.get_executor());
        tasks.spawn("verb", hold(std::move(conversation), std::move(*client), tasks, ended));
        io.run();
    }
    if (*ended) return **ended;
    std::fprintf(stderr, "%s\n", printable(ended->error().message(), true).c_str());
    return exit_error;
}

std::string local_person() {
    const passwd* entry = ::getpwuid(::geteuid());
    std::string name = entry == nullptr ? fmt::format("uid {}", ::geteuid()) : entry->pw_name;
    const char* before_sudo = std::getenv("SUDO_USER");
    const bool sudo = ::geteuid() == 0 && before_sudo != nullptr && *before_sudo != '\0';
    if (sudo) name = before_sudo;
    std::array<char, 256> host{};
    if (::gethostname(host.data(), host.size() - 1) != 0) return name;
    return fmt::format("{}@{}{}", name, host.data(), sudo ? " (sudo)" : "").substr(0, 128);
}

std::string stack_path(const std::string& stack, const std::string& rest) {
    return "/stacks/" + engine::percent_encode(stack) + rest;
}

}    // namespace trueup::cli
