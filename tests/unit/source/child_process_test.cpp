// SPDX-License-Identifier: Apache-2.0
#include "controller/source/child_process.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include "controller/base/task_group.hpp"
#include "tests/support/run_task.hpp"

namespace trueup::source {
namespace {

using namespace std::chrono_literals;

Result<ChildOutput> shell(std::string input, base::Milliseconds deadline = 10s,
                          std::vector<std::string> environment = {}) {
    boost::asio::io_context io;
    return test::run(
        io, run_child("/bin/sh", "-s", std::move(environment), std::move(input), deadline));
}

TEST(ChildProcess, GivesOutputAndStatus) {
    const auto output = shell("echo hello; exit 3");
    ASSERT_TRUE(output) << output.error().message();
    EXPECT_EQ(output->text, "hello\n");
    EXPECT_FALSE(output->killed);
}

TEST(ChildProcess, SeesNothingOfUs) {
    const auto output =
        shell("ls /proc/self/fd | tr '\\n' ' '; echo \"$FOO-$HOME\"", 10s, {"FOO=bar"});
    ASSERT_TRUE(output) << output.error().message();
    // 3 is ls's own handle of the directory.
    EXPECT_EQ(output->text, "0 1 2 3 bar-\n");
}

TEST(ChildProcess, IsKilledAtItsDeadline) {
    const auto begin = std::chrono::steady_clock::now();
    const auto output = shell("echo begun; exec sleep 60", 200ms);
    ASSERT_TRUE(output) << output.error().message();
    EXPECT_TRUE(output->killed);
    EXPECT_EQ(output->text, "begun\n");
    EXPECT_EQ(output->status, 128 + SIGKILL);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
}

TEST(ChildProcess, WhoClosesItsOutputIsNotWaitedFor) {
    const auto begin = std::chrono::steady_clock::now();
    const auto output = shell("echo done; exec >&-; exec sleep 60");
    ASSERT_TRUE(output) << output.error().message();
    EXPECT_EQ(output->text, "done\n");
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
}

TEST(ChildProcess, EndlessOutputIsCutOff) {
    const auto output = shell("exec yes");
    ASSERT_FALSE(output);
    EXPECT_EQ(output.error().code(), Errc::unavailable);
}

TEST(ChildProcess, MissingProgram) {
    boost::asio::io_context io;
    const auto output = test::run(io, run_child("/nonexistent/program", "x", {}, "", 1s));
    ASSERT_FALSE(output);
    EXPECT_EQ(output.error().message(), "start /nonexistent/program: No such file or directory");
}

boost::asio::awaitable<void> keep(std::optional<Result<ChildOutput>>& kept) {
    std::vector<std::string> environment;
    kept = co_await run_child("/bin/sh", "-s", std::move(environment), "exec sleep 60", 60s);
}

TEST(ChildProcess, DiesWithItsTask) {
    boost::asio::io_context context;
    base::TaskGroup group(context.get_executor());
    std::optional<Result<ChildOutput>> kept;
    group.spawn("child", keep(kept));
    context.run_for(100ms);
    ASSERT_FALSE(kept);
    group.close();
    context.restart();
    context.run_for(5s);
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->error().code(), Errc::cancelled);
    EXPECT_EQ(group.running(), 0U);
}

}    // namespace
}    // namespace trueup::source
