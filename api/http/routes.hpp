// SPDX-License-Identifier: Apache-2.0
// Request -> answer, pure: what the listeners say. Errors of the API are Kubernetes Status objects.
#pragma once

#include <functional>
#include <string>

#include "api/http/message.hpp"
#include "controller/base/result.hpp"
#include "controller/reconcile/registry.hpp"

namespace trueup::http {

// The API, read-only:
//   GET /apis, /apis/trueup.dev, /apis/trueup.dev/v1alpha1     discovery
//   GET /apis/trueup.dev/v1alpha1/stacks[/NAME]                StackList, Stack
//   GET /apis/trueup.dev/v1alpha1/sources[/desired-state]      SourceList, Source
// and HEAD of each. What a query asks and this version cannot do (watch, selectors, paging) is
// refused, never ignored.
Response route_api(const Request& request, const reconcile::Registry& registry);

// A failure of the API as a Kubernetes Status.
Response to_status(unsigned code, std::string message);

// A line of text, for the metrics listener.
Response to_plain(unsigned code, std::string line);

struct Health {
    std::function<Result<void>()> live;     // the loop turns
    std::function<Result<void>()> ready;    // the engine is followed and the desired state was read
};

// The metrics listener, plain text:
//   GET /metrics    an empty answer that metrics_text() fills, since that work belongs on the pool
//   GET /healthz    200 "ok", or 503 with the reason
//   GET /readyz     likewise
Response route_metrics(const Request& request, const Health& health);
bool wants_metrics_text(const Request& request, const Response& response);

}    // namespace trueup::http
