// SPDX-License-Identifier: Apache-2.0
// The HTTP listeners: the Kubernetes-style API (read-only here) and, on a port of their own,
// /metrics, /healthz and /readyz. Loopback only: any other address is refused with the reason.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "controller/base/offload.hpp"
#include "controller/base/task_group.hpp"
#include "controller/metrics/metrics.hpp"
#include "controller/reconcile/registry.hpp"

namespace trueup::http {

struct Health {
    std::function<Result<void>()> live;     // the loop turns
    std::function<Result<void>()> ready;    // the engine is followed and the desired state was read
};

// "127.0.0.1:9180", "[::1]:9180", "localhost:9180"; port 0 = chosen by the system.
struct Endpoint {
    std::string address;
    std::uint16_t port = 0;
};
Result<Endpoint> parse_loopback_endpoint(std::string_view text);

class Server {
public:
    // Binds at once. Errc::denied beyond loopback, Errc::conflict when the port is taken.
    static Result<std::unique_ptr<Server>> listen_api(Executor executor, Endpoint endpoint,
                                                      const reconcile::Registry& registry,
                                                      metrics::Metrics& metrics);
    static Result<std::unique_ptr<Server>> listen_metrics(Executor executor, Endpoint endpoint, Pool& pool,
                                                          const metrics::Metrics& metrics, Health health);
    virtual ~Server() = default;
    virtual Endpoint endpoint() const = 0;         // with the port that was chosen
    // Accepts until cancelled; then lets requests in flight end within a second.
    virtual boost::asio::awaitable<void> run() = 0;
};

}  // namespace trueup::http
