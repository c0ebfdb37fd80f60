// SPDX-License-Identifier: Apache-2.0
#include "api/cli/operator_verbs.hpp"

#include <gtest/gtest.h>

namespace trueup::cli {
namespace {

using v1alpha1::ConditionStatus;

void set(v1alpha1::StackStatus& status, const std::string& type, ConditionStatus value,
         const std::string& reason, const std::string& message) {
    v1alpha1::Condition condition;
    condition.type = type;
    condition.status = value;
    condition.reason = reason;
    condition.message = message;
    v1alpha1::set_condition(status, std::move(condition), SystemTime());
}

TEST(Progress, IsTheActionInWorkOrTheEngineThatIsWaitedFor) {
    v1alpha1::StackStatus status;
    EXPECT_EQ(progress_of(status), "");
    set(status, "Ready", ConditionStatus::no, "OutOfSync", "1 action to do");
    EXPECT_EQ(progress_of(status), "") << "its outcome is told by the answer";
    set(status, "Ready", ConditionStatus::unknown, "Progressing", "service api is starting");
    EXPECT_EQ(progress_of(status), "");
    set(status, "Ready", ConditionStatus::unknown, "EngineUnavailable",
        "the engine: cannot connect to /run/docker.sock");
    EXPECT_EQ(progress_of(status), "waiting: the engine: cannot connect to /run/docker.sock");
    set(status, "Ready", ConditionStatus::unknown, "EngineHeld", "the engine is held by another");
    EXPECT_EQ(progress_of(status), "waiting: the engine is held by another");
    set(status, "Reconciling", ConditionStatus::yes, "Progressing", "2 actions");
    EXPECT_EQ(progress_of(status), "2 actions");
}

}    // namespace
}    // namespace trueup::cli
