// SPDX-License-Identifier: Apache-2.0
// Request -> answer: what the listeners say. Errors of the API are Kubernetes Status objects.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "api/http/answers.hpp"
#include "api/http/health.hpp"
#include "api/http/message.hpp"
#include "api/http/operator.hpp"
#include "api/http/target.hpp"
#include "controller/base/result.hpp"
#include "controller/base/task.hpp"
#include "controller/reconcile/registry.hpp"

namespace trueup::http {

// What the API answers from; outlives the listener.
struct Api {
    const reconcile::Registry& registry;
    Operator& operations;
    std::size_t waiting = 0;    // requests that wait for a reconcile to end
};

// One request, as a handler gets it. All of it outlives the answer.
struct Call {
    Api& api;
    const Request& request;
    const Target& target;
    std::string name;    // what stands for "*" in the route's path
};
using Handler = boost::asio::awaitable<Response> (*)(Call call);

struct Route {
    std::string_view method;    // GET, which also serves HEAD, or POST
    std::string_view path;      // below /apis/trueup.dev/v1alpha1: "stacks/*/suspend"
    std::string_view kind;      // of the object, for discovery
    Handler handler;
};
// Every route below /apis/trueup.dev/v1alpha1; discovery lists them.
std::span<const Route> routes();

// The API, and HEAD of each GET. /apis, /apis/trueup.dev and /apis/trueup.dev/v1alpha1 are
// discovery. What a query asks and this version cannot do (watch, field selectors, paging) is
// refused, never ignored. A POST has Content-Type application/json, which a foreign page in a
// browser cannot send without asking first, and no Origin but ours. The request outlives the answer.
boost::asio::awaitable<Response> route_api(const Request& request, Api& api);

// The metrics listener, plain text:
//   GET /metrics    an empty answer that metrics_text() fills, since that work belongs on the pool
//   GET /healthz, /readyz and what is below them: see health.hpp
Response route_metrics(const Request& request, const Health& health);
bool wants_metrics_text(const Request& request, const Response& response);

}    // namespace trueup::http
