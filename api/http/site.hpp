// SPDX-License-Identifier: Apache-2.0
// What a listener answers: the routes, and the work that they leave to the pool.
#pragma once

#include <memory>
#include <string>

#include "api/http/message.hpp"
#include "api/http/routes.hpp"
#include "controller/base/offload.hpp"
#include "controller/metrics/metrics.hpp"
#include "controller/reconcile/registry.hpp"

namespace trueup::http {

class Site {
public:
    virtual ~Site() = default;
    // The request outlives the answer.
    virtual boost::asio::awaitable<Response> answer(const Request& request) = 0;
    // For a request that could not even be read, or an answer that failed.
    virtual Response refuse(unsigned code, std::string message) const = 0;
};

// What is passed outlives the site.
std::unique_ptr<Site> make_api_site(const reconcile::Registry& registry, Operator& operations);
std::unique_ptr<Site> make_metrics_site(Pool& pool, const metrics::Metrics& metrics, Health health);

}    // namespace trueup::http
