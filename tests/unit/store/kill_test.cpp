// SPDX-License-Identifier: Apache-2.0
// Killed at any moment, a writer leaves a database that opens, and what it was told is written is
// there.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <random>
#include <thread>

#include "tests/unit/store/opened.hpp"

namespace trueup::store {
namespace {

using test::event;
using test::Opened;
using test::suspension;

// Writes for ever, and tells the number of each write that was said to be done.
[[noreturn]] void write_for_ever(const std::string& directory, int report) {
    Opened opened(directory);
    if (!opened.store) ::_exit(1);
    for (int number = 0;; ++number) {
        Suspension told = suspension("shop");
        told.reason = std::to_string(number);
        Changes changes{event("shop", "Told", std::to_string(number)), told,
                        Correction{"shop", "api", "code", "hash", opened.clock.now()}};
        Revision revision;
        revision.stack = "shop";
        revision.commit = std::to_string(number);
        changes.emplace_back(std::move(revision));
        changes.emplace_back(HistoryLimit{"shop", 5});
        if (!opened.write(std::move(changes))) ::_exit(2);
        if (::write(report, &number, sizeof number) != sizeof number) ::_exit(3);
    }
}

// The number of the last write that was said to be done; -1 = none. `begun`: the delay counts from
// the first write, else from the start.
int kill_after(const std::string& directory, std::chrono::microseconds delay, bool begun) {
    int pipe[2] = {-1, -1};
    EXPECT_EQ(::pipe(pipe), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(pipe[0]);
        write_for_ever(directory, pipe[1]);
    }
    ::close(pipe[1]);
    int last = -1;
    int number = 0;
    if (begun) {
        EXPECT_EQ(::read(pipe[0], &number, sizeof number), sizeof number) << "it wrote nothing";
        last = number;
    }
    std::this_thread::sleep_for(delay);
    ::kill(child, SIGKILL);
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status)) << "it ended by itself with " << WEXITSTATUS(status);
    while (::read(pipe[0], &number, sizeof number) == sizeof number) last = number;
    ::close(pipe[0]);
    return last;
}

TEST(Kill, ADatabaseOpensWhereverItsWriterWasKilled) {
    std::mt19937 random(20261124);
    std::uniform_int_distribution<int> delays(0, 30'000);
    for (int round = 0; round < 60; ++round) {
        support::TempDirectory directory;
        // Twice in the same place: the second begins with what the first one left.
        kill_after(directory.path(), std::chrono::microseconds(delays(random)), false);
        const int told =
            kill_after(directory.path(), std::chrono::microseconds(delays(random)), true);
        Opened opened(directory.path());
        ASSERT_TRUE(opened.store) << opened.error->message();
        EXPECT_FALSE(opened.store->problem());
        for (const auto& each : std::filesystem::directory_iterator(directory.path())) {
            EXPECT_EQ(each.path().string().find("corrupt"), std::string::npos) << each.path();
        }
        ASSERT_GE(told, 0);
        ASSERT_TRUE(opened.store->suspensions().contains("shop"));
        EXPECT_GE(std::stoi(opened.store->suspensions().at("shop").reason), told);
        const auto revisions = opened.revisions("shop");
        ASSERT_FALSE(revisions.empty());
        EXPECT_EQ(revisions.front().commit, opened.store->suspensions().at("shop").reason)
            << "a transaction is there whole or not at all";
    }
}

}    // namespace
}    // namespace trueup::store
