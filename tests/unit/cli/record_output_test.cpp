// SPDX-License-Identifier: Apache-2.0
#include "api/cli/record_output.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "api/http/record_json.hpp"
#include "controller/reconcile/explain.hpp"
#include "tests/support/manual_clock.hpp"

namespace trueup::cli {
namespace {

namespace json = boost::json;

const SystemTime now = support::ManualClock().now();

Look plain() {
    Look look;
    look.now = now;
    return look;
}

json::value events() {
    store::Event replaced;
    replaced.sequence = 7;
    replaced.name = "shop";
    replaced.service = "api";
    replaced.reason = "ContainerReplaced";
    replaced.message = "service api: replace container shop-api-1";
    replaced.cause = "code: app/main.py differs from 9f3c1e2";
    replaced.first_time = replaced.last_time = now - Seconds(300);
    store::Event lost;
    lost.sequence = 9;
    lost.about = store::About::engine;
    lost.name = "default";
    lost.type = store::EventType::warning;
    lost.reason = "EngineLost";
    lost.message = "connection refused\nby \x1b[31mthe engine";
    lost.actor = store::person("ana@desk (claimed)");
    lost.first_time = now - Seconds(90);
    lost.last_time = now - Seconds(30);
    lost.count = 4;
    return http::events_to_json({replaced, lost});
}

TEST(RecordOutput, TableOfEvents) {
    const auto text = print_events(events(), Format::table, plain());
    ASSERT_TRUE(text);
    EXPECT_EQ(*text,
              "LAST   TYPE      STACK            REASON              ACTOR                       "
              "MESSAGE\n"
              "5m     Normal    shop             ContainerReplaced   trueup                      "
              "service api: replace container shop-api-1 (code: app/main.py differs from "
              "9f3c1e2)\n"
              "30s    Warning   engine default   EngineLost          person:ana@desk (claimed)   "
              "connection refused; by \\x1b[31mthe engine\n");
    EXPECT_EQ(*print_events(http::events_to_json({}), Format::table, plain()), "No events.\n");
}

TEST(RecordOutput, WideEventsHaveTheirTimesAndCount) {
    const std::string text = *print_events(events(), Format::wide, plain());
    EXPECT_NE(text.find("2026-11-24T09:58:30Z   2026-11-24T09:59:30Z   4       Warning   engine"),
              std::string::npos)
        << text;
}

TEST(RecordOutput, EventsSinceATime) {
    const json::value recent = since_only(events(), now - Seconds(60));
    ASSERT_EQ(recent.at("items").as_array().size(), 1U);
    EXPECT_EQ(recent.at("items").at(0).at("reason").as_string(), "EngineLost");
    EXPECT_EQ(since_only(events(), now - Seconds(300)), events());
    EXPECT_EQ(since_only(json::value(7), now), json::value(7));
}

TEST(RecordOutput, FollowedEventsAreLines) {
    EXPECT_EQ(*print_event_lines(events(), Format::table),
              "2026-11-24T09:55:00Z Normal shop ContainerReplaced trueup: service api: replace "
              "container shop-api-1 (code: app/main.py differs from 9f3c1e2)\n"
              "2026-11-24T09:59:30Z Warning engine default EngineLost person:ana@desk (claimed): "
              "connection refused; by \\x1b[31mthe engine\n");
    const std::string lines = *print_event_lines(events(), Format::json);
    EXPECT_EQ(json::parse(lines.substr(0, lines.find('\n'))), events().at("items").at(0));
    EXPECT_TRUE(print_event_lines(events(), Format::yaml)->starts_with("---\napiVersion: "));
    EXPECT_EQ(*print_event_lines(http::events_to_json({}), Format::table), "");
}

TEST(RecordOutput, History) {
    store::Revision second;
    second.number = 2;
    second.commit = std::string(40, 'b');
    second.time = now - Seconds(300);
    second.cause = "code: app/main.py differs from aaaaaaa";
    second.outcome = store::Outcome::proven;
    store::ServiceIdentity api;
    api.service = "api";
    api.proof = "files";
    store::ServiceIdentity db;
    db.service = "db";
    second.services = {api, db};
    second.images = {"sha256:1", "sha256:2"};
    store::Revision first = second;
    first.number = 1;
    first.commit = std::string(40, 'a');
    first.outcome = store::Outcome::failed;
    first.message = "shop-api-1 exited with 3";
    first.images = {"sha256:0"};
    first.services.clear();
    const json::value list = http::revisions_to_json({second, first}, {"sha256:1", "sha256:2"});
    EXPECT_EQ(*print_history(list, Format::table, plain()),
              "REVISION   COMMIT    OUTCOME   AGE   PROVEN   IMAGES   ACTOR    CAUSE\n"
              "2          bbbbbbb   proven    5m    1/2      2/2      trueup   code: app/main.py "
              "differs from aaaaaaa\n"
              "1          aaaaaaa   failed    5m    -        0/1      trueup   code: app/main.py "
              "differs from aaaaaaa\n");
    const std::string wide = *print_history(list, Format::wide, plain());
    EXPECT_NE(wide.find(first.commit), std::string::npos);
    EXPECT_NE(wide.find("shop-api-1 exited with 3\n"), std::string::npos);
    EXPECT_EQ(json::parse(*print_history(list, Format::json, plain())), list);
    EXPECT_EQ(*print_history(http::revisions_to_json({}, {}), Format::table, plain()),
              "No revisions.\n");
}

TEST(RecordOutput, AnExplanationOfAStackThatWaitsBeginsWithThat) {
    reconcile::Answer running;
    running.topic = "running";
    reconcile::Answer waits;
    waits.topic = "waits";
    waits.text = "For a person.";
    reconcile::Explanation explanation;
    explanation.answers = {running, waits};
    EXPECT_FALSE(is_waiting(reconcile::to_json(explanation)));
    EXPECT_EQ(waiting_line(reconcile::to_json(explanation)), "Waits:        For a person.\n");
    explanation.answers = {waits, running};
    EXPECT_TRUE(is_waiting(reconcile::to_json(explanation)));
    EXPECT_FALSE(is_waiting(boost::json::object()));
}

TEST(RecordOutput, Explanation) {
    reconcile::Explanation explanation;
    explanation.stack = "shop";
    explanation.time = now;
    reconcile::Answer running;
    running.topic = "running";
    running.question = "What runs, and is it proven?";
    running.text = "Commit 9f3c1e2 runs.";
    running.evidence.push_back({"service api: running 1/1", "engine", now - Seconds(5)});
    running.evidence.push_back({"two\nlines", "status", std::nullopt});
    reconcile::Answer waits;
    waits.question = "What does it wait for?";
    waits.text = "For nothing.";
    explanation.answers = {running, waits};
    EXPECT_EQ(*print_explanation(reconcile::to_json(explanation), Format::table, plain()),
              "Stack shop, 2026-11-24T10:00:00Z\n"
              "\n"
              "What runs, and is it proven?\n"
              "  Commit 9f3c1e2 runs.\n"
              "    - service api: running 1/1\n"
              "      [engine, 2026-11-24T09:59:55Z (5s ago)]\n"
              "    - two\n"
              "      lines\n"
              "      [status, now]\n"
              "\n"
              "What does it wait for?\n"
              "  For nothing.\n");
}

TEST(RecordOutput, AnswersOfAnotherKindAreRefused) {
    for (const std::string_view text : {"[]", "{}", "7", R"({"items":[{"kind":"Pod"}]})",
                                        R"({"items":[7]})", R"({"kind":"Status"})"}) {
        const json::value answer = json::parse(text);
        EXPECT_FALSE(print_events(answer, Format::table, plain())) << text;
        EXPECT_FALSE(print_event_lines(answer, Format::json)) << text;
        EXPECT_FALSE(print_history(answer, Format::json, plain())) << text;
        EXPECT_FALSE(print_explanation(answer, Format::yaml, plain())) << text;
    }
}

}    // namespace
}    // namespace trueup::cli
