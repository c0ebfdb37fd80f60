// SPDX-License-Identifier: Apache-2.0
// What differs and is left alone: by the Stack's choice, since it comes back, or since it is the
// controller itself.
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "tests/unit/plan/world.hpp"

namespace trueup::plan::test {
namespace {

using model::ContainerState;
using v1alpha1::DriftCorrection;

World applied_shop(DriftCorrection correction) {
    World world = shop();
    world.policy.applied = applied(world);
    world.policy.drift_correction = correction;
    return world;
}

void edit_code(World& world) {
    model::CodeState& code = world.container("shop-api-1").code;
    code.status = model::CodeStatus::stale;
    code.difference_count = 1;
    code.differences = {{"app/main.py", model::FileChange::modified}};
}

void crash(World& world, const std::string& name) {
    world.container(name).state = ContainerState::exited;
    world.container(name).exit_code = 137;
    world.container(name).health = model::Health::none;
}

TEST(PlanHold, drift_of_the_world_is_told_and_left_where_the_stack_says_warn) {
    World world = applied_shop(DriftCorrection::warn);
    crash(world, "shop-db-1");
    edit_code(world);
    EXPECT_EQ(
        world.text(),
        R"(held: service api: replace container shop-api-1, code: app/main.py differs from 1234567: (sync.driftCorrection: warn)
held: service db: start container shop-db-1, state: exited with code 137: (sync.driftCorrection: warn)
)");
    EXPECT_TRUE(world.diff().empty());
    EXPECT_FALSE(world.diff().in_sync());
    EXPECT_EQ(next_look(world.diff()), std::nullopt);
}

TEST(PlanHold, a_container_that_vanished_is_left_where_correction_is_disabled) {
    World world = applied_shop(DriftCorrection::disabled);
    world.remove_container("shop-db-1");
    EXPECT_EQ(world.text(),
              "held: service db: start container shop-db-1, state: missing: "
              "(sync.driftCorrection: disabled)\n");
}

TEST(PlanHold, what_the_operator_wants_anew_is_done_whatever_happened_by_itself) {
    World world = applied_shop(DriftCorrection::disabled);
    world.pulled("cache", "redis:7");
    world.service("db").replicas = 2;
    world.new_revision("api");
    edit_code(world);
    crash(world, "shop-migrate-1");
    EXPECT_EQ(world.text(),
              R"(#1 service cache: pull image redis:7, state: missing
#2 service api: build image shop-api, revision: commit 9f3c1e2 instead of 1234567
[1] -> #3 service cache: prepare container shop-cache-1, state: missing
#4 service db: prepare container shop-db-2, state: missing
[2] -> #5 service api: prepare container shop-api-1.next, revision: commit 9f3c1e2 instead of 1234567
[3] -> #6 service cache: start container shop-cache-1, state: missing
[6] -> #7 service cache: settle container shop-cache-1, state: missing
[4] -> #8 service db: start container shop-db-2, state: missing
[8] -> #9 service db: settle container shop-db-2, state: missing
[3,5,9] -> #10 service api: replace container shop-api-1, revision: commit 9f3c1e2 instead of 1234567
[10] -> #11 service api: settle container shop-api-1, revision: commit 9f3c1e2 instead of 1234567
held: service migrate: start container shop-migrate-1, state: exited with code 137: (sync.driftCorrection: disabled)
)");
}

TEST(PlanHold, with_nothing_remembered_the_containers_tell_what_was_applied) {
    World world = shop();
    world.policy.drift_correction = DriftCorrection::warn;
    edit_code(world);
    world.pulled("cache", "redis:7");
    const Plan plan = world.diff();
    ASSERT_EQ(plan.held.size(), 1U);
    EXPECT_EQ(plan.held.front().service, "api");
    EXPECT_FALSE(plan.actions.empty());
    for (const Action& action : plan.actions) EXPECT_EQ(action.service, "cache");
}

TEST(PlanHold, an_interrupted_rollout_is_finished_whatever_the_stack_says) {
    World world = applied_shop(DriftCorrection::disabled);
    world.container("shop-db-1").name = "shop-db-1.previous";
    world.container("shop-db-1.previous").state = ContainerState::exited;
    EXPECT_EQ(
        world.text(),
        R"(#1 service db: rename container shop-db-1.previous to shop-db-1, state: set aside by an interrupted rollout
[1] -> #2 service db: start container shop-db-1, state: set aside by an interrupted rollout
[2] -> #3 service db: settle container shop-db-1, state: its rollout was interrupted
)");
}

TEST(PlanHold, a_dead_container_is_not_removed_when_nothing_takes_its_place) {
    World world = applied_shop(DriftCorrection::warn);
    world.container("shop-db-1").state = ContainerState::dead;
    EXPECT_EQ(world.text(),
              "held: service db: start container shop-db-1, state: dead: "
              "(sync.driftCorrection: warn)\n");
}

TEST(PlanHold, only_what_had_changed_by_itself_counts_as_corrected) {
    World world = applied_shop(DriftCorrection::enabled);
    crash(world, "shop-db-1");
    edit_code(world);
    world.new_revision("api");
    std::vector<std::string> corrected;
    for (const Action& action : world.diff().actions) {
        if (action.corrects) corrected.push_back(to_text(action));
    }
    ASSERT_EQ(corrected.size(), 1U);
    EXPECT_NE(corrected.front().find("service db: start container shop-db-1"), std::string::npos);
}

// The same drift, put right at these minutes.
World corrected_at(std::initializer_list<int> minutes) {
    World world = applied_shop(DriftCorrection::enabled);
    crash(world, "shop-db-1");
    const std::string hash =
        applied_hash(world.project, world.service("db"), world.policy.identity.revision);
    for (const int minute : minutes) {
        world.policy.corrections.push_back(
            {"db", Drift::state, SystemTime(std::chrono::minutes(minute)), hash});
    }
    return world;
}

TEST(PlanHold, a_drift_that_was_put_right_three_times_in_ten_minutes_is_held) {
    EXPECT_TRUE(corrected_at({0, 5}).diff().held.empty());
    EXPECT_TRUE(corrected_at({0, 5, 11}).diff().held.empty());
    World world = corrected_at({0, 5, 10});
    EXPECT_EQ(world.text(),
              "held: service db: start container shop-db-1, state: exited with code 137: (it came "
              "back 3 times within 10 minutes; `trueup confirm shop-production` puts it right once "
              "more)\n");
    EXPECT_EQ(to_string(world.diff().held.front().reason), "DriftRecurs");
}

TEST(PlanHold, a_recurring_drift_stays_held_however_long_it_lasts) {
    World world = corrected_at({0, 5, 10});
    world.now = SystemTime(std::chrono::hours(1'000));
    ASSERT_EQ(world.diff().held.size(), 1U);
    EXPECT_EQ(world.diff().held.front().reason, HoldReason::drift_recurs);
}

TEST(PlanHold, other_drift_and_other_services_are_put_right_all_the_same) {
    World world = corrected_at({0, 5, 10});
    edit_code(world);
    crash(world, "shop-migrate-1");
    const Plan plan = world.diff();
    EXPECT_EQ(plan.held.size(), 1U);
    std::set<std::string> services;
    for (const Action& action : plan.actions) services.insert(action.service);
    EXPECT_EQ(services, (std::set<std::string>{"api", "migrate"}));
}

TEST(PlanHold, another_desired_state_ends_the_recurring) {
    World world = corrected_at({0, 5, 10});
    world.service("db").environment["MODE"] = "fast";
    EXPECT_TRUE(world.diff().held.empty());
    EXPECT_FALSE(world.diff().actions.empty());
}

TEST(PlanHold, a_person_may_have_it_put_right_once_more) {
    World world = corrected_at({0, 5, 10});
    world.policy.confirmed.insert(world.diff().held.front().token);
    EXPECT_TRUE(world.diff().held.empty());
    // It comes back, three times again.
    Correction again = world.policy.corrections.back();
    for (const int minute : {20, 21, 22}) {
        EXPECT_TRUE(world.diff().held.empty()) << minute;
        again.time = SystemTime(std::chrono::minutes(minute));
        world.policy.corrections.push_back(again);
    }
    ASSERT_EQ(world.diff().held.size(), 1U);
    EXPECT_FALSE(world.policy.confirmed.contains(world.diff().held.front().token));
}

const SystemTime ten_o_clock = SystemTime(std::chrono::hours(490'906));

// Stopped a moment ago, by the choice of the test.
World stopped_shop(model::EndCause cause, model::Actor by = model::Actor::person) {
    World world = applied_shop(DriftCorrection::enabled);
    crash(world, "shop-db-1");
    world.container("shop-db-1").ended = {cause, by, ten_o_clock};
    world.now = ten_o_clock + Seconds(1);
    return world;
}

TEST(PlanHold, what_a_person_stopped_is_told_at_once_and_put_back_after_the_grace) {
    World world = stopped_shop(model::EndCause::stopped);
    EXPECT_EQ(world.text(),
              "held: service db: start container shop-db-1, state: stopped by a person: until "
              "2026-01-01T10:01:00Z (sync.grace)\n");
    EXPECT_EQ(next_look(world.diff()), ten_o_clock + std::chrono::minutes(1));
    world.now = ten_o_clock + std::chrono::minutes(1);
    EXPECT_EQ(world.text(),
              R"(#1 service db: start container shop-db-1, state: stopped by a person
[1] -> #2 service db: settle container shop-db-1, state: stopped by a person
)");
}

TEST(PlanHold, a_paused_container_is_put_back_after_the_grace) {
    World world = applied_shop(DriftCorrection::enabled);
    world.container("shop-db-1").state = ContainerState::paused;
    world.container("shop-db-1").paused_at = ten_o_clock;
    world.policy.grace = std::chrono::hours(2);
    world.now = ten_o_clock + std::chrono::hours(1);
    EXPECT_EQ(world.text(),
              "held: service db: unpause container shop-db-1, state: paused: until "
              "2026-01-01T12:00:00Z (sync.grace)\n");
    world.now += std::chrono::hours(1);
    EXPECT_EQ(world.diff().actions.size(), 2U);
}

TEST(PlanHold, a_crash_a_kill_and_our_own_stop_are_no_persons_stop) {
    for (const auto cause : {model::EndCause::crash, model::EndCause::killed, model::EndCause::oom,
                             model::EndCause::none}) {
        EXPECT_TRUE(stopped_shop(cause).diff().held.empty()) << model::to_string(cause);
    }
    EXPECT_TRUE(stopped_shop(model::EndCause::stopped, model::Actor::trueup).diff().held.empty());
    EXPECT_TRUE(stopped_shop(model::EndCause::stopped, model::Actor::engine).diff().held.empty());
    EXPECT_FALSE(stopped_shop(model::EndCause::stopped, model::Actor::unknown).diff().held.empty())
        << "rather a person's than nobody's";
    EXPECT_NE(
        stopped_shop(model::EndCause::oom).text().find("state: ended by the kernel, out of memory"),
        std::string::npos);
}

TEST(PlanHold, a_worker_that_a_person_stopped_has_not_finished) {
    World world;
    world.pulled("worker").restart.name = "no";
    world.converge();
    world.policy.applied = applied(world);
    model::ObservedContainer& worker = world.container("shop-worker-1");
    worker.state = ContainerState::exited;
    worker.ended = {model::EndCause::stopped, model::Actor::person, ten_o_clock};
    world.now = ten_o_clock;
    EXPECT_EQ(world.diff().held.size(), 1U) << world.text();
    worker.ended.cause = model::EndCause::crash;
    EXPECT_EQ(world.text(), "");
}

TEST(PlanHold, a_stopped_container_gets_what_the_operator_wants_anew) {
    World world = stopped_shop(model::EndCause::stopped);
    world.service("db").environment["MODE"] = "fast";
    EXPECT_TRUE(world.diff().held.empty());
    EXPECT_FALSE(world.diff().actions.empty());
}

TEST(PlanHold, new_code_does_not_wait_for_a_dependency_that_a_person_stopped) {
    World world = stopped_shop(model::EndCause::stopped);
    world.new_revision("api");
    EXPECT_EQ(world.text(),
              R"(#1 service api: build image shop-api, revision: commit 9f3c1e2 instead of 1234567
[1] -> #2 service api: prepare container shop-api-1.next, revision: commit 9f3c1e2 instead of 1234567
[2] -> #3 service api: replace container shop-api-1, revision: commit 9f3c1e2 instead of 1234567
[3] -> #4 service api: settle container shop-api-1, revision: commit 9f3c1e2 instead of 1234567
held: service db: start container shop-db-1, state: stopped by a person: until 2026-01-01T10:01:00Z (sync.grace)
)");
}

TEST(PlanHold, the_controllers_own_container_is_never_replaced) {
    World world = shop();
    world.policy.self_container_id = world.container("shop-api-1").id;
    world.new_revision("api");
    EXPECT_EQ(
        world.text(),
        "held: service api: replace container shop-api-1, revision: commit 9f3c1e2 instead of "
        "1234567: (it is the controller's own container: update it with docker compose)\n");
}

TEST(PlanHold, the_controllers_own_container_is_never_removed) {
    World world = shop();
    world.policy.self_container_id = world.container("shop-api-1").id;
    world.service("api").replicas = 0;
    EXPECT_EQ(
        world.text(),
        "held: container shop-api-1: remove, state: beyond 0 replicas: (it is the controller's "
        "own container: update it with docker compose)\n");
    world.project.services.clear();
    world.project.networks.clear();
    EXPECT_EQ(world.text(),
              R"(#1 container shop-db-1: remove, orphan: service db is not in 1234567
#2 container shop-migrate-1: remove, orphan: service migrate is not in 1234567
held: container shop-api-1: remove, orphan: service api is not in 1234567: (it is the controller's own container: update it with docker compose)
)");
}

TEST(PlanHold, as_json) {
    World world = applied_shop(DriftCorrection::warn);
    crash(world, "shop-db-1");
    EXPECT_EQ(boost::json::serialize(held_to_json(world.diff())),
              R"([{"target":"service db","service":"db","action":"start container shop-db-1",)"
              R"("drift":"state","cause":"exited with code 137","reason":"DriftWarn",)"
              R"("rule":"sync.driftCorrection: warn"}])");
}

}    // namespace
}    // namespace trueup::plan::test
