// SPDX-License-Identifier: Apache-2.0
// The removal of a whole stack.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/plan/random_world.hpp"
#include "tests/unit/plan/simulate.hpp"

namespace trueup::plan::test {
namespace {

TEST(PlanRemoval, containers_and_networks_go_and_volumes_stay) {
    World world = shop_with_data();
    EXPECT_EQ(to_text(removal(world.observed, world.policy)),
              R"(#1 container shop-api-1: remove, orphan: stack shop-production is gone
#2 container shop-db-1: remove, orphan: stack shop-production is gone
#3 container shop-migrate-1: remove, orphan: stack shop-production is gone
[1-3] -> #4 network shop_default: remove, orphan: stack shop-production is gone
)");
}

TEST(PlanRemoval, a_network_that_others_are_on_stays_and_is_told) {
    World world = shop_with_data();
    world.observed.networks.front().others = {"metrics", "shell"};
    EXPECT_EQ(to_text(removal(world.observed, world.policy)),
              R"(#1 container shop-api-1: remove, orphan: stack shop-production is gone
#2 container shop-db-1: remove, orphan: stack shop-production is gone
#3 container shop-migrate-1: remove, orphan: stack shop-production is gone
held: network shop_default: remove, orphan: stack shop-production is gone: (metrics, shell are not of this stack and would no longer start without it: `docker network disconnect shop_default CONTAINER` takes one off it)
)");
}

TEST(PlanRemoval, only_what_trueup_made_and_never_started_goes_with_its_volumes) {
    World world = shop_with_data();
    for (const char* name : {"shop-api-1", "shop-db-1"}) {
        world.container(name).state = model::ContainerState::created;
        world.container(name).started_at.clear();
    }
    model::ObservedContainer& db = world.container("shop-db-1");
    db.seal.clear();
    db.adopted = true;
    const Plan plan = removal(world.observed, world.policy);
    EXPECT_TRUE(std::get<RemoveContainer>(plan.actions.at(0).step).never_started);
    EXPECT_FALSE(std::get<RemoveContainer>(plan.actions.at(1).step).never_started);
    EXPECT_FALSE(std::get<RemoveContainer>(plan.actions.at(2).step).never_started);
}

TEST(PlanRemoval, what_is_not_ours_stays_and_so_does_its_network) {
    World world = shop_with_data();
    world.container("shop-db-1").seal = "forged";
    world.container("shop-migrate-1").one_off = true;
    EXPECT_EQ(to_text(removal(world.observed, world.policy)),
              "#1 container shop-api-1: remove, orphan: stack shop-production is gone\n");
}

TEST(PlanRemoval, what_was_adopted_goes_too_and_the_plan_says_so) {
    World world = shop_with_data();
    model::ObservedContainer& db = world.container("shop-db-1");
    db.seal.clear();
    db.adopted = true;
    world.container("shop-migrate-1").owned = false;
    EXPECT_EQ(to_text(removal(world.observed, world.policy)),
              R"(#1 container shop-api-1: remove, orphan: stack shop-production is gone
#2 container shop-db-1: remove, orphan: stack shop-production is gone, which had adopted it
)");
}

TEST(PlanRemoval, the_controllers_own_container_stays) {
    World world = shop_with_data();
    world.policy.self_container_id = world.container("shop-api-1").id;
    const Plan plan = removal(world.observed, world.policy);
    ASSERT_EQ(plan.held.size(), 1U);
    EXPECT_EQ(plan.held.front().reason, HoldReason::is_protected);
    EXPECT_EQ(plan.actions.size(), 2U);
}

TEST(PlanRemoval, over_random_worlds_nothing_of_ours_and_everything_else_remains) {
    for (unsigned seed = 1; seed <= 200; ++seed) {
        RandomWorld source(seed);
        World world = source.project();
        world.converge();
        source.disturb(world);
        const model::Observed before = world.observed;
        const Plan plan = removal(world.observed, world.policy);
        Simulation simulation(world.project, world.policy, world.observed);
        simulation.apply(plan, SIZE_MAX, seed);
        for (const std::string& violation : simulation.violations())
            ADD_FAILURE() << violation << "\nseed " << seed << "\n" << to_text(plan);
        EXPECT_TRUE(removal(world.observed, world.policy).empty()) << seed;
        EXPECT_EQ(world.observed.volumes, before.volumes) << seed;
        const auto foreign = [](const model::ObservedContainer& each) { return !each.owned; };
        EXPECT_EQ(std::count_if(before.containers.begin(), before.containers.end(), foreign),
                  std::ssize(world.observed.containers))
            << seed;
    }
}

}    // namespace
}    // namespace trueup::plan::test
