// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "controller/render/seal.hpp"
#include "tests/unit/plan/simulate.hpp"
#include "tests/unit/plan/world.hpp"

namespace trueup::plan::test {
namespace {

using model::DependencyCondition;

TEST(Plan, first_deployment) {
    World world;
    world.pulled("db", "postgres:16");
    world.add_healthcheck("db");
    world.built("migrate").restart.name = "no";
    world.built("api").replicas = 2;
    world.depends("migrate", "db", DependencyCondition::healthy);
    world.depends("api", "db");
    world.depends("api", "migrate", DependencyCondition::completed_successfully);
    model::Volume volume;
    volume.key = "data";
    volume.name = "shop_data";
    world.project.volumes["data"] = volume;
    model::Mount mount;
    mount.source = "data";
    mount.target = "/var/lib/postgresql/data";
    world.service("db").mounts.push_back(mount);
    // migrate and api are built from the same recipe: one build.
    EXPECT_EQ(world.text(), R"(#1 network shop_default: create, state: missing
#2 volume shop_data: create, state: missing
#3 service db: pull image postgres:16, state: missing
#4 service migrate: build image shop-migrate, state: missing
[1-3] -> #5 service db: prepare container shop-db-1, state: missing
[1,4] -> #6 service migrate: prepare container shop-migrate-1, state: missing
[1,4] -> #7 service api: prepare container shop-api-1, state: missing
[1,4] -> #8 service api: prepare container shop-api-2, state: missing
[5] -> #9 service db: start container shop-db-1, state: missing
[9] -> #10 service db: settle container shop-db-1, state: missing
[6,10] -> #11 service migrate: start container shop-migrate-1, state: missing
[11] -> #12 service migrate: await the end of container shop-migrate-1, state: missing
[7,12] -> #13 service api: start container shop-api-1, state: missing
[13] -> #14 service api: settle container shop-api-1, state: missing
[8,12] -> #15 service api: start container shop-api-2, state: missing
[15] -> #16 service api: settle container shop-api-2, state: missing
)");
    const Plan plan = world.diff();
    EXPECT_EQ(std::get<PrepareContainer>(plan.actions[6].step).image_from, 4);
    world.converge();
}

TEST(Plan, an_update_prepares_everything_first_and_replaces_one_replica_at_a_time) {
    World world = shop();
    world.service("api").replicas = 2;
    world.converge();
    world.new_revision("api");
    world.service("db").environment["MODE"] = "fast";
    EXPECT_EQ(world.text(),
              R"(#1 service api: build image shop-api, revision: commit 9f3c1e2 instead of 1234567
#2 service db: prepare container shop-db-1.next, config: the configuration changed: commit 9f3c1e2 instead of 1234567
[1] -> #3 service api: prepare container shop-api-1.next, revision: commit 9f3c1e2 instead of 1234567
[1] -> #4 service api: prepare container shop-api-2.next, revision: commit 9f3c1e2 instead of 1234567
[2-4] -> #5 service db: replace container shop-db-1, config: the configuration changed: commit 9f3c1e2 instead of 1234567
[5] -> #6 service db: settle container shop-db-1, config: the configuration changed: commit 9f3c1e2 instead of 1234567
[6] -> #7 service api: replace container shop-api-1, revision: commit 9f3c1e2 instead of 1234567
[7] -> #8 service api: settle container shop-api-1, revision: commit 9f3c1e2 instead of 1234567
[8] -> #9 service api: replace container shop-api-2, revision: commit 9f3c1e2 instead of 1234567
[9] -> #10 service api: settle container shop-api-2, revision: commit 9f3c1e2 instead of 1234567
)");
}

TEST(Plan, what_nobody_requires_is_waited_for_while_it_may_get_ready) {
    World world = shop();
    world.service("api").depends_on.at("db").required = false;
    world.service("migrate").depends_on.at("db").required = false;
    world.service("api").environment["MODE"] = "fast";
    const std::string change =
        R"(#1 service api: prepare container shop-api-1.next, config: the configuration changed
)";
    world.container("shop-db-1").health = model::Health::starting;
    EXPECT_EQ(world.text(),
              change + R"(#2 service db: settle optional container shop-db-1, state: starting
[1,2] -> #3 service api: replace container shop-api-1, config: the configuration changed
[3] -> #4 service api: settle container shop-api-1, config: the configuration changed
)");
    world.container("shop-db-1").health = model::Health::unhealthy;
    EXPECT_EQ(
        world.text(),
        change +
            R"([1] -> #2 service api: replace container shop-api-1, config: the configuration changed
[2] -> #3 service api: settle container shop-api-1, config: the configuration changed
)");
    // Somebody requires it after all: who acts waits, and fails with it.
    world.service("migrate").depends_on.at("db").required = true;
    EXPECT_EQ(world.text().find("service db"), std::string::npos);
    world.service("api").depends_on.at("db").required = true;
    EXPECT_NE(world.text().find("service db: settle container shop-db-1, state: unhealthy"),
              std::string::npos)
        << world.text();
}

TEST(Plan, a_container_on_several_networks_gets_its_name_when_it_is_whole) {
    World world;
    model::Network network;
    network.key = "back";
    network.name = "shop_back";
    world.project.networks["back"] = network;
    world.pulled("web").networks["back"] = {};
    EXPECT_EQ(world.text(), R"(#1 network shop_back: create, state: missing
#2 network shop_default: create, state: missing
#3 service web: pull image nginx:1, state: missing
[1-3] -> #4 service web: prepare container shop-web-1.next, state: missing
[4] -> #5 service web: start container shop-web-1, state: missing
[5] -> #6 service web: settle container shop-web-1, state: missing
)");
    EXPECT_TRUE(std::get<StartContainer>(world.diff().actions[4].step).beside);
}

TEST(Plan, a_service_may_run_what_another_one_builds) {
    World world;
    world.built("api").image = "registry.example.com/shop:1";
    world.pulled("worker", "registry.example.com/shop:1");
    EXPECT_EQ(world.text(), R"(#1 network shop_default: create, state: missing
#2 service api: build image registry.example.com/shop:1, state: missing
[1,2] -> #3 service api: prepare container shop-api-1, state: missing
[1,2] -> #4 service worker: prepare container shop-worker-1, state: missing
[3] -> #5 service api: start container shop-api-1, state: missing
[5] -> #6 service api: settle container shop-api-1, state: missing
[4] -> #7 service worker: start container shop-worker-1, state: missing
[7] -> #8 service worker: settle container shop-worker-1, state: missing
)");
    world.converge();
    EXPECT_EQ(desired_image(world.project, world.service("worker"), world.observed, world.policy),
              world.container("shop-api-1").image_id);
    world.new_revision("api");
    EXPECT_EQ(desired_image(world.project, world.service("worker"), world.observed, world.policy),
              std::nullopt);
}

TEST(Plan, another_commits_image_is_never_proven_by_a_tag) {
    World world = shop();
    world.new_revision("api");
    world.observed.image_of_reference["shop-api"] = world.container("shop-api-1").image_id;
    EXPECT_EQ(desired_image(world.project, world.service("api"), world.observed, world.policy),
              std::nullopt);
}

TEST(Plan, foreign_containers_block) {
    World world = shop();
    world.container("shop-db-1").owned = false;
    world.container("shop-api-1").stack = "shop-test";
    EXPECT_EQ(
        world.text(),
        "blocked: DuplicateProject: project shop has containers that trueup did not create for "
        "stack shop-production and does not touch: shop-api-1 (it belongs to stack "
        "shop-test), shop-db-1. Call the Stack shop-test again if it is the same, choose another "
        "project name, or end what runs with `docker compose -p shop down`, which keeps the "
        "volumes\n");
    EXPECT_FALSE(world.diff().empty());
}

TEST(Plan, containers_of_another_controller_block_and_adopting_is_no_way_out) {
    World world = shop();
    world.container("shop-api-1").owner = "edge";
    const std::string told =
        "blocked: DuplicateProject: project shop has containers that trueup did not create for "
        "stack shop-production and does not touch: shop-api-1 (controller edge created it). "
        "Controller edge has project shop, and one of the two has to give it up: take its Stack "
        "away from controller trueup; or from edge (`trueup detach -f FILE` shows how), start it "
        "anew with `docker compose up -d --force-recreate`, and set `adopt: true` here. If edge is "
        "what controller trueup was called before, call it that again\n";
    EXPECT_EQ(world.text(), told);
    world.policy.adopt = true;
    EXPECT_EQ(world.text(), told);
}

TEST(Plan, a_changed_network_in_use_blocks) {
    World world = shop();
    world.project.networks.at("default").internal = true;
    EXPECT_TRUE(world.text().starts_with("blocked: NetworkChanged: the network shop_default "))
        << world.text();
}

TEST(Plan, a_changed_network_that_nobody_uses_is_made_anew) {
    World world = shop();
    world.project.networks.at("default").internal = true;
    world.observed.containers.clear();
    EXPECT_TRUE(
        world.text().starts_with(R"(#1 network shop_default: remove, config: its settings changed
[1] -> #2 network shop_default: create, config: its settings changed
)")) << world.text();
}

TEST(Plan, a_changed_volume_blocks_and_somebody_elses_is_used) {
    World world = shop();
    model::Volume volume;
    volume.key = "data";
    volume.name = "shop_data";
    world.project.volumes["data"] = volume;
    world.converge();
    world.project.volumes.at("data").driver = "other";
    EXPECT_TRUE(world.text().starts_with("blocked: VolumeChanged: the volume shop_data "))
        << world.text();
    world.observed.volumes.front().owned = false;
    EXPECT_EQ(world.text(), "");
}

TEST(Plan, a_missing_external_resource_blocks) {
    World world = shop();
    world.project.networks.at("default").external = true;
    EXPECT_EQ(world.text(), "");
    world.observed.networks.clear();
    EXPECT_TRUE(world.text().starts_with("blocked: ResourceMissing: the network shop_default "))
        << world.text();
}

TEST(Plan, a_network_is_pruned_after_the_containers_on_it_moved_away) {
    World world = shop();
    model::Network network;
    network.key = "back";
    network.name = "shop_back";
    world.project.networks["back"] = network;
    world.service("db").networks["back"] = {};
    world.converge();
    world.project.networks.erase("back");
    world.service("db").networks.erase("back");
    EXPECT_EQ(world.text(),
              R"(#1 service db: prepare container shop-db-1.next, config: the configuration changed
[1] -> #2 service db: replace container shop-db-1, config: the configuration changed
[2] -> #3 service db: settle container shop-db-1, config: the configuration changed
[3] -> #4 network shop_back: remove, orphan: no service of commit 1234567 uses it
)");
    world.converge();
}

TEST(Plan, a_network_that_others_are_on_is_kept_and_told) {
    World world = shop();
    model::Network network;
    network.key = "back";
    network.name = "shop_back";
    world.project.networks["back"] = network;
    world.converge();
    world.project.networks.erase("back");
    for (auto& each : world.observed.networks) {
        if (each.name == "shop_back") each.others = {"metrics"};
    }
    EXPECT_EQ(world.text(),
              "held: network shop_back: remove, orphan: no service of commit 1234567 uses it: "
              "(metrics is not of this stack and would no longer start without it: `docker network "
              "disconnect shop_back CONTAINER` takes one off it)\n");
    EXPECT_FALSE(world.diff().in_sync());
    EXPECT_TRUE(world.diff().empty());
}

TEST(Plan, a_changed_network_that_only_others_are_on_blocks_and_names_them) {
    World world = shop();
    world.project.networks.at("default").internal = true;
    world.observed.containers.clear();
    world.observed.networks.front().others = {"metrics"};
    const std::string text = world.text();
    EXPECT_TRUE(text.starts_with("blocked: NetworkChanged: the network shop_default ")) << text;
    EXPECT_NE(text.find("; on it metrics is not of this stack"), std::string::npos) << text;
}

TEST(Plan, what_a_new_container_takes_over_is_known_by_its_id) {
    World world = shop();
    world.service("db").container_name = "database";
    world.service("db").environment["MODE"] = "fast";
    const Plan plan = world.diff();
    const auto& step = std::get<PrepareContainer>(plan.actions.at(0).step);
    EXPECT_EQ(step.name, "database");
    EXPECT_EQ(step.replaces, world.container("shop-db-1").id);
    EXPECT_EQ(step.holder, "");
    EXPECT_TRUE(step.beside);
    world.converge();
    world.service("db").environment["MODE"] = "slow";
    const Plan again = world.diff();
    const auto& same = std::get<PrepareContainer>(again.actions.at(0).step);
    EXPECT_EQ(same.replaces, world.container("database").id);
    EXPECT_EQ(same.holder, same.replaces);
}

TEST(Plan, a_container_under_an_older_name_is_set_aside_and_put_back_under_that) {
    World world = shop();
    world.service("db").container_name = "database";
    world.service("db").environment["MODE"] = "fast";
    Simulation simulation(world.project, world.policy, world.observed);
    simulation.apply(world.diff(), 3);    // create, rename, restart policy
    EXPECT_EQ(world.container("shop-db-1.previous").restart_policy, "no");
    EXPECT_TRUE(world.text().starts_with(
        "#1 container database.next: remove, state: left over by an interrupted rollout\n"
        "[1] -> #2 service db: rename container shop-db-1.previous to shop-db-1, state: set aside "
        "by "
        "an interrupted rollout\n"))
        << world.text();
    world.converge();
    EXPECT_EQ(world.container("database").state, model::ContainerState::running);
}

TEST(Plan, as_json) {
    World world = shop();
    world.new_revision("api");
    const boost::json::array list = to_json(world.diff());
    ASSERT_EQ(list.size(), 4U);
    EXPECT_EQ(
        boost::json::serialize(list[2]),
        R"({"number":3,"after":[2],"target":"service api","service":"api","action":"replace-container",)"
        R"("drift":"revision","cause":"commit 9f3c1e2 instead of 1234567"})");
}

TEST(Plan, no_value_of_the_environment_is_in_a_plan) {
    World world = shop();
    world.service("db").environment["POSTGRES_PASSWORD"] = "hunter2-secret";
    const Plan plan = world.diff();
    EXPECT_EQ(to_text(plan).find("hunter2"), std::string::npos);
    EXPECT_EQ(boost::json::serialize(to_json(plan)).find("hunter2"), std::string::npos);
}

// What was made and remembered before hashes were keyed stays as it is, and drift of it stays drift.
TEST(Plan, a_hash_without_a_key_is_as_good) {
    World world = shop();
    world.policy.applied = applied(world);
    for (auto& [name, service] : world.project.services) {
        service.unkeyed_hash = render::config_hash(world.project, service);
        service.config_hash = render::keyed_hash(world.policy.identity.key, service.unkeyed_hash);
    }
    EXPECT_EQ(world.text(), "");
    world.policy.drift_correction = v1alpha1::DriftCorrection::warn;
    world.remove_container("shop-api-1");
    EXPECT_EQ(
        world.text(),
        "held: service api: start container shop-api-1, state: missing: (sync.driftCorrection: "
        "warn)\n");
}

TEST(Plan, a_network_and_a_volume_with_a_hash_without_a_key_stay) {
    World world = shop();
    model::Volume volume;
    volume.key = "data";
    volume.name = "shop_data";
    world.project.volumes["data"] = volume;
    world.converge();
    const auto relabel = [&world](std::string_view kind, auto& resource, const std::string& hash) {
        EXPECT_NE(resource.config_hash, hash);
        resource.config_hash = hash;
        const render::SealedResource sealed{kind, "shop", resource.key, resource.name, hash};
        resource.seal = render::seal(world.policy.identity, sealed);
    };
    relabel("network", world.observed.networks.front(),
            render::network_hash(world.project.networks.at("default")));
    relabel("volume", world.observed.volumes.front(), render::volume_hash(volume));
    EXPECT_EQ(world.text(), "");
    world.project.volumes.at("data").driver = "other";
    EXPECT_TRUE(world.text().starts_with("blocked: VolumeChanged: ")) << world.text();
    world.project.volumes.at("data").driver = "";
    world.project.networks.at("default").internal = true;
    EXPECT_TRUE(world.text().starts_with("blocked: NetworkChanged: ")) << world.text();
}

}    // namespace
}    // namespace trueup::plan::test
