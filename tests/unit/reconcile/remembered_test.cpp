// SPDX-License-Identifier: Apache-2.0
// What the store remembers of one-shots and pulls, over the whole loop.
#include <algorithm>

#include "tests/unit/reconcile/loop_world.hpp"

namespace trueup::reconcile::test {
namespace {

std::ptrdiff_t pulls_of(const LoopWorld& world, const std::string& reference) {
    return std::count(world.engine.calls.begin(), world.engine.calls.end(), "pull " + reference);
}

void remove_container(LoopWorld& world, const std::string& name) {
    std::erase_if(world.engine.containers,
                  [&](const auto& entry) { return entry.second.name == name; });
}

TEST(Remembered, AOneShotIsNotRunAgainWhenItsContainerIsGone) {
    LoopWorld world;
    const std::string first = world.commit("release = 1\n");
    {
        auto process = world.start();
        ASSERT_FALSE(process->reconcile(world.entry(first)).error);
        ASSERT_TRUE(process->settled("shop-migrate-1", model::ContainerState::exited));
        ASSERT_FALSE(process->reconcile(world.entry(first)).error);
        ASSERT_EQ(process->store().completed("shop").size(), 1U);
    }
    remove_container(world, "shop-migrate-1");
    auto process = world.start();
    const Findings same = process->reconcile(world.entry(first));
    ASSERT_FALSE(same.error) << same.error->message();
    EXPECT_EQ(plan::to_text(same.plan), "");
    // Another commit that is nothing to it; and one that is.
    const Findings second = process->reconcile(world.entry(world.commit("release = 2\n")));
    ASSERT_FALSE(second.error) << second.error->message();
    EXPECT_EQ(world.containers().find("shop-migrate-1"), std::string::npos);
    const std::string changed = world.repository.commit_files(
        {{"compose.yaml", LoopWorld::compose("") + "x-none: 1\n"}}, "an extension");
    ASSERT_FALSE(process->reconcile(world.entry(changed)).error);
    EXPECT_EQ(world.containers().find("shop-migrate-1"), std::string::npos);
    std::string text = LoopWorld::compose("");
    text.replace(text.find("    image: tool:1\n"), 0, "    environment: {STEP: '2'}\n");
    const std::string other = world.repository.commit_files({{"compose.yaml", text}}, "a step");
    ASSERT_FALSE(process->reconcile(world.entry(other)).error);
    EXPECT_NE(world.containers().find("shop-migrate-1"), std::string::npos);
}

TEST(Remembered, AnImageThatIsAlwaysPulledIsPulledOnceForACommit) {
    LoopWorld world;
    const std::string web =
        "  web:\n    image: db:1\n    restart: always\n    pull_policy: always\n";
    const std::string first = world.commit("release = 1\n", web);
    {
        auto process = world.start();
        ASSERT_FALSE(process->reconcile(world.entry(first)).error);
        EXPECT_EQ(pulls_of(world, "db:1"), 1);
        for (int look = 0; look < 3; ++look)
            ASSERT_FALSE(process->reconcile(world.entry(first)).error);
    }
    auto process = world.start();
    ASSERT_FALSE(process->reconcile(world.entry(first)).error);
    EXPECT_EQ(pulls_of(world, "db:1"), 1) << "also across a restart";
    const std::string second = world.commit("release = 2\n", web);
    for (int look = 0; look < 3; ++look)
        ASSERT_FALSE(process->reconcile(world.entry(second)).error);
    EXPECT_EQ(pulls_of(world, "db:1"), 2);
}

}    // namespace
}    // namespace trueup::reconcile::test
