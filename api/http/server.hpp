// SPDX-License-Identifier: Apache-2.0
// The HTTP listeners: the Kubernetes-style API and, on a port of their own,
// /metrics, /healthz and /readyz. Loopback only: any other address is refused with the reason.
#pragma once

#include <memory>

#include "api/http/endpoint.hpp"
#include "api/http/routes.hpp"
#include "controller/base/offload.hpp"
#include "controller/base/task_group.hpp"
#include "controller/metrics/metrics.hpp"
#include "controller/reconcile/registry.hpp"

namespace trueup::http {

// Against clients that are broken or hostile; the defaults fit people, scrapers and probes.
struct Limits {
    std::size_t header_bytes = 8U << 10U;
    std::size_t body_bytes = 1U << 20U;    // of the API; the metrics listener takes none
    std::size_t sessions = 64;             // beyond: the one that waits longest for input is closed
    Milliseconds idle{30'000};             // until the first byte of a request
    Milliseconds request{10'000};          // from the first byte to the last
    Milliseconds response{30'000};         // until the client has taken the answer
    Milliseconds stop{1'000};              // for answers in progress when run() is cancelled
};

class Server {
public:
    // Binds at once. Errc::denied beyond loopback, Errc::conflict when the port is taken. What is
    // passed outlives run().
    static Result<std::unique_ptr<Server>> listen_api(Executor executor, Endpoint endpoint,
                                                      const reconcile::Registry& registry,
                                                      Operator& operations,
                                                      metrics::Metrics& metrics,
                                                      Limits limits = {});
    static Result<std::unique_ptr<Server>> listen_metrics(Executor executor, Endpoint endpoint,
                                                          Pool& pool, metrics::Metrics& metrics,
                                                          Health health, Limits limits = {});
    virtual ~Server() = default;
    virtual Endpoint endpoint() const = 0;    // with the port that was chosen
    // Accepts until cancelled; then lets answers in progress end within limits.stop. An exception
    // in a session is counted (Metrics::http_panic) and ends that session only.
    virtual boost::asio::awaitable<void> run() = 0;
};

}    // namespace trueup::http
