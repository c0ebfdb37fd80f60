// SPDX-License-Identifier: Apache-2.0
// A person's yes to what a guard holds back, over the whole loop: for one time, and to just that.
#include <algorithm>

#include "tests/unit/reconcile/loop_world.hpp"

namespace trueup::reconcile::test {
namespace {

void write(LoopWorld& world, Process& process, store::Change change) {
    store::Changes changes;
    changes.push_back(std::move(change));
    ASSERT_TRUE(trueup::test::run(world.io, process.store().write(std::move(changes))));
}

void say_yes(LoopWorld& world, Process& process, const std::string& token) {
    write(world, process,
          store::Confirmation{"shop", token, store::person("ada"), base::machine_clock().now()});
}

std::string blocked(const Findings& findings) {
    return findings.plan.blocked ? findings.plan.blocked->reason : "no";
}

void lose_everything(LoopWorld& world) {
    world.engine.containers.clear();
    world.engine.volumes.clear();
}

TEST(GuardYes, IsForOneTime) {
    LoopWorld world;
    const Entry entry = world.entry(world.commit("release = 1\n"));
    ASSERT_FALSE(world.start()->reconcile(entry).error);
    for (int time = 0; time < 2; ++time) {
        lose_everything(world);
        auto process = world.start();
        const Findings held = process->reconcile(entry);
        ASSERT_EQ(blocked(held), "VolumesGone") << time;
        ASSERT_TRUE(held.confirmation);
        say_yes(world, *process, held.confirmation->token);
        const Findings done = process->reconcile(entry);
        ASSERT_FALSE(done.error) << done.error->message();
        EXPECT_TRUE(process->store().confirmed("shop").empty());
    }
}

TEST(GuardYes, HoldsUntilWhatItIsToIsDone) {
    LoopWorld world;
    const Entry entry = world.entry(world.commit("release = 1\n"));
    ASSERT_FALSE(world.start()->reconcile(entry).error);
    lose_everything(world);
    auto process = world.start();
    const std::string token = process->reconcile(entry).confirmation->token;
    say_yes(world, *process, token);
    store::Suspension suspension;
    suspension.stack = "shop";
    write(world, *process, suspension);
    ASSERT_FALSE(process->reconcile(entry).error);
    EXPECT_EQ(world.containers(), "");
    EXPECT_TRUE(process->store().confirmed("shop").contains(token));
    write(world, *process, store::Resume{"shop"});
    ASSERT_FALSE(process->reconcile(entry).error);
    EXPECT_NE(world.containers(), "");
    EXPECT_TRUE(process->store().confirmed("shop").empty());
}

}    // namespace
}    // namespace trueup::reconcile::test
