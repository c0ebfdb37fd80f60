// SPDX-License-Identifier: Apache-2.0
// Changes that a person has to confirm, and the removal of a whole stack.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/plan/random_world.hpp"
#include "tests/unit/plan/simulate.hpp"

namespace trueup::plan::test {
namespace {

void add_volume(World& world, const std::string& key, const std::string& name) {
    model::Volume volume;
    volume.key = key;
    volume.name = name;
    world.project.volumes[key] = volume;
}

// The shop with a database that keeps its data in a volume, and an api that keeps uploads on the host.
World shop_with_data() {
    World world = shop();
    add_volume(world, "data", "shop_data");
    model::Mount data;
    data.source = "data";
    data.target = "/data";
    world.service("db").mounts = {data};
    model::Mount uploads;
    uploads.kind = model::MountKind::bind;
    uploads.source = "/srv/uploads";
    uploads.target = "/uploads";
    world.service("api").mounts = {uploads};
    world.converge();
    return world;
}

std::string reason(const World& world) {
    const Plan plan = world.diff();
    return plan.blocked ? plan.blocked->reason : "none: " + to_text(plan);
}

// A person says yes to what the plan asks.
void confirm(World& world) {
    const Plan plan = world.diff();
    ASSERT_TRUE(plan.blocked);
    ASSERT_NE(plan.blocked->token, "");
    world.policy.confirmed.insert(plan.blocked->token);
}

TEST(PlanGuard, another_volume_at_the_same_place_waits_for_a_person) {
    World world = shop_with_data();
    world.project.volumes.at("data").name = "shop_other";
    EXPECT_EQ(world.text(),
              "blocked: VolumeRenamed: service db would have volume shop_other, new and empty, at "
              "/data instead of volume shop_data, which stays as it is. `trueup confirm "
              "shop-production` lets exactly this through\n");
    confirm(world);
    world.converge();
    EXPECT_EQ(world.container("shop-db-1").mounts.at("/data").source, "shop_other");
    EXPECT_EQ(world.observed.volumes.size(), 2U);
}

TEST(PlanGuard, a_volume_that_holds_something_already_is_not_called_empty) {
    World world = shop_with_data();
    model::ObservedVolume other;
    other.name = "shop_other";
    world.observed.volumes.push_back(other);
    world.project.volumes.at("data").name = "shop_other";
    EXPECT_TRUE(world.text().starts_with(
        "blocked: VolumeRenamed: service db would have volume shop_other at /data instead of"))
        << world.text();
}

TEST(PlanGuard, another_writable_path_of_the_host_waits_for_a_person) {
    World world = shop_with_data();
    world.service("api").mounts.front().source = "/srv/elsewhere";
    EXPECT_EQ(world.text(),
              "blocked: MountChanged: service api would have the host's /srv/elsewhere at /uploads "
              "instead of the host's /srv/uploads, which stays as it is. `trueup confirm "
              "shop-production` lets exactly this through\n");
    world.service("api").mounts.front().source = "/srv/uploads/";
    EXPECT_NE(reason(world), "MountChanged");
}

TEST(PlanGuard, a_volume_in_place_of_a_path_and_the_reverse_wait) {
    World world = shop_with_data();
    std::swap(world.service("api").mounts, world.service("db").mounts);
    world.service("api").mounts.front().target = "/uploads";
    world.service("db").mounts.front().target = "/data";
    EXPECT_EQ(reason(world), "MountChanged");
    const std::string text = world.text();
    EXPECT_NE(text.find("volume shop_data at /uploads instead of the host's /srv/uploads"),
              std::string::npos)
        << text;
    EXPECT_NE(text.find("the host's /srv/uploads at /data instead of volume shop_data"),
              std::string::npos)
        << text;
}

TEST(PlanGuard, a_named_volume_in_place_of_one_without_a_name_waits) {
    World world = shop_with_data();
    world.container("shop-db-1").mounts.at("/data").source = std::string(64, 'a');
    world.service("db").environment["MODE"] = "fast";
    EXPECT_EQ(world.text(),
              "blocked: MountChanged: service db would have volume shop_data at /data instead of a "
              "volume without a name, which stays as it is. `trueup confirm shop-production` lets "
              "exactly this through\n");
}

TEST(PlanGuard, what_could_not_be_written_is_not_guarded) {
    World world = shop_with_data();
    world.container("shop-api-1").mounts.at("/uploads").writable = false;
    world.service("api").mounts.front().source = "/srv/elsewhere";
    EXPECT_FALSE(world.diff().blocked);
}

TEST(PlanGuard, only_a_new_container_can_be_without_its_data) {
    World world = shop_with_data();
    // Somebody made it so, and nothing of the plan touches it.
    world.container("shop-db-1").mounts.at("/data").source = "shop_other";
    EXPECT_EQ(world.text(), "");
}

TEST(PlanGuard, replicas_tell_the_same_change_once) {
    World world = shop_with_data();
    world.service("db").replicas = 3;
    world.converge();
    world.project.volumes.at("data").name = "shop_other";
    const std::string text = world.text();
    EXPECT_EQ(text.find("instead of"), text.rfind("instead of")) << text;
}

TEST(PlanGuard, a_yes_is_to_exactly_one_change) {
    World world = shop_with_data();
    world.project.volumes.at("data").name = "shop_other";
    confirm(world);
    EXPECT_FALSE(world.diff().blocked);
    world.project.volumes.at("data").name = "shop_third";
    EXPECT_EQ(reason(world), "VolumeRenamed");
    world.project.volumes.at("data").name = "shop_other";
    world.service("api").mounts.front().source = "/srv/elsewhere";
    EXPECT_TRUE(world.diff().blocked);
}

World renamed_shop() {
    World world = shop_with_data();
    world.observed.elsewhere = std::move(world.observed.containers);
    world.observed.containers.clear();
    world.project.name = "shop2";
    world.project.networks.at("default").name = "shop2_default";
    world.project.volumes.at("data").name = "shop2_data";
    return world;
}

TEST(PlanGuard, another_project_name_waits_for_a_person) {
    World world = renamed_shop();
    EXPECT_EQ(world.text(),
              "blocked: ProjectRenamed: the stack runs as project shop, and would be made anew as "
              "project shop2, with volumes of that name: its containers (shop-api-1, shop-db-1, "
              "shop-migrate-1) would be removed, its volumes stay as they are. `trueup confirm "
              "shop-production` lets exactly this through\n");
}

TEST(PlanGuard, a_confirmed_project_name_removes_the_old_containers_before_the_new_ones_start) {
    World world = renamed_shop();
    world.project.services.erase("api");
    world.project.services.erase("migrate");
    confirm(world);
    EXPECT_EQ(world.text(),
              R"(#1 network shop2_default: create, state: missing
#2 volume shop2_data: create, state: missing
[1,2] -> #3 service db: prepare container shop2-db-1, state: missing
[3] -> #4 container shop-api-1: remove, orphan: the stack was project shop before
[3] -> #5 container shop-db-1: remove, orphan: the stack was project shop before
[3] -> #6 container shop-migrate-1: remove, orphan: the stack was project shop before
[4-6] -> #7 service db: start container shop2-db-1, state: missing
[7] -> #8 service db: settle container shop2-db-1, state: missing
[4-6] -> #9 network shop_default: remove, orphan: no service of commit 1234567 uses it
)");
    world.converge();
    EXPECT_TRUE(world.observed.elsewhere.empty());
    EXPECT_EQ(world.observed.volumes.size(), 2U);
}

TEST(PlanGuard, an_engine_that_lost_everything_waits_for_a_person) {
    World world = shop_with_data();
    world.policy.applied = applied(world);
    const model::Observed before = world.observed;
    world.observed = model::Observed();
    EXPECT_EQ(
        world.text(),
        "blocked: VolumesGone: the engine has nothing of the stack any more, which ran commit "
        "1234567 there, and none of its volumes (shop_data): it would be made anew with new "
        "and empty ones. Where another engine answers, or this one was started with other "
        "data, bring back what was there. `trueup confirm shop-production` lets exactly this "
        "through\n");
    World with_the_volume = world;
    with_the_volume.observed.volumes = before.volumes;
    EXPECT_EQ(reason(with_the_volume).find("none: "), 0U) << "docker compose down keeps volumes";
    World never_applied = world;
    never_applied.policy.applied.reset();
    EXPECT_EQ(reason(never_applied).find("none: "), 0U);
    World without_data = world;
    without_data.project.volumes.clear();
    without_data.service("db").mounts.clear();
    EXPECT_EQ(reason(without_data).find("none: "), 0U) << "there is nothing to lose";
    confirm(world);
    world.converge();
    EXPECT_EQ(world.observed.volumes.size(), 1U);
}

TEST(PlanGuard, forged_containers_elsewhere_block_nothing) {
    World world = shop_with_data();
    model::ObservedContainer forged = world.container("shop-db-1");
    forged.id = "forged";
    forged.project = "other";
    world.observed.elsewhere.push_back(forged);
    EXPECT_EQ(world.text(), "");
}

TEST(PlanRemoval, containers_and_networks_go_and_volumes_stay) {
    World world = shop_with_data();
    EXPECT_EQ(to_text(removal(world.observed, world.policy)),
              R"(#1 container shop-api-1: remove, orphan: stack shop-production is gone
#2 container shop-db-1: remove, orphan: stack shop-production is gone
#3 container shop-migrate-1: remove, orphan: stack shop-production is gone
[1-3] -> #4 network shop_default: remove, orphan: stack shop-production is gone
)");
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
