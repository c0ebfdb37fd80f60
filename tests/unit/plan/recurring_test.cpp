// SPDX-License-Identifier: Apache-2.0
// A drift that recurs is left alone; what else differs in the same container is put right all the same.
#include <gtest/gtest.h>

#include "tests/unit/plan/simulate.hpp"
#include "tests/unit/plan/world.hpp"

namespace trueup::plan::test {
namespace {

using model::ContainerState;
using std::chrono::minutes;

const SystemTime ten_o_clock = SystemTime(std::chrono::hours(490'906));

model::ObservedContainer& api(World& world) { return world.container("shop-api-1"); }

void edit_code(World& world, const std::string& container = "shop-api-1") {
    model::CodeState& code = world.container(container).code;
    code.status = model::CodeStatus::stale;
    code.difference_count = 1;
    code.differences = {{"app/main.py", model::FileChange::modified}};
}

void cut_off(World& world) { api(world).networks.clear(); }

void crash(World& world) {
    api(world).state = ContainerState::exited;
    api(world).exit_code = 137;
    api(world).health = model::Health::none;
}

void put_right(World& world, const std::string& service, Drift drift, SystemTime when) {
    world.policy.corrections.push_back(
        {service, drift, when,
         applied_hash(world.project, world.service(service), world.policy.identity.revision)});
}

// An applied shop in which these drifts of a service came back too often.
World recurring(std::initializer_list<Drift> drifts, const std::string& service = "api") {
    World world = shop();
    world.policy.applied = applied(world);
    world.now = ten_o_clock;
    for (const Drift drift : drifts) {
        for (int times = 3; times > 0; --times)
            put_right(world, service, drift, world.now - minutes(times));
    }
    return world;
}

// "restart-container process; held DriftRecurs code; "
std::string outline(const Plan& plan) {
    std::string text;
    for (const Action& action : plan.actions) {
        if (!std::holds_alternative<StartContainer>(action.step)) continue;
        text += std::string(kind(action.step)) + " " + std::string(to_string(action.cause.drift)) +
                (action.corrects ? "; " : " (wanted); ");
    }
    for (const Held& held : plan.held) {
        text += "held " + std::string(to_string(held.reason)) + " " +
                std::string(to_string(held.cause.drift)) + "; ";
    }
    return text;
}

TEST(PlanRecurring, a_container_that_does_not_run_is_started_as_it_is) {
    World world = recurring({Drift::code});
    edit_code(world);
    crash(world);
    EXPECT_EQ(world.text(),
              R"(#1 service api: start container shop-api-1, state: exited with code 137
[1] -> #2 service api: settle container shop-api-1, state: exited with code 137
held: service api: replace container shop-api-1, code: app/main.py differs from 1234567: (it came back 3 times within 10 minutes; `trueup confirm shop-production` puts it right once more)
)");
    EXPECT_TRUE(world.diff().actions.front().corrects);
}

TEST(PlanRecurring, a_container_that_is_cut_off_is_replaced) {
    World world = recurring({Drift::code});
    edit_code(world);
    cut_off(world);
    EXPECT_EQ(outline(world.diff()), "replace-container runtime; held DriftRecurs code; ");
}

TEST(PlanRecurring, a_process_older_than_its_files_is_restarted) {
    World world = recurring({Drift::code});
    edit_code(world);
    api(world).started_at = "2026-01-01T09:02:11.123456789Z";
    api(world).age.path = "/etc/app.conf";
    api(world).age.count = 1;
    EXPECT_EQ(outline(world.diff()), "restart-container process; held DriftRecurs code; ");
    api(world).age.count = 0;
    EXPECT_EQ(outline(world.diff()), "held DriftRecurs code; ");
}

TEST(PlanRecurring, bytecode_beside_files_of_the_commit_counts_as_itself) {
    World world = recurring({Drift::code});
    edit_code(world);
    model::BytecodeFinding cached;
    cached.path = "/srv/app/__pycache__/main.cpython-311.pyc";
    cached.source = "app/main.py";
    api(world).code.bytecode = {cached};
    api(world).code.bytecode_count = 1;
    EXPECT_EQ(outline(world.diff()), "replace-container bytecode; held DriftRecurs code; ");
}

TEST(PlanRecurring, other_code_in_a_container_of_a_recurring_image_is_replaced) {
    World world = recurring({Drift::image});
    world.observed.images.erase(api(world).image_id);
    EXPECT_EQ(outline(world.diff()), "held DriftRecurs image; ");
    edit_code(world);
    EXPECT_EQ(outline(world.diff()), "replace-container code; held DriftRecurs image; ");
}

TEST(PlanRecurring, what_recurs_in_every_way_is_told_in_every_way) {
    World world = recurring({Drift::code, Drift::runtime});
    edit_code(world);
    cut_off(world);
    const Plan plan = world.diff();
    EXPECT_EQ(outline(plan), "held DriftRecurs code; held DriftRecurs runtime; ");
    ASSERT_EQ(plan.held.size(), 2U);
    EXPECT_NE(plan.held[0].token, plan.held[1].token);
    // A yes to the first heals both.
    world.policy.confirmed.insert(plan.held[0].token);
    EXPECT_EQ(outline(world.diff()), "replace-container code; ");
}

TEST(PlanRecurring, a_new_commit_is_rolled_out) {
    World world = recurring({Drift::code, Drift::runtime, Drift::state});
    edit_code(world);
    cut_off(world);
    crash(world);
    world.new_revision("api");
    EXPECT_EQ(outline(world.diff()), "replace-container revision (wanted); ");
}

TEST(PlanRecurring, what_a_person_stopped_has_its_grace) {
    World world = recurring({Drift::code});
    edit_code(world);
    crash(world);
    api(world).ended = {model::EndCause::stopped, model::Actor::person, world.now};
    EXPECT_EQ(outline(world.diff()), "held DriftRecurs code; held Grace state; ");
    EXPECT_EQ(next_look(world.diff()), ten_o_clock + minutes(1));
}

// It cannot be started on a network that is not there any more.
TEST(PlanRecurring, a_cut_off_container_that_does_not_run_is_replaced_for_its_state) {
    World world = recurring({Drift::runtime});
    cut_off(world);
    EXPECT_EQ(outline(world.diff()), "held DriftRecurs runtime; ");
    crash(world);
    EXPECT_EQ(outline(world.diff()), "replace-container state; held DriftRecurs runtime; ");
}

TEST(PlanRecurring, a_one_shot_with_other_code_is_not_remembered_as_done) {
    World world = recurring({Drift::code}, "migrate");
    EXPECT_EQ(world.diff().completed.size(), 1U);
    edit_code(world, "shop-migrate-1");
    EXPECT_EQ(outline(world.diff()), "held DriftRecurs code; ");
    EXPECT_TRUE(world.diff().completed.empty());
}

TEST(PlanRecurring, what_another_cause_healed_for_a_moment_is_held_as_before) {
    World world = recurring({Drift::code});
    edit_code(world);
    cut_off(world);
    world.converge();
    world.now += minutes(5);
    put_right(world, "api", Drift::runtime, world.now);
    edit_code(world);
    EXPECT_EQ(outline(world.diff()), "held DriftRecurs code; ");
}

// Whoever spoils both again and again: each is put right as often as it may be, and no more.
TEST(PlanRecurring, drifts_that_take_turns_end) {
    World world = recurring({});
    std::map<Drift, int> corrected;
    for (int turn = 0; turn < 20; ++turn) {
        edit_code(world);
        cut_off(world);
        const Plan plan = world.diff();
        Simulation simulation(world.project, world.policy, world.observed);
        simulation.apply(plan);
        for (const Action& action : plan.actions) {
            if (!action.corrects) continue;
            ++corrected[action.cause.drift];
            put_right(world, action.service, action.cause.drift, world.now);
        }
        world.now += minutes(1);
    }
    EXPECT_EQ(corrected, (std::map<Drift, int>{{Drift::code, 3}, {Drift::runtime, 3}}));
    EXPECT_EQ(outline(world.diff()), "held DriftRecurs code; held DriftRecurs runtime; ");
}

}    // namespace
}    // namespace trueup::plan::test
