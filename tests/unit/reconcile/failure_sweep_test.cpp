// SPDX-License-Identifier: Apache-2.0
// Any call to the engine may fail, lose its answer, or be the last one before the controller is
// killed: for every call of a first deployment and of an update, the next reconcile converges, and
// nothing that is not ours was touched.
#include <fmt/format.h>

#include "tests/unit/reconcile/loop_world.hpp"

namespace trueup::reconcile {
namespace {

using test::LoopWorld;

const std::string stack_runs =
    "other-web-1 running\nshop-api-1 running\nshop-api-2 running\nshop-db-1 running\n"
    "shop-migrate-1 exited\n";

enum class Fault { fails, loses_answer, kills };

std::string name_of(Fault fault) {
    if (fault == Fault::fails) return "fails";
    return fault == Fault::loses_answer ? "loses its answer" : "is the last before the kill";
}

// A world with a foreign container, and for an update with the first commit deployed.
struct Scene {
    explicit Scene(bool update) {
        add_foreign();
        first = world.commit("release = 1\n");
        wanted = first;
        if (!update) return;
        const auto deployed = world.start()->reconcile(world.entry(first));
        EXPECT_FALSE(deployed.error) << deployed.error->message();
        EXPECT_EQ(world.containers(), stack_runs);
        world.engine.volumes.at("shop_data").key = "data";
        wanted = world.commit("release = 2\n", "    environment: {MODE: new}\n");
    }

    void add_foreign() {
        trueup::test::FakeContainer foreign;
        foreign.id = "foreign";
        foreign.name = "other-web-1";
        foreign.state = model::ContainerState::running;
        foreign.image_id = world.engine.images.begin()->first;
        foreign.labels = {{"com.docker.compose.project", "other"},
                          {"com.docker.compose.service", "web"}};
        world.engine.containers["foreign"] = foreign;
    }

    // How many calls a run without faults makes.
    std::size_t undisturbed() {
        auto process = world.start();
        process->preview(world.entry(first));
        world.engine.arm(0, false, 0);
        const auto findings = process->reconcile(world.entry(wanted));
        EXPECT_FALSE(findings.error) << findings.error->message();
        return world.engine.armed_calls();
    }

    void expect_converged(const Findings& findings) {
        EXPECT_FALSE(findings.error) << findings.error->message();
        EXPECT_EQ(plan::to_text(findings.remaining), "");
        EXPECT_EQ(world.containers(), stack_runs);
        EXPECT_TRUE(world.engine.volumes.contains("shop_data"));
        for (const auto& [id, container] : world.engine.containers) {
            if (container.name.starts_with("shop-api")) {
                const std::string release = wanted == first ? "release = 1\n" : "release = 2\n";
                EXPECT_EQ(container.files.at("/srv/app/main.py"), release);
            }
            if (container.name == "shop-db-1") {
                EXPECT_EQ(container.restart.name, "always");
            }
        }
    }

    LoopWorld world;
    std::string first;
    std::string wanted;
};

void sweep(bool update, Fault fault) {
    const std::size_t calls = Scene(update).undisturbed();
    ASSERT_GT(calls, 20U);
    std::size_t failures = 0;
    for (std::size_t call = 1; call <= calls; ++call) {
        SCOPED_TRACE(fmt::format("call {} of {} {}", call, calls, name_of(fault)));
        Scene scene(update);
        LoopWorld& world = scene.world;
        auto process = world.start();
        process->preview(world.entry(scene.first));
        const bool kills = fault == Fault::kills;
        world.engine.arm(kills ? 0 : call, fault == Fault::loses_answer, kills ? call : 0);
        const auto disturbed = process->reconcile(world.entry(scene.wanted));
        if (disturbed.error) ++failures;
        if (kills) process.reset();
        world.engine.revive();
        if (kills) process = world.start();
        auto findings = process->reconcile(world.entry(scene.wanted));
        // What an observer's request missed is looked at once more, as the controller's requeue does.
        if (!findings.error && !findings.remaining.empty())
            findings = process->reconcile(world.entry(scene.wanted));
        scene.expect_converged(findings);
        if (testing::Test::HasFailure()) {
            std::string history;
            for (const std::string& line : world.engine.calls) history += line + "\n";
            FAIL() << (disturbed.error ? disturbed.error->message() : "no error") << "\n"
                   << history;
        }
    }
    EXPECT_GT(failures, calls / 2) << "the faults were not felt";
}

TEST(FailureSweep, FirstDeploymentWhereACallFails) { sweep(false, Fault::fails); }
TEST(FailureSweep, FirstDeploymentWhereAnAnswerIsLost) { sweep(false, Fault::loses_answer); }
TEST(FailureSweep, FirstDeploymentThatIsKilled) { sweep(false, Fault::kills); }
TEST(FailureSweep, UpdateWhereACallFails) { sweep(true, Fault::fails); }
TEST(FailureSweep, UpdateWhereAnAnswerIsLost) { sweep(true, Fault::loses_answer); }
TEST(FailureSweep, UpdateThatIsKilled) { sweep(true, Fault::kills); }

}    // namespace
}    // namespace trueup::reconcile
