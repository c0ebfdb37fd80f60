// SPDX-License-Identifier: Apache-2.0
#include "api/http/routes.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "tests/unit/http/api_fixture.hpp"

namespace trueup::http {
namespace {

namespace json = boost::json;

TEST_F(ApiRoutes, ListsStacks) {
    const Response response = ask("/apis/trueup.dev/v1alpha1/stacks");
    EXPECT_EQ(response.status, 200U);
    EXPECT_EQ(response.content_type, "application/json");
    const json::object list = json::parse(response.body).as_object();
    EXPECT_EQ(list.at("kind").as_string(), "StackList");
    EXPECT_EQ(list.at("metadata").at("resourceVersion").as_string(),
              std::to_string(registry.resource_version()));
    ASSERT_EQ(list.at("items").as_array().size(), 1U);
    EXPECT_EQ(list.at("items").at(0).at("metadata").at("name").as_string(), "shop");
    EXPECT_EQ(ask("/apis/trueup.dev/v1alpha1/stacks/?limit=500&pretty=true&watch=0"), response)
        << "as kubectl asks";
}

TEST_F(ApiRoutes, SelectsStacksByLabels) {
    const auto count = [this](const std::string& selector) {
        const auto list =
            json::parse(text("/apis/trueup.dev/v1alpha1/stacks?labelSelector=" + selector));
        return list.at("items").as_array().size();
    };
    EXPECT_EQ(count("team=web"), 1U);
    EXPECT_EQ(count("team%3D%3Dweb"), 1U);
    EXPECT_EQ(count("team=web,tier=back"), 0U);
    EXPECT_EQ(count("team=db"), 0U);
}

TEST_F(ApiRoutes, GivesOneStack) {
    const json::object stack =
        json::parse(text("/apis/trueup.dev/v1alpha1/stacks/shop")).as_object();
    EXPECT_EQ(stack.at("kind").as_string(), "Stack");
    EXPECT_EQ(stack.at("metadata").at("creationTimestamp").as_string(), "2026-11-24T10:00:00Z");
    EXPECT_EQ(text("/apis/trueup.dev/v1alpha1/stacks/sh%6Fp"),
              text("/apis/trueup.dev/v1alpha1/stacks/shop"));
}

TEST_F(ApiRoutes, TellsAboutTheSource) {
    const json::object list = json::parse(text("/apis/trueup.dev/v1alpha1/sources")).as_object();
    EXPECT_EQ(list.at("kind").as_string(), "SourceList");
    const json::object source =
        json::parse(text("/apis/trueup.dev/v1alpha1/sources/desired-state")).as_object();
    EXPECT_EQ(list.at("items").at(0), json::value(source));
    EXPECT_EQ(json::serialize(source.at("spec")), R"({"location":"/etc/stacks"})");
    const json::object& status = source.at("status").as_object();
    EXPECT_TRUE(status.at("readable").as_bool());
    EXPECT_EQ(status.at("lastReadTime").as_string(), "2026-11-24T10:00:00Z");
    EXPECT_EQ(status.at("stacks").to_number<int>(), 1);
    const json::object& invalid = status.at("invalidFiles").at(0).as_object();
    EXPECT_EQ(invalid.at("file").as_string(), "/etc/stacks/broken.yaml");
    EXPECT_EQ(invalid.at("since").as_string(), "2026-11-24T10:00:00Z");
    EXPECT_EQ(invalid.at("problems").at(0).at("line").to_number<int>(), 1);
    registry.source_failed(Error(Errc::unavailable, "no such mount"));
    const json::object failed =
        json::parse(text("/apis/trueup.dev/v1alpha1/sources/desired-state")).as_object();
    EXPECT_FALSE(failed.at("status").at("readable").as_bool());
    EXPECT_EQ(failed.at("status").at("error").as_string(), "no such mount");
}

TEST_F(ApiRoutes, Discovery) {
    const json::object groups = json::parse(text("/apis")).as_object();
    EXPECT_EQ(groups.at("kind").as_string(), "APIGroupList");
    EXPECT_EQ(groups.at("groups").at(0).at("preferredVersion").at("groupVersion").as_string(),
              "trueup.dev/v1alpha1");
    EXPECT_EQ(json::parse(text("/apis/trueup.dev")).at("kind").as_string(), "APIGroup");
    const json::object resources = json::parse(text("/apis/trueup.dev/v1alpha1")).as_object();
    EXPECT_EQ(resources.at("kind").as_string(), "APIResourceList");
    EXPECT_EQ(resources.at("groupVersion").as_string(), "trueup.dev/v1alpha1");
    EXPECT_EQ(
        json::serialize(resources.at("resources").at(0)),
        R"({"name":"stacks","singularName":"stack","namespaced":false,"group":"trueup.dev","version":"v1alpha1",)"
        R"("kind":"Stack","verbs":["list","get"]})");
    std::string others;
    for (const json::value& resource : resources.at("resources").as_array()) {
        others += resource.at("name").as_string();
        for (const json::value& verb : resource.at("verbs").as_array())
            others += " " + std::string(verb.as_string());
        others += "\n";
    }
    EXPECT_EQ(others,
              "stacks list get\nstacks/events get\nstacks/explain get\nstacks/history get\n"
              "stacks/plan get\nstacks/confirm create\nstacks/forget create\n"
              "stacks/reconcile create\n"
              "stacks/resume create\nstacks/suspend create\nsources list get\nevents list\n"
              "resume create\nsuspend create\n");
}

TEST_F(ApiRoutes, UnknownThingsAreNotFound) {
    EXPECT_EQ(failure(ask("/apis/trueup.dev/v1alpha1/stacks/blog")),
              "404 NotFound: stacks.trueup.dev \"blog\" not found");
    EXPECT_EQ(failure(ask("/apis/trueup.dev/v1alpha1/sources/other")),
              "404 NotFound: sources.trueup.dev \"other\" not found");
    for (const std::string target :
         {"/", "/api", "/apis/apps", "/apis/apps/v1alpha1/stacks", "/apis/trueup.dev/v1/stacks",
          "/apis/trueup.dev/v1alpha1/pods", "/apis/trueup.dev/v1alpha1/stacks/shop/status/x",
          "/apis/trueup.dev/v1alpha1/stacks/shop/delete", "/apis//trueup.dev",
          "/apis/trueup.dev/v1alpha1/stacks/../stacks", "/APIS"}) {
        EXPECT_EQ(ask(target).status, 404U) << target;
        failure(ask(target));
    }
}

TEST_F(ApiRoutes, OtherMethodsAreNotAllowed) {
    for (const std::string method :
         {"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get", ""}) {
        const Response response = ask("/apis/trueup.dev/v1alpha1/stacks/shop", method);
        EXPECT_EQ(response.status, 405U) << method;
        EXPECT_EQ(response.headers, (decltype(response.headers){{"Allow", "GET, HEAD"}}));
        failure(response);
    }
    EXPECT_EQ(ask("/apis", "HEAD"), ask("/apis", "GET"));
    EXPECT_EQ(ask("/apis", "POST").status, 405U);
    for (const std::string method : {"GET", "HEAD", "DELETE"}) {
        const Response response = ask("/apis/trueup.dev/v1alpha1/stacks/shop/suspend", method);
        EXPECT_EQ(response.status, 405U) << method;
        EXPECT_EQ(response.headers, (decltype(response.headers){{"Allow", "POST"}}));
    }
    EXPECT_TRUE(operations.calls.empty());
}

TEST_F(ApiRoutes, WhatIsNotSupportedIsRefused) {
    EXPECT_EQ(failure(ask("/apis/trueup.dev/v1alpha1/stacks?watch=true")),
              "405 MethodNotAllowed: watch is not supported yet; list again instead");
    EXPECT_EQ(failure(ask("/apis/trueup.dev/v1alpha1/stacks?fieldSelector=a%3Db")),
              "400 BadRequest: fieldSelector is not supported yet");
    EXPECT_EQ(failure(ask("/apis/trueup.dev/v1alpha1/stacks?labelSelector=a%20in%20(b)")),
              "400 BadRequest: the label selector 'a in (b)' is not KEY=VALUE[,KEY=VALUE…]; other "
              "forms are not supported");
    EXPECT_EQ(ask("/apis/trueup.dev/v1alpha1/stacks?fieldSelector=&continue").status, 200U);
}

TEST_F(ApiRoutes, BrokenTargetsAreBadRequests) {
    for (const std::string target :
         {"", "stacks", "http://localhost/apis", "/apis/%", "/apis/%4", "/apis/%zz", "/apis/%00",
          "/apis/%0a", "/apis/%ff", "/apis?a=%", "*"}) {
        EXPECT_EQ(failure(ask(target)), "400 BadRequest: the path or query is not valid") << target;
    }
    EXPECT_EQ(ask("/apis/" + std::string(2048, 'a')).status, 414U);
    failure(ask("/apis/" + std::string(2048, 'a')));
}

TEST_F(ApiRoutes, ForeignHostsAreForbidden) {
    EXPECT_EQ(failure(ask("/apis", "GET", "evil.example:9180")),
              "403 Forbidden: this listener answers to localhost, 127.0.0.1 and [::1] only; the "
              "Host header names another");
    EXPECT_EQ(failure(ask("/apis", "GET", "")), "400 BadRequest: the Host header is missing");
    Request old;
    old.method = "GET";
    old.target = "/apis";
    old.version = 10;
    EXPECT_EQ(ask(old).status, 200U);
}

TEST_F(ApiRoutes, AnswersAreJsonWhateverBytesAreInThem) {
    v1alpha1::StackStatus status;
    status.warnings.push_back("extra file \xff\xfe.py");
    registry.set_status("shop", status);
    const json::object stack =
        json::parse(text("/apis/trueup.dev/v1alpha1/stacks/shop")).as_object();
    EXPECT_EQ(stack.at("status").at("warnings").at(0).as_string(),
              "extra file \xEF\xBF\xBD\xEF\xBF\xBD.py");
}

class MetricsRoutes : public testing::Test {
protected:
    Response ask(const std::string& target, const std::string& method = "GET",
                 const std::string& host = "127.0.0.1:9181") {
        request.method = method;
        request.target = target;
        request.host = host;
        Health health;
        health.live = {{"ping", [this] { return live; }}};
        health.ready = {{"engines", [this] { return ready; }}, {"store", [this] { return kept; }}};
        return route_metrics(request, health);
    }

