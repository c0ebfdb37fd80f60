// SPDX-License-Identifier: Apache-2.0
// What a sweep makes of containers that cannot be looked at, and of what it finds.
#include <algorithm>

#include "tests/unit/code/pyc_bytes.hpp"
#include "tests/unit/reconcile/loop_world.hpp"

namespace trueup::reconcile {
namespace {

using model::CodeStatus;
using test::LoopWorld;
using Stacks = std::vector<std::string>;

const std::string source_path = "/srv/app/main.py";
const std::string pyc_path = "/srv/app/__pycache__/main.cpython-311.pyc";

class Sweep : public testing::Test {
protected:
    Sweep() {
        world.engine.program = [this](const trueup::test::FakeContainer& container,
                                      const engine::ExecRequest& request) {
            return interpret(container, request);
        };
        process = world.start();
        commit = world.commit(code);
        const Findings findings = process->reconcile(world.entry(commit));
        EXPECT_FALSE(findings.error) << findings.error->message();
    }

    // An interpreter that trusts everything; in one container it cannot be started.
    Result<engine::ExecResult> interpret(const trueup::test::FakeContainer& container,
                                         const engine::ExecRequest& request) const {
        if (container.name == broken) return Error(Errc::unavailable, "exec failed: no space left");
        engine::ExecResult result;
        result.output = "cpython-311 30b07f0\n";
        for (std::size_t at = 8; at < request.command.size(); at += 5) result.output += "trusted\n";
        return result;
    }

    // Byte code that is to be judged.
    void add_byte_code(const std::string& name) {
        world.engine.find(name)->files[pyc_path] =
            trueup::test::pyc_head(3495, 0, 0, static_cast<std::uint32_t>(code.size())) + "code";
    }
    void edit(const std::string& name, const std::string& path) {
        world.engine.find(name)->files[path] = "edited";
    }

    Stacks sweep() {
        const auto changed = trueup::test::run(world.io, process->reconciler().sweep());
        EXPECT_TRUE(changed) << changed.error().message();
        return changed ? *changed : Stacks();
    }

    CodeStatus status_of(const std::string& name) {
        const auto known = process->reconciler().known("shop");
        for (const auto& container : known->observed->containers) {
            if (container.name == name) return container.code.status;
        }
        ADD_FAILURE() << name << " is not there";
        return CodeStatus::unknown;
    }

    LoopWorld world;
    std::unique_ptr<test::Process> process;
    std::string commit;
    std::string broken;
    const std::string code = "release = 1\n";
};

class SweepPast : public Sweep,
                  public testing::WithParamInterface<std::pair<const char*, const char*>> {};

// In whatever order they come.
INSTANTIATE_TEST_SUITE_P(EitherReplica, SweepPast,
                         testing::Values(std::pair("shop-api-1", "shop-api-2"),
                                         std::pair("shop-api-2", "shop-api-1")));

TEST_P(SweepPast, AContainerThatCannotBeLookedAtIsUnknownAndTheOthersAreStillSeen) {
    const auto [failing, edited] = GetParam();
    broken = failing;
    add_byte_code(failing);
    edit(edited, source_path);
    EXPECT_EQ(status_of(failing), CodeStatus::fresh);
    EXPECT_EQ(sweep(), Stacks{"shop"});
    EXPECT_EQ(status_of(failing), CodeStatus::unknown);
    EXPECT_EQ(status_of(edited), CodeStatus::stale);
    // Nothing new, and not asked again at once.
    EXPECT_EQ(sweep(), Stacks());
    broken.clear();
    const Findings findings = process->reconcile(world.entry(commit));
    ASSERT_FALSE(findings.error) << findings.error->message();
    EXPECT_TRUE(findings.remaining.in_sync());
    EXPECT_EQ(status_of(failing), CodeStatus::fresh);
    EXPECT_EQ(status_of(edited), CodeStatus::fresh);
}

TEST_P(SweepPast, AContainerThatAnswersSlowlyDoesNotKeepTheOtherWaiting) {
    const auto [slow, other] = GetParam();
    const std::string slow_call = "changes " + world.engine.find(slow)->id;
    const std::string other_call = "changes " + world.engine.find(other)->id;
    world.engine.thinks = [&](const std::string& call) {
        return Milliseconds(call == slow_call ? 100 : 0);
    };
    world.engine.calls.clear();
    edit(slow, source_path);
    edit(other, source_path);
    EXPECT_EQ(sweep(), Stacks{"shop"});
    EXPECT_EQ(status_of(slow), CodeStatus::stale);
    EXPECT_EQ(status_of(other), CodeStatus::stale);
    const auto& calls = world.engine.calls;
    EXPECT_LT(std::find(calls.begin(), calls.end(), other_call),
              std::find(calls.begin(), calls.end(), slow_call));
}

TEST_P(SweepPast, AContainerThatNeverAnswersIsUnknownWhenItsTimeIsOver) {
    const auto [silent, other] = GetParam();
    process.reset();
    process = std::make_unique<test::Process>(world.io, world.engine, world.directory / "state",
                                              false, HandOptions(), Milliseconds(500));
    ASSERT_FALSE(process->reconcile(world.entry(commit)).error);
    int asked = 0;
    world.engine.thinks = [&, call_of_it = "changes " +
                                           world.engine.find(silent)->id](const std::string& call) {
        if (call != call_of_it) return Milliseconds(0);
        ++asked;
        return Milliseconds(std::chrono::hours(1));
    };
    edit(other, source_path);
    EXPECT_EQ(sweep(), Stacks{"shop"});
    EXPECT_EQ(status_of(silent), CodeStatus::unknown);
    EXPECT_EQ(status_of(other), CodeStatus::stale);
    // Not asked again at once.
    EXPECT_EQ(sweep(), Stacks());
    EXPECT_EQ(asked, 1);
}

TEST_F(Sweep, WhatWasFoundToBeOtherCodeStaysSoWhenTheNextLookFails) {
    edit("shop-api-1", source_path);
    EXPECT_EQ(sweep(), Stacks{"shop"});
    broken = "shop-api-1";
    add_byte_code("shop-api-1");
    EXPECT_EQ(sweep(), Stacks());
    EXPECT_EQ(status_of("shop-api-1"), CodeStatus::stale);
}

TEST_F(Sweep, ASecondFileThatIsEditedIsNewsToo) {
    edit("shop-api-1", source_path);
    EXPECT_EQ(sweep(), Stacks{"shop"});
    EXPECT_EQ(sweep(), Stacks());
    edit("shop-api-1", "/srv/app/extra.py");
    EXPECT_EQ(sweep(), Stacks{"shop"});
    EXPECT_EQ(sweep(), Stacks());
}

}    // namespace
}    // namespace trueup::reconcile
