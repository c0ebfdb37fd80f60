// SPDX-License-Identifier: Apache-2.0
// Taking over what docker compose started.
#include <gtest/gtest.h>

#include <algorithm>

#include "controller/plan/ownership.hpp"
#include "tests/unit/plan/random_world.hpp"
#include "tests/unit/plan/simulate.hpp"

namespace trueup::plan::test {
namespace {

using model::CodeStatus;
using model::ContainerState;

TEST(PlanAdopt, what_is_as_the_commit_says_is_taken_over_and_nothing_else_happens) {
    World world = compose_shop();
    EXPECT_EQ(
        world.text(),
        R"(#1 service db: adopt container shop-db-1, state: created by another tool, and as commit 1234567 says
#2 service migrate: adopt container shop-migrate-1, state: created by another tool, and as commit 1234567 says
#3 service api: adopt container shop-api-1, state: created by another tool, and as commit 1234567 says
)");
    world.converge();
    EXPECT_TRUE(world.container("shop-api-1").adopted);
}

TEST(PlanAdopt, a_new_commit_rolls_out_as_ever_afterwards) {
    World world = compose_shop();
    world.converge();
    world.new_revision("api");
    EXPECT_EQ(world.text(),
              R"(#1 service api: build image shop-api, revision: commit 9f3c1e2 instead of 1234567
[1] -> #2 service api: prepare container shop-api-1.next, revision: commit 9f3c1e2 instead of 1234567
[2] -> #3 service api: replace container shop-api-1, revision: commit 9f3c1e2 instead of 1234567
[3] -> #4 service api: settle container shop-api-1, revision: commit 9f3c1e2 instead of 1234567
)");
    world.converge();
    EXPECT_FALSE(world.container("shop-api-1").adopted);
    EXPECT_TRUE(world.container("shop-db-1").adopted);
}

TEST(PlanAdopt, without_adopt_nothing_is_taken_over) {
    World world = compose_shop();
    world.policy.adopt = false;
    EXPECT_EQ(
        world.text(),
        "blocked: AwaitingAdoption: project shop has containers that trueup did not create for "
        "stack shop-production and does not touch: shop-api-1, shop-db-1, shop-migrate-1. "
        "Remove them, choose another project name, or take them over: `trueup adopt shop` "
        "shows what that would do\n");
}

TEST(PlanAdopt, what_differs_is_replaced_and_the_plan_names_the_attribute) {
    World world = compose_shop();
    comparison(world, "shop-db-1").differences = {"environment MODE"};
    comparison(world, "shop-api-1").differences = {"a", "b", "c", "d", "e"};
    EXPECT_EQ(
        world.text(),
        R"(#1 service migrate: adopt container shop-migrate-1, state: created by another tool, and as commit 1234567 says
#2 service api: build image shop-api, config: a, b, c and 2 more differ
#3 service db: prepare container shop-db-1.next, config: environment MODE differs
[2] -> #4 service api: prepare container shop-api-1.next, config: a, b, c and 2 more differ
[1,3,4] -> #5 service db: replace container shop-db-1, config: environment MODE differs
[5] -> #6 service db: settle container shop-db-1, config: environment MODE differs
[6] -> #7 service api: replace container shop-api-1, config: a, b, c and 2 more differ
[7] -> #8 service api: settle container shop-api-1, config: a, b, c and 2 more differ
)");
    world.converge();
}

TEST(PlanAdopt, every_kind_of_difference_is_told_not_only_the_first) {
    World world = compose_shop();
    comparison(world, "shop-db-1").differences = {"environment MODE", "volume /data"};
    world.observed.image_of_reference["postgres:16"] = "sha256:fedcba9876543210";
    comparison(world, "shop-api-1").differences = {"environment MODE"};
    model::CodeState& code = world.container("shop-api-1").code;
    code.status = CodeStatus::stale;
    code.difference_count = 1;
    code.differences = {{"app/main.py"}};
    const std::string text = world.text();
    EXPECT_NE(text.find("replace container shop-db-1, config: environment MODE, volume /data "
                        "differ; postgres:16 is image "),
              std::string::npos)
        << text;
    EXPECT_NE(text.find("replace container shop-api-1, config: environment MODE differs; "
                        "app/main.py differs from 1234567\n"),
              std::string::npos)
        << text;
}

TEST(PlanAdopt, a_tag_that_moved_and_code_that_differs_are_both_told) {
    World world = compose_shop();
    world.observed.image_of_reference["postgres:16"] = "sha256:fedcba9876543210";
    model::CodeState& code = world.container("shop-db-1").code;
    code.status = CodeStatus::stale;
    code.difference_count = 1;
    code.differences = {{"init/schema.sql"}};
    const std::string text = world.text();
    EXPECT_NE(text.find("replace container shop-db-1, image: postgres:16 is image "),
              std::string::npos)
        << text;
    EXPECT_NE(text.find("; init/schema.sql differs from 1234567\n"), std::string::npos) << text;
}

TEST(PlanAdopt, an_image_whose_tag_was_removed_is_what_the_container_was_made_from) {
    World world = compose_shop();
    world.observed.image_of_reference.clear();
    world.converge();
    EXPECT_TRUE(world.container("shop-db-1").adopted);
}

TEST(PlanAdopt, a_tag_that_moved_since_replaces_the_container) {
    World world = compose_shop();
    world.observed.image_of_reference["postgres:16"] = "sha256:fedcba9876543210";
    EXPECT_NE(world.text().find("replace container shop-db-1, image: postgres:16 is image"),
              std::string::npos)
        << world.text();
}

TEST(PlanAdopt, numbers_of_another_tool_are_taken_as_they_are) {
    World world = shop();
    world.service("api").replicas = 3;
    world.converge();
    make_foreign(world);
    world.container("shop-api-2").number = 7;
    world.container("shop-api-3").number = 0;
    const Plan plan = world.diff();
    for (const Action& action : plan.actions)
        EXPECT_TRUE(std::holds_alternative<AdoptContainer>(action.step)) << to_text(plan);
    world.converge();
    EXPECT_EQ(world.observed.containers.size(), 5U);
}

TEST(PlanAdopt, a_stopped_container_is_taken_over_and_started) {
    World world = compose_shop();
    model::ObservedContainer& db = world.container("shop-db-1");
    db.state = ContainerState::exited;
    db.exit_code = 137;
    EXPECT_EQ(
        world.text(),
        R"(#1 service db: adopt container shop-db-1, state: created by another tool, and as commit 1234567 says
#2 service migrate: adopt container shop-migrate-1, state: created by another tool, and as commit 1234567 says
#3 service api: adopt container shop-api-1, state: created by another tool, and as commit 1234567 says
[1] -> #4 service db: start container shop-db-1, state: exited with code 137
[4] -> #5 service db: settle container shop-db-1, state: exited with code 137
)");
}

TEST(PlanAdopt, a_service_that_the_commit_does_not_have_is_left_and_told) {
    World world = compose_shop();
    world.project.services.erase("migrate");
    world.service("api").depends_on.erase("migrate");
    const Plan plan = world.diff();
    ASSERT_EQ(plan.held.size(), 1U);
    EXPECT_EQ(to_text(plan.held.front()),
              "held: container shop-migrate-1: remove, orphan: service migrate is not in 1234567: "
              "(trueup did not create it: remove it yourself)");
    world.converge();
}

TEST(PlanAdopt, a_service_in_a_profile_that_was_not_chosen_is_told_how_it_comes_along) {
    World world = compose_shop();
    world.project.services.erase("migrate");
    world.service("api").depends_on.erase("migrate");
    world.project.disabled_services = {"debug", "migrate"};
    const Plan plan = world.diff();
    ASSERT_EQ(plan.held.size(), 1U);
    EXPECT_EQ(to_text(plan.held.front()),
              "held: container shop-migrate-1: remove, orphan: service migrate of 1234567 is in no "
              "profile that was chosen: (trueup did not create it: name a profile of it in "
              "spec.compose.profiles to take it over, or remove it yourself)");
}

TEST(PlanAdopt, names_of_an_older_compose_are_taken_as_they_are) {
    World world = compose_shop();
    for (model::ObservedContainer& each : world.observed.containers)
        std::replace(each.name.begin(), each.name.end(), '-', '_');
    const Plan plan = world.diff();
    for (const Action& action : plan.actions)
        EXPECT_TRUE(std::holds_alternative<AdoptContainer>(action.step)) << to_text(plan);
    EXPECT_EQ(plan.actions.size(), 3U);
    world.converge();
    EXPECT_TRUE(world.container("shop_db_1").adopted);
}

TEST(PlanAdopt, another_name_than_the_commit_gives_is_a_difference) {
    World world = compose_shop();
    world.service("db").container_name = "database";
    comparison(world, "shop-db-1").config_hash =
        render::config_hash(world.project, world.service("db"));
    EXPECT_NE(world.text().find("config: container_name differs\n"), std::string::npos)
        << world.text();
    world.container("shop-db-1").name = "database";
    EXPECT_EQ(world.text().find("container_name"), std::string::npos) << world.text();
    world.converge();
    EXPECT_TRUE(world.container("database").adopted);
}

TEST(PlanAdopt, nothing_of_another_stack_or_controller_is_taken_over) {
    for (const bool controller : {false, true}) {
        World world = compose_shop();
        model::ObservedContainer& db = world.container("shop-db-1");
        db.owned = true;
        db.owner = controller ? "other" : world.policy.identity.controller;
        db.stack = controller ? world.policy.identity.stack : "shop-test";
        const Plan plan = world.diff();
        ASSERT_TRUE(plan.blocked);
        EXPECT_EQ(plan.blocked->reason, "DuplicateProject");
    }
}

TEST(PlanAdopt, after_a_lost_key_the_own_containers_are_taken_over) {
    World world = compose_shop();
    model::ObservedContainer& db = world.container("shop-db-1");
    db.owned = true;
    db.owner = world.policy.identity.controller;
    db.stack = world.policy.identity.stack;
    db.seal = "of the key that is lost";
    world.converge();
    EXPECT_TRUE(world.container("shop-db-1").adopted);
}

TEST(PlanAdopt, nothing_is_taken_over_before_it_was_compared_with_this_very_commit) {
    World world = compose_shop();
    world.container("shop-db-1").comparison.reset();
    EXPECT_TRUE(world.diff().blocked);
    world = compose_shop();
    world.service("db").environment["MODE"] = "fast";
    EXPECT_TRUE(world.text().starts_with(
        "blocked: AwaitingAdoption: container shop-db-1 of project shop was not compared"))
        << world.text();
}

TEST(PlanAdopt, another_volume_waits_for_a_person_here_too) {
    World world = shop();
    model::Volume volume;
    volume.key = "data";
    volume.name = "shop_data";
    world.project.volumes["data"] = volume;
    model::Mount mount;
    mount.source = "data";
    mount.target = "/data";
    world.service("db").mounts = {mount};
    world.converge();
    make_foreign(world);
    world.container("shop-db-1").mounts.at("/data").source = "other";
    comparison(world, "shop-db-1").differences = {"volume /data"};
    ASSERT_TRUE(world.diff().blocked);
    EXPECT_EQ(world.diff().blocked->reason, "VolumeRenamed");
}

// --- over many random worlds ---

constexpr unsigned worlds = 200;

TEST(PlanAdoptProperty, an_unchanged_stack_is_taken_over_whole) {
    for (unsigned seed = 1; seed <= worlds; ++seed) {
        RandomWorld source(seed);
        World world = source.project();
        // Images that nothing can prove are built anew.
        for (auto& [name, service] : world.project.services) {
            if (service.build && !world.project.code.contains(name)) service.replicas = 0;
            if (!service.build && service.image == "shop-s0") service.image = "image:0";
        }
        world.converge();
        for (model::ObservedContainer& each : world.observed.containers) {
            if (world.project.code.contains(each.service)) each.code.status = CodeStatus::fresh;
        }
        make_foreign(world);
        const std::size_t count = world.observed.containers.size();
        const Plan plan = world.diff();
        ASSERT_FALSE(plan.blocked) << seed;
        std::size_t adopted = 0;
        for (const Action& action : plan.actions) {
            if (std::holds_alternative<AdoptContainer>(action.step)) ++adopted;
            EXPECT_FALSE(std::holds_alternative<RemoveContainer>(action.step) ||
                         std::holds_alternative<PrepareContainer>(action.step))
                << "seed " << seed << "\n"
                << to_text(plan);
        }
        EXPECT_EQ(adopted, count) << seed;
        world.converge();
    }
}

TEST(PlanAdoptProperty, from_whatever_is_found_the_stack_converges_and_volumes_stay) {
    for (unsigned seed = 1; seed <= worlds; ++seed) {
        RandomWorld source(seed);
        World world = source.project();
        world.converge();
        make_foreign(world);
        source.disturb(world);
        std::erase_if(world.observed.containers, [](const auto& each) {
            return each.name.ends_with(".next") || each.name.ends_with(".previous");
        });
        const std::vector<model::ObservedVolume> volumes = world.observed.volumes;
        const Plan plan = world.diff();
        ASSERT_FALSE(plan.blocked) << "seed " << seed << plan.blocked->message;
        for (const std::size_t calls : {std::size_t{1}, std::size_t{4}, SIZE_MAX}) {
            World other = world;
            Simulation simulation(other.project, other.policy, other.observed);
            simulation.apply(plan, calls, seed);
            for (const std::string& violation : simulation.violations())
                ADD_FAILURE() << violation << "\nseed " << seed << "\n" << to_text(plan);
            other.converge();
            for (const auto& volume : volumes) {
                EXPECT_NE(
                    std::find(other.observed.volumes.begin(), other.observed.volumes.end(), volume),
                    other.observed.volumes.end());
            }
        }
    }
}

}    // namespace
}    // namespace trueup::plan::test
