// SPDX-License-Identifier: Apache-2.0
// A one-shot runs once for what it is run from, whatever becomes of its container.
#include <gtest/gtest.h>

#include "tests/unit/plan/world.hpp"

namespace trueup::plan::test {
namespace {

using model::ContainerState;

// As the store does.
void remember(World& world) { world.observed.completed = world.diff().completed; }

void ended(World& world, const std::string& name, model::EndCause cause,
           model::Actor by = model::Actor::unknown) {
    model::ObservedContainer& container = world.container(name);
    container.state = ContainerState::exited;
    container.exit_code = 0;
    container.ended = {};
    container.ended.cause = cause;
    container.ended.by = by;
}

// A service that nobody waits for, with or without `restart: "no"`.
World with_worker(bool written) {
    World world;
    world.pulled("worker").restart = {.name = "no", .written = written};
    world.converge();
    return world;
}

World done_shop() {
    World world = shop();
    remember(world);
    return world;
}

TEST(PlanOneShot, what_is_done_is_told_to_be_remembered) {
    const model::Completions done = shop().diff().completed;
    ASSERT_EQ(done.size(), 1U);
    EXPECT_EQ(done.begin()->first, std::make_pair(std::string("migrate"), 1));
    EXPECT_EQ(done.begin()->second.image, "recipe-migrate");
    EXPECT_EQ(done.begin()->second.config_hash.size(), 64U);
}

TEST(PlanOneShot, a_container_that_was_removed_after_its_success_is_not_missed) {
    World world = done_shop();
    world.remove_container("shop-migrate-1");
    EXPECT_EQ(world.text(), "");
    EXPECT_TRUE(world.diff().completed.empty());
    EXPECT_TRUE(is_done(world.project, world.service("migrate"), 1, world.observed));
    // Who waits for it does not wait.
    world.container("shop-api-1").state = ContainerState::exited;
    EXPECT_EQ(world.text().find("migrate"), std::string::npos);
}

TEST(PlanOneShot, without_a_memory_it_is_not_run_again_while_its_container_is_there) {
    World world = shop();
    EXPECT_EQ(world.text(), "");
    world.remove_container("shop-migrate-1");
    EXPECT_NE(world.text().find("start container shop-migrate-1"), std::string::npos);
}

TEST(PlanOneShot, another_configuration_or_image_runs_it_again) {
    World world = done_shop();
    world.remove_container("shop-migrate-1");
    World other = world;
    other.service("migrate").environment["STEP"] = "2";
    EXPECT_NE(other.text().find("start container shop-migrate-1"), std::string::npos);
    world.new_revision("migrate");
    EXPECT_NE(world.text().find("start container shop-migrate-1"), std::string::npos);
}

TEST(PlanOneShot, a_pulled_one_runs_again_for_another_image_only) {
    World world;
    world.pulled("job").restart = {.name = "no", .written = true};
    world.converge();
    ended(world, "shop-job-1", model::EndCause::crash);
    remember(world);
    world.remove_container("shop-job-1");
    EXPECT_EQ(world.text(), "");
    const auto images = world.observed.image_of_reference;
    world.observed.image_of_reference.clear();
    world.observed.images.clear();
    EXPECT_EQ(world.text(), "") << "nothing says that it is another image";
    world.observed.image_of_reference["nginx:1"] = "sha256:other";
    EXPECT_NE(world.text().find("start container shop-job-1"), std::string::npos);
}

// Many programs exit with 0 when they are asked to end.
TEST(PlanOneShot, what_was_asked_to_end_has_not_completed) {
    using model::Actor;
    const std::string again = "start container shop-worker-1";
    for (const bool written : {true, false}) {
        World world = with_worker(written);
        for (const Actor by : {Actor::engine, Actor::trueup}) {
            ended(world, "shop-worker-1", model::EndCause::stopped, by);
            EXPECT_NE(world.text().find(again), std::string::npos);
            EXPECT_TRUE(world.diff().completed.empty());
        }
        ended(world, "shop-worker-1", model::EndCause::crash);
        EXPECT_EQ(world.text(), "");
        EXPECT_EQ(world.diff().completed.size(), 1U);
    }
    World world = shop();
    ended(world, "shop-migrate-1", model::EndCause::stopped, Actor::engine);
    EXPECT_NE(world.text().find("start container shop-migrate-1"), std::string::npos);
}

TEST(PlanOneShot, an_end_that_nobody_heard_of_completes_what_is_written_to_run_once) {
    const std::string again = "start container shop-worker-1";
    World unwritten = with_worker(false);
    ended(unwritten, "shop-worker-1", model::EndCause::none);
    EXPECT_NE(unwritten.text().find(again), std::string::npos);

    World written = with_worker(true);
    ended(written, "shop-worker-1", model::EndCause::none);
    EXPECT_EQ(written.text(), "");
    written.container("shop-worker-1").ended.before_engine = true;
    EXPECT_NE(written.text().find(again), std::string::npos) << "the engine may have stopped it";
    EXPECT_TRUE(written.diff().completed.empty());

    World world = shop();
    ended(world, "shop-migrate-1", model::EndCause::none);
    world.container("shop-migrate-1").ended.before_engine = true;
    EXPECT_EQ(world.text(), "") << "others wait for it: it is no service that runs on";
}

TEST(PlanOneShot, what_is_remembered_stays_done_whatever_the_engine_did_since) {
    World world = with_worker(true);
    ended(world, "shop-worker-1", model::EndCause::crash);
    remember(world);
    ended(world, "shop-worker-1", model::EndCause::none);
    world.container("shop-worker-1").ended.before_engine = true;
    EXPECT_EQ(world.text(), "");
}

TEST(PlanOneShot, what_happens_to_its_image_or_network_does_not_run_it_again) {
    World world = done_shop();
    world.observed.images.erase(world.container("shop-migrate-1").image_id);
    for (auto& [network, id] : world.container("shop-migrate-1").networks) id = "gone";
    EXPECT_EQ(world.text(), "");
}

TEST(PlanOneShot, one_that_failed_is_started_again_and_is_not_done) {
    World world = done_shop();
    world.container("shop-migrate-1").exit_code = 1;
    EXPECT_TRUE(world.text().starts_with(
        "#1 service migrate: start container shop-migrate-1, state: exited with code 1"));
    EXPECT_TRUE(world.diff().completed.empty());
}

TEST(PlanOneShot, one_that_fails_again_and_again_waits_for_a_person) {
    World world = shop();
    world.policy.applied = applied(world);
    world.container("shop-migrate-1").exit_code = 1;
    for (int count = 0; count < 3; ++count) {
        EXPECT_TRUE(world.diff().held.empty());
        world.policy.corrections.push_back(
            {"migrate", Drift::state, world.now, world.policy.applied->services.at("migrate")});
    }
    ASSERT_EQ(world.diff().held.size(), 1U);
    EXPECT_EQ(world.diff().held.front().reason, HoldReason::drift_recurs);
}

TEST(PlanOneShot, a_service_that_is_to_run_on_is_never_done) {
    World world = done_shop();
    world.observed.completed[{"db", 1}] = {render::config_hash(world.project, world.service("db")),
                                           "sha256:image-of-postgres:16"};
    world.remove_container("shop-db-1");
    EXPECT_NE(world.text().find("start container shop-db-1"), std::string::npos);
}

}    // namespace
}    // namespace trueup::plan::test
