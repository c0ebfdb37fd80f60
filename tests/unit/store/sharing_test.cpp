// SPDX-License-Identifier: Apache-2.0
// One controller and any number of commands beside it use one state directory.
#include <unistd.h>

#include <atomic>
#include <thread>

#include "tests/unit/store/opened.hpp"

namespace trueup::store {
namespace {

using test::event;
using test::Opened;
using test::suspension;

TEST(Sharing, ASecondControllerIsRefusedAndToldWho) {
    support::TempDirectory directory;
    Opened first(directory.path());
    ASSERT_TRUE(first.store);
    Opened second(directory.path());
    ASSERT_FALSE(second.store);
    EXPECT_EQ(second.error->code(), Errc::conflict);
    EXPECT_NE(second.error->message().find(fmt::format("controller {}", ::getpid())),
              std::string::npos)
        << second.error->message();
    first.store.reset();
    Opened third(directory.path());
    EXPECT_TRUE(third.store) << third.error->message();
}

TEST(Sharing, AControllerSeesWhatACommandBesideItWrote) {
    support::TempDirectory directory;
    Opened controller(directory.path());
    Opened command(directory.path(), Use::beside);
    ASSERT_TRUE(command.store) << command.error->message();
    ASSERT_TRUE(controller.write(suspension("one")));
    const auto own = controller.refresh();
    ASSERT_TRUE(own);
    EXPECT_FALSE(*own) << "its own writes are no news";

    ASSERT_TRUE(command.write({suspension("two"), event("two", "Suspended")}));
    const auto changed = controller.refresh();
    ASSERT_TRUE(changed);
    EXPECT_TRUE(*changed);
    EXPECT_TRUE(controller.store->suspensions().contains("one"));
    EXPECT_TRUE(controller.store->suspensions().contains("two"));
    EXPECT_EQ(controller.events().size(), 1U);
}

TEST(Sharing, ACommandMakesTheDatabaseAndLeavesItToAController) {
    support::TempDirectory directory;
    Opened command(directory.path(), Use::beside);
    ASSERT_TRUE(command.store) << command.error->message();
    ASSERT_TRUE(command.write(suspension("shop")));
    Opened controller(directory.path());
    ASSERT_TRUE(controller.store) << controller.error->message();
    EXPECT_TRUE(controller.store->suspensions().contains("shop"));
}

TEST(Sharing, WritesOfSeveralAreAllThere) {
    support::TempDirectory directory;
    Opened controller(directory.path());
    std::vector<std::unique_ptr<Opened>> commands;
    for (int index = 0; index < 4; ++index)
        commands.push_back(std::make_unique<Opened>(directory.path(), Use::beside));
    for (int round = 0; round < 10; ++round) {
        ASSERT_TRUE(controller.write(event("shop", "Own", fmt::format("{}", round))));
        for (const auto& command : commands) {
            ASSERT_TRUE(command->store);
            ASSERT_TRUE(command->write(event("shop", "Beside", fmt::format("{}", round))));
        }
    }
    int count = 0;
    for (const Event& each : controller.events({.limit = 1000})) count += each.count;
    EXPECT_EQ(count, 50);
    EXPECT_EQ(controller.events({.limit = 1000}).size(), 20U) << "repeats are folded";
}

TEST(Sharing, ABackupIsRestoredAsDocumented) {
    support::TempDirectory directory;
    Opened controller(directory.path());
    ASSERT_TRUE(controller.write({suspension("shop"), event("shop", "Suspended")}));
    const std::string copy = directory / "copy.db";
    const auto made = backup(directory.path(), copy);
    ASSERT_TRUE(made) << made.error().message();
    ASSERT_TRUE(controller.write(event("shop", "After")));

    const auto again = backup(directory.path(), copy);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code(), Errc::conflict);

    // Restored as documented.
    support::TempDirectory other;
    std::filesystem::copy(copy, other / "state.db");
    Opened restored(other.path());
    ASSERT_TRUE(restored.store) << restored.error->message();
    EXPECT_TRUE(restored.store->suspensions().contains("shop"));
    EXPECT_EQ(restored.events().size(), 1U);
    EXPECT_FALSE(std::filesystem::exists(copy + "-wal"));
}

TEST(Sharing, ABackupIsWholeWhileTheControllerWrites) {
    support::TempDirectory directory;
    Opened controller(directory.path());
    ASSERT_TRUE(controller.write(event("shop", "First")));
    std::atomic<int> copies = 0;
    std::atomic<bool> done = false;
    std::string failure;
    std::thread copier([&] {
        for (; !done && failure.empty(); ++copies) {
            const auto made =
                backup(directory.path(), fmt::format("{}/copy-{}", directory.path(), copies + 0));
            if (!made) failure = made.error().message();
        }
    });
    int written = 0;
    for (; (copies < 5 || written < 20) && written < 20'000; ++written) {
        // Both or neither are in a copy.
        Changes both{suspension(fmt::format("{}", written)),
                     event(fmt::format("{}", written), "Suspended")};
        ASSERT_TRUE(controller.write(std::move(both)));
    }
    done = true;
    copier.join();
    EXPECT_EQ(failure, "");
    std::size_t before = 0;
    for (int number = 0; number < copies; ++number) {
        support::TempDirectory other;
        std::filesystem::copy(fmt::format("{}/copy-{}", directory.path(), number),
                              other / "state.db");
        Opened restored(other.path());
        ASSERT_TRUE(restored.store) << restored.error->message();
        const std::size_t found = restored.store->suspensions().size();
        EventQuery query;
        query.limit = 1'000'000;
        EXPECT_EQ(restored.events(query).size(), found + 1) << number;
        EXPECT_GE(found, before) << "what was written once is in every later copy";
        before = found;
    }
    EXPECT_GT(before, 0U) << "none was made while something was written";
}

TEST(Sharing, ABackupOfNothingSaysSo) {
    support::TempDirectory directory;
    const auto made = backup(directory.path(), directory / "copy.db");
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code(), Errc::not_found);
    EXPECT_FALSE(std::filesystem::exists(directory / "copy.db"));
    EXPECT_FALSE(std::filesystem::exists(directory / "state.db"));
}

}    // namespace
}    // namespace trueup::store
