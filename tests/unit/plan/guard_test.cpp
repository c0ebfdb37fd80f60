// SPDX-License-Identifier: Apache-2.0
// Changes that a person has to confirm.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/plan/world.hpp"

namespace trueup::plan::test {
namespace {

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

TEST(PlanGuard, a_volume_that_loses_its_name_waits) {
    World world = shop_with_data();
    world.service("db").mounts.front().source.clear();
    EXPECT_EQ(
        world.text(),
        "blocked: VolumeRenamed: service db would have a volume without a name, new and empty, "
        "at /data instead of volume shop_data, which stays as it is. `trueup confirm "
        "shop-production` lets exactly this through\n");
    world.container("shop-db-1").mounts.at("/data").source = std::string(64, 'a');
    EXPECT_FALSE(world.diff().blocked) << "it goes on with the new container";
}

TEST(PlanGuard, a_mount_that_is_dropped_waits) {
    World world = shop_with_data();
    world.service("db").mounts.clear();
    world.service("api").mounts.clear();
    EXPECT_EQ(world.text(),
              "blocked: MountChanged: service api would no longer have the host's /srv/uploads at "
              "/uploads, which stays as it is; service db would no longer have volume shop_data at "
              "/data, which stays as it is. `trueup confirm shop-production` lets exactly this "
              "through\n");
    confirm(world);
    world.converge();
    EXPECT_TRUE(world.container("shop-db-1").mounts.empty());
}

TEST(PlanGuard, memory_in_place_of_a_volume_waits) {
    World world = shop_with_data();
    world.service("db").mounts.clear();
    world.service("db").tmpfs = {"/data:size=64m"};
    EXPECT_TRUE(
        world.text().starts_with("blocked: MountChanged: service db would have memory at "
                                 "/data instead of volume shop_data"))
        << world.text();
}

TEST(PlanGuard, what_another_service_shares_is_not_dropped) {
    World world = shop_with_data();
    world.service("api").volumes_from = {"db"};
    world.converge();
    // As the engine shows it.
    model::ObservedContainer& api = world.container("shop-api-1");
    api.mounts["/data"] = world.container("shop-db-1").mounts.at("/data");
    world.service("api").environment["MODE"] = "fast";
    EXPECT_FALSE(world.diff().blocked) << world.text();
    world.service("api").volumes_from = {"container:other"};
    EXPECT_FALSE(world.diff().blocked) << "nobody can tell what that one has";
    world.service("api").volumes_from.clear();
    EXPECT_EQ(reason(world), "MountChanged");
}

TEST(PlanGuard, dropping_what_is_read_only_or_nobodys_is_not_guarded) {
    World world = shop_with_data();
    model::ObservedContainer& db = world.container("shop-db-1");
    db.mounts["/etc/conf"] = {model::MountedKind::bind, "/srv/conf", false};
    db.mounts["/cache"] = {model::MountedKind::volume, std::string(64, 'a'), true};
    db.mounts["/run"] = {model::MountedKind::tmpfs, "", true};
    world.service("db").environment["MODE"] = "fast";
    EXPECT_FALSE(world.diff().blocked) << world.text();
}

TEST(PlanGuard, a_service_and_its_volume_renamed_together_wait) {
    World world = shop_with_data();
    model::Service store = world.service("db");
    store.name = "store";
    store.mounts.front().source = "rows";
    world.project.services.clear();
    world.project.code.clear();
    world.project.services["store"] = store;
    world.project.volumes.clear();
    add_volume(world, "rows", "shop_rows");
    EXPECT_EQ(
        world.text(),
        "blocked: VolumeRenamed: service store would have volume shop_rows, new and empty, at "
        "/data; service db, which is not in 1234567, has volume shop_data there, which stays "
        "as it is. `trueup confirm shop-production` lets exactly this through\n");
    confirm(world);
    EXPECT_FALSE(world.diff().blocked);
    world.project.volumes.at("rows").name = "shop_data";
    EXPECT_FALSE(world.diff().blocked) << "only the service is called otherwise";
}

TEST(PlanGuard, a_renamed_volume_of_a_service_without_container_waits) {
    World world = shop_with_data();
    add_volume(world, "logs", "shop_logs");
    model::Mount logs;
    logs.source = "logs";
    logs.target = "/logs";
    world.service("db").mounts.push_back(logs);
    world.converge();
    world.policy.applied = applied(world);
    world.remove_container("shop-db-1");
    EXPECT_FALSE(world.diff().blocked) << "it is made anew with the volumes that it had";
    world.project.volumes.at("data").name = "shop_other";
    EXPECT_EQ(
        world.text(),
        "blocked: VolumeRenamed: service db, which ran before and has no container any more, "
        "would have volume shop_other, new and empty, at /data, while no service uses "
        "shop_data of the project, which stays as it is. `trueup confirm shop-production` lets "
        "exactly this through\n");
    World new_service = world;
    new_service.policy.applied->services.erase("db");
    EXPECT_FALSE(new_service.diff().blocked) << "it never ran";
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

}    // namespace
}    // namespace trueup::plan::test
