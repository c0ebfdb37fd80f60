// SPDX-License-Identifier: Apache-2.0
// What docker compose leaves when it is killed while it recreates a container: the new one under
// "<12 digits of the old one's id>_<name>", beside the old one or alone.
#include <gtest/gtest.h>

#include "controller/plan/slots.hpp"
#include "tests/unit/plan/world.hpp"

namespace trueup::plan::test {
namespace {

using model::ContainerState;

const std::string left = "0123456789ab_shop-db-1";

// As compose made it: nothing is ours yet.
World compose_world() {
    World world;
    world.pulled("db", "postgres:16");
    world.converge();
    model::ObservedContainer& container = world.container("shop-db-1");
    container.owned = false;
    container.owner = container.stack = container.seal = container.config_hash = "";
    container.image_reference = "postgres:16";
    container.comparison.emplace();
    container.comparison->config_hash = render::config_hash(world.project, world.service("db"));
    world.policy.adopt = true;
    return world;
}

model::ObservedContainer& created(World& world, const std::string& name) {
    model::ObservedContainer& container = world.copy_container("shop-db-1", name);
    container.state = ContainerState::created;
    container.started_at = "";
    return container;
}

TEST(PlanLeftOver, names) {
    EXPECT_TRUE(is_left_over("0123456789ab_shop-db-1", "shop-db-1"));
    EXPECT_FALSE(is_left_over("shop-db-1", "shop-db-1"));
    EXPECT_FALSE(is_left_over("0123456789ab_shop-db-2", "shop-db-1"));
    EXPECT_FALSE(is_left_over("0123456789ag_shop-db-1", "shop-db-1"));
    EXPECT_FALSE(is_left_over("0123456789abc_shop-db-1", "shop-db-1"));
    EXPECT_FALSE(is_left_over("0123456789ab-shop-db-1", "shop-db-1"));
}

TEST(PlanLeftOver, beside_the_old_one_it_goes_and_the_old_one_stays) {
    World world = compose_world();
    created(world, left);
    EXPECT_EQ(
        world.text(),
        R"(#1 service db: adopt container shop-db-1, state: created by another tool, and as commit 1234567 says
#2 container 0123456789ab_shop-db-1: remove, state: left over by an interrupted recreate of docker compose
)");
    world.converge();
    EXPECT_EQ(world.observed.containers.size(), 1U);
}

TEST(PlanLeftOver, beside_the_old_one_that_was_stopped_already_that_is_started) {
    World world = compose_world();
    created(world, left);
    world.container("shop-db-1").state = ContainerState::exited;
    EXPECT_NE(world.text().find("start container shop-db-1"), std::string::npos) << world.text();
    world.converge();
    EXPECT_EQ(world.container("shop-db-1").state, ContainerState::running);
}

TEST(PlanLeftOver, a_stopped_one_that_looks_like_a_one_shot_is_started_too) {
    World world;
    world.pulled("db", "postgres:16").restart.name = "no";
    world.converge();
    World compose = compose_world();
    compose.service("db").restart.name = "no";
    compose.container("shop-db-1").comparison->config_hash =
        render::config_hash(compose.project, compose.service("db"));
    created(compose, left);
    compose.container("shop-db-1").state = ContainerState::exited;
    EXPECT_NE(compose.text().find("start container shop-db-1"), std::string::npos)
        << compose.text();
}

TEST(PlanLeftOver, alone_it_gets_its_name_and_is_started) {
    World world = compose_world();
    created(world, left);
    world.remove_container("shop-db-1");
    EXPECT_EQ(
        world.text(),
        R"(#1 service db: adopt container 0123456789ab_shop-db-1, state: created by another tool, and as commit 1234567 says
[1] -> #2 service db: rename container 0123456789ab_shop-db-1 to shop-db-1, state: left over by an interrupted recreate of docker compose
[2] -> #3 service db: start container shop-db-1, state: created
[3] -> #4 service db: settle container shop-db-1, state: created
)");
    world.converge();
    EXPECT_EQ(world.container("shop-db-1").state, ContainerState::running);
}

TEST(PlanLeftOver, one_that_runs_under_that_name_is_only_renamed) {
    World world = compose_world();
    world.container("shop-db-1").name = left;
    const std::string text = world.text();
    EXPECT_NE(text.find("rename container 0123456789ab_shop-db-1 to shop-db-1"), std::string::npos);
    EXPECT_EQ(text.find("start"), std::string::npos) << text;
    world.converge();
    EXPECT_EQ(world.observed.containers.size(), 1U);
}

TEST(PlanLeftOver, one_that_is_wrong_is_replaced_under_the_right_name) {
    World world = compose_world();
    created(world, left).comparison->differences = {"environment A"};
    world.remove_container("shop-db-1");
    world.converge();
    ASSERT_EQ(world.observed.containers.size(), 1U);
    EXPECT_EQ(world.observed.containers.front().name, "shop-db-1");
}

TEST(PlanLeftOver, without_adopt_it_is_named_for_what_it_is) {
    World world = compose_world();
    created(world, left);
    world.policy.adopt = false;
    EXPECT_NE(world.text().find("0123456789ab_shop-db-1 (left over by an interrupted recreate of "
                                "docker compose)"),
              std::string::npos)
        << world.text();
}

TEST(PlanLeftOver, the_order_of_the_names_does_not_matter) {
    World world = compose_world();
    created(world, left);
    World reversed = world;
    std::reverse(reversed.observed.containers.begin(), reversed.observed.containers.end());
    EXPECT_EQ(reversed.text(), world.text());
}

}    // namespace
}    // namespace trueup::plan::test
