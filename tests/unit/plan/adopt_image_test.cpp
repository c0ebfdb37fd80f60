// SPDX-License-Identifier: Apache-2.0
// Taking over what docker compose started: the images of services that build their code. Compose's image stays
// where it runs; a container that trueup makes runs an image that trueup built.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/plan/random_world.hpp"
#include "tests/unit/plan/simulate.hpp"

namespace trueup::plan::test {
namespace {

using model::CodeStatus;
using model::ContainerState;

template <class Kind>
std::ptrdiff_t count(const Plan& plan) {
    return std::count_if(plan.actions.begin(), plan.actions.end(), [](const Action& each) {
        return std::holds_alternative<Kind>(each.step);
    });
}

// Carries out the plan; the one after it.
Plan next_plan(World& world) {
    const Plan plan = world.diff();
    Simulation simulation(world.project, world.policy, world.observed);
    simulation.apply(plan);
    for (const std::string& violation : simulation.violations())
        ADD_FAILURE() << violation << "\n" << to_text(plan);
    return world.diff();
}

const std::string& image_of(World& world, const std::string& name) {
    return world.container(name).image_id;
}
const std::string& recipe_of(World& world, const std::string& name) {
    return world.observed.images.at(image_of(world, name)).recipe_id;
}

TEST(PlanAdoptImage, what_differs_is_replaced_once_and_the_build_is_announced) {
    World world = compose_shop();
    comparison(world, "shop-api-1").differences = {"environment LEVEL"};
    EXPECT_EQ(
        world.text(),
        R"(#1 service db: adopt container shop-db-1, state: created by another tool, and as commit 1234567 says
#2 service migrate: adopt container shop-migrate-1, state: created by another tool, and as commit 1234567 says
#3 service api: build image shop-api, config: environment LEVEL differs
[3] -> #4 service api: prepare container shop-api-1.next, config: environment LEVEL differs
[1,2,4] -> #5 service api: replace container shop-api-1, config: environment LEVEL differs
[5] -> #6 service api: settle container shop-api-1, config: environment LEVEL differs
)");
    EXPECT_EQ(to_text(next_plan(world)), "");
    EXPECT_EQ(recipe_of(world, "shop-api-1"), "recipe-api");
    EXPECT_EQ(recipe_of(world, "shop-migrate-1"), "");
}

TEST(PlanAdoptImage, one_that_is_replaced_with_another_service_is_replaced_once) {
    World world = compose_shop();
    world.service("api").depends_on.at("db").restart = true;
    comparison(world, "shop-api-1").config_hash =
        render::config_hash(world.project, world.service("api"));
    comparison(world, "shop-db-1").differences = {"environment MODE"};
    EXPECT_NE(world.text().find("service api: build image shop-api, state: service db, which it is "
                                "restarted with, is replaced\n"),
              std::string::npos)
        << world.text();
    EXPECT_EQ(to_text(next_plan(world)), "");
}

TEST(PlanAdoptImage, other_settings_in_a_later_commit_replace_once_too) {
    World world = compose_shop();
    world.converge();
    world.policy.identity.revision = new_commit;
    world.service("api").environment["LEVEL"] = "high";
    const Plan plan = world.diff();
    EXPECT_EQ(count<BuildImage>(plan), 1) << to_text(plan);
    EXPECT_EQ(count<PrepareContainer>(plan), 1) << to_text(plan);
    EXPECT_EQ(to_text(next_plan(world)), "");
    EXPECT_EQ(recipe_of(world, "shop-api-1"), "recipe-api");
}

TEST(PlanAdoptImage, of_several_replicas_only_the_one_that_differs_is_replaced) {
    World world = shop();
    world.service("api").replicas = 3;
    world.converge();
    make_foreign(world);
    comparison(world, "shop-api-2").differences = {"environment LEVEL"};
    const std::string first = world.container("shop-api-1").id;
    const std::string third = world.container("shop-api-3").id;
    const Plan plan = world.diff();
    EXPECT_EQ(count<BuildImage>(plan), 1) << to_text(plan);
    EXPECT_EQ(count<PrepareContainer>(plan), 1) << to_text(plan);
    EXPECT_EQ(to_text(next_plan(world)), "");
    EXPECT_EQ(world.container("shop-api-1").id, first);
    EXPECT_EQ(world.container("shop-api-3").id, third);
    EXPECT_EQ(recipe_of(world, "shop-api-2"), "recipe-api");
    EXPECT_EQ(recipe_of(world, "shop-api-1"), "");
}

TEST(PlanAdoptImage, more_replicas_outlive_the_container_that_was_found) {
    World world = compose_shop();
    world.service("api").replicas = 2;
    EXPECT_EQ(count<BuildImage>(world.diff()), 1) << world.text();
    EXPECT_EQ(to_text(next_plan(world)), "");
    EXPECT_TRUE(world.container("shop-api-1").adopted);
    const std::string second = world.container("shop-api-2").id;
    world.remove_container("shop-api-1");
    EXPECT_EQ(count<BuildImage>(world.diff()), 0) << world.text();
    EXPECT_EQ(to_text(next_plan(world)), "");
    EXPECT_EQ(world.container("shop-api-2").id, second);
    EXPECT_EQ(image_of(world, "shop-api-1"), image_of(world, "shop-api-2"));
}

TEST(PlanAdoptImage, one_that_turns_out_to_hold_other_code_stands_for_nothing) {
    World world = compose_shop();
    world.observed.images.at(image_of(world, "shop-api-1")).code.status = CodeStatus::stale;
    EXPECT_NE(world.text().find("replace container shop-api-1, code: in the image, "),
              std::string::npos)
        << world.text();
    EXPECT_EQ(to_text(next_plan(world)), "");
}

TEST(PlanAdoptImage, an_image_of_another_builder_counts_when_its_code_is_proven) {
    World world = compose_shop();
    world.container("shop-api-1").code.status = CodeStatus::unknown;
    const std::string text = world.text();
    EXPECT_NE(text.find("service api: replace container shop-api-1, revision: trueup did not build "
                        "its image, and its code was not compared with 1234567"),
              std::string::npos)
        << text;
    world.container("shop-api-1").code.status = CodeStatus::stale;
    world.container("shop-api-1").code.difference_count = 1;
    world.container("shop-api-1").code.differences = {{"app/main.py"}};
    EXPECT_NE(world.text().find("replace container shop-api-1, code: app/main.py differs from"),
              std::string::npos)
        << world.text();
}

// Compose builds each service's image by itself, whatever they have in common.
TEST(PlanAdoptImage, services_of_one_recipe_keep_the_images_that_were_built_for_them) {
    World world;
    world.built("api", "recipe");
    world.built("migrate", "recipe").restart.name = "no";
    world.depends("api", "migrate", model::DependencyCondition::completed_successfully);
    world.converge();
    model::ObservedContainer& migrate = world.container("shop-migrate-1");
    ASSERT_EQ(migrate.state, ContainerState::exited);
    // The smaller id: nothing but use may decide.
    migrate.image_id = "another";
    world.observed.images["another"] =
        world.observed.images.at(world.container("shop-api-1").image_id);
    world.observed.images["another"].id = "another";
    for (model::ObservedContainer& each : world.observed.containers)
        each.code.status = CodeStatus::fresh;
    make_foreign(world);
    const Plan plan = world.diff();
    for (const Action& action : plan.actions)
        EXPECT_TRUE(std::holds_alternative<AdoptContainer>(action.step)) << to_text(plan);
    EXPECT_EQ(plan.actions.size(), 2U);
    world.converge();
}

TEST(PlanAdoptImageProperty, whatever_differs_is_built_and_replaced_once) {
    constexpr unsigned worlds = 200;
    for (unsigned seed = 1; seed <= worlds; ++seed) {
        World world = RandomWorld(seed).project();
        world.converge();
        for (model::ObservedContainer& each : world.observed.containers) {
            if (world.project.code.contains(each.service)) each.code.status = CodeStatus::fresh;
        }
        make_foreign(world);
        unsigned index = seed;
        for (model::ObservedContainer& each : world.observed.containers) {
            if (index++ % 3 == 0) each.comparison->differences = {"environment LEVEL"};
        }
        const Plan plan = world.diff();
        ASSERT_FALSE(plan.blocked) << "seed " << seed << plan.blocked->message;
        const Plan next = next_plan(world);
        EXPECT_EQ(count<BuildImage>(next) + count<PrepareContainer>(next), 0)
            << "seed " << seed << "\n"
            << to_text(plan) << "then\n"
            << to_text(next);
    }
}

}    // namespace
}    // namespace trueup::plan::test
