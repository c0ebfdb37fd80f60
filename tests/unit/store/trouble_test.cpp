// SPDX-License-Identifier: Apache-2.0
// Trouble with the disk: what was said is in force, is told, and is written when it passes.
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <csignal>

#include "tests/unit/store/opened.hpp"

namespace trueup::store {
namespace {

using test::event;
using test::Opened;
using test::suspension;

// Another process's transaction that does not end.
class Holder {
public:
    explicit Holder(const std::string& file) {
        EXPECT_EQ(sqlite3_open(file.c_str(), &connection_), SQLITE_OK);
        EXPECT_EQ(sqlite3_exec(connection_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr),
                  SQLITE_OK);
    }
    ~Holder() { sqlite3_close(connection_); }

private:
    sqlite3* connection_ = nullptr;
};

StoreOptions impatient() {
    StoreOptions options;
    options.busy_wait = Milliseconds(50);
    return options;
}

TEST(Trouble, WhatCannotBeWrittenIsInForceAndWrittenLater) {
    support::TempDirectory directory;
    Opened opened(directory.path(), Use::controller, impatient());
    {
        Holder holder(directory / "state.db");
        const auto written = opened.write({suspension("shop"), event("shop", "Suspended")});
        ASSERT_FALSE(written);
        EXPECT_EQ(written.error().code(), Errc::unavailable);
        EXPECT_TRUE(opened.store->suspensions().contains("shop"));
        ASSERT_TRUE(opened.store->problem());
        EXPECT_NE(opened.store->problem()->message().find("locked"), std::string::npos);
        EXPECT_EQ(opened.errors, 1);
        // A later change never overtakes it.
        ASSERT_FALSE(opened.write(Resume{"shop"}));
        EXPECT_FALSE(opened.refresh());
    }
    const auto refreshed = opened.refresh();
    ASSERT_TRUE(refreshed);
    EXPECT_FALSE(opened.store->problem());
    EXPECT_TRUE(opened.store->suspensions().empty());
    EXPECT_EQ(opened.events().size(), 1U);
    opened.store.reset();
    Opened again(directory.path());
    EXPECT_TRUE(again.store->suspensions().empty());
}

TEST(Trouble, AControllerStartsWithoutAPlaceToWriteAndFindsItLater) {
    support::TempDirectory directory;
    const std::string place = directory / "place";
    Opened opened(place, Use::controller, impatient());
    ASSERT_TRUE(opened.store) << opened.error->message();
    ASSERT_TRUE(opened.store->problem());
    EXPECT_FALSE(opened.write(suspension("shop")));
    EXPECT_TRUE(opened.store->suspensions().contains("shop"));
    const auto events = trueup::test::run(opened.io, opened.store->events({}));
    ASSERT_FALSE(events);
    EXPECT_NE(events.error().message().find(place), std::string::npos);

    std::filesystem::create_directories(place);
    const auto refreshed = opened.refresh();
    ASSERT_TRUE(refreshed) << refreshed.error().message();
    EXPECT_FALSE(opened.store->problem());
    opened.store.reset();
    Opened again(place);
    EXPECT_TRUE(again.store->suspensions().contains("shop"));
}

TEST(Trouble, ADatabaseThatWentAwayIsToldBeforeAnythingIsLostByIt) {
    support::TempDirectory directory;
    Opened opened(directory.path(), Use::controller, impatient());
    ASSERT_TRUE(opened.refresh());
    std::filesystem::rename(directory / "state.db", directory / "elsewhere");
    const auto refreshed = opened.refresh();
    ASSERT_FALSE(refreshed);
    EXPECT_EQ(refreshed.error().message(),
              "cannot write to " + directory.path() + "/state.db: No such file or directory");
    EXPECT_TRUE(opened.store->problem());
    std::filesystem::rename(directory / "elsewhere", directory / "state.db");
    EXPECT_TRUE(opened.refresh());
    EXPECT_FALSE(opened.store->problem());
}

// What the last life wrote is read even where nothing can be written; as in a full or read-only file
// system, where SQLite cannot make the files that it needs beside the database.
TEST(Trouble, SuspensionsHoldWhereTheDatabaseCannotBeOpenedForWriting) {
    support::TempDirectory directory;
    {
        Opened opened(directory.path());
        ASSERT_TRUE(opened.write(suspension("shop")));
    }
    // A folder in the way of the log stands for that.
    std::filesystem::create_directories(directory / "state.db-wal/in-the-way");
    Opened opened(directory.path(), Use::controller, impatient());
    ASSERT_TRUE(opened.store) << opened.error->message();
    EXPECT_TRUE(opened.store->problem());
    EXPECT_TRUE(opened.store->suspensions().contains("shop"));
    std::filesystem::remove_all(directory / "state.db-wal");
    ASSERT_TRUE(opened.refresh());
    EXPECT_TRUE(opened.store->suspensions().contains("shop"));
}

// In a child, since the limit is the process's: files may not grow beyond it.
int write_until_full(const std::string& directory) {
    ::signal(SIGXFSZ, SIG_IGN);
    Opened opened(directory, Use::controller, impatient());
    if (!opened.store) return 1;
    const rlimit limit{256U << 10U, RLIM_INFINITY};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return 2;
    int round = 0;
    while (opened.write(event("shop", "Filled", std::string(2'000, 'x') + std::to_string(round)))) {
        if (++round > 1'000) return 3;
    }
    if (opened.write(suspension("shop")) || !opened.store->problem()) return 4;
    if (!opened.store->suspensions().contains("shop")) return 5;
    const rlimit none{RLIM_INFINITY, RLIM_INFINITY};
    if (::setrlimit(RLIMIT_FSIZE, &none) != 0) return 6;
    if (!opened.refresh() || opened.store->problem()) return 7;
    return 0;
}

TEST(Trouble, AFullDiskStopsNothingAndLosesNothing) {
    support::TempDirectory directory;
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) ::_exit(write_until_full(directory.path()));
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
    Opened again(directory.path());
    ASSERT_TRUE(again.store) << again.error->message();
    EXPECT_TRUE(again.store->suspensions().contains("shop"));
}

}    // namespace
}    // namespace trueup::store
