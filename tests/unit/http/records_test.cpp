// SPDX-License-Identifier: Apache-2.0
// What is remembered and what would be done, as the API tells it.
#include <boost/json/serialize.hpp>

#include "tests/unit/http/api_fixture.hpp"

namespace trueup::http {
namespace {

class Records : public ApiRoutes {
protected:
    Records() {
        store::Event event;
        event.sequence = 41;
        event.name = "shop";
        event.service = "api";
        event.type = store::EventType::warning;
        event.reason = "Replaced";
        event.message = "container shop-api-1 was replaced";
        event.cause = "code: app/main.py differs from 9f3c1e2";
        event.first_time = clock.now();
        event.last_time = clock.now() + Seconds(60);
        event.count = 2;
        operations.its_events = {event};
    }
    json::object answer(const std::string& path) {
        return json::parse(text("/apis/trueup.dev/v1alpha1/" + path)).as_object();
    }
};

TEST_F(Records, EventsOfOneStack) {
    const json::object list = answer("stacks/shop/events?after=7&limit=50");
    EXPECT_EQ(list.at("kind").as_string(), "EventList");
    EXPECT_EQ(list.at("metadata").at("resourceVersion").as_string(), "41");
    EXPECT_EQ(
        json::serialize(list.at("items").at(0)),
        R"({"apiVersion":"trueup.dev/v1alpha1","kind":"Event","metadata":{"name":"41"},"about":"stack",)"
        R"("name":"shop","service":"api","type":"Warning","reason":"Replaced",)"
        R"("message":"container shop-api-1 was replaced","actor":"trueup",)"
        R"("cause":"code: app/main.py differs from 9f3c1e2","firstTimestamp":"2026-11-24T10:00:00Z",)"
        R"("lastTimestamp":"2026-11-24T10:01:00Z","count":2})");
    EXPECT_EQ(operations.query.about, store::About::stack);
    EXPECT_EQ(operations.query.name, "shop");
    EXPECT_EQ(operations.query.after, 7);
    EXPECT_EQ(operations.query.limit, 50U);
}

TEST_F(Records, EventsOfEverything) {
    answer("events");
    EXPECT_EQ(operations.query.about, std::nullopt);
    EXPECT_EQ(operations.query.name, std::nullopt);
    EXPECT_EQ(operations.query.limit, 100U);
    for (const std::string query : {"limit=-1", "limit=1001", "limit=x", "after=1.5", "limit=1x",
                                    "after=99999999999999999999"})
        EXPECT_EQ(ask("/apis/trueup.dev/v1alpha1/events?" + query).status, 400U) << query;
    EXPECT_EQ(ask("/apis/trueup.dev/v1alpha1/events?watch=1").status, 405U);
}

TEST_F(Records, AStackThatIsGoneHasItsEventsStill) {
    EXPECT_EQ(ask("/apis/trueup.dev/v1alpha1/stacks/old/events").status, 200U);
    operations.its_events.clear();
    EXPECT_EQ(ask("/apis/trueup.dev/v1alpha1/stacks/old/events").status, 404U);
    EXPECT_EQ(ask("/apis/trueup.dev/v1alpha1/stacks/shop/events").status, 200U);
    EXPECT_EQ(ask("/apis/trueup.dev/v1alpha1/stacks/old/history").status, 404U);
    EXPECT_EQ(ask("/apis/trueup.dev/v1alpha1/stacks/shop/history").status, 200U);
}

TEST_F(Records, HistoryTellsWhichImagesAreStillThere) {
    store::Revision revision;
    revision.stack = "shop";
    revision.number = 3;
    revision.commit = std::string(40, 'a');
    revision.environment = "test";
    revision.project = "shop";
    revision.time = clock.now();
    revision.outcome = store::Outcome::proven;
    store::ServiceIdentity api_service;
    api_service.service = "api";
    api_service.image_id = "sha256:1";
    api_service.proof = "files";
    api_service.proven_at = clock.now();
    revision.services = {api_service};
    revision.images = {"sha256:1", "sha256:2"};
    operations.its_revisions = {revision};
    operations.images = {"sha256:2"};
    const json::object list = answer("stacks/shop/history");
    EXPECT_EQ(list.at("kind").as_string(), "RevisionList");
    const json::object& item = list.at("items").at(0).as_object();
    EXPECT_EQ(item.at("number").as_int64(), 3);
    EXPECT_EQ(item.at("outcome").as_string(), "proven");
    EXPECT_EQ(json::serialize(item.at("services")),
              R"([{"name":"api","imageId":"sha256:1","proof":"files",)"
              R"("provenAt":"2026-11-24T10:00:00Z"}])");
    EXPECT_EQ(json::serialize(item.at("images")),
              R"([{"id":"sha256:1","present":false},{"id":"sha256:2","present":true}])");
}

TEST_F(Records, Explains) {
    reconcile::Explanation explanation;
    explanation.time = clock.now();
    reconcile::Answer running;
    running.topic = "running";
    running.question = "What runs?";
    running.text = "Commit 9f3c1e2 runs.";
    running.evidence.push_back({"service api: running 1/1", "engine", clock.now()});
    explanation.answers = {running};
    operations.explanation = explanation;
    const json::object object = answer("stacks/shop/explain");
    EXPECT_EQ(object.at("kind").as_string(), "Explanation");
    EXPECT_EQ(object.at("metadata").at("name").as_string(), "shop");
    EXPECT_EQ(
        json::serialize(object.at("status")),
        R"({"time":"2026-11-24T10:00:00Z","answers":[{"topic":"running","question":"What runs?",)"
        R"("answer":"Commit 9f3c1e2 runs.","evidence":[{"text":"service api: running 1/1",)"
        R"("seenIn":"engine","time":"2026-11-24T10:00:00Z"}]}]})");
    EXPECT_EQ(ask("/apis/trueup.dev/v1alpha1/stacks/old/explain").status, 404U);
}

TEST_F(Records, PlanBeforeAndAfterTheFirstLook) {
    EXPECT_EQ(failure(ask("/apis/trueup.dev/v1alpha1/stacks/shop/plan")),
              "503 ServiceUnavailable: stack shop was not looked at yet; ask again in a moment");
    reconcile::Findings findings;
    plan::Action action;
    action.number = 1;
    action.target = "service api";
    action.service = "api";
    action.step = plan::RemoveContainer();
    action.cause = {plan::Drift::code, "app/main.py differs from 9f3c1e2"};
    findings.remaining.actions = {action};
    operations.findings = findings;
    const json::object object = answer("stacks/shop/plan");
    EXPECT_EQ(object.at("kind").as_string(), "Plan");
    EXPECT_EQ(object.at("status").at("actions").at(0).at("cause").as_string(),
              "app/main.py differs from 9f3c1e2");
    EXPECT_EQ(object.at("status").at("text").as_string(), plan::to_text(findings.remaining));
    findings.remaining = {};
    findings.remaining.blocked = {"AwaitingAdoption", "shop-web-1 is not ours"};
    operations.findings = findings;
    EXPECT_EQ(json::serialize(answer("stacks/shop/plan").at("status").at("blocked")),
              R"({"reason":"AwaitingAdoption","message":"shop-web-1 is not ours"})");
}

TEST_F(Records, AMemoryThatCannotBeReadIsTold) {
    operations.error = Error(Errc::unavailable, "the database is locked");
    for (const std::string path : {"events", "stacks/shop/events", "stacks/shop/history"}) {
        EXPECT_EQ(failure(ask("/apis/trueup.dev/v1alpha1/" + path)),
                  "503 ServiceUnavailable: the database is locked");
    }
}

}    // namespace
}    // namespace trueup::http
