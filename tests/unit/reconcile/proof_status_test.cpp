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

}    // namespace
}    // namespace trueup::reconcile
