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
        EXPECT_EQ(process->preview(entry).confirmation, held.confirmation);
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

// As docker compose would have started it; its id.
std::string start_old_db(LoopWorld& world) {
    boost::json::object labels{{"com.docker.compose.project", "old"},
                               {"com.docker.compose.service", "db"},
                               {"com.docker.compose.container-number", "1"}};
    boost::json::object body{{"Image", "base:1"}};
    body["Labels"] = std::move(labels);
    const auto id =
        trueup::test::run(world.io, world.engine.create_container("old-db-1", std::move(body)));
    EXPECT_TRUE(id);
    EXPECT_TRUE(trueup::test::run(world.io, world.engine.start_container(*id)));
    return *id;
}

TEST(GuardYes, AnotherProjectNameOfWhatWasAdoptedWaitsForIt) {
    LoopWorld world;
    Entry entry = world.entry(world.commit("release = 1\n"));
    entry.stack.spec.sync.prune = false;
    store::AdoptedContainer adopted;
    adopted.id = start_old_db(world);
    adopted.stack = "shop";
    adopted.service = "db";
    auto process = world.start();
    write(world, *process, adopted);
    const Findings held = process->reconcile(entry);
    ASSERT_EQ(blocked(held), "ProjectRenamed");
    EXPECT_NE(held.plan.blocked->message.find("old-db-1"), std::string::npos)
        << held.plan.blocked->message;
    EXPECT_EQ(world.containers(), "old-db-1 running\n");
    say_yes(world, *process, held.confirmation->token);
    const Findings done = process->reconcile(entry);
    ASSERT_FALSE(done.error) << done.error->message();
    EXPECT_NE(world.containers().find("shop-db-1 running"), std::string::npos);
    EXPECT_TRUE(process->store().adopted().contains(adopted.id))
        << "it runs on, and is still the stack's";
    const Findings again = process->reconcile(entry);
    EXPECT_EQ(blocked(again), "no") << "nothing is made anew any more";
    EXPECT_TRUE(again.plan.empty());
    entry.stack.spec.sync.prune = true;
    const Findings pruned = process->reconcile(entry);
    EXPECT_EQ(blocked(pruned), "ProjectRenamed") << "it would be removed now, which nobody said";
}

}    // namespace
}    // namespace trueup::reconcile::test
