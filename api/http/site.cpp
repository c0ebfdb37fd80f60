// SPDX-License-Identifier: Apache-2.0
#include "api/http/site.hpp"

#include <functional>
#include <utility>

namespace trueup::http {
namespace {

class ApiSite final : public Site {
public:
    ApiSite(const reconcile::Registry& registry, Operator& operations)
        : api_{registry, operations} {}

    boost::asio::awaitable<Response> answer(const Request& request) override {
        return route_api(request, api_);
    }
    Response refuse(unsigned code, std::string message) const override {
        return to_status(code, std::move(message));
    }

private:
    Api api_;
};

class MetricsSite final : public Site {
public:
    MetricsSite(Pool& pool, const metrics::Metrics& metrics, Health health)
        : pool_(pool), metrics_(metrics), health_(std::move(health)) {}

    boost::asio::awaitable<Response> answer(const Request& request) override {
        Response response = route_metrics(request, health_);
        if (wants_metrics_text(request, response)) {
            std::function<void()> work = [this, &response] { response.body = metrics_.text(); };
            co_await base::offload(pool_, std::move(work));
        }
        co_return response;
    }
    Response refuse(unsigned code, std::string message) const override {
        return to_plain(code, std::move(message));
    }

private:
    Pool& pool_;
    const metrics::Metrics& metrics_;
    Health health_;
};

}    // namespace

std::unique_ptr<Site> make_api_site(const reconcile::Registry& registry, Operator& operations) {
    return std::make_unique<ApiSite>(registry, operations);
}

std::unique_ptr<Site> make_metrics_site(Pool& pool, const metrics::Metrics& metrics,
                                        Health health) {
    return std::make_unique<MetricsSite>(pool, metrics, std::move(health));
}

}    // namespace trueup::http
