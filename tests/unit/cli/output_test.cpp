// SPDX-License-Identifier: Apache-2.0
#include "api/cli/output.hpp"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "api/http/source_json.hpp"
#include "api/v1alpha1/codec.hpp"
#include "tests/support/manual_clock.hpp"

namespace trueup::cli {
namespace {

namespace json = boost::json;
using v1alpha1::ConditionStatus;

const SystemTime now = support::ManualClock().now();

v1alpha1::Condition condition(const std::string& type, ConditionStatus status,
                              const std::string& reason, const std::string& message, Seconds age) {
    v1alpha1::Condition made;
    made.type = type;
    made.status = status;
    made.reason = reason;
    made.message = message;
    made.last_transition_time = now - age;
    return made;
}

v1alpha1::Stack shop() {
    v1alpha1::Stack stack;
    stack.metadata.name = "shop-production";
    stack.metadata.generation = 2;
    stack.metadata.creation_timestamp = now - std::chrono::hours(50);
    stack.spec.environment = "production";
    stack.spec.git.url = "https://git.example.com/shop.git";
    stack.spec.git.branch = "main";
    stack.spec.compose.project = "shop";
    stack.spec.compose.variables = {{"API_KEY", "secret"}};
    stack.spec.code.push_back({"api", "app", "/srv/app", {}});
    v1alpha1::StackStatus& status = stack.status;
    status.observed_generation = 2;
    status.desired_commit = std::string(40, 'b');
    status.running_commit = std::string(40, 'b');
    status.conditions = {
        condition("Synced", ConditionStatus::yes, "Succeeded",
                  "what runs is what commit bbbbbbb says", Seconds(330)),
        condition("Healthy", ConditionStatus::yes, "Healthy", "2 of 2 services", Seconds(330)),
        condition("Fresh", ConditionStatus::yes, "Proven", "api: 12 files", Seconds(330)),
        condition("Ready", ConditionStatus::yes, "ReconciliationSucceeded",
                  "commit bbbbbbb runs, proven", Seconds(330))};
    v1alpha1::ServiceStatus api;
    api.name = "api";
    api.state = "running 2/2";
    api.health = "healthy";
    api.image_id = "sha256:0123456789abcdef0123";
    api.proof = "files";
    api.fresh = "True";
    api.proven_at = now - Seconds(5);
    v1alpha1::ServiceStatus db;
    db.name = "db";
    db.state = "running 1/1";
    db.health = "none";
    db.image_id = "sha256:fedcba9876543210";
    status.services = {api, db};
    status.last_plan = "#1 service api: build\n[1] -> #2 service api: replace\n";
    status.last_reconcile_time = now - Seconds(330);
    return stack;
}

v1alpha1::Stack stale_shop() {
    v1alpha1::Stack stack = shop();
    stack.metadata.name = "shop-test";
    stack.spec.environment = "test";
    stack.status.running_commit = std::string(40, 'a');
    const std::string problem = "service api: app/main.py is modified in shop-api-1\nand two more";
    for (v1alpha1::Condition& each : stack.status.conditions) {
        if (each.type != "Fresh" && each.type != "Ready") continue;
        each.status = ConditionStatus::no;
        each.reason = "Stale";
        each.message = problem;
    }
    stack.status.services[0].fresh = "False";
    stack.status.services[0].drift = "modified app/main.py";
    stack.status.warnings = {"compose.yaml:3:1: 'version' is obsolete"};
    return stack;
}

json::value list_of(const std::vector<v1alpha1::Stack>& stacks) {
    return v1alpha1::list_to_json(stacks, 7);
}

Look plain() {
    Look look;
    look.now = now;
    return look;
}

TEST(Output, TableOfStacks) {
    v1alpha1::Stack pending;
    pending.metadata.name = "new";
    pending.metadata.creation_timestamp = now - Seconds(3);
    pending.spec.environment = "test";
    const auto text =
        print_stacks(list_of({shop(), stale_shop(), pending}), Format::table, plain());
    ASSERT_TRUE(text);
    EXPECT_EQ(*text,
              "NAME              ENVIRONMENT   COMMIT    READY     SYNCED    HEALTHY   FRESH     "
              "SUSPENDED "
              "  AGE    MESSAGE\n"
              "shop-production   production    bbbbbbb   True      True      True      True      "
              "False     "
              "  2d2h   commit bbbbbbb runs, proven\n"
              "shop-test         test          bbbbbbb   False     True      True      False     "
              "False     "
              "  2d2h   "
              "service api: app/main.py is modified in shop-api-1 … (1 warning)\n"
              "new               test          -         Unknown   Unknown   Unknown   Unknown   "
              "False     "
              "  3s     not looked at yet\n");
}

TEST(Output, WideTableSaysEverything) {
    const auto text = print_stacks(list_of({stale_shop()}), Format::wide, plain());
    ASSERT_TRUE(text);
    EXPECT_EQ(*text,
              "NAME        ENVIRONMENT   COMMIT    READY   SYNCED   HEALTHY   FRESH   SUSPENDED   "
              "AGE    RUNNING   PROJECT   SERVICES   MESSAGE\n"
              "shop-test   test          bbbbbbb   False   True     True      False   False       "
              "2d2h   "
              "aaaaaaa   shop      2          "
              "service api: app/main.py is modified in shop-api-1; and two more (1 warning)\n");
}

TEST(Output, WhatHappensNowComesFirst) {
    v1alpha1::Stack stack = shop();
    stack.status.conditions.push_back(
        condition("Reconciling", ConditionStatus::yes, "Progressing", "3 actions", Seconds(1)));
    const auto text = print_stacks(v1alpha1::to_json(stack), Format::table, plain());
    ASSERT_TRUE(text);
    EXPECT_NE(text->find("3 actions\n"), std::string::npos) << "one Stack is a table too";
}

TEST(Output, ASuspendedStackSaysSoAndByWhom) {
    v1alpha1::Stack stack = shop();
    const std::string suspended = "suspended by person:ada: disk swap";
    stack.status.conditions.push_back(
        condition("Suspended", ConditionStatus::yes, "Suspended", suspended, Seconds(5)));
    auto text = print_stacks(list_of({stack}), Format::table, plain());
    ASSERT_TRUE(text);
    EXPECT_NE(text->find("True    True        2d2h   suspended by person:ada: disk swap; commit "
                         "bbbbbbb runs, proven\n"),
              std::string::npos)
        << *text;
    for (v1alpha1::Condition& each : stack.status.conditions) {
        if (each.type == "Ready") each.message = suspended + "; 1 action to do";
    }
    text = print_stacks(list_of({stack}), Format::wide, plain());
    EXPECT_TRUE(text->ends_with("   suspended by person:ada: disk swap; 1 action to do\n"))
        << *text;

    v1alpha1::Stack of_file;
    of_file.metadata.name = "new";
    of_file.spec.suspend = true;
    text = print_stacks(list_of({of_file}), Format::table, plain());
    EXPECT_NE(text->find("Unknown   True        "), std::string::npos)
        << "before anybody has looked: " << *text;
}

TEST(Output, ColoursOnRequest) {
    Look look = plain();
    look.coloured = true;
    const auto text = print_stacks(list_of({stale_shop()}), Format::table, look);
    ASSERT_TRUE(text);
    EXPECT_NE(text->find("\x1b[31mFalse\x1b[0m   \x1b[32mTrue\x1b[0m"), std::string::npos) << *text;
    EXPECT_EQ(print_stacks(list_of({stale_shop()}), Format::table, plain())->find('\x1b'),
              std::string::npos);
}

TEST(Output, StructuredFormatsAreTheAnswerItself) {
    const json::value answer = list_of({shop()});
    EXPECT_EQ(json::parse(*print_stacks(answer, Format::json, plain())), answer);
    EXPECT_TRUE(print_stacks(answer, Format::yaml, plain())
                    ->starts_with("apiVersion: trueup.dev/v1alpha1\nkind: StackList\n"));
    EXPECT_EQ(*print_stacks(list_of({}), Format::table, plain()), "No stacks.\n");
}

TEST(Output, AnswersOfAnotherKindAreRefused) {
    for (const std::string_view text :
         {"[]", "{}", "7", R"({"items":[{"kind":"Pod"}]})", R"({"kind":"Status"})"}) {
        const json::value answer = json::parse(text);
        EXPECT_FALSE(print_stacks(answer, Format::table, plain())) << text;
        EXPECT_FALSE(print_sources(answer, Format::json, plain())) << text;
        EXPECT_FALSE(print_description(answer, plain())) << text;
    }
}

TEST(Output, DescribesAStack) {
    const auto text = print_description(v1alpha1::to_json(shop()), plain());
    ASSERT_TRUE(text);
    EXPECT_EQ(*text,
              "Name:         shop-production\n"
              "Environment:  production\n"
              "Project:      shop\n"
              "Repository:   https://git.example.com/shop.git\n"
              "Revision:     branch main\n"
              "Compose:      the files found in the project directory\n"
              "Variables:    API_KEY\n"
              "Code:         api: app -> /srv/app\n"
              "Known for:    2d2h\n"
              "Generation:   2 (observed 2)\n"
              "Desired:      bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n"
              "Running:      bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n"
              "Last change:  2026-11-24T09:54:30Z (5m30s ago)\n"
              "\n"
              "Conditions:\n"
              "  TYPE      STATUS   FOR     REASON                    MESSAGE\n"
              "  Ready     True     5m30s   ReconciliationSucceeded   commit bbbbbbb runs, proven\n"
              "  Synced    True     5m30s   Succeeded                 what runs is what commit "
              "bbbbbbb says\n"
              "  Healthy   True     5m30s   Healthy                   2 of 2 services\n"
              "  Fresh     True     5m30s   Proven                    api: 12 files\n"
              "\n"
              "Services:\n"
              "  NAME   STATE         HEALTH    FRESH     PROOF           IMAGE\n"
              "  api    running 2/2   healthy   True      files, 5s ago   0123456789ab\n"
              "  db     running 1/1   none      Unknown   none            fedcba987654\n"
              "\n"
              "Last plan:\n"
              "  #1 service api: build\n"
              "  [1] -> #2 service api: replace\n");
}

TEST(Output, WhatHoldsAStackIsTheFirstThatIsSaidOfIt) {
    v1alpha1::Stack stack = shop();
    stack.status.confirmation = v1alpha1::ConfirmationStatus{"token", "a volume would be another"};
    stack.status.suspension.emplace();
    stack.status.suspension->actor = "person:ada";
    const auto text = print_description(v1alpha1::to_json(stack), plain());
    ASSERT_TRUE(text);
    EXPECT_TRUE(
        text->starts_with("Name:         shop-production\n"
                          "Suspended:    by person:ada\n"
                          "To confirm:   a volume would be another\n"))
        << *text;
}

TEST(Output, DescribesWhatIsWrong) {
    const auto text = print_description(v1alpha1::to_json(stale_shop()), plain());
    ASSERT_TRUE(text);
    EXPECT_NE(text->find("Running:      aaaaaaa"), std::string::npos);
    EXPECT_NE(text->find("  Fresh     False    5m30s   Stale       service api: app/main.py is "
                         "modified in shop-api-1\n"
                         "                                         and two more\n"),
              std::string::npos)
        << *text;
    EXPECT_NE(text->find("\nDrift:\n  api: modified app/main.py\n"), std::string::npos);
    EXPECT_NE(text->find("\nWarnings:\n  - compose.yaml:3:1: 'version' is obsolete\n"),
              std::string::npos);
}

TEST(Output, DescribesAStackThatWasNotLookedAt) {
    v1alpha1::Stack stack;
    stack.metadata.name = "new";
    stack.spec.environment = "test";
    const auto text = print_description(v1alpha1::to_json(stack), plain());
    ASSERT_TRUE(text);
    EXPECT_NE(text->find("Conditions:    none yet\n"), std::string::npos);
    EXPECT_NE(text->find("Services:      none yet\n"), std::string::npos);
}

TEST(Output, SourcesWithTheirProblems) {
    reconcile::SourceStatus source;
    source.name = "/etc/stacks";
    source.readable = true;
    source.last_read = now - Seconds(30);
    source.revision = std::string(40, 'c');
    EXPECT_EQ(
        *print_sources(http::source_list_to_json(source, 3, 7), Format::table, plain()),
        "NAME            READABLE   STACKS   INVALID   REVISION   READ                   LOCATION\n"
        "desired-state   True       3        0         ccccccc    2026-11-24T09:59:30Z   "
        "/etc/stacks\n");
    Problems problems;
    problems.push_back(Problem{Position{"/etc/stacks/a.yaml", 3, 5}, "unknown field 'imgae'",
                               "did you mean 'image'?"});
    problems.push_back(Problem{Position{"/etc/stacks/a.yaml", 7, 1}, "tabs", ""});
    source.other_engines = {{"east", {"blog", "shop"}}, {"west", {"proxy"}}};
    source.invalid_files.push_back({"/etc/stacks/a.yaml", Error(problems), now - Seconds(60)});
    source.readable = false;
    source.error = Error(Errc::denied, "permission denied");
    EXPECT_EQ(
        *print_sources(http::source_list_to_json(source, 3, 7), Format::table, plain()),
        "NAME            READABLE   STACKS   INVALID   REVISION   READ                   LOCATION\n"
        "desired-state   False      3        1         ccccccc    2026-11-24T09:59:30Z   "
        "/etc/stacks\n"
        "\n"
        "It cannot be read; the last good state stays in force:\n"
        "  permission denied\n"
        "\n"
        "/etc/stacks/a.yaml is invalid since 2026-11-24T09:59:00Z; what it said before stays in "
        "force:\n"
        "  /etc/stacks/a.yaml:3:5: unknown field 'imgae' (did you mean 'image'?)\n"
        "  /etc/stacks/a.yaml:7:1: tabs\n"
        "\n"
        "Stacks of engines that are other controllers':\n"
        "  east: blog, shop\n"
        "  west: proxy\n");
}

TEST(Output, ASourceThatWasNotReadYetSaysSo) {
    reconcile::SourceStatus source;
    source.name = "/etc/stacks";
    const auto text =
        print_sources(http::source_list_to_json(source, 0, 7), Format::table, plain());
    EXPECT_TRUE(text->ends_with("/etc/stacks\n\nIt was not read yet.\n")) << *text;
}

TEST(Output, Ages) {
    const auto age = [](std::int64_t seconds) { return format_age(Seconds(seconds)); };
    EXPECT_EQ(age(-5), "0s");
    EXPECT_EQ(age(119), "119s");
    EXPECT_EQ(age(120), "2m");
    EXPECT_EQ(age(330), "5m30s");
    EXPECT_EQ(age(3599), "59m");
    EXPECT_EQ(age(7300), "121m");
    EXPECT_EQ(age(5 * 3600 + 60), "5h1m");
    EXPECT_EQ(age(30 * 3600), "30h");
    EXPECT_EQ(age(3 * 86'400 + 7200), "3d2h");
    EXPECT_EQ(age(100 * 86'400), "100d");
    EXPECT_EQ(age(800 * 86'400LL), "2y70d");
}

TEST(Output, Formats) {
    EXPECT_EQ(parse_format("wide"), Format::wide);
    EXPECT_EQ(parse_format("xml"), std::nullopt);
}

}    // namespace
}    // namespace trueup::cli
