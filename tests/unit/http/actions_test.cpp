// SPDX-License-Identifier: Apache-2.0
// POST: who may, what a body may say, and what the controller is told then.
#include <boost/asio/post.hpp>

#include "tests/unit/http/api_fixture.hpp"

namespace trueup::http {
namespace {

using Calls = std::vector<std::string>;

class Actions : public ApiRoutes {
protected:
    std::string message(const Response& response) {
        return std::string(json::parse(response.body).at("message").as_string());
    }
};

TEST_F(Actions, SuspendsForATimeAndWithAReason) {
    const Response response =
        post("stacks/shop/suspend", R"({"for": "1h30m", "reason": "disk swap"})");
    EXPECT_EQ(response.status, 200U);
    EXPECT_EQ(message(response), "stack shop is suspended for 1h30m");
    const json::object status = json::parse(response.body).as_object();
    EXPECT_EQ(status.at("status").as_string(), "Success");
    EXPECT_EQ(json::serialize(status.at("details")), R"({"stacks":["shop"]})");
    EXPECT_EQ(operations.calls, Calls{"suspend shop for 5400s, reason: disk swap, by "
                                      "person:ana@desk (claimed)"});
}

TEST_F(Actions, SuspendsUntilResumed) {
    EXPECT_EQ(message(post("stacks/shop/suspend", "")), "stack shop is suspended until resumed");
    EXPECT_EQ(message(post("stacks/shop/resume", "{}")), "stack shop is resumed");
    EXPECT_EQ(operations.calls,
              (Calls{"suspend shop until resumed, reason: , by person:ana@desk (claimed)",
                     "resume shop, by person:ana@desk (claimed)"}));
}

TEST_F(Actions, ManyAtOnce) {
    EXPECT_EQ(message(post("suspend", R"({"for":null})")),
              "every stack is suspended until resumed");
    EXPECT_EQ(message(post("resume?labelSelector=team%3Dweb,tier=back")),
              "stacks one, two are resumed");
    EXPECT_EQ(operations.calls,
              (Calls{"suspend all until resumed, reason: , by person:ana@desk (claimed)",
                     "resume [team=web][tier=back], by person:ana@desk (claimed)"}));
}

TEST_F(Actions, AnEmptySelectorIsNotEveryStack) {
    for (const std::string selector : {"", "%20", "team", "=web", "team=web,", "a=1,a=2"})
        EXPECT_EQ(post("suspend?labelSelector=" + selector).status, 400U) << selector;
    EXPECT_TRUE(operations.calls.empty());
}

TEST_F(Actions, Confirms) {
    EXPECT_EQ(message(post("stacks/shop/confirm", R"({"token": "volume:data"})")),
              "stack shop is confirmed");
    post("stacks/shop/confirm");
    EXPECT_EQ(operations.calls, (Calls{"confirm shop 'volume:data', by person:ana@desk (claimed)",
                                       "confirm shop '', by person:ana@desk (claimed)"}));
}

TEST_F(Actions, WhoAsksIsAClaim) {
    Request request = change("stacks/shop/resume");
    request.actor = "";
    EXPECT_EQ(ask(request).status, 200U);
    EXPECT_EQ(operations.calls, Calls{"resume shop, by person:unnamed"});
    for (const std::string& actor :
         {std::string("a\nb"), std::string(200, 'a'), std::string("\xff")}) {
        request.actor = actor;
        EXPECT_EQ(ask(request).status, 400U);
    }
    EXPECT_EQ(operations.calls.size(), 1U);
}

TEST_F(Actions, AForeignPageCanDoNothing) {
    for (const std::string type : {"", "text/plain", "application/x-www-form-urlencoded",
                                   "multipart/form-data", "application/jsonp", "text/plain;json"}) {
        Request request = change("stacks/shop/suspend");
        request.content_type = type;
        EXPECT_EQ(ask(request).status, 415U) << type;
    }
    for (const std::string origin : {"https://evil.example", "null", "http://localhost:9180",
                                     "http://127.0.0.1:8080", "https://127.0.0.1:9180"}) {
        Request request = change("stacks/shop/suspend");
        request.origin = origin;
        EXPECT_EQ(ask(request).status, 403U) << origin;
    }
    Request rebound = change("stacks/shop/suspend");
    rebound.host = "evil.example:9180";
    EXPECT_EQ(ask(rebound).status, 403U);
    rebound.host = "";
    rebound.version = 10;
    EXPECT_EQ(ask(rebound).status, 400U);
    EXPECT_TRUE(operations.calls.empty());

    Request own = change("stacks/shop/suspend");
    own.origin = "http://127.0.0.1:9180";
    own.content_type = "application/json; charset=utf-8";
    EXPECT_EQ(ask(own).status, 200U);
}

TEST_F(Actions, BodiesAreReadStrictly) {
    const auto refused = [this](const std::string& body) {
        const Response response = post("stacks/shop/suspend", body);
        return failure(response);
    };
    EXPECT_EQ(refused(R"({"fro": "1h"})"),
              "400 BadRequest: strict decoding error: unknown field \"fro\" (did you mean 'for'?)");
    EXPECT_EQ(refused(R"({"for": 3600})"), "400 BadRequest: for: this is not a string");
    EXPECT_EQ(refused(R"({"for": "soon"})"),
              "400 BadRequest: for: not a duration from 1s to 8760h, for example 30s or 1h30m");
    EXPECT_EQ(refused("[]"), "400 BadRequest: the body is not a JSON object");
    EXPECT_EQ(refused(R"({"reason": "a\nb"})"), "400 BadRequest: reason: write it in one line");
    for (const std::string body :
         {"{", "{}{}", "null", "7", R"({"for":{"a":{"b":{"c":{}}}}})", R"({"for": "9000h"})",
          R"({"for": "-1s"})", R"({"for": "0s"})", "{\"reason\": \"\xff\"}"}) {
        EXPECT_EQ(post("stacks/shop/suspend", body).status, 400U) << body;
    }
    EXPECT_EQ(post("stacks/shop/suspend", R"({"reason":")" + std::string(600, 'x') + "\"}").status,
              400U);
    EXPECT_EQ(post("stacks/shop/suspend", "{" + std::string(20'000, ' ') + "}").status, 413U);
    EXPECT_EQ(post("stacks/shop/resume", R"({"for": "1h"})").status, 400U);
    EXPECT_TRUE(operations.calls.empty());
}

TEST_F(Actions, AStackIsForgotten) {
    EXPECT_EQ(message(post("stacks/shop/forget")), "stack shop is forgotten");
    EXPECT_EQ(operations.calls, Calls{"forget shop, by person:ana@desk (claimed)"});
}

TEST_F(Actions, UnknownStacksAreNotFound) {
    for (const std::string action : {"suspend", "resume", "confirm", "forget", "reconcile"}) {
        EXPECT_EQ(failure(post("stacks/blog/" + action)),
                  "404 NotFound: stacks.trueup.dev \"blog\" not found");
    }
    EXPECT_TRUE(operations.calls.empty());
}

TEST_F(Actions, RefusalsOfTheControllerAreTold) {
    operations.error = Error(Errc::conflict, "nothing waits for a confirmation");
    EXPECT_EQ(failure(post("stacks/shop/confirm")),
              "409 Conflict: nothing waits for a confirmation");
    EXPECT_EQ(post("stacks/shop/reconcile?wait=1s").status, 409U);
    operations.error = Error(Errc::invalid, "no stack has these labels");
    EXPECT_EQ(failure(post("suspend?labelSelector=a=b")), "422 Invalid: no stack has these labels");
}

TEST_F(Actions, WhatTheDiskDidNotTakeIsDoneAllTheSame) {
    operations.error = Error(Errc::unavailable, "the disk is \"full\"");
    const Response response = post("stacks/shop/suspend");
    EXPECT_EQ(response.status, 200U);
    EXPECT_EQ(message(response),
              "stack shop is suspended until resumed; but until the controller ends: the "
              "disk is \"full\"");
    EXPECT_EQ(response.headers,
              (decltype(response.headers){{"Warning", "299 trueup \"the disk is 'full'\""}}));
}

class Reconciling : public Actions {
protected:
    void be(std::string type, v1alpha1::ConditionStatus status, std::string reason,
            std::string text) {
        v1alpha1::StackStatus now = registry.find("shop")->stack.status;
        v1alpha1::Condition condition;
        condition.type = std::move(type);
        condition.status = status;
        condition.reason = std::move(reason);
        condition.message = std::move(text);
        v1alpha1::set_condition(now, condition, clock.now());
        registry.set_status("shop", now);
    }
    std::string phase(const Response& response) {
        const json::value status = json::parse(response.body).at("status");
        return std::to_string(response.status) + " " + std::string(status.at("phase").as_string()) +
               ": " + std::string(status.at("message").as_string());
    }
};

TEST_F(Reconciling, AnswersAtOnceWithoutAWish) {
    EXPECT_EQ(phase(post("stacks/shop/reconcile")), "202 Pending: not looked at yet");
    EXPECT_EQ(operations.calls, Calls{"reconcile shop, by person:ana@desk (claimed)"});
}

TEST_F(Reconciling, TellsTheOutcome) {
    operations.handled = {"request-1"};
    be("Ready", v1alpha1::ConditionStatus::yes, "ReconciliationSucceeded", "it runs, proven");
    EXPECT_EQ(phase(post("stacks/shop/reconcile?wait=10s")), "200 Succeeded: it runs, proven");
    be("Ready", v1alpha1::ConditionStatus::no, "BuildFailed", "step 3 failed");
    const Response failed = post("stacks/shop/reconcile?wait=10s");
    EXPECT_EQ(phase(failed), "200 Failed: step 3 failed");
    const json::object object = json::parse(failed.body).as_object();
    EXPECT_EQ(object.at("kind").as_string(), "Reconciliation");
    EXPECT_EQ(object.at("metadata").at("name").as_string(), "shop");
    EXPECT_EQ(object.at("status").at("reason").as_string(), "BuildFailed");
    EXPECT_EQ(object.at("status").at("request").as_string(), "request-1");
}

TEST_F(Reconciling, WaitsForTheEndOfExactlyThatRequest) {
    be("Ready", v1alpha1::ConditionStatus::yes, "ReconciliationSucceeded", "the one before");
    boost::asio::steady_timer timer(io, std::chrono::milliseconds(120));
    timer.async_wait([this](const boost::system::error_code&) {
        be("Ready", v1alpha1::ConditionStatus::yes, "ReconciliationSucceeded", "this one");
        operations.handled = {"request-1"};
    });
    EXPECT_EQ(phase(post("stacks/shop/reconcile?wait=20s")), "200 Succeeded: this one");
}

TEST_F(Reconciling, TimesOutWithWhatIsKnown) {
    operations.handled = {"request-1"};
    be("Ready", v1alpha1::ConditionStatus::unknown, "Progressing", "health checks start");
    EXPECT_EQ(phase(post("stacks/shop/reconcile?wait=1s")), "202 Pending: health checks start");
    be("Reconciling", v1alpha1::ConditionStatus::yes, "Progressing", "3 actions");
    EXPECT_EQ(phase(post("stacks/shop/reconcile?wait=1s")), "202 Pending: 3 actions");
}

TEST_F(Reconciling, FewMayWait) {
    api.waiting = 16;
    EXPECT_EQ(failure(post("stacks/shop/reconcile?wait=1s")),
              "429 TooManyRequests: too many requests wait already; ask without ?wait=");
    EXPECT_EQ(post("stacks/shop/reconcile").status, 202U);
    for (const std::string wait : {"", "0s", "11m", "x", "1"})
        EXPECT_EQ(post("stacks/shop/reconcile?wait=" + wait).status, 400U) << wait;
    EXPECT_EQ(api.waiting, 16U);
}

}    // namespace
}    // namespace trueup::http
