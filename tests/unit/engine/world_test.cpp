// SPDX-License-Identifier: Apache-2.0
#include "controller/engine/world.hpp"

#include <gtest/gtest.h>

namespace trueup::engine {
namespace {

model::ObservedContainer container(std::string id, std::string project, std::string name) {
    model::ObservedContainer made;
    made.id = std::move(id);
    made.project = std::move(project);
    made.name = std::move(name);
    made.image_id = "sha256:" + made.name;
    return made;
}

model::ObservedNetwork network(std::string name, std::string project) {
    model::ObservedNetwork made;
    made.id = "id-" + name;
    made.name = std::move(name);
    made.project = std::move(project);
    return made;
}

model::ObservedVolume volume(std::string name, std::string project) {
    model::ObservedVolume made;
    made.name = std::move(name);
    made.project = std::move(project);
    return made;
}

model::ObservedImage image(std::string id, model::Strings references, std::string recipe = "") {
    model::ObservedImage made;
    made.id = std::move(id);
    made.references = std::move(references);
    made.recipe_id = std::move(recipe);
    return made;
}

model::Project project(std::string name) {
    model::Project made;
    made.name = std::move(name);
    return made;
}

std::vector<std::string> names(const model::Observed& observed) {
    std::vector<std::string> found;
    for (const auto& one : observed.containers) found.push_back(one.name);
    return found;
}

using Names = std::vector<std::string>;

TEST(EngineWorld, EveryWayToWriteAHubImageIsOneReference) {
    for (const char* written :
         {"nginx", "nginx:latest", "library/nginx", "docker.io/nginx",
          "docker.io/library/nginx:latest", "index.docker.io/library/nginx"}) {
        EXPECT_EQ(normal_reference(written), "nginx:latest") << written;
    }
    EXPECT_EQ(normal_reference("docker.io/bitnami/redis:7"), "bitnami/redis:7");
}

TEST(EngineWorld, ThePortOfARegistryIsNoTag) {
    EXPECT_EQ(normal_reference("registry:5000/shop/web"), "registry:5000/shop/web:latest");
    EXPECT_EQ(normal_reference("registry:5000/shop/web:2"), "registry:5000/shop/web:2");
    EXPECT_EQ(normal_reference("ghcr.io/library/nginx:1"), "ghcr.io/library/nginx:1");
}

TEST(EngineWorld, ADigestOrAnIdGetsNoTag) {
    EXPECT_EQ(normal_reference("nginx@sha256:ab"), "nginx@sha256:ab");
    EXPECT_EQ(normal_reference("docker.io/library/nginx@sha256:ab"), "nginx@sha256:ab");
    EXPECT_EQ(normal_reference("sha256:ab"), "sha256:ab");
}

TEST(EngineWorld, AProjectSeesItsOwnContainersInTheOrderOfTheirNames) {
    World world;
    world.put(container("3", "shop", "shop-web-2"));
    world.put(container("1", "shop", "shop-web-1"));
    world.put(container("2", "blog", "blog-web-1"));
    world.put(container("4", "", "by-hand"));
    EXPECT_EQ(names(world.observe(project("shop"))), (Names{"shop-web-1", "shop-web-2"}));
    EXPECT_EQ(names(world.observe(project("blog"))), (Names{"blog-web-1"}));
    EXPECT_EQ(names(world.observe(project("unknown"))), Names());
}

TEST(EngineWorld, AStackSeesWhatHasItsLabelInOtherProjects) {
    World world;
    model::ObservedContainer moved = container("1", "old", "old-web-1");
    moved.stack = "shop";
    moved.image_id = "image";
    world.put(moved);
    moved.id = "2";
    moved.project = "shop";
    moved.name = "shop-web-1";
    world.put(moved);
    world.put(container("3", "blog", "blog-web-1"));
    model::ObservedImage image;
    image.id = "image";
    world.set_images({image});
    model::ObservedNetwork network;
    network.name = "old_default";
    network.project = "old";
    network.stack = "shop";
    world.set_networks({network});

    const model::Observed observed = world.observe(project("shop"), "shop");
    EXPECT_EQ(names(observed), Names{"shop-web-1"});
    ASSERT_EQ(observed.elsewhere.size(), 1U);
    EXPECT_EQ(observed.elsewhere.front().name, "old-web-1");
    EXPECT_EQ(observed.networks.size(), 1U);
    EXPECT_TRUE(observed.images.contains("image"));
    EXPECT_TRUE(world.observe(project("shop")).elsewhere.empty());
    world.remove_container("1");
    EXPECT_TRUE(world.observe(project("shop"), "shop").elsewhere.empty());
}

TEST(EngineWorld, WhatNoLabelTellsIsNamed) {
    World world;
    world.put(container("1", "old", "old-web-1"));
    world.put(container("2", "shop", "shop-web-1"));
    world.put(container("3", "blog", "blog-web-1"));
    const model::Observed observed = world.observe(project("shop"), "shop", {"1", "2", "gone"});
    EXPECT_EQ(names(observed), Names{"shop-web-1"});
    ASSERT_EQ(observed.elsewhere.size(), 1U);
    EXPECT_EQ(observed.elsewhere.front().name, "old-web-1");
}

TEST(EngineWorld, PuttingTheSameAgainIsNoChange) {
    World world;
    EXPECT_TRUE(world.put(container("1", "shop", "shop-web-1")));
    EXPECT_FALSE(world.put(container("1", "shop", "shop-web-1")));
    auto stopped = container("1", "shop", "shop-web-1");
    stopped.state = model::ContainerState::exited;
    EXPECT_TRUE(world.put(stopped));
    ASSERT_NE(world.find("1"), nullptr);
    EXPECT_EQ(world.find("1")->state, model::ContainerState::exited);
    EXPECT_EQ(world.observe(project("shop")).containers.size(), 1U);
}

TEST(EngineWorld, AContainerBelongsToOneProjectAtATime) {
    World world;
    world.put(container("1", "shop", "web"));
    EXPECT_TRUE(world.put(container("1", "blog", "web")));
    EXPECT_EQ(names(world.observe(project("shop"))), Names());
    EXPECT_EQ(names(world.observe(project("blog"))), Names{"web"});
    EXPECT_TRUE(world.remove_container("1"));
    EXPECT_EQ(names(world.observe(project("shop"))), Names());
}

TEST(EngineWorld, ARemovedContainerIsGoneAndASecondRemovalChangesNothing) {
    World world;
    world.put(container("1", "shop", "a"));
    world.put(container("2", "shop", "b"));
    EXPECT_TRUE(world.remove_container("1"));
    EXPECT_FALSE(world.remove_container("1"));
    EXPECT_EQ(world.find("1"), nullptr);
    EXPECT_EQ(names(world.observe(project("shop"))), Names{"b"});
}

TEST(EngineWorld, KeepingOnlySomeNamesTheRest) {
    World world;
    world.put(container("1", "shop", "a"));
    world.put(container("2", "shop", "b"));
    world.put(container("3", "blog", "c"));
    EXPECT_EQ(world.keep_only({"1", "9"}, nullptr), (std::set<std::string>{"2", "3"}));
    EXPECT_EQ(names(world.observe(project("shop"))), Names{"a"});
    EXPECT_EQ(names(world.observe(project("blog"))), Names());
    EXPECT_TRUE(world.keep_only({"1"}, nullptr).empty());
}

TEST(EngineWorld, KeepingOnlySomeOfOneProjectLeavesOthersAlone) {
    World world;
    world.put(container("1", "shop", "a"));
    world.put(container("2", "shop", "b"));
    world.put(container("3", "blog", "c"));
    const std::string shop = "shop";
    EXPECT_EQ(world.keep_only({}, &shop), (std::set<std::string>{"1", "2"}));
    EXPECT_EQ(names(world.observe(project("blog"))), Names{"c"});
}

TEST(EngineWorld, NetworksAndVolumesAreThoseOfTheProjectOrNamedByIt) {
    World world;
    world.set_networks({network("shop_default", "shop"), network("edge", ""),
                        network("blog_default", "blog"), network("bridge", "")});
    world.set_volumes(
        {volume("shop_data", "shop"), volume("backups", ""), volume("blog_data", "blog")});
    model::Project shop = project("shop");
    shop.networks["outside"].name = "edge";
    shop.volumes["safe"].name = "backups";
    const model::Observed observed = world.observe(shop);
    EXPECT_EQ(observed.networks, (std::vector<model::ObservedNetwork>{
                                     network("edge", ""), network("shop_default", "shop")}));
    EXPECT_EQ(observed.volumes, (std::vector<model::ObservedVolume>{volume("backups", ""),
                                                                    volume("shop_data", "shop")}));
}

TEST(EngineWorld, AnotherOrderOfAListIsNoChange) {
    World world;
    EXPECT_TRUE(world.set_networks({network("b", ""), network("a", "")}));
    EXPECT_FALSE(world.set_networks({network("a", ""), network("b", "")}));
    EXPECT_TRUE(world.set_networks({network("a", "")}));
    EXPECT_TRUE(world.set_volumes({volume("b", ""), volume("a", "")}));
    EXPECT_FALSE(world.set_volumes({volume("a", ""), volume("b", "")}));
    EXPECT_TRUE(world.set_volumes({}));
    EXPECT_TRUE(world.set_images({image("2", {"b:1"}), image("1", {"a:1"})}));
    EXPECT_FALSE(world.set_images({image("1", {"a:1"}), image("2", {"b:1"})}));
    EXPECT_TRUE(world.set_images({image("1", {"a:2"}), image("2", {"b:1"})}));
}

TEST(EngineWorld, ADesiredImageIsFoundHoweverItIsWritten) {
    World world;
    world.set_images({image("sha256:1", {"nginx:latest"}), image("sha256:2", {"redis:7"})});
    model::Project shop = project("shop");
    shop.services["web"].image = "docker.io/library/nginx";
    shop.services["cache"].image = "valkey:8";
    const model::Observed observed = world.observe(shop);
    EXPECT_EQ(observed.image_of_reference,
              (std::map<std::string, std::string>{{"docker.io/library/nginx", "sha256:1"}}));
    ASSERT_EQ(observed.images.size(), 1U);
    EXPECT_EQ(observed.images.begin()->first, "sha256:1");
}

TEST(EngineWorld, AnImageThatLostItsTagIsNoLongerFound) {
    World world;
    model::Project shop = project("shop");
    shop.services["web"].image = "nginx";
    world.set_images({image("sha256:1", {"nginx:latest"})});
    EXPECT_EQ(world.observe(shop).image_of_reference.size(), 1U);
    world.set_images({image("sha256:1", {})});
    EXPECT_TRUE(world.observe(shop).image_of_reference.empty());
    EXPECT_TRUE(world.observe(shop).images.empty());
}

TEST(EngineWorld, ImagesOfContainersAndOfTheRecipeAreSeen) {
    World world;
    world.put(container("1", "shop", "web"));
    world.put(container("2", "blog", "other"));
    world.set_images({image("sha256:web", {}), image("sha256:other", {}),
                      image("sha256:3", {"shop/web:new"}, "r1"), image("sha256:4", {}, "r1"),
                      image("sha256:5", {}, "r2")});
    model::Project shop = project("shop");
    shop.services["web"].build.emplace().recipe_id = "r1";
    std::vector<std::string> found;
    for (const auto& [id, one] : world.observe(shop).images) found.push_back(id);
    EXPECT_EQ(found, (Names{"sha256:3", "sha256:4", "sha256:web"}));
}

TEST(EngineWorld, OwnedContainersOfAllProjectsAreKnownById) {
    World world;
    auto ours = container("1", "shop", "a");
    ours.owned = true;
    auto gone_stack = container("2", "old", "b");
    gone_stack.owned = true;
    world.put(ours);
    world.put(gone_stack);
    world.put(container("3", "shop", "foreign"));
    EXPECT_EQ(world.owned(),
              (std::map<std::string, model::ObservedContainer>{{"1", ours}, {"2", gone_stack}}));
}

}    // namespace
}    // namespace trueup::engine
