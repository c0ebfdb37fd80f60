// SPDX-License-Identifier: Apache-2.0
// Labels alone make nothing ours.
#include "controller/plan/ownership.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "controller/render/seal.hpp"
#include "tests/unit/plan/world.hpp"

namespace trueup::plan::test {
namespace {

using model::ObservedContainer;

bool ours(const World& world, const ObservedContainer& container) {
    return is_ours(container, world.observed, world.policy.identity);
}

TEST(PlanOwnership, what_was_created_is_ours) {
    World world = shop();
    for (const ObservedContainer& each : world.observed.containers)
        EXPECT_TRUE(ours(world, each)) << each.name;
    for (const auto& each : world.observed.networks)
        EXPECT_TRUE(is_ours(each, "shop", world.policy.identity)) << each.name;
}

TEST(PlanOwnership, renaming_a_container_and_starting_it_anew_keeps_it_ours) {
    World world = shop();
    ObservedContainer& api = world.container("shop-api-1");
    api.name = "shop-api-1.previous";
    api.state = model::ContainerState::exited;
    api.restart_policy = "no";
    EXPECT_TRUE(ours(world, api));
}

TEST(PlanOwnership, labels_on_anything_else_are_forged) {
    struct Forgery {
        const char* name;
        std::function<void(ObservedContainer&)> forge;
    };
    const Forgery forgeries[] = {
        {"no seal", [](auto& each) { each.seal.clear(); }},
        {"a part of the seal", [](auto& each) { each.seal.pop_back(); }},
        {"another seal",
         [](auto& each) { each.seal.back() = each.seal.back() == '0' ? '1' : '0'; }},
        {"another image", [](auto& each) { each.image_id = "sha256:other"; }},
        {"another service", [](auto& each) { each.service = "db"; }},
        {"another number", [](auto& each) { each.number = 2; }},
        {"another project", [](auto& each) { each.project = "shop2"; }},
        {"another configuration", [](auto& each) { each.config_hash = "other"; }},
        {"another commit", [](auto& each) { each.revision = new_commit; }},
        {"another controller", [](auto& each) { each.owner = "other"; }},
        {"another stack", [](auto& each) { each.stack = "other"; }},
        {"no owner", [](auto& each) { each.owned = false; }},
    };
    for (const Forgery& forgery : forgeries) {
        World world = shop();
        ObservedContainer& api = world.container("shop-api-1");
        forgery.forge(api);
        EXPECT_FALSE(ours(world, api)) << forgery.name;
    }
}

TEST(PlanOwnership, a_key_makes_the_seal) {
    World world = shop();
    world.policy.identity.key = "of another controller";
    EXPECT_FALSE(ours(world, world.container("shop-api-1")));
    EXPECT_FALSE(is_ours(world.observed.networks.front(), "shop", world.policy.identity));
    EXPECT_EQ(why_foreign(world.container("shop-api-1"), world.observed, world.policy.identity),
              "it has trueup's labels without the seal that this controller would have written");
}

TEST(PlanOwnership, without_a_key_there_are_no_seals) {
    World world;
    world.policy.identity.key.clear();
    world.pulled("db", "postgres:16");
    world.converge();
    EXPECT_EQ(world.container("shop-db-1").seal, "");
    EXPECT_TRUE(ours(world, world.container("shop-db-1")));
}

TEST(PlanOwnership, a_seal_that_came_with_the_image_makes_nothing_ours) {
    World world = shop();
    ObservedContainer& db = world.container("shop-db-1");
    // docker commit: the image has all labels of the container it was made from.
    world.observed.images.at(db.image_id).owner = db.owner;
    world.observed.images.at(db.image_id).seal = db.seal;
    EXPECT_FALSE(ours(world, db));
    EXPECT_EQ(why_foreign(db, world.observed, world.policy.identity),
              "it has trueup's labels from its image, which was made from a container of trueup");
}

// A service may run an image that somebody made from a container of ours.
TEST(PlanOwnership, without_a_key_a_container_of_such_an_image_stays_ours) {
    World world;
    world.policy.identity.key.clear();
    world.pulled("db", "postgres:16");
    world.converge();
    ObservedContainer& db = world.container("shop-db-1");
    world.observed.images.at(db.image_id).owner = db.owner;
    EXPECT_TRUE(ours(world, db));
}

TEST(PlanOwnership, an_image_made_from_our_container_can_be_run_by_a_service) {
    World world = shop();
    ObservedContainer& api = world.container("shop-api-1");
    model::ObservedImage& image = world.observed.images.at(api.image_id);
    image.owner = api.owner;
    image.seal = "of the container that it was made from";
    EXPECT_TRUE(ours(world, api));
}

TEST(PlanOwnership, an_adopted_container_is_ours_by_memory) {
    World world = shop();
    ObservedContainer& api = world.container("shop-api-1");
    api.seal.clear();
    EXPECT_FALSE(ours(world, api));
    api.adopted = true;
    EXPECT_TRUE(ours(world, api));
    api.stack = "other";
    EXPECT_FALSE(ours(world, api));
}

// Portainer's "Duplicate" makes one: every label, the seal too, on the same image.
TEST(PlanOwnership, a_copy_of_all_labels_is_not_ours_and_blocks) {
    World world = shop();
    world.copy_container("shop-api-1", "shop-api-1-copy");
    EXPECT_TRUE(ours(world, world.container("shop-api-1")));
    EXPECT_EQ(
        world.text(),
        "blocked: AwaitingAdoption: project shop has containers that trueup did not create for "
        "stack shop-production and does not touch: shop-api-1-copy (it has the labels of "
        "shop-api-1: a copy of it, or somebody renamed it). Remove them, choose another project "
        "name, or take them over: `trueup adopt shop` shows what that would do\n");
    EXPECT_EQ(to_text(removal(world.observed, world.policy)).find("copy"), std::string::npos);
}

TEST(PlanOwnership, the_names_of_a_rollout_and_of_a_recreate_are_ours) {
    for (const char* name : {"shop-api-1.next", "shop-api-1.previous", "0123456789ab_shop-api-1",
                             "0123456789ab_shop-api-1.previous"}) {
        World world = shop();
        world.container("shop-api-1").name = name;
        EXPECT_TRUE(ours(world, world.container(name))) << name;
    }
    for (const char* name : {"shop-api-2", "shop-api-1.old", "shop-api-1.previous.previous",
                             "012345_shop-api-1", "next.shop-api-1"}) {
        World world = shop();
        world.container("shop-api-1").name = name;
        EXPECT_FALSE(ours(world, world.container(name))) << name;
    }
}

// As it was sealed before there was a name in the seal.
void seal_without_name(const World& world, ObservedContainer& container) {
    render::SealedContainer sealed;
    sealed.project = container.project;
    sealed.service = container.service;
    sealed.number = container.number;
    sealed.image_id = container.image_id;
    sealed.config_hash = container.config_hash;
    sealed.revision = container.revision;
    container.seal = render::seal(world.policy.identity, sealed);
    container.made_as.clear();
}

TEST(PlanOwnership, what_was_sealed_without_a_name_stays_ours_and_its_copy_does_not_become_ours) {
    World world = shop();
    seal_without_name(world, world.container("shop-api-1"));
    EXPECT_EQ(world.text(), "");
    world.copy_container("shop-api-1", "copy");
    EXPECT_TRUE(ours(world, world.container("shop-api-1")));
    EXPECT_FALSE(ours(world, world.container("copy")));
}

TEST(PlanOwnership, a_name_of_its_own_without_one_in_the_seal_is_ours_while_it_is_the_only_one) {
    World world;
    world.pulled("db", "postgres:16").container_name = "database";
    world.converge();
    seal_without_name(world, world.container("database"));
    EXPECT_EQ(world.text(), "");
    // During its rollout there are two of it.
    world.copy_container("database", "database.previous");
    EXPECT_TRUE(ours(world, world.container("database")));
    EXPECT_TRUE(ours(world, world.container("database.previous")));
    world.copy_container("database", "copy");
    EXPECT_FALSE(ours(world, world.container("database"))) << "nobody can tell which is the copy";
    EXPECT_EQ(why_foreign(world.container("copy"), world.observed, world.policy.identity),
              "it has all labels of another container: one of them is a copy");
}

TEST(PlanOwnership, a_label_with_another_name_breaks_the_seal) {
    World world = shop();
    ObservedContainer& copy = world.copy_container("shop-api-1", "copy");
    copy.made_as = "copy";
    EXPECT_FALSE(ours(world, copy));
    copy.made_as.clear();
    EXPECT_FALSE(ours(world, copy));
}

TEST(PlanOwnership, a_forged_container_blocks_and_nothing_is_touched) {
    World world = shop();
    world.container("shop-api-1").seal = "forged";
    world.new_revision("api");
    EXPECT_EQ(
        world.text(),
        "blocked: AwaitingAdoption: project shop has containers that trueup did not create for "
        "stack shop-production and does not touch: shop-api-1 (it has trueup's labels without "
        "the seal that this controller would have written). Remove them, choose another "
        "project name, or take them over: `trueup adopt shop` shows what that would do\n");
}

TEST(PlanOwnership, a_network_with_copied_labels_is_used_and_never_removed) {
    World world = shop();
    model::ObservedNetwork copy = world.observed.networks.front();
    copy.id = "copy";
    copy.name = "shop_copy";
    EXPECT_FALSE(is_ours(copy, "shop", world.policy.identity));
    world.observed.networks.push_back(copy);
    EXPECT_EQ(world.text(), "");
}

}    // namespace
}    // namespace trueup::plan::test
