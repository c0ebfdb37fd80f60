// SPDX-License-Identifier: Apache-2.0
// Checks in the order in which a stranger could do harm: the name it called us by, the size, where
// a change comes from, then the path, the method and the query.
#include "api/http/routes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "api/http/body.hpp"
#include "api/http/discovery.hpp"
#include "api/http/endpoint.hpp"
#include "api/http/handlers.hpp"
#include "controller/base/text.hpp"

namespace trueup::http {
namespace {

constexpr std::array<Route, 16> table{{
    {"GET", "stacks", "Stack", list_stacks},
    {"GET", "stacks/*", "Stack", get_stack},
    {"GET", "stacks/*/events", "Event", list_stack_events},
    {"GET", "stacks/*/explain", "Explanation", explain_stack},
    {"GET", "stacks/*/history", "Revision", list_revisions},
    {"GET", "stacks/*/plan", "Plan", get_plan},
    {"POST", "stacks/*/confirm", "Confirmation", confirm_stack},
    {"POST", "stacks/*/forget", "Forgetting", forget_stack},
    {"POST", "stacks/*/reconcile", "Reconciliation", reconcile_stack},
    {"POST", "stacks/*/resume", "Suspension", resume_stack},
    {"POST", "stacks/*/suspend", "Suspension", suspend_stack},
    {"GET", "sources", "Source", list_sources},
    {"GET", "sources/*", "Source", get_source},
    {"GET", "events", "Event", list_events},
    {"POST", "resume", "Suspension", resume_stacks},
    {"POST", "suspend", "Suspension", suspend_stacks},
}};

struct Failure {
    unsigned code = 0;
    std::string message;
};

std::optional<Failure> check(const Request& request) {
    if (request.host.empty() && request.version >= 11)
        return Failure{400, "the Host header is missing"};
    if (!request.host.empty() && !is_loopback_host(request.host)) {
        return Failure{403,
                       "this listener answers to localhost, 127.0.0.1 and [::1] only; the Host "
                       "header names another"};
    }
    if (request.target.size() > longest_target) {
        return Failure{414,
                       fmt::format("the path and query are longer than {} bytes", longest_target)};
    }
    return std::nullopt;
}

bool reads(const Request& request) { return request.method == "GET" || request.method == "HEAD"; }

// A page of another site can make a browser send us a form, but no JSON and no Origin of ours.
std::optional<Failure> check_change(const Request& request) {
    if (request.host.empty()) return Failure{400, "the Host header is missing"};
    if (!request.origin.empty() && request.origin != "http://" + request.host)
        return Failure{403, "a page of another origin may change nothing here"};
    const std::string_view type = request.content_type;
    const std::string_view media = base::trim(type.substr(0, type.find(';')));
    if (media != "application/json")
        return Failure{415, "a POST needs the header Content-Type: application/json"};
    if (request.body.size() > longest_body)
        return Failure{413, fmt::format("the body is longer than {} bytes", longest_body)};
    return std::nullopt;
}

Response refuse_method(std::string_view allowed) {
    Response response = to_status(405, fmt::format("only {} is allowed here", allowed));
    response.headers.emplace_back("Allow", allowed);
    return response;
}

// What "*" stands for, or "" where there is none; nothing when the path is another.
std::optional<std::string> match(std::string_view pattern, std::span<const std::string> path) {
    const auto parts = base::split(pattern, '/');
    if (parts.size() != path.size()) return std::nullopt;
    std::string name;
    for (std::size_t index = 0; index < parts.size(); ++index) {
        if (parts[index] == "*") {
            name = path[index];
        } else if (parts[index] != path[index]) {
            return std::nullopt;
        }
    }
    return name;
}

Response unknown_path() {
    return to_status(
        404, "the server could not find the requested resource; see /apis/trueup.dev/v1alpha1");
}

// Below /apis/trueup.dev/v1alpha1.
boost::asio::awaitable<Response> route_resource(const Request& request, const Target& target,
                                                Api& api) {
    const std::span<const std::string> path = std::span(target.path).subspan(3);
    const Route* found = nullptr;
    std::string name;
    std::string allowed;
    for (const Route& route : routes()) {
        const auto matched = match(route.path, path);
        if (!matched) continue;
        allowed = route.method == "GET" ? "GET, HEAD" : "POST";
        const bool wanted = route.method == "GET" ? reads(request) : request.method == route.method;
        if (!wanted) continue;
        found = &route;
        name = *matched;
    }
    if (allowed.empty()) co_return unknown_path();
    if (found == nullptr) co_return refuse_method(allowed);
    if (found->method == "POST") {
        const auto failure = check_change(request);
        if (failure) co_return to_status(failure->code, failure->message);
    }
    Call call{api, request, target, std::move(name)};
    Response response = co_await found->handler(std::move(call));
    co_return response;
}

boost::asio::awaitable<Response> route_path(const Request& request, const Target& target,
                                            Api& api) {
    constexpr std::array<std::string_view, 3> prefix{"apis", api_group, "v1alpha1"};
    const std::size_t depth = target.path.size();
    const std::size_t common = std::min(depth, prefix.size());
    const bool ours =
        depth > 0 &&
        std::equal(target.path.begin(), target.path.begin() + static_cast<std::ptrdiff_t>(common),
                   prefix.begin());
    if (!ours) co_return unknown_path();
    if (depth > 3) {
        Response response = co_await route_resource(request, target, api);
        co_return response;
    }
    if (!reads(request)) co_return refuse_method("GET, HEAD");
    if (depth == 1) co_return to_response(api_group_list());
    if (depth == 2) co_return to_response(api_group_object());
    co_return to_response(api_resource_list(routes()));
}

}    // namespace

std::span<const Route> routes() { return table; }

boost::asio::awaitable<Response> route_api(const Request& request, Api& api) {
    const auto failure = check(request);
    if (failure) co_return to_status(failure->code, failure->message);
    const auto target = parse_target(request.target);
    if (!target) co_return to_status(400, "the path or query is not valid");
    Response response = co_await route_path(request, *target, api);
    co_return response;
}

Response route_metrics(const Request& request, const Health& health) {
    if (const auto failure = check(request); failure)
        return to_plain(failure->code, failure->message);
    if (!reads(request)) {
        Response response = to_plain(405, "only GET and HEAD are allowed");
        response.headers.emplace_back("Allow", "GET, HEAD");
        return response;
    }
    const std::string path = request.target.substr(0, request.target.find('?'));
    if (path == "/metrics") {
        Response response;
        response.content_type = "text/plain; version=0.0.4; charset=utf-8";
        return response;
    }
    if (auto response = route_health(request.target, health)) return std::move(*response);
    return to_plain(404, "not found: /metrics, /healthz and /readyz are here");
}

bool wants_metrics_text(const Request& request, const Response& response) {
    return response.status == 200 &&
           request.target.substr(0, request.target.find('?')) == "/metrics";
}

}    // namespace trueup::http
