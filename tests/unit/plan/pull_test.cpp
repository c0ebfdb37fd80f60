// SPDX-License-Identifier: Apache-2.0
// pull_policy: when an image that the engine has is pulled all the same.
#include <gtest/gtest.h>

#include "tests/unit/plan/world.hpp"

namespace trueup::plan::test {
namespace {

using std::chrono::hours;

World web(const std::string& policy, std::optional<model::Duration> every = std::nullopt) {
    World world;
    world.now = SystemTime(hours(1000));
    model::Service& service = world.pulled("web");
    service.pull_policy = policy;
    service.pull_every = every;
    world.converge_pulls();
    return world;
}

void move_tag(World& world) {
    model::ObservedImage moved;
    moved.id = "sha256:moved";
    world.observed.images[moved.id] = moved;
    world.observed.image_of_reference["nginx:1"] = moved.id;
}

TEST(PlanPull, missing_never_and_build_pull_nothing_that_is_there) {
    for (const char* policy : {"", "missing", "never", "build"}) {
        World world = web(policy);
        world.policy.pulls.clear();
        world.policy.identity.revision = new_commit;
        EXPECT_EQ(world.text(), "") << policy;
    }
}

TEST(PlanPull, always_is_once_for_each_commit) {
    World world = web("always");
    EXPECT_EQ(world.text(), "");
    world.policy.identity.revision = new_commit;
    EXPECT_EQ(world.text(),
              "#1 service web: pull image nginx:1, image: pull_policy of nginx:1 is "
              "always, and it was not pulled for 9f3c1e2 yet\n");
    world.converge_pulls();
    EXPECT_EQ(world.text(), "");
    world.now += hours(1000);
    EXPECT_EQ(world.text(), "");
}

TEST(PlanPull, an_image_that_has_changed_replaces_the_container) {
    World world = web("always");
    move_tag(world);
    EXPECT_EQ(
        world.text(),
        R"(#1 service web: prepare container shop-web-1.next, image: nginx:1 is image moved, the container runs image-of-ngi
[1] -> #2 service web: replace container shop-web-1, image: nginx:1 is image moved, the container runs image-of-ngi
[2] -> #3 service web: settle container shop-web-1, image: nginx:1 is image moved, the container runs image-of-ngi
)");
}

TEST(PlanPull, what_the_policy_asks_for_is_no_drift_to_be_held) {
    World world = web("always");
    world.policy.applied = applied(world);
    world.policy.drift_correction = v1alpha1::DriftCorrection::disabled;
    move_tag(world);
    EXPECT_EQ(world.diff().actions.size(), 3U);
    world.service("web").pull_policy = "missing";
    EXPECT_EQ(world.diff().actions.size(), 0U);
    EXPECT_EQ(world.diff().held.size(), 1U);
}

TEST(PlanPull, what_speaks_of_time_waits_for_it) {
    World world = web("every_12h", hours(12));
    world.policy.identity.revision = new_commit;
    world.now += hours(12) - std::chrono::seconds(1);
    EXPECT_EQ(world.text(), "");
    world.now += std::chrono::seconds(1);
    EXPECT_EQ(world.text(),
              "#1 service web: pull image nginx:1, image: pull_policy of nginx:1 is every_12h, and "
              "it was pulled last at 1970-02-11T16:00:00Z\n");
    world.converge_pulls();
    EXPECT_EQ(world.text(), "");
}

TEST(PlanPull, a_lost_memory_or_a_clock_that_went_back_pulls_once) {
    World world = web("daily", hours(24));
    world.policy.pulls.clear();
    EXPECT_NE(world.text().find("daily, and nothing tells when it was pulled last"),
              std::string::npos);
    world.converge_pulls();
    EXPECT_EQ(world.text(), "");
    world.now -= hours(100);
    EXPECT_EQ(world.diff().actions.size(), 1U);
    world.converge_pulls();
    EXPECT_EQ(world.text(), "");
}

TEST(PlanPull, a_new_container_is_made_from_what_was_pulled_for_it) {
    World world = web("always");
    world.policy.identity.revision = new_commit;
    world.service("web").environment["A"] = "b";
    const Plan plan = world.diff();
    EXPECT_TRUE(to_text(plan).starts_with(
        "#1 service web: pull image nginx:1, image: pull_policy of nginx:1 is always, and it was "
        "not pulled for 9f3c1e2 yet\n[1] -> #2 service web: prepare container shop-web-1.next, "
        "config: the configuration changed"))
        << to_text(plan);
    EXPECT_EQ(std::get<PrepareContainer>(plan.actions[1].step).image_from, 1);
}

TEST(PlanPull, a_refresh_comes_last_and_one_reference_is_pulled_once) {
    World world = web("always");
    world.pulled("other").pull_policy = "always";
    world.pulled("db", "postgres:16");
    world.converge_pulls();
    world.policy.identity.revision = new_commit;
    world.container("shop-db-1").state = model::ContainerState::exited;
    const std::string text = world.text();
    EXPECT_TRUE(
        text.ends_with("[2] -> #3 service other: pull image nginx:1, image: pull_policy of "
                       "nginx:1 is always, and it was not pulled for 9f3c1e2 yet\n"))
        << text;
}

TEST(PlanPull, a_service_that_is_built_is_not_pulled) {
    World world;
    world.built("api").pull_policy = "always";
    world.converge();
    world.policy.identity.revision = new_commit;
    EXPECT_EQ(world.text(), "");
}

}    // namespace
}    // namespace trueup::plan::test
