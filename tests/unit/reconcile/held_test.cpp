// SPDX-License-Identifier: Apache-2.0
// What goes on beside a drift that is left as it is.
#include <boost/json.hpp>
#include <stdexcept>

#include "tests/unit/reconcile/loop_world.hpp"

namespace trueup::reconcile {
namespace {

using test::LoopWorld;
using test::Process;

model::StringMap& files_of(LoopWorld& world, const std::string& container) {
    trueup::test::FakeContainer* found = world.engine.find(container);
    if (found == nullptr) throw std::runtime_error(container + " is not there");
    return found->files;
}

std::string web(const std::string& mode) {
    return "  web:\n    image: db:1\n    restart: always\n    environment: {MODE: " + mode + "}\n";
}

// What is held goes on being counted while other drift of the same container is put right.
TEST(Held, HidesNoOtherDriftOfItsContainer) {
    LoopWorld world;
    const Entry entry = world.entry(world.commit("release = 1\n"));
    auto process = world.start();
    ASSERT_FALSE(process->reconcile(entry).error);
    const auto look_at_edited = [&] {
        files_of(world, "shop-api-1")["/srv/app/main.py"] = "by hand\n";
        process.reset();
        process = world.start();    // what it knew of the code is gone
        return process->reconcile(entry);
    };
    for (int round = 1; round <= 3; ++round) {
        ASSERT_FALSE(look_at_edited().error);
        EXPECT_EQ(files_of(world, "shop-api-1")["/srv/app/main.py"], "release = 1\n") << round;
    }
    const Findings held = look_at_edited();
    EXPECT_EQ(plan::to_text(held.plan).substr(0, 6), "held: ");

    world.engine.kill("shop-api-1");
    ASSERT_TRUE(process->settled("shop-api-1", model::ContainerState::exited));
    const Findings started = process->reconcile(entry);
    ASSERT_FALSE(started.error) << started.error->message();
    EXPECT_EQ(world.engine.find("shop-api-1")->state, model::ContainerState::running);
    EXPECT_EQ(files_of(world, "shop-api-1")["/srv/app/main.py"], "by hand\n");

    const Findings again = look_at_edited();
    EXPECT_EQ(plan::to_text(again.plan), plan::to_text(held.plan));
    ASSERT_EQ(again.remaining.held.size(), 1U);
    EXPECT_EQ(again.remaining.held.front().reason, plan::HoldReason::drift_recurs);
}

// Else what happens to it later would count as wanted anew, and be put right whatever the Stack says.
TEST(Held, WhatIsRolledOutBesideItIsRememberedAsApplied) {
    LoopWorld world;
    auto process = world.start();
    ASSERT_FALSE(process->reconcile(world.entry(world.commit("release = 1\n", web("old")))).error);
    const std::string before = process->store().applied("shop")->services.at("web");
    world.engine.kill("shop-db-1");
    ASSERT_TRUE(process->settled("shop-db-1", model::ContainerState::exited));

    Entry next = world.entry(world.commit("release = 1\n", web("new")));
    next.stack.spec.sync.drift_correction = v1alpha1::DriftCorrection::warn;
    const Findings rolled_out = process->reconcile(next);
    ASSERT_FALSE(rolled_out.error) << rolled_out.error->message();
    EXPECT_EQ(rolled_out.remaining.held.size(), 1U) << plan::to_text(rolled_out.remaining);
    EXPECT_EQ(process->store().applied("shop")->commit, next.stack.spec.git.commit);
    EXPECT_NE(process->store().applied("shop")->services.at("web"), before);

    world.engine.kill("shop-web-1");
    ASSERT_TRUE(process->settled("shop-web-1", model::ContainerState::exited));
    const Findings later = process->reconcile(next);
    EXPECT_TRUE(later.plan.actions.empty()) << plan::to_text(later.plan);
    EXPECT_EQ(later.plan.held.size(), 2U) << plan::to_text(later.plan);
    auto revisions = trueup::test::run(world.io, process->store().revisions("shop"));
    ASSERT_TRUE(revisions);
    EXPECT_EQ(revisions->size(), 2U) << "nothing was deployed since";
}

// What another tool made and the commit does not name is left alone, and is no part of what was deployed.
TEST(Held, WhatIsNotOfTheStackHidesNoStateThatWasReached) {
    LoopWorld world;
    boost::json::object labels{{"com.docker.compose.project", "shop"},
                               {"com.docker.compose.service", "tool"},
                               {"com.docker.compose.container-number", "1"}};
    boost::json::object body{{"Image", "base:1"}};
    body["Labels"] = std::move(labels);
    const auto tool =
        trueup::test::run(world.io, world.engine.create_container("shop-tool-1", std::move(body)));
    ASSERT_TRUE(tool);
    ASSERT_TRUE(trueup::test::run(world.io, world.engine.start_container(*tool)));
    auto process = world.start();
    Entry entry = world.entry(world.commit("release = 1\n"));
    entry.stack.spec.adopt = true;
    entry.stack.spec.sync.drift_correction = v1alpha1::DriftCorrection::warn;
    const Findings first = process->reconcile(entry);
    ASSERT_FALSE(first.error) << first.error->message();
    EXPECT_EQ(first.remaining.held.size(), 1U) << plan::to_text(first.remaining);
    ASSERT_NE(process->store().applied("shop"), nullptr);

    entry.stack.spec.git.commit = world.commit("release = 2\n");
    const Findings second = process->reconcile(entry);
    ASSERT_FALSE(second.error) << second.error->message();
    EXPECT_EQ(process->store().applied("shop")->commit, entry.stack.spec.git.commit);
    world.engine.kill("shop-api-1");
    ASSERT_TRUE(process->settled("shop-api-1", model::ContainerState::exited));
    const Findings later = process->reconcile(entry);
    EXPECT_TRUE(later.plan.actions.empty()) << plan::to_text(later.plan);
    EXPECT_EQ(later.plan.held.size(), 2U) << plan::to_text(later.plan);
    const auto revisions = trueup::test::run(world.io, process->store().revisions("shop"));
    ASSERT_TRUE(revisions);
    EXPECT_EQ(revisions->size(), 2U);
}

}    // namespace
}    // namespace trueup::reconcile
