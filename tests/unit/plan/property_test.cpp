// SPDX-License-Identifier: Apache-2.0
// What must hold for every plan, over many random worlds. A failure prints the seed and the plan.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/plan/random_world.hpp"
#include "tests/unit/plan/simulate.hpp"

namespace trueup::plan::test {
namespace {

constexpr unsigned worlds = 200;

// A stack deployed, changed and disturbed.
World world_of(unsigned seed, RandomWorld& source) {
    World world = source.project();
    if (seed % 5 != 0) world.converge();
    if (seed % 3 != 0) source.change(world);
    if (seed % 7 != 0) source.disturb(world);
    return world;
}

std::set<int> ancestors(const Plan& plan, int number) {
    std::set<int> found;
    std::vector<int> open = {number};
    while (!open.empty()) {
        const int next = open.back();
        open.pop_back();
        for (const int before : plan.actions[static_cast<std::size_t>(next - 1)].after) {
            if (found.insert(before).second) open.push_back(before);
        }
    }
    return found;
}

const model::ObservedContainer* find(const model::Observed& observed, const std::string& id) {
    for (const auto& each : observed.containers) {
        if (each.id == id) return &each;
    }
    return nullptr;
}

bool prepares(const Action& action) {
    return std::holds_alternative<PullImage>(action.step) ||
           std::holds_alternative<BuildImage>(action.step) ||
           std::holds_alternative<ProveImage>(action.step) ||
           std::holds_alternative<PrepareContainer>(action.step);
}

bool stops(const Action& action, const model::Observed& observed) {
    if (const auto* start = std::get_if<StartContainer>(&action.step))
        return !start->replaces.empty() || start->restart;
    const auto* removal = std::get_if<RemoveContainer>(&action.step);
    if (removal == nullptr) return false;
    const auto* container = find(observed, removal->id);
    return container != nullptr && container->state == model::ContainerState::running &&
           !container->name.ends_with(".next");
}

// The place an action works on: "api 1", or the container that it removes.
std::string place(const Action& action, const model::Observed& observed) {
    const auto of = [](const std::string& service, int number) {
        return service + " " + std::to_string(number);
    };
    if (const auto* step = std::get_if<PrepareContainer>(&action.step))
        return of(step->service, step->number);
    if (const auto* step = std::get_if<StartContainer>(&action.step))
        return of(step->service, step->number);
    if (const auto* step = std::get_if<SettleContainer>(&action.step))
        return of(step->service, step->number);
    std::string id;
    if (const auto* step = std::get_if<RemoveContainer>(&action.step)) id = step->id;
    if (const auto* step = std::get_if<RenameContainer>(&action.step)) id = step->id;
    const auto* container = find(observed, id);
    return container == nullptr ? "" : of(container->service, container->number);
}

std::string context(unsigned seed, const Plan& plan) {
    return "seed " + std::to_string(seed) + "\n" + to_text(plan);
}

void expect_no_violation(const Simulation& simulation, const std::string& where) {
    for (const std::string& violation : simulation.violations())
        ADD_FAILURE() << violation << "\n" << where;
}

TEST(PlanProperty, same_input_gives_same_text) {
    for (unsigned seed = 1; seed <= worlds; ++seed) {
        RandomWorld source(seed);
        const World world = world_of(seed, source);
        EXPECT_EQ(world.diff(), world.diff()) << seed;
        EXPECT_EQ(world.text(), world.text()) << seed;
    }
}

TEST(PlanProperty, actions_are_numbered_caused_and_wait_for_earlier_ones) {
    for (unsigned seed = 1; seed <= worlds; ++seed) {
        RandomWorld source(seed);
        const World world = world_of(seed, source);
        const Plan plan = world.diff();
        int expected = 0;
        for (const Action& action : plan.actions) {
            EXPECT_EQ(action.number, ++expected) << context(seed, plan);
            EXPECT_FALSE(action.cause.text.empty()) << context(seed, plan);
            EXPECT_FALSE(action.target.empty()) << context(seed, plan);
            EXPECT_TRUE(std::is_sorted(action.after.begin(), action.after.end()))
                << context(seed, plan);
            for (const int before : action.after)
                EXPECT_LT(before, action.number) << context(seed, plan);
        }
    }
}

TEST(PlanProperty, nothing_is_stopped_before_all_is_prepared) {
    for (unsigned seed = 1; seed <= worlds; ++seed) {
        RandomWorld source(seed);
        const World world = world_of(seed, source);
        const Plan plan = world.diff();
        for (const Action& action : plan.actions) {
            if (!stops(action, world.observed)) continue;
            const auto before = ancestors(plan, action.number);
            for (const Action& each : plan.actions) {
                if (!prepares(each)) continue;
                EXPECT_TRUE(before.contains(each.number))
                    << action.number << " stops something without " << each.number << "\n"
                    << context(seed, plan);
            }
        }
    }
}

TEST(PlanProperty, never_two_actions_at_once_in_one_place) {
    for (unsigned seed = 1; seed <= worlds; ++seed) {
        RandomWorld source(seed);
        const World world = world_of(seed, source);
        const Plan plan = world.diff();
        std::map<std::string, int> last;
        for (const Action& action : plan.actions) {
            const std::string where = place(action, world.observed);
            if (where.empty()) continue;
            // Leftovers of one place are under different names: they may go at once.
            if (std::holds_alternative<RemoveContainer>(action.step)) continue;
            const auto before = ancestors(plan, action.number);
            for (const Action& other : plan.actions) {
                if (other.number >= action.number || place(other, world.observed) != where)
                    continue;
                EXPECT_TRUE(before.contains(other.number))
                    << other.number << " and " << action.number << "\n"
                    << context(seed, plan);
            }
        }
    }
}

TEST(PlanProperty, a_plan_that_was_applied_leaves_nothing_to_do) {
    for (unsigned seed = 1; seed <= worlds; ++seed) {
        RandomWorld source(seed);
        World world = world_of(seed, source);
        const model::Observed before = world.observed;
        const Plan plan = world.diff();
        ASSERT_FALSE(plan.blocked) << context(seed, plan);
        Simulation simulation(world.project, world.policy, world.observed);
        simulation.apply(plan, SIZE_MAX, seed % 2);
        expect_no_violation(simulation, context(seed, plan));
        EXPECT_EQ(world.text(), "") << context(seed, plan);
        for (const auto& volume : before.volumes) {
            const auto& now = world.observed.volumes;
            EXPECT_NE(std::find(now.begin(), now.end(), volume), now.end())
                << volume.name << context(seed, plan);
        }
        for (const auto& network : before.networks) {
            const auto& now = world.observed.networks;
            if (network.owned) continue;
            EXPECT_NE(std::find(now.begin(), now.end(), network), now.end()) << context(seed, plan);
        }
    }
}

// Every order that `after` allows is a possible one.
TEST(PlanProperty, any_allowed_order_converges) {
    for (unsigned seed = 1; seed <= worlds; ++seed) {
        RandomWorld source(seed);
        const World start = world_of(seed, source);
        const Plan plan = start.diff();
        for (unsigned order = 1; order <= 5; ++order) {
            World world = start;
            Simulation simulation(world.project, world.policy, world.observed);
            simulation.apply(plan, SIZE_MAX, order);
            expect_no_violation(simulation, context(seed, plan));
            EXPECT_EQ(world.text(), "") << context(seed, plan);
        }
    }
}

// Some of what runs is older than its files, whatever else there is to do.
TEST(PlanProperty, processes_that_are_too_old_are_young_after_one_plan) {
    std::size_t restarts = 0;
    for (unsigned seed = 1; seed <= worlds; ++seed) {
        RandomWorld source(seed);
        World world = source.project();
        world.converge();
        if (seed % 3 == 0) source.change(world);
        for (model::ObservedContainer& container : world.observed.containers) {
            if (container.state == model::ContainerState::running && container.id.back() % 2 == 0)
                container.age.count = 1;
        }
        const Plan plan = world.diff();
        ASSERT_FALSE(plan.blocked) << context(seed, plan);
        for (const Action& action : plan.actions)
            restarts += kind(action.step) == "restart-container";
        Simulation simulation(world.project, world.policy, world.observed);
        simulation.apply(plan, SIZE_MAX, seed % 5);
        expect_no_violation(simulation, context(seed, plan));
        EXPECT_EQ(world.text(), "") << context(seed, plan);
    }
    EXPECT_GT(restarts, 0U);
}

// A place where nothing runs, and in which the previous container waits, gets it back without
// waiting for any build or pull.
void expect_quick_recovery(const World& world, const Plan& plan, unsigned seed) {
    for (const auto& aside : world.observed.containers) {
        if (!aside.name.ends_with(".previous") || aside.state == model::ContainerState::dead)
            continue;
        if (aside.state == model::ContainerState::removing ||
            !world.project.services.contains(aside.service))
            continue;
        if (aside.number > world.project.services.at(aside.service).replicas ||
            is_awaited(world.project, aside.service))
            continue;
        const bool alone = std::none_of(world.observed.containers.begin(),
                                        world.observed.containers.end(), [&](const auto& each) {
                                            return each.service == aside.service &&
                                                   each.number == aside.number && !each.one_off &&
                                                   &each != &aside && !each.name.ends_with(".next");
                                        });
        if (!alone) continue;
        bool recovered = false;
        for (const Action& action : plan.actions) {
            const auto* start = std::get_if<StartContainer>(&action.step);
            if (start == nullptr || start->id != aside.id) continue;
            recovered = true;
            for (const int before : ancestors(plan, action.number)) {
                EXPECT_FALSE(prepares(plan.actions[static_cast<std::size_t>(before - 1)]))
                    << context(seed, plan);
            }
        }
        EXPECT_TRUE(recovered) << aside.name << "\n" << context(seed, plan);
    }
}

void expect_convergence(World world, unsigned seed, const std::string& where) {
    for (int round = 0; round < 2; ++round) {
        Plan plan = world.diff();
        // A person says yes to what a newer commit does with the data.
        if (plan.blocked && world.policy.confirmed.insert(plan.blocked->token).second)
            plan = world.diff();
        ASSERT_FALSE(plan.blocked) << where << context(seed, plan);
        expect_quick_recovery(world, plan, seed);
        Simulation simulation(world.project, world.policy, world.observed);
        simulation.apply(plan);
        expect_no_violation(simulation, where + context(seed, plan));
    }
    EXPECT_EQ(world.text(), "") << where << "seed " << seed;
}

// The controller is killed after any engine call of any allowed order; sometimes the next one comes
// with a newer commit.
TEST(PlanProperty, converges_from_every_interruption) {
    for (unsigned seed = 1; seed <= worlds / 4; ++seed) {
        RandomWorld source(seed);
        const World start = world_of(seed, source);
        const Plan plan = start.diff();
        World whole = start;
        Simulation all(whole.project, whole.policy, whole.observed);
        const std::size_t calls = all.apply(plan, SIZE_MAX, seed % 3);
        for (std::size_t k = 0; k <= calls; ++k) {
            World world = start;
            Simulation simulation(world.project, world.policy, world.observed);
            simulation.apply(plan, k, seed % 3);
            const std::string where =
                "killed after call " + std::to_string(k) + " of\n" + to_text(plan) + "then ";
            expect_convergence(world, seed, where);
            World newer = world;
            source.change(newer);
            expect_convergence(newer, seed, where + "a newer commit, ");
        }
        if (::testing::Test::HasFailure()) return;
    }
}

// Killed, and killed again while the first interruption is put in order.
TEST(PlanProperty, converges_from_two_interruptions) {
    for (unsigned seed = 1; seed <= worlds / 4; ++seed) {
        RandomWorld source(seed);
        World world = world_of(seed, source);
        std::string where;
        for (std::size_t k = 1; k < 12; ++k) {
            const Plan plan = world.diff();
            where +=
                "killed after call " + std::to_string(1 + (k * seed) % 9) + " of\n" + to_text(plan);
            Simulation simulation(world.project, world.policy, world.observed);
            simulation.apply(plan, 1 + (k * seed) % 9, seed % 4);
            expect_no_violation(simulation, where);
        }
        expect_convergence(world, seed, where);
        if (::testing::Test::HasFailure()) return;
    }
}

TEST(PlanProperty, a_foreign_container_stops_everything) {
    for (unsigned seed = 1; seed <= worlds / 4; ++seed) {
        RandomWorld source(seed);
        World world = world_of(seed, source);
        model::ObservedContainer foreign;
        foreign.id = "foreign";
        foreign.name = "shop-s0-1";
        foreign.project = "shop";
        foreign.service = "s0";
        foreign.number = 1;
        if (seed % 2 == 0) {
            foreign.owned = true;
            foreign.owner = "trueup";
            foreign.stack = "another";
        }
        world.observed.containers.push_back(foreign);
        const Plan plan = world.diff();
        ASSERT_TRUE(plan.blocked);
        EXPECT_EQ(plan.blocked->reason, foreign.owned ? "DuplicateProject" : "AwaitingAdoption");
        EXPECT_NE(plan.blocked->message.find("shop-s0-1"), std::string::npos);
        EXPECT_TRUE(plan.actions.empty());
    }
}

}    // namespace
}    // namespace trueup::plan::test
