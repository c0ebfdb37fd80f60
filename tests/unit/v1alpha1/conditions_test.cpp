// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "api/v1alpha1/stack.hpp"

namespace trueup::v1alpha1 {
namespace {

Condition condition(std::string type, ConditionStatus status, std::string reason,
                    std::int64_t generation = 1) {
    Condition made;
    made.type = std::move(type);
    made.status = status;
    made.reason = std::move(reason);
    made.observed_generation = generation;
    return made;
}

const SystemTime start = SystemTime(std::chrono::seconds(1'800'000'000));
const SystemTime later = start + std::chrono::minutes(5);

TEST(Conditions, TransitionTimeMovesOnlyWithTheStatus) {
    StackStatus status;
    set_condition(status, condition("Ready", ConditionStatus::unknown, "Progressing"), start);
    set_condition(status, condition("Ready", ConditionStatus::unknown, "DependencyNotReady", 2),
                  later);
    const Condition* ready = find_condition(status, "Ready");
    ASSERT_NE(ready, nullptr);
    EXPECT_EQ(ready->reason, "DependencyNotReady");
    EXPECT_EQ(ready->observed_generation, 2);
    EXPECT_EQ(ready->last_transition_time, start);
    set_condition(status, condition("Ready", ConditionStatus::yes, "Succeeded", 2), later);
    EXPECT_EQ(find_condition(status, "Ready")->last_transition_time, later);
    EXPECT_EQ(status.conditions.size(), 1U);
}

TEST(Conditions, AbnormalTrueOnesAreRemoved) {
    StackStatus status;
    set_condition(status, condition("Ready", ConditionStatus::yes, "Succeeded"), start);
    set_condition(status, condition("Stalled", ConditionStatus::yes, "InvalidSpec"), start);
    remove_condition(status, "Stalled");
    remove_condition(status, "Reconciling");
    EXPECT_EQ(find_condition(status, "Stalled"), nullptr);
    EXPECT_NE(find_condition(status, "Ready"), nullptr);
}

TEST(Conditions, StatusWords) {
    EXPECT_EQ(to_string(ConditionStatus::unknown), "Unknown");
    EXPECT_EQ(to_string(ConditionStatus::yes), "True");
    EXPECT_EQ(to_string(ConditionStatus::no), "False");
}

}    // namespace
}    // namespace trueup::v1alpha1
