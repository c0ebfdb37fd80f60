// SPDX-License-Identifier: Apache-2.0
// The catalogue repeats names of levels above it, so that counters can stand at 0 before the first
// event; here both are held together.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "controller/metrics/catalogue.hpp"
#include "controller/plan/plan.hpp"

namespace trueup::metrics {
namespace {

TEST(Names, DriftKindsAreThoseOfThePlan) {
    for (std::size_t index = 0; index < drift_kinds.size(); ++index) {
        EXPECT_EQ(drift_kinds[index], plan::to_string(static_cast<plan::Drift>(index + 1)));
    }
}

TEST(Names, ReasonsToDistrustTheCacheAreThoseOfTheModel) {
    model::CodeState image;
    EXPECT_EQ(model::distrust_reason(image), distrust_reasons.back());
    for (std::size_t index = distrust_reasons.size() - 1; index-- > 0;) {
        image.differences.push_back({"app/main.py", static_cast<model::FileChange>(index)});
        EXPECT_EQ(model::distrust_reason(image), distrust_reasons[index]);
    }
}

bool is_listed(const plan::Step& step) {
    return std::find(action_kinds.begin(), action_kinds.end(), plan::kind(step)) !=
           action_kinds.end();
}

template <std::size_t... Index>
void expect_listed(std::index_sequence<Index...> /*alternatives*/) {
    const bool listed[] = {is_listed(plan::Step(std::in_place_index<Index>))...};
    for (std::size_t index = 0; index < std::size(listed); ++index)
        EXPECT_TRUE(listed[index]) << index;
}

TEST(Names, ActionKindsAreThoseOfThePlan) {
    expect_listed(std::make_index_sequence<std::variant_size_v<plan::Step>>());
    plan::StartContainer start;
    start.unpause = true;
    EXPECT_TRUE(is_listed(start));
    start.unpause = false;
    start.restart = true;
    EXPECT_TRUE(is_listed(start));
    start.replaces = "id";
    EXPECT_TRUE(is_listed(start));
}

}    // namespace
}    // namespace trueup::metrics