    Request request;
    Result<void> live;
    Result<void> ready;
    Result<void> kept;
};

TEST_F(MetricsRoutes, Health) {
    EXPECT_EQ(ask("/healthz").body, "ok\n");
    EXPECT_EQ(ask("/readyz").body, "ok\n");
    EXPECT_EQ(ask("/readyz?verbose").body, "[+]engines ok\n[+]store ok\nreadyz check passed\n");
    ready = Error(Errc::unavailable, "the engine is not followed: connecting");
    EXPECT_EQ(ask("/readyz").status, 503U);
    EXPECT_EQ(ask("/readyz").body,
              "[-]engines failed: the engine is not followed: connecting\n[+]store ok\n"
              "readyz check failed\n");
    EXPECT_EQ(ask("/healthz").status, 200U);
}

TEST_F(MetricsRoutes, OneCheckAloneOrLeftOut) {
    kept = Error(Errc::unavailable, "state.db: Read-only file system");
    EXPECT_EQ(ask("/readyz/engines").body, "ok\n");
    EXPECT_EQ(ask("/readyz/store").status, 503U);
    EXPECT_EQ(ask("/readyz/store").body, "state.db: Read-only file system\n");
    EXPECT_EQ(ask("/readyz?exclude=store").status, 200U);
    EXPECT_EQ(ask("/readyz?verbose&exclude=store").body,
              "[+]engines ok\n[+]store excluded: ok\nreadyz check passed\n");
    EXPECT_EQ(ask("/readyz?exclude=engines").status, 503U);
    for (const char* target : {"/readyz/other", "/readyz/store/x", "/healthz/store", "/ready"})
        EXPECT_EQ(ask(target).status, 404U) << target;
}

TEST_F(MetricsRoutes, MetricsAreMadeElsewhere) {
    const Response response = ask("/metrics");
    EXPECT_EQ(response.content_type, "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_TRUE(wants_metrics_text(request, response));
    const Response refused = ask("/metrics", "POST");
    EXPECT_FALSE(wants_metrics_text(request, refused));
    EXPECT_FALSE(wants_metrics_text(request, ask("/healthz")));
}

TEST_F(MetricsRoutes, Refusals) {
    EXPECT_EQ(ask("/").status, 404U);
    EXPECT_EQ(ask("/metrics/").status, 404U);
    EXPECT_EQ(ask("/metrics", "DELETE").status, 405U);
    EXPECT_EQ(ask("/metrics", "GET", "evil.example").status, 403U);
    EXPECT_EQ(ask("/" + std::string(3000, 'a')).status, 414U);
}

}    // namespace
}    // namespace trueup::http
