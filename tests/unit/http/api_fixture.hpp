// SPDX-License-Identifier: Apache-2.0
// The API over one stack, `shop`, and one file that is broken.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>
#include <string>

#include "api/http/routes.hpp"
#include "tests/support/fake_operator.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/run_task.hpp"

namespace trueup::http {

inline constexpr std::string_view shop =
    "apiVersion: trueup.dev/v1alpha1\n"
    "kind: Stack\n"
    "metadata: {name: shop, labels: {team: web}}\n"
    "spec:\n"
    "  environment: test\n"
    "  source: {git: {url: https://git.example.com/shop.git, branch: main}}\n";

namespace json = boost::json;

class ApiRoutes : public testing::Test {
protected:
    ApiRoutes() {
        registry.name_source("/etc/stacks");
        source::DesiredSnapshot snapshot;
        snapshot.files.push_back({"/etc/stacks/broken.yaml", "/etc/stacks", "kind: Stack\n"});
        snapshot.files.push_back({"/etc/stacks/shop.yaml", "/etc/stacks", std::string(shop)});
        registry.apply(snapshot);
    }

    Response ask(const std::string& target, const std::string& method = "GET",
                 const std::string& host = "localhost:9180") {
        Request request;
        request.method = method;
        request.target = target;
        request.host = host;
        return ask(request);
    }
    Response ask(const Request& request) { return test::run(io, route_api(request, api)); }
    // "404 NotFound: …", after checking that it is a whole Status.
    std::string failure(const Response& response) {
        const json::object status = json::parse(response.body).as_object();
        EXPECT_EQ(response.content_type, "application/json");
        EXPECT_EQ(status.at("kind").as_string(), "Status");
        EXPECT_EQ(status.at("apiVersion").as_string(), "v1");
        EXPECT_EQ(status.at("status").as_string(), "Failure");
        EXPECT_EQ(status.at("code").as_int64(), response.status);
        return std::to_string(response.status) + " " +
               std::string(status.at("reason").as_string()) + ": " +
               std::string(status.at("message").as_string());
    }
    std::string text(const std::string& target) { return ask(target).body; }
    // As the command line does: JSON, and who it is.
    Response post(const std::string& path, const std::string& body = "{}") {
        return ask(change(path, body));
    }
    static Request change(const std::string& path, const std::string& body = "{}") {
        Request request;
        request.method = "POST";
        request.target = "/apis/trueup.dev/v1alpha1/" + path;
        request.host = "127.0.0.1:9180";
        request.content_type = "application/json";
        request.actor = "ana@desk";
        request.body = body;
        return request;
    }

    boost::asio::io_context io;
    support::ManualClock clock;
    reconcile::Registry registry{clock};
    test::FakeOperator operations;
    Api api{registry, operations};
};

}    // namespace trueup::http
