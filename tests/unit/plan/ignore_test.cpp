// SPDX-License-Identifier: Apache-2.0
#include "controller/plan/ignore.hpp"

#include <gtest/gtest.h>

#include "tests/unit/plan/world.hpp"

namespace trueup::plan::test {
namespace {

// As reconcile does: the hash of what is desired leaves out what is ignored.
void ignore(World& world, std::vector<std::string> pointers) {
    world.policy.ignore = std::move(pointers);
    for (auto& [name, service] : world.project.services) {
        service.config_hash.clear();
        service.config_hash = config_hash(world.project, service, world.policy.ignore);
    }
}

World deployed(const std::vector<std::string>& pointers) {
    World world = shop();
    world.service("api").environment = {{"DEBUG", "0"}, {"MODE", "fast"}};
    world.service("api").labels = {{"a/b", "1"}};
    ignore(world, pointers);
    world.converge();
    return world;
}

TEST(PlanIgnore, a_difference_in_what_is_ignored_replaces_nothing) {
    World world = deployed({"/services/api/environment/DEBUG"});
    world.service("api").environment["DEBUG"] = "1";
    ignore(world, world.policy.ignore);
    EXPECT_EQ(world.text(), "");
    world.service("api").environment["MODE"] = "slow";
    ignore(world, world.policy.ignore);
    EXPECT_FALSE(world.diff().actions.empty());
}

TEST(PlanIgnore, another_services_attribute_of_that_name_counts) {
    World world = deployed({"/services/api/environment"});
    world.service("db").environment["DEBUG"] = "1";
    ignore(world, world.policy.ignore);
    EXPECT_FALSE(world.diff().actions.empty());
}

TEST(PlanIgnore, telling_what_to_ignore_replaces_nothing) {
    World world = deployed({});
    ignore(world, {"/services/api/environment/DEBUG"});
    EXPECT_EQ(world.text(), "");
    world.service("api").environment["MODE"] = "slow";
    ignore(world, world.policy.ignore);
    EXPECT_FALSE(world.diff().actions.empty());
}

TEST(PlanIgnore, a_key_may_hold_a_slash) {
    const World world = deployed({});
    model::Service other = world.project.services.at("api");
    other.labels["a/b"] = "2";
    const std::vector<std::string> pointers = {"/services/api/labels/a~1b"};
    EXPECT_EQ(config_hash(world.project, other, pointers),
              config_hash(world.project, world.project.services.at("api"), pointers));
}

TEST(PlanIgnore, every_attribute_alone_can_be_left_out) {
    const World world = deployed({});
    const model::Service& plain = world.project.services.at("api");
    model::Service other = plain;
    other.command = {"sleep", "1"};
    other.user = "app";
    other.stop_grace_period = std::chrono::seconds(3);
    other.ports.push_back({"", "80", 80, "tcp", "", "", ""});
    const std::vector<std::string> pointers = {"/services/api/command", "/services/api/user",
                                               "/services/api/stop_grace_period",
                                               "/services/api/ports"};
    EXPECT_EQ(config_hash(world.project, other, pointers),
              config_hash(world.project, plain, pointers));
    for (std::size_t left_out = 0; left_out < pointers.size(); ++left_out) {
        std::vector<std::string> some = pointers;
        some.erase(some.begin() + static_cast<std::ptrdiff_t>(left_out));
        EXPECT_NE(config_hash(world.project, other, some), config_hash(world.project, plain, some))
            << pointers[left_out];
    }
}

TEST(PlanIgnore, what_cannot_be_ignored_is_refused_and_says_why) {
    EXPECT_EQ(refuse_pointer("/services/api/environment/DEBUG"), std::nullopt);
    EXPECT_EQ(refuse_pointer("/services/api/user"), std::nullopt);
    EXPECT_EQ(refuse_pointer("/services/api/image"),
              "'/services/api/image': image is no attribute that can be ignored");
    EXPECT_EQ(refuse_pointer("/services/api/user/name"),
              "'/services/api/user/name': user can only be ignored as a whole");
    for (const char* wrong : {"", "/", "services/api/user", "/services/api", "/networks/default/x",
                              "/services/api/environment/A/B"}) {
        EXPECT_NE(refuse_pointer(wrong), std::nullopt) << wrong;
    }
}

TEST(PlanIgnore, a_pointer_to_a_service_that_is_not_there_is_told) {
    const World world = shop();
    EXPECT_EQ(idle_pointers(world.project, {"/services/api/user", "/services/gone/user"}),
              std::vector<std::string>{"/services/gone/user"});
}

}    // namespace
}    // namespace trueup::plan::test
