// SPDX-License-Identifier: Apache-2.0
// What must hold for whatever is held, over many random worlds.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/plan/random_world.hpp"
#include "tests/unit/plan/simulate.hpp"

namespace trueup::plan::test {
namespace {

using model::ContainerState;
using v1alpha1::DriftCorrection;

constexpr unsigned worlds = 200;

std::string context(unsigned seed, const World& world) {
    return "seed " + std::to_string(seed) + "\n" + world.text();
}

bool is_held(const Plan& plan, const std::string& service) {
    for (const Held& held : plan.held) {
        if (held.service == service) return true;
    }
    return false;
}

// A stack that was applied, and to which things happened then.
World disturbed(unsigned seed) {
    RandomWorld source(seed);
    World world = source.project();
    world.converge();
    world.policy.applied = applied(world);
    source.disturb(world);
    return world;
}

TEST(PlanHoldProperty, where_correction_is_off_no_running_thing_is_touched) {
    for (unsigned seed = 1; seed <= worlds; ++seed) {
        World world = disturbed(seed);
        world.policy.drift_correction = DriftCorrection::disabled;
        const model::Observed before = world.observed;
        const std::string where = context(seed, world);
        Simulation simulation(world.project, world.policy, world.observed);
        simulation.apply(world.diff());
        for (const std::string& violation : simulation.violations())
            ADD_FAILURE() << violation << where;
        for (const auto& container : before.containers) {
            const bool leftover =
                container.name.ends_with(".next") || container.name.ends_with(".previous") ||
                std::any_of(
                    before.containers.begin(), before.containers.end(),
                    [&](const auto& each) { return each.name == container.name + ".previous"; });
            if (leftover) continue;
            const auto& now = world.observed.containers;
            EXPECT_NE(std::find(now.begin(), now.end(), container), now.end())
                << container.name << " " << where;
        }
        EXPECT_TRUE(world.diff().empty()) << context(seed, world);
    }
}

TEST(PlanHoldProperty, whatever_is_not_done_is_told) {
    for (unsigned seed = 1; seed <= worlds; ++seed) {
        World world = disturbed(seed);
        const Plan all = world.diff();
        world.policy.drift_correction = DriftCorrection::warn;
        const Plan some = world.diff();
        for (const Action& action : all.actions) {
            const auto* start = std::get_if<StartContainer>(&action.step);
            if (start == nullptr) continue;
            const bool done =
                std::any_of(some.actions.begin(), some.actions.end(), [&](const Action& each) {
                    const auto* other = std::get_if<StartContainer>(&each.step);
                    return other != nullptr && other->name == start->name;
                });
            // A dependent restarts only with what it depends on.
            const bool follows = action.cause.text.ends_with("is replaced");
            EXPECT_TRUE(done || follows || is_held(some, action.service)) << to_text(action) << "\n"
                                                                          << context(seed, world);
        }
        for (const Action& action : some.actions)
            EXPECT_FALSE(action.corrects) << to_text(action) << context(seed, world);
    }
}

TEST(PlanHoldProperty, the_own_container_survives_every_plan) {
    for (unsigned seed = 1; seed <= worlds; ++seed) {
        RandomWorld source(seed);
        World world = source.project();
        world.converge();
        if (world.observed.containers.empty()) continue;
        source.change(world);
        source.disturb(world);
        if (world.observed.containers.empty()) continue;
        model::ObservedContainer& self =
            world.observed.containers[seed % world.observed.containers.size()];
        if (self.one_off) continue;
        self.state = ContainerState::running;
        const model::ObservedContainer before = self;
        world.policy.self_container_id = self.id;
        std::string where;
        for (int round = 0; round < 3; ++round) {
            const Plan plan = world.diff();
            where += context(seed, world);
            Simulation simulation(world.project, world.policy, world.observed);
            simulation.apply(plan);
            for (const std::string& violation : simulation.violations())
                ADD_FAILURE() << violation << context(seed, world);
        }
        const bool survives = std::any_of(world.observed.containers.begin(),
                                          world.observed.containers.end(), [&](const auto& each) {
                                              return each.id == before.id &&
                                                     each.name == before.name &&
                                                     each.started_at == before.started_at;
                                          });
        EXPECT_TRUE(survives) << before.name << " " << where;
    }
}

}    // namespace
}    // namespace trueup::plan::test
