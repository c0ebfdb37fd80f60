// SPDX-License-Identifier: Apache-2.0
// What was applied is kept true while the commit that is wanted cannot be had.
#include "controller/reconcile/status.hpp"
#include "tests/unit/reconcile/loop_world.hpp"

namespace trueup::reconcile {
namespace {

using model::ContainerState;
using test::LoopWorld;
using test::Process;

class Standing : public testing::Test {
protected:
    Standing() : process(world.start()), applied(world.commit("release = 1\n")) {}

    void SetUp() override {
        const Findings findings = process->reconcile(world.entry(applied));
        ASSERT_FALSE(findings.error) << findings.error->message();
    }
    Entry unfetchable() { return world.entry(std::string(40, 'd')); }
    Entry unbuildable() {
        world.engine.meddles = [](const engine::BuildRequest&, trueup::test::FakeImage& image) {
            image.files["/srv/app/main.py"] = "of the cache\n";
        };
        return world.entry(world.commit("release = 2\n"));
    }
    void crash() {
        world.engine.kill("shop-api-1");
        ASSERT_TRUE(process->settled("shop-api-1", ContainerState::exited));
    }
    void edit() { world.engine.find("shop-api-1")->files["/srv/app/main.py"] = "by hand\n"; }
    static std::string condition(const Entry& entry, const Findings& findings,
                                 const std::string& type) {
        const auto status = make_status(entry, findings, base::machine_clock().now());
        const auto* found = v1alpha1::find_condition(status, type);
        return found == nullptr
                   ? ""
                   : fmt::format("{} {}", v1alpha1::to_string(found->status), found->reason);
    }

    LoopWorld world;
    std::unique_ptr<Process> process;
    std::string applied;
};

TEST_F(Standing, IsHealedWhileTheWantedCommitCannotBeFetched) {
    const Entry wanted = unfetchable();
    const Findings first = process->reconcile(wanted);
    ASSERT_TRUE(first.error);
    EXPECT_EQ(first.stage, Stage::fetch);
    EXPECT_TRUE(first.stands_in);
    EXPECT_TRUE(first.plan.empty());
    EXPECT_EQ(condition(wanted, first, "Synced"), "False RevisionNotFound");
    EXPECT_EQ(condition(wanted, first, "Healthy"), "True Succeeded");
    EXPECT_EQ(condition(wanted, first, "Fresh").substr(0, 4), "True");

    crash();
    const Findings healed = process->reconcile(wanted);
    ASSERT_TRUE(healed.error);
    EXPECT_EQ(world.engine.find("shop-api-1")->state, ContainerState::running);
    EXPECT_EQ(healed.error, first.error);
    EXPECT_EQ(healed.desired->commit.id, applied);
}

TEST_F(Standing, ItsCodeIsLookedAtAndPutRight) {
    ASSERT_TRUE(process->reconcile(unfetchable()).error);
    edit();
    const auto swept = trueup::test::run(world.io, process->reconciler().sweep());
    ASSERT_TRUE(swept);
    EXPECT_EQ(*swept, std::vector<std::string>{"shop"});
    const auto known = process->reconciler().known("shop");
    ASSERT_TRUE(known);
    EXPECT_TRUE(known->stands_in);
    EXPECT_EQ(condition(unfetchable(), *known, "Fresh").substr(0, 5), "False");
    process->reconcile(unfetchable());
    EXPECT_EQ(world.engine.find("shop-api-1")->files.at("/srv/app/main.py"), "release = 1\n");
}

TEST_F(Standing, IsHealedWhileTheWantedCommitCannotBeBuilt) {
    const Entry wanted = unbuildable();
    const Findings first = process->reconcile(wanted);
    ASSERT_TRUE(first.error);
    EXPECT_EQ(first.stage, Stage::apply);
    EXPECT_TRUE(first.stands_in);
    crash();
    const Findings healed = process->reconcile(wanted);
    EXPECT_EQ(healed.error, first.error);
    EXPECT_EQ(world.engine.find("shop-api-1")->state, ContainerState::running);
    EXPECT_EQ(world.engine.find("shop-api-1")->files.at("/srv/app/main.py"), "release = 1\n");
}

TEST_F(Standing, IsFoundAgainAfterARestart) {
    process.reset();
    process = world.start();
    crash();
    const Findings healed = process->reconcile(unfetchable());
    EXPECT_TRUE(healed.stands_in);
    EXPECT_EQ(world.engine.find("shop-api-1")->state, ContainerState::running);
}

TEST_F(Standing, IsLeftOnceTheWantedCommitIsThere) {
    ASSERT_TRUE(process->reconcile(unfetchable()).error);
    const Findings next = process->reconcile(world.entry(world.commit("release = 2\n")));
    ASSERT_FALSE(next.error) << next.error->message();
    EXPECT_FALSE(next.stands_in);
    EXPECT_EQ(world.engine.find("shop-api-1")->files.at("/srv/app/main.py"), "release = 2\n");
    EXPECT_FALSE(process->reconciler().known("shop")->stands_in);
}

TEST_F(Standing, WhileTheEngineIsAwayNothingIsSaidOfIt) {
    ASSERT_TRUE(process->reconcile(unfetchable()).stands_in);
    world.engine.disconnect();
    for (int tries = 0; tries < 50 && process->cache().synced(); ++tries)
        trueup::test::run(world.io, process->cache().changed(Milliseconds(100)));
    ASSERT_FALSE(process->cache().synced());
    const Findings blind = process->reconcile(unfetchable());
    ASSERT_TRUE(blind.error);
    EXPECT_FALSE(blind.stands_in);
    for (const std::string type : {"Ready", "Synced", "Healthy", "Fresh"})
        EXPECT_EQ(condition(unfetchable(), blind, type), "Unknown EngineUnavailable") << type;
}

TEST_F(Standing, WhatIsSuspendedIsLookedAtAndLeft) {
    Entry wanted = unfetchable();
    wanted.stack.spec.suspend = true;
    ASSERT_TRUE(process->reconcile(wanted).error);
    crash();
    const Findings seen = process->reconcile(wanted);
    EXPECT_EQ(world.engine.find("shop-api-1")->state, ContainerState::exited);
    EXPECT_EQ(condition(wanted, seen, "Healthy").substr(0, 5), "False");
}

}    // namespace
}    // namespace trueup::reconcile
