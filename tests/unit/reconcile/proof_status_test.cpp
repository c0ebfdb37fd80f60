// SPDX-License-Identifier: Apache-2.0
// What a status says is proven, and how.
#include <gtest/gtest.h>

#include "tests/unit/reconcile/status_world.hpp"

namespace trueup::reconcile {
namespace {

TEST(ProofStatus, files_of_the_commit_that_lie_nobody_knows_where_leave_a_service_unproven) {
    auto desired = shop();
    desired->unplaced["api"].push_back({{"Dockerfile", 3, 1}, "COPY: '$HOME' is a variable", ""});
    auto container = running_api();
    const StackStatus status = make_status(entry_of_shop(), done(desired, container), now);
    EXPECT_EQ(status.services.at(0).fresh, "Unknown");
    EXPECT_EQ(reason_of(status, "Fresh"), "NotProven");
    EXPECT_EQ(message_of(status, "Fresh"),
              "not compared: api (Dockerfile:3:1: COPY: '$HOME' is a variable)");
    container.code.status = model::CodeStatus::stale;
    container.code.differences.push_back({"app/main.py", model::FileChange::modified});
    container.code.difference_count = 1;
    EXPECT_EQ(status_of(make_status(entry_of_shop(), done(desired, container), now), "Fresh"),
              ConditionStatus::no);
}

TEST(ProofStatus,
     an_image_built_from_the_context_is_not_proven_where_files_of_the_commit_are_in_it) {
    Findings findings = compiled("recipe");
    auto desired = compiled_shop();
    desired->unplaced = desired->untraced;
    findings.desired = desired;
    const StackStatus status = make_status(entry_of_shop(), findings, now);
    EXPECT_EQ(status.services.at(0).fresh, "Unknown");
    EXPECT_EQ(status_of(status, "Fresh"), ConditionStatus::unknown);
}

// What is told is what is put right: nothing stays outdated that the plan leaves alone.
TEST(ProofStatus, a_process_is_outdated_where_it_would_be_restarted) {
    auto desired = shop();
    model::Service& service = desired->project.services["api"];
    service.restart = {.name = "no"};
    auto container = running_api();
    container.started_at = "2026-01-01T10:02:11Z";
    container.age.path = "/etc/app.conf";
    container.age.count = 1;
    EXPECT_EQ(reason_of(make_status(entry_of_shop(), done(desired, container), now), "Fresh"),
              "ProcessOutdated");
    service.restart.written = true;
    EXPECT_EQ(status_of(make_status(entry_of_shop(), done(desired, container), now), "Fresh"),
              ConditionStatus::yes)
        << "a one-shot at work";
}

TEST(ProofStatus, one_replica_that_nobody_looked_at_leaves_the_service_without_a_method) {
    auto desired = shop();
    desired->project.services["api"].replicas = 2;
    Findings findings = done(desired, running_api());
    auto second = running_api();
    second.id = "2";
    second.name = "shop-api-2";
    second.number = 2;
    second.code = model::CodeState();
    findings.observed->containers.push_back(second);
    const StackStatus status = make_status(entry_of_shop(), findings, now);
    EXPECT_EQ(status.services.at(0).fresh, "Unknown");
    EXPECT_EQ(status.services.at(0).proof, "none");
    EXPECT_EQ(reason_of(status, "Fresh"), "NotProven");
}

TEST(ProofStatus, a_proof_by_the_image_has_the_time_of_the_look) {
    const Findings findings = compiled("recipe");
    const StackStatus status = make_status(entry_of_shop(), findings, now);
    const auto state = metrics_state(entry_of_shop(), status, findings, nullptr, now);
    ASSERT_EQ(state.code.size(), 1U);
    EXPECT_EQ(state.code.front().method, "build");
    EXPECT_EQ(state.code.front().proven_at, 1'000'000.0);
    const Findings other = compiled("another");
    const auto unproven = metrics_state(entry_of_shop(), make_status(entry_of_shop(), other, now),
                                        other, nullptr, now);
    EXPECT_EQ(unproven.code.front().proven_at, 0.0);
}

TEST(ProofStatus, a_service_that_is_proven_carries_gits_id_of_its_code) {
    auto desired = shop();
    auto expected = std::make_shared<code::ExpectedCode>();
    const std::map<std::string, std::string> ids{{"/srv/app", std::string(40, 'a')}};
    expected->ids = ids;
    desired->expected["api"] = expected;
    auto container = running_api();
    const StackStatus status = make_status(entry_of_shop(), done(desired, container), now);
    EXPECT_EQ(status.services.at(0).code, ids);
    EXPECT_EQ(message_of(status, "Fresh"),
              "the code of 1 service is commit 9f3c1e2's, file by file (api: aaaaaaaaaaaa at "
              "/srv/app)");
    container.code.status = model::CodeStatus::stale;
    const StackStatus stale = make_status(entry_of_shop(), done(desired, container), now);
    EXPECT_TRUE(stale.services.at(0).code.empty());
}

}    // namespace
}    // namespace trueup::reconcile
