// SPDX-License-Identifier: Apache-2.0
// Containers whose processes are older than the files that are mounted into them.
#include <gtest/gtest.h>

#include "tests/unit/plan/world.hpp"

namespace trueup::plan::test {
namespace {

using std::chrono::minutes;

void age(model::ObservedContainer& container) {
    container.started_at = "2026-01-01T10:02:11.123456789Z";
    container.age.path = "/etc/app.conf";
    container.age.changed = base::parse_rfc3339("2026-01-01T10:14:02Z");
    container.age.count = 1;
}

World aged() {
    World world = shop();
    world.policy.applied = applied(world);
    age(world.container("shop-api-1"));
    return world;
}

TEST(Process, what_changed_under_a_running_process_restarts_it) {
    World world = aged();
    EXPECT_EQ(
        world.text(),
        R"(#1 service api: restart container shop-api-1, process: started 2026-01-01T10:02:11Z, /etc/app.conf changed 2026-01-01T10:14:02Z
[1] -> #2 service api: settle container shop-api-1, process: started 2026-01-01T10:02:11Z, /etc/app.conf changed 2026-01-01T10:14:02Z
)");
    const Plan plan = world.diff();
    EXPECT_TRUE(plan.actions[0].corrects);
    EXPECT_EQ(kind(plan.actions[0].step), "restart-container");
    const std::string id = world.container("shop-api-1").id;
    world.converge();
    EXPECT_EQ(world.container("shop-api-1").id, id);
}

TEST(Process, the_cause_counts_the_files_and_tells_what_times_do_not) {
    World world = aged();
    model::ProcessAge& age = world.container("shop-api-1").age;
    age.count = 2;
    EXPECT_EQ(world.diff().actions[0].cause.text,
              "started 2026-01-01T10:02:11Z, /etc/app.conf changed 2026-01-01T10:14:02Z, and 1 "
              "more file");
    age.count = 4;
    age.changed.reset();
    EXPECT_EQ(world.diff().actions[0].cause.text,
              "started 2026-01-01T10:02:11Z, /etc/app.conf is another since, and 3 more files");
    age.removed = true;
    age.count = 1;
    EXPECT_EQ(world.diff().actions[0].cause.text,
              "started 2026-01-01T10:02:11Z, /etc/app.conf was removed");
}

TEST(Process, a_service_that_reloads_by_itself_is_left_alone) {
    World world = aged();
    world.service("api").reloads = true;
    EXPECT_TRUE(world.diff().in_sync());
}

TEST(Process, a_one_shot_at_work_is_left_alone) {
    World world = shop();
    world.policy.applied = applied(world);
    model::ObservedContainer& migrate = world.container("shop-migrate-1");
    migrate.state = model::ContainerState::running;
    age(migrate);
    EXPECT_TRUE(world.diff().in_sync());
}

// A worker looks like it where `restart` is left out.
TEST(Process, what_only_looks_like_a_one_shot_is_restarted) {
    World world;
    model::Service& worker = world.pulled("worker");
    worker.restart = {.name = "no"};
    world.converge();
    world.policy.applied = applied(world);
    age(world.container("shop-worker-1"));
    EXPECT_TRUE(is_one_shot(world.project, worker));
    ASSERT_FALSE(world.diff().actions.empty());
    EXPECT_EQ(kind(world.diff().actions[0].step), "restart-container");
    worker.restart.written = true;
    EXPECT_FALSE(may_be_outdated(world.project, worker));
    EXPECT_TRUE(world.diff().in_sync());
}

TEST(Process, whatever_replaces_the_container_anyway_comes_first) {
    World world = aged();
    world.service("api").environment["MODE"] = "fast";
    EXPECT_EQ(kind(world.diff().actions[1].step), "replace-container");
    World stopped = aged();
    stopped.container("shop-api-1").state = model::ContainerState::exited;
    EXPECT_EQ(kind(stopped.diff().actions[0].step), "start-container");
}

TEST(Process, replicas_restart_one_after_the_other) {
    World world = aged();
    world.service("api").replicas = 2;
    world.converge();
    world.policy.applied = applied(world);
    age(world.container("shop-api-1"));
    age(world.container("shop-api-2"));
    const Plan plan = world.diff();
    ASSERT_EQ(plan.actions.size(), 4U);
    EXPECT_EQ(kind(plan.actions[2].step), "restart-container");
    EXPECT_EQ(plan.actions[2].after, std::vector<int>{2});
}

TEST(Process, who_is_restarted_with_it_or_shares_its_namespace_restarts_too) {
    World world = aged();
    age(world.container("shop-db-1"));
    world.container("shop-api-1").age = {};
    world.service("api").depends_on.at("db").restart = true;
    world.policy.applied = applied(world);
    const std::string cause =
        "process: started 2026-01-01T10:02:11Z, /etc/app.conf changed 2026-01-01T10:14:02Z";
    EXPECT_EQ(world.text(),
              "#1 service db: restart container shop-db-1, " + cause +
                  "\n[1] -> #2 service db: settle container shop-db-1, " + cause +
                  "\n[2] -> #3 service api: restart container shop-api-1, state: service db, "
                  "which it is restarted with, is restarted\n"
                  "[3] -> #4 service api: settle container shop-api-1, state: service db, "
                  "which it is restarted with, is restarted\n");
    EXPECT_TRUE(world.diff().actions[2].corrects);
}

TEST(Process, the_policy_decides_as_over_any_drift) {
    World world = aged();
    world.policy.drift_correction = v1alpha1::DriftCorrection::warn;
    EXPECT_EQ(
        world.text(),
        "held: service api: restart container shop-api-1, process: started 2026-01-01T10:02:11Z, "
        "/etc/app.conf changed 2026-01-01T10:14:02Z: (sync.driftCorrection: warn)\n");
    world.policy.drift_correction = v1alpha1::DriftCorrection::enabled;
    const std::string hash =
        applied_hash(world.project, world.service("api"), world.policy.identity.revision);
    for (int times = 0; times < 3; ++times)
        world.policy.corrections.push_back(
            {"api", Drift::process, world.now - minutes(times), hash});
    ASSERT_EQ(world.diff().held.size(), 1U);
    EXPECT_EQ(world.diff().held[0].reason, HoldReason::drift_recurs);
}

TEST(Process, the_controllers_own_container_is_left_alone) {
    World world = aged();
    world.policy.self_container_id = world.container("shop-api-1").id;
    ASSERT_EQ(world.diff().held.size(), 1U);
    EXPECT_TRUE(world.diff().actions.empty());
    EXPECT_EQ(world.diff().held[0].reason, HoldReason::is_protected);
}

}    // namespace
}    // namespace trueup::plan::test
