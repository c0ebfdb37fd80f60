// SPDX-License-Identifier: Apache-2.0
// The controller is killed while it replaces api's container: each test is one gap between two of the
// executor's engine calls, and the whole plan of the next run.
#include <gtest/gtest.h>

#include "tests/unit/plan/simulate.hpp"
#include "tests/unit/plan/world.hpp"

namespace trueup::plan::test {
namespace {

using model::ContainerState;

// Calls of the plan: build, prove, create .next, rename to .previous, restart policy no, stop, rename
// .next, start, wait, prove, remove .previous.
World killed_after(std::size_t calls) {
    World world = shop();
    world.new_revision("api");
    Simulation simulation(world.project, world.policy, world.observed);
    simulation.apply(world.diff(), calls);
    return world;
}

// The user takes the commit back before the next run.
void revert(World& world) {
    world.policy.identity.revision = old_commit;
    world.service("api").build = shop().service("api").build;
}

TEST(Interrupted, after_the_build_the_image_is_proven_before_it_is_used) {
    EXPECT_EQ(killed_after(1).text(),
              R"(#1 service api: prove image a00003, revision: commit 9f3c1e2 instead of 1234567
[1] -> #2 service api: prepare container shop-api-1.next, revision: commit 9f3c1e2 instead of 1234567
[2] -> #3 service api: replace container shop-api-1, revision: commit 9f3c1e2 instead of 1234567
[3] -> #4 service api: settle container shop-api-1, revision: commit 9f3c1e2 instead of 1234567
)");
}

TEST(Interrupted, after_the_preparation_it_is_done_again) {
    EXPECT_EQ(killed_after(3).text(),
              R"(#1 container shop-api-1.next: remove, state: left over by an interrupted rollout
[1] -> #2 service api: prepare container shop-api-1.next, revision: commit 9f3c1e2 instead of 1234567
[2] -> #3 service api: replace container shop-api-1, revision: commit 9f3c1e2 instead of 1234567
[3] -> #4 service api: settle container shop-api-1, revision: commit 9f3c1e2 instead of 1234567
)");
}

// Whether it still runs or was stopped: it is put back at once, and replaced when all is ready.
TEST(Interrupted, between_rename_and_start_the_previous_one_is_put_back) {
    for (const std::size_t calls : {4, 5, 6}) {
        EXPECT_EQ(
            killed_after(calls).text(),
            R"(#1 container shop-api-1.next: remove, state: left over by an interrupted rollout
[1] -> #2 service api: rename container shop-api-1.previous to shop-api-1, state: set aside by an interrupted rollout
[2] -> #3 service api: start container shop-api-1, state: set aside by an interrupted rollout
[3] -> #4 service api: prepare container shop-api-1.next, revision: commit 9f3c1e2 instead of 1234567
[4] -> #5 service api: replace container shop-api-1, revision: commit 9f3c1e2 instead of 1234567
[5] -> #6 service api: settle container shop-api-1, revision: commit 9f3c1e2 instead of 1234567
)") << calls;
    }
}

TEST(Interrupted, between_rename_and_start_with_the_commit_taken_back_the_previous_one_is_right) {
    World world = killed_after(6);
    revert(world);
    EXPECT_EQ(world.text(),
              R"(#1 container shop-api-1.next: remove, state: left over by an interrupted rollout
[1] -> #2 service api: rename container shop-api-1.previous to shop-api-1, state: set aside by an interrupted rollout
[2] -> #3 service api: start container shop-api-1, state: set aside by an interrupted rollout
[3] -> #4 service api: settle container shop-api-1, state: its rollout was interrupted
)");
}

TEST(Interrupted, before_the_start_it_is_started_and_settled) {
    World world = killed_after(7);
    EXPECT_EQ(world.text(),
              R"(#1 service api: start container shop-api-1, state: its rollout was interrupted
[1] -> #2 service api: settle container shop-api-1, state: its rollout was interrupted
)");
    const Plan plan = world.diff();
    const std::string previous = world.container("shop-api-1.previous").id;
    EXPECT_EQ(std::get<StartContainer>(plan.actions[0].step).previous, previous);
    EXPECT_EQ(std::get<SettleContainer>(plan.actions[1].step).previous, previous);
}

TEST(Interrupted, before_it_settled_it_is_settled_with_its_way_back) {
    for (const std::size_t calls : {8, 9, 10}) {
        const World world = killed_after(calls);
        EXPECT_EQ(
            world.text(),
            "#1 service api: settle container shop-api-1, state: its rollout was interrupted\n");
        EXPECT_FALSE(std::get<SettleContainer>(world.diff().actions[0].step).previous.empty());
    }
}

TEST(Interrupted, after_the_last_call_nothing_is_left) { EXPECT_EQ(killed_after(11).text(), ""); }

TEST(Interrupted, a_newer_commit_replaces_what_works_and_drops_the_older_way_back) {
    World world = killed_after(9);
    world.service("api").build->recipe_id = "newest";
    world.policy.identity.revision = "fedcba9000000000000000000000000000000000";
    EXPECT_EQ(world.text(),
              R"(#1 service api: build image shop-api, revision: commit fedcba9 instead of 9f3c1e2
[1] -> #2 service api: prepare container shop-api-1.next, revision: commit fedcba9 instead of 9f3c1e2
[2] -> #3 container shop-api-1.previous: remove, state: left over by an interrupted rollout
[3] -> #4 service api: replace container shop-api-1, revision: commit fedcba9 instead of 9f3c1e2
[4] -> #5 service api: settle container shop-api-1, revision: commit fedcba9 instead of 9f3c1e2
)");
}

TEST(Interrupted, a_newer_commit_keeps_the_way_back_while_the_new_container_is_not_proven_to_work) {
    World world = killed_after(8);
    world.service("api").build->recipe_id = "newest";
    world.policy.identity.revision = "fedcba9000000000000000000000000000000000";
    EXPECT_EQ(world.text(),
              R"(#1 service api: build image shop-api, revision: commit fedcba9 instead of 9f3c1e2
[1] -> #2 service api: prepare container shop-api-1.next, revision: commit fedcba9 instead of 9f3c1e2
[2] -> #3 container shop-api-1: remove, revision: commit fedcba9 instead of 9f3c1e2
[3] -> #4 service api: start container shop-api-1, revision: commit fedcba9 instead of 9f3c1e2
[4] -> #5 service api: settle container shop-api-1, revision: commit fedcba9 instead of 9f3c1e2
)");
    const Plan plan = world.diff();
    EXPECT_EQ(std::get<StartContainer>(plan.actions[3].step).previous,
              world.container("shop-api-1.previous").id);
}

TEST(Interrupted, a_newer_commit_puts_the_previous_one_back_when_the_new_container_crashed) {
    World world = killed_after(8);
    world.container("shop-api-1").state = ContainerState::exited;
    world.service("api").build->recipe_id = "newest";
    world.policy.identity.revision = "fedcba9000000000000000000000000000000000";
    EXPECT_EQ(world.text(),
              R"(#1 container shop-api-1: remove, revision: commit fedcba9 instead of 9f3c1e2
[1] -> #2 service api: rename container shop-api-1.previous to shop-api-1, state: set aside by an interrupted rollout
[2] -> #3 service api: start container shop-api-1, state: set aside by an interrupted rollout
#4 service api: build image shop-api, revision: commit fedcba9 instead of 1234567
[3,4] -> #5 service api: prepare container shop-api-1.next, revision: commit fedcba9 instead of 1234567
[5] -> #6 service api: replace container shop-api-1, revision: commit fedcba9 instead of 1234567
[6] -> #7 service api: settle container shop-api-1, revision: commit fedcba9 instead of 1234567
)");
}

// A worker without restart policy ends with 0 when it is stopped: that was us, so it is not done.
TEST(Interrupted, a_worker_that_was_stopped_by_the_rollout_is_started_again) {
    World world = shop();
    world.built("worker", "recipe-worker").restart.name = "no";
    world.converge();
    const auto before = world.service("worker").build;
    world.new_revision("worker");
    Simulation simulation(world.project, world.policy, world.observed);
    simulation.apply(world.diff(), 6);
    EXPECT_EQ(world.container("shop-worker-1.previous").exit_code, 0);
    world.service("worker").build = before;
    EXPECT_EQ(world.text(),
              R"(#1 container shop-worker-1.next: remove, state: left over by an interrupted rollout
[1] -> #2 service worker: rename container shop-worker-1.previous to shop-worker-1, state: set aside by an interrupted rollout
[2] -> #3 service worker: start container shop-worker-1, state: set aside by an interrupted rollout
[3] -> #4 service worker: settle container shop-worker-1, state: its rollout was interrupted
)");
}

// A one-shot that had finished is not run a second time.
TEST(Interrupted, a_finished_one_shot_is_put_back_without_running_it) {
    World world = shop();
    world.new_revision("migrate");
    Simulation simulation(world.project, world.policy, world.observed);
    simulation.apply(world.diff(), 6);
    world.policy.identity.revision = old_commit;
    world.service("migrate").build = shop().service("migrate").build;
    EXPECT_EQ(
        world.text(),
        R"(#1 container shop-migrate-1.next: remove, state: left over by an interrupted rollout
[1] -> #2 service migrate: rename container shop-migrate-1.previous to shop-migrate-1, state: set aside by an interrupted rollout
)");
}

}    // namespace
}    // namespace trueup::plan::test
