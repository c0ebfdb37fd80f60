// SPDX-License-Identifier: Apache-2.0
// An image that was built and does not hold the commit's code: once more without cache, then no more.
#include "controller/reconcile/status.hpp"
#include "tests/unit/reconcile/loop_world.hpp"

namespace trueup::reconcile {
namespace {

using test::LoopWorld;
using test::Process;

const std::string main_path = "/srv/app/main.py";

class CacheDistrust : public testing::Test {
protected:
    // What the builder makes of app/main.py, and whether only its cache is to blame.
    void builds_hold(const std::string& code, bool only_cached) {
        world.engine.meddles = [this, code, only_cached](const engine::BuildRequest& request,
                                                         trueup::test::FakeImage& image) {
            uncached.push_back(request.no_cache);
            if (!only_cached || !request.no_cache) image.files[main_path] = code;
        };
    }

    static std::string remarks_of(const Findings& findings) {
        std::string text;
        for (const rollout::ActionResult& each : findings.done) {
            for (const rollout::Remark& said : each.remarks)
                text += said.reason + ": " + said.text + "\n";
        }
        return text;
    }

    static bool counts(Process& process, const std::string& reason, int count) {
        const std::string line = "trueup_build_uncached_total{environment=\"test\",reason=\"" +
                                 reason + "\",stack=\"shop\"} " + std::to_string(count) + "\n";
        return process.metrics().text().find(line) != std::string::npos;
    }

    trueup::test::FakeContainer& api() { return *world.engine.find("shop-api-1"); }

    LoopWorld world;
    std::vector<bool> uncached;    // of each build
    const std::string code = "release = 2\n";
};

TEST_F(CacheDistrust, AnImageThatFailsItsProofIsBuiltOnceMoreWithoutCacheAndToldWhy) {
    builds_hold("release = 1\n", true);
    auto process = world.start();
    const Findings findings = process->reconcile(world.entry(world.commit(code)));
    ASSERT_FALSE(findings.error) << findings.error->message();
    EXPECT_TRUE(findings.remaining.in_sync());
    EXPECT_EQ(api().files.at(main_path), code);
    EXPECT_EQ(uncached, (std::vector<bool>{false, true}));
    EXPECT_EQ(remarks_of(findings),
              "RebuiltWithoutCache: the image that was built does not hold the commit's code "
              "(app/main.py is modified): built again without cache\n");
    EXPECT_TRUE(counts(*process, "modified", 1)) << process->metrics().text();
    EXPECT_TRUE(counts(*process, "missing", 0)) << process->metrics().text();
}

TEST_F(CacheDistrust, TwiceFailedIsStalledWithTheFilesAndTheOldStackStays) {
    auto process = world.start();
    ASSERT_FALSE(process->reconcile(world.entry(world.commit("release = 1\n"))).error);
    const std::string before = api().id;
    builds_hold("release = 1\n", false);
    const Entry entry = world.entry(world.commit(code));
    const Findings findings = process->reconcile(entry);
    ASSERT_TRUE(findings.error);
    EXPECT_EQ(uncached, (std::vector<bool>{false, true}));
    EXPECT_EQ(api().id, before);
    EXPECT_EQ(api().state, model::ContainerState::running);
    const auto status = make_status(entry, findings, base::machine_clock().now());
    const auto* stalled = v1alpha1::find_condition(status, "Stalled");
    ASSERT_NE(stalled, nullptr);
    EXPECT_EQ(stalled->reason, "ProofFailed");
    EXPECT_NE(stalled->message.find("even without cache: app/main.py is modified"),
              std::string::npos)
        << stalled->message;
}

TEST_F(CacheDistrust, WhatWasGivenUpIsBuiltAgainOnlyWhenSomebodyAsksForIt) {
    auto process = world.start();
    ASSERT_FALSE(process->reconcile(world.entry(world.commit("release = 1\n"))).error);
    builds_hold("release = 1\n", false);
    Entry entry = world.entry(world.commit(code));
    const auto failed = process->reconcile(entry).error;
    ASSERT_TRUE(failed);
    const std::size_t builds = uncached.size();
    EXPECT_EQ(process->reconcile(entry).error, failed);
    EXPECT_EQ(uncached.size(), builds);
    builds_hold("release = 1\n", true);
    entry.stack.metadata.annotations["trueup.dev/requestedAt"] = "2026-01-01T00:00:00Z";
    const Findings asked = process->reconcile(entry);
    ASSERT_FALSE(asked.error) << asked.error->message();
    EXPECT_EQ(api().files.at(main_path), code);
    EXPECT_TRUE(counts(*process, "modified", 2)) << process->metrics().text();
}

TEST_F(CacheDistrust, ANewerCommitIsBuiltAllTheSame) {
    builds_hold("release = 1\n", false);
    auto process = world.start();
    ASSERT_TRUE(process->reconcile(world.entry(world.commit(code))).error);
    world.engine.meddles = nullptr;
    const Findings findings = process->reconcile(world.entry(world.commit("release = 3\n")));
    ASSERT_FALSE(findings.error) << findings.error->message();
    EXPECT_EQ(api().files.at(main_path), "release = 3\n");
}

TEST_F(CacheDistrust, ATagThatMovedIsNoticedByTheSweepAndTheContainerReplaced) {
    auto process = world.start();
    const Entry entry = world.entry(world.commit(code));
    ASSERT_FALSE(process->reconcile(entry).error);
    const auto first = trueup::test::run(world.io, process->reconciler().sweep());
    ASSERT_TRUE(first) << first.error().message();
    EXPECT_TRUE(first->empty());
    const std::string before = world.engine.find("shop-db-1")->id;
    world.engine.add_image({"", {"db:1"}, {}, {{"/bin/db", "another db"}}, {}});
    ASSERT_TRUE(trueup::test::run(world.io, process->cache().refresh_images()));
    const auto moved = trueup::test::run(world.io, process->reconciler().sweep());
    ASSERT_TRUE(moved) << moved.error().message();
    EXPECT_EQ(*moved, std::vector<std::string>{"shop"});
    const Findings findings = process->reconcile(entry);
    ASSERT_FALSE(findings.error) << findings.error->message();
    EXPECT_EQ(findings.plan.actions.front().cause.drift, plan::Drift::image);
    EXPECT_NE(world.engine.find("shop-db-1")->id, before);
}

}    // namespace
}    // namespace trueup::reconcile
