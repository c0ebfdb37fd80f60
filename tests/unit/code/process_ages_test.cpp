// SPDX-License-Identifier: Apache-2.0
// This process stands for a container's: its control group names many an id, "0" among them.
#include "controller/code/process_ages.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/manual_clock.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/temp_directory.hpp"

namespace trueup::code {
namespace {

using std::chrono::seconds;

Task<void> keep(ProcessAges& ages, Pool& pool, std::set<std::string> ids) {
    co_await ages.keep_only(pool, std::move(ids));
    co_return Result<void>();
}

class ProcessAgesTest : public ::testing::Test {
protected:
    ProcessAgesTest() {
        // What is written now was left alone for a while by this clock.
        const auto behind = std::chrono::system_clock::now() - clock_.now() + seconds(10);
        clock_.advance(std::chrono::duration_cast<Milliseconds>(behind));
        support::write_file(host_ / "opt/app/main.py", "1");
        container_.id = "0";
        container_.pid = ::getpid();
        container_.state = model::ContainerState::running;
        container_.mounts["/srv"] = {model::MountedKind::bind, host_ / "opt/app", false};
        start();
    }

    void start() { container_.started_at = base::to_rfc3339(clock_.now()); }
    void write(const std::string& text) { support::write_file(host_ / "opt/app/main.py", text); }

    bool look(ProcessAges& ages) {
        clock_.advance(seconds(40));
        EXPECT_TRUE(ages.is_due(container_));
        const auto changed = test::run(io_, ages.look(pool_, container_, ""));
        EXPECT_TRUE(changed);
        ages.fill(container_);
        return changed && *changed;
    }

    boost::asio::io_context io_;
    Pool pool_{1};
    support::ManualClock clock_;
    support::TempDirectory host_;
    support::TempDirectory state_;
    model::ObservedContainer container_;
};

TEST_F(ProcessAgesTest, AChangeUnderTheProcessIsTold) {
    ProcessAges ages(clock_, state_.path());
    EXPECT_FALSE(look(ages));
    EXPECT_FALSE(ages.is_due(container_)) << "just looked at";
    write("two");
    EXPECT_TRUE(look(ages));
    EXPECT_EQ(container_.age.path, "/srv/main.py");
    EXPECT_EQ(container_.age.count, 1U);
    EXPECT_FALSE(look(ages)) << "the same as before";
    start();
    EXPECT_TRUE(ages.is_new(container_));
    look(ages);
    EXPECT_EQ(container_.age.count, 0U);
}

TEST_F(ProcessAgesTest, AControllerThatIsStartedAnewKnowsAsMuch) {
    {
        ProcessAges ages(clock_, state_.path());
        look(ages);
    }
    write("1");
    ASSERT_EQ(::chmod((host_ / "opt/app/main.py").c_str(), 0600), 0);
    ProcessAges again(clock_, state_.path());
    look(again);
    EXPECT_EQ(container_.age.count, 0U);
    write("two");
    ProcessAges third(clock_, state_.path());
    look(third);
    EXPECT_EQ(container_.age.count, 1U);
}

TEST_F(ProcessAgesTest, WhatIsKeptOfAContainerGoesWithIt) {
    ProcessAges ages(clock_, state_.path());
    look(ages);
    EXPECT_TRUE(std::filesystem::exists(state_ / "0"));
    EXPECT_TRUE(test::run(io_, keep(ages, pool_, {"0"})));
    EXPECT_TRUE(std::filesystem::exists(state_ / "0"));
    EXPECT_TRUE(test::run(io_, keep(ages, pool_, {})));
    EXPECT_FALSE(std::filesystem::exists(state_ / "0"));
}

TEST_F(ProcessAgesTest, OfAProcessThatCannotBeSeenThatIsSaid) {
    container_.pid = 0;
    ProcessAges ages(clock_, state_.path());
    EXPECT_TRUE(look(ages));
    EXPECT_EQ(container_.age.count, 0U);
    EXPECT_EQ(container_.age.unseen, "its process cannot be seen from here");
    container_.mounts.clear();
    start();
    look(ages);
    EXPECT_EQ(container_.age.unseen, "") << "there is nothing to look at";
}

}    // namespace
}    // namespace trueup::code
