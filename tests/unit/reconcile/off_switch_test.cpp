// SPDX-License-Identifier: Apache-2.0
// What is switched off is looked at and reported, and nothing of it is changed.
#include <fmt/format.h>

#include "controller/reconcile/request.hpp"
#include "controller/reconcile/status.hpp"
#include "tests/unit/reconcile/loop_world.hpp"

namespace trueup::reconcile {
namespace {

using test::LoopWorld;
using test::Process;

store::Suspension suspension(const std::string& stack) {
    store::Suspension made;
    made.stack = stack;
    made.actor = store::person("ada");
    made.reason = "maintenance";
    return made;
}

void write(LoopWorld& world, Process& process, store::Change change) {
    store::Changes changes;
    changes.push_back(std::move(change));
    const auto written = trueup::test::run(world.io, process.store().write(std::move(changes)));
    ASSERT_TRUE(written) << written.error().message();
}

std::vector<store::Event> events(LoopWorld& world, Process& process) {
    store::EventQuery query;
    query.limit = 1'000;
    auto found = trueup::test::run(world.io, process.store().events(std::move(query)));
    return found ? *found : std::vector<store::Event>();
}

std::size_t count(const std::vector<store::Event>& events, const std::string& reason) {
    return static_cast<std::size_t>(
        std::count_if(events.begin(), events.end(),
                      [&](const store::Event& event) { return event.reason == reason; }));
}

// Calls to the engine that change something of the stack.
std::size_t changing_calls(const LoopWorld& world) {
    std::size_t number = 0;
    for (const std::string& call : world.engine.calls) {
        for (const char* verb : {"create ", "start ", "stop ", "remove ", "rename ", "kill ",
                                 "unpause ", "restart ", "build ", "pull "})
            number += call.starts_with(verb) ? 1 : 0;
    }
    return number;
}

TEST(OffSwitch, ASuspendedStackIsLookedAtAndNotChanged) {
    LoopWorld world;
    auto process = world.start();
    const std::string first = world.commit("release = 1\n");
    ASSERT_FALSE(process->reconcile(world.entry(first)).error);
    write(world, *process, suspension("shop"));
    const std::string second = world.commit("release = 2\n");
    const std::size_t calls = changing_calls(world);

    const Findings findings = process->reconcile(world.entry(second));
    ASSERT_FALSE(findings.error) << findings.error->message();
    EXPECT_EQ(changing_calls(world), calls);
    EXPECT_FALSE(findings.plan.actions.empty());
    EXPECT_EQ(findings.gate.reason, "Suspended");

    const auto status = make_status(world.entry(second), findings, base::machine_clock().now());
    const auto* synced = v1alpha1::find_condition(status, "Synced");
    ASSERT_NE(synced, nullptr);
    EXPECT_EQ(synced->status, v1alpha1::ConditionStatus::no);
    EXPECT_EQ(synced->reason, "Suspended");
    EXPECT_NE(synced->message.find("suspended by person:ada: maintenance; "), std::string::npos);
    EXPECT_NE(v1alpha1::find_condition(status, "Suspended"), nullptr);
    EXPECT_EQ(status.pending_plan, plan::to_text(findings.plan));
    ASSERT_TRUE(status.suspension);
    EXPECT_EQ(status.suspension->actor, "person:ada");
    EXPECT_TRUE(
        metrics_state(world.entry(second), status, findings, nullptr, base::machine_clock().now())
            .suspended);

    write(world, *process, store::Resume{"shop"});
    const Findings resumed = process->reconcile(world.entry(second));
    ASSERT_FALSE(resumed.error) << resumed.error->message();
    EXPECT_TRUE(resumed.remaining.in_sync());
    const auto after = make_status(world.entry(second), resumed, base::machine_clock().now());
    EXPECT_EQ(v1alpha1::find_condition(after, "Suspended"), nullptr);
    EXPECT_EQ(after.pending_plan, "");
    EXPECT_FALSE(after.suspension);
}

TEST(OffSwitch, ASuspensionOutlivesTheController) {
    LoopWorld world;
    const std::string first = world.commit("release = 1\n");
    {
        auto process = world.start();
        write(world, *process, suspension(std::string(store::every_stack)));
    }
    const Findings findings = world.start()->reconcile(world.entry(first));
    EXPECT_EQ(findings.gate.reason, "Suspended");
    EXPECT_EQ(world.containers(), "");
}

TEST(OffSwitch, ASuspensionEndsWithItsTime) {
    LoopWorld world;
    auto process = world.start();
    store::Suspension over = suspension("shop");
    over.until = base::machine_clock().now() - Seconds(1);
    write(world, *process, over);
    const Findings findings = process->reconcile(world.entry(world.commit("release = 1\n")));
    ASSERT_FALSE(findings.error) << findings.error->message();
    EXPECT_TRUE(findings.remaining.in_sync());
    EXPECT_TRUE(process->store().suspensions().empty());
    EXPECT_EQ(count(events(world, *process), "Resumed"), 1U);
}

// Suspended while it rolls out: no action begins any more, what was started is settled, and what was
// only prepared is put away.
TEST(OffSwitch, ARunningRolloutStopsAtASafePoint) {
    LoopWorld world;
    auto process = world.start();
    const std::string first = world.commit("release = 1\n");
    ASSERT_FALSE(process->reconcile(world.entry(first)).error);
    const std::string second = world.commit("release = 2\n", "    environment: {MODE: new}\n");
    const std::string before = world.containers();
    const std::string old_db = world.engine.find("shop-db-1")->id;
    const std::string old_api = world.engine.find("shop-api-1")->id;

    world.engine.calls.clear();
    const auto findings = process->reconcile_until(world.entry(second), [&world] {
        return std::any_of(
            world.engine.calls.begin(), world.engine.calls.end(),
            [](const std::string& call) { return call.ends_with(" to shop-db-1.previous"); });
    });
    ASSERT_FALSE(findings.error) << findings.error->message();
    EXPECT_TRUE(findings.stopped);
    EXPECT_EQ(findings.gate.reason, "Suspended");
    EXPECT_FALSE(findings.remaining.actions.empty());
    // Each place is whole: the database is the new one, what depends on it the old one.
    EXPECT_EQ(world.containers(), before);
    EXPECT_NE(world.engine.find("shop-db-1")->id, old_db);
    EXPECT_EQ(world.engine.find("shop-api-1")->id, old_api);
    EXPECT_EQ(count(events(world, *process), "RolloutStopped"), 1U);
    EXPECT_EQ(count(events(world, *process), "Deployed"), 1U) << "of the first commit";

    const auto resumed = process->reconcile(world.entry(second));
    ASSERT_FALSE(resumed.error) << resumed.error->message();
    EXPECT_TRUE(resumed.remaining.in_sync());
    EXPECT_EQ(world.containers(), before);
    EXPECT_NE(world.engine.find("shop-api-1")->id, old_api);
}

Entry manual(LoopWorld& world, const std::string& commit, const std::string& request) {
    Entry entry = world.entry(commit);
    entry.stack.spec.sync.mode = v1alpha1::SyncMode::manual;
    if (!request.empty()) entry.stack.metadata.annotations[std::string(requested_at)] = request;
    return entry;
}

TEST(OffSwitch, ManualAppliesOnRequestOnlyAndOnceForEach) {
    LoopWorld world;
    auto process = world.start();
    const std::string first = world.commit("release = 1\n");
    const Findings looked = process->reconcile(manual(world, first, ""));
    EXPECT_EQ(looked.gate.reason, "ManualSync");
    EXPECT_EQ(world.containers(), "");
    EXPECT_EQ(looked.handled_request, "");

    const Findings asked = process->reconcile(manual(world, first, "one"));
    ASSERT_FALSE(asked.error) << asked.error->message();
    EXPECT_TRUE(asked.remaining.in_sync());
    EXPECT_EQ(asked.handled_request, "one");

    // The same request again, also after a restart, asks for nothing.
    const std::string second = world.commit("release = 2\n");
    EXPECT_EQ(process->reconcile(manual(world, second, "one")).gate.reason, "ManualSync");
    process.reset();
    process = world.start();
    EXPECT_EQ(process->reconcile(manual(world, second, "one")).gate.reason, "ManualSync");
    const Findings again = process->reconcile(manual(world, second, "two"));
    ASSERT_FALSE(again.error) << again.error->message();
    EXPECT_TRUE(again.remaining.in_sync());
}

TEST(OffSwitch, ManualLeavesDriftAlone) {
    LoopWorld world;
    auto process = world.start();
    const std::string first = world.commit("release = 1\n");
    ASSERT_FALSE(process->reconcile(manual(world, first, "one")).error);
    world.engine.kill("shop-api-1");
    ASSERT_TRUE(process->settled("shop-api-1", model::ContainerState::exited));
    const Findings looked = process->reconcile(manual(world, first, "one"));
    EXPECT_EQ(looked.gate.reason, "ManualSync");
    EXPECT_EQ(world.engine.find("shop-api-1")->state, model::ContainerState::exited);
    EXPECT_EQ(count(events(world, *process), "DriftDetected"), 1U);
    EXPECT_EQ(count(events(world, *process), "ChangesWithheld"), 1U);
}

// A request that was not to blame for the failure stands; one that was is used up, so that a broken
// commit is not tried for ever.
TEST(OffSwitch, ARequestIsUsedUpByAnAttemptThatFailed) {
    LoopWorld world;
    auto process = world.start();
    world.engine.behaviours["broken"].exits = 1;
    const std::string broken = world.repository.commit_files({{"behaviour", "broken\n"}}, "break");
    world.commit("release = 1\n");
    const std::string commit =
        world.repository.commit_files({{"behaviour", "broken\n"}}, "break it");
    const Findings failed = process->reconcile(manual(world, commit, "one"));
    ASSERT_TRUE(failed.error);
    EXPECT_EQ(failed.handled_request, "one");
    EXPECT_EQ(process->reconcile(manual(world, commit, "one")).gate.reason, "ManualSync");
}

}    // namespace
}    // namespace trueup::reconcile
