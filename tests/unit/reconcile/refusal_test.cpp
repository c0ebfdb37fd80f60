// SPDX-License-Identifier: Apache-2.0
// A registry that does not accept what it is shown: nobody tells when it would, so it is tried again.
#include <gtest/gtest.h>

#include <fstream>

#include "controller/reconcile/status.hpp"
#include "tests/unit/reconcile/loop_world.hpp"

namespace trueup::reconcile {
namespace {

class RefusalTest : public testing::Test {
protected:
    RefusalTest() {
        commit = world.commit("print('one')\n");
        world.engine.protect_in_registry("db:1", "me", "hunter2");
        process = world.start();
    }
    Findings reconcile() { return process->reconcile(world.entry(commit)); }
    std::vector<std::string> changed() {
        return trueup::test::run(world.io, process->reconciler().changed_host_files());
    }
    void write_password(const std::string& text) {
        std::ofstream(world.directory / "state/password") << text;
    }

    test::LoopWorld world;
    std::string commit;
    std::unique_ptr<test::Process> process;
};

TEST_F(RefusalTest, IsToldAsAPullThatFailedAndTriedAgain) {
    const Findings findings = reconcile();
    ASSERT_TRUE(findings.error);
    EXPECT_EQ(findings.error->message(), "service db: pulling db:1: unauthorized");
    EXPECT_FALSE(is_terminal(*findings.error));
    const auto status = make_status(world.entry(commit), findings, SystemTime());
    const auto* ready = v1alpha1::find_condition(status, "Ready");
    EXPECT_EQ(ready->status, v1alpha1::ConditionStatus::no);
    EXPECT_EQ(ready->reason, "PullFailed");
    EXPECT_EQ(v1alpha1::find_condition(status, "Stalled"), nullptr);
    EXPECT_EQ(world.containers(), "");
}

TEST_F(RefusalTest, IsLookedAtAgainWhenAFileOfCredentialsChanges) {
    using Names = std::vector<std::string>;
    EXPECT_EQ(changed(), Names());
    write_password("wrong");
    EXPECT_EQ(changed(), Names()) << "nobody was refused";
    ASSERT_TRUE(reconcile().error);
    EXPECT_EQ(changed(), Names());
    EXPECT_EQ(changed(), Names());
    write_password("hunter2 at last");
    EXPECT_EQ(changed(), Names{"shop"});
    EXPECT_EQ(changed(), Names()) << "told once";
}

}    // namespace
}    // namespace trueup::reconcile
