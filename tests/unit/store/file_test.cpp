// SPDX-License-Identifier: Apache-2.0
// A damaged file is put aside, never used and never deleted.
#include <sys/stat.h>

#include "tests/unit/store/opened.hpp"

namespace trueup::store {
namespace {

using test::event;
using test::Opened;
using test::suspension;

std::vector<std::string> put_aside(const std::string& directory) {
    std::vector<std::string> names;
    for (const auto& each : std::filesystem::directory_iterator(directory)) {
        const std::string name = each.path().filename();
        if (name.find(".corrupt-") != std::string::npos) names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

void expect_new(Opened& opened, const std::string& name) {
    ASSERT_TRUE(opened.store) << opened.error->message();
    EXPECT_FALSE(opened.store->problem());
    const auto events = opened.events();
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events.front().about, About::controller);
    EXPECT_EQ(events.front().type, EventType::warning);
    EXPECT_EQ(events.front().reason, "HistoryLost");
    EXPECT_NE(events.front().message.find(name), std::string::npos) << events.front().message;
    EXPECT_TRUE(opened.write(suspension("shop")));
}

TEST(File, WhatIsNoDatabaseIsPutAside) {
    support::TempDirectory directory;
    const std::string garbage(10'000, 'x');
    support::write_file(directory / "state.db", garbage);
    Opened opened(directory.path());
    expect_new(opened, "state.db.corrupt-20261124T100000Z");
    EXPECT_EQ(put_aside(directory.path()),
              std::vector<std::string>{"state.db.corrupt-20261124T100000Z"});
    EXPECT_EQ(support::read_file(directory / "state.db.corrupt-20261124T100000Z"), garbage);
}

TEST(File, ADamagedDatabaseIsPutAside) {
    support::TempDirectory directory;
    const std::string file = directory / "state.db";
    {
        Opened opened(directory.path());
        Changes changes;
        for (int index = 0; index < 500; ++index)
            changes.emplace_back(event("shop", "Filled", fmt::format("{}", index)));
        ASSERT_TRUE(opened.write(std::move(changes)));
    }
    std::string bytes = support::read_file(file);
    ASSERT_GT(bytes.size(), 40'000U);
    for (std::size_t at = 9'000; at < 30'000; ++at) bytes[at] = static_cast<char>(at * 31);
    support::write_file(file, bytes);
    Opened opened(directory.path());
    expect_new(opened, ".corrupt-");
    EXPECT_EQ(put_aside(directory.path()).size(), 1U);
}

std::string bytes_with_damage(const std::string& file, std::size_t from, std::size_t to) {
    std::string bytes = support::read_file(file);
    EXPECT_GT(bytes.size(), to);
    for (std::size_t at = from; at < to; ++at) bytes[at] = static_cast<char>(at * 31);
    return bytes;
}

TEST(File, WhatPeopleSaidIsSavedOutOfADamagedDatabase) {
    support::TempDirectory directory;
    const std::string file = directory / "state.db";
    AdoptedContainer adopted;
    adopted.id = "1";
    adopted.stack = "shop";
    {
        Opened opened(directory.path());
        Changes changes;
        changes.emplace_back(suspension("shop"));
        changes.emplace_back(adopted);
        changes.emplace_back(Confirmation{"shop", "token", person("ada"), {}});
        for (int index = 0; index < 900; ++index)
            changes.emplace_back(event("shop", "Filled", fmt::format("{}", index)));
        ASSERT_TRUE(opened.write(std::move(changes)));
    }
    const std::string damaged = bytes_with_damage(file, 80'000, 110'000);
    support::write_file(file, damaged);
    for (int start = 0; start < 2; ++start) {
        Opened opened(directory.path());
        ASSERT_TRUE(opened.store) << opened.error->message();
        const auto* held = opened.store->suspension("shop", opened.clock.now());
        ASSERT_NE(held, nullptr) << start;
        EXPECT_EQ(*held, suspension("shop"));
        EXPECT_EQ(opened.store->adopted().at("1"), adopted);
        EXPECT_EQ(opened.store->confirmation("shop", "token"), nullptr)
            << "a yes is not taken out of a file that cannot be trusted";
        ASSERT_EQ(opened.events().size(), 1U);
        EXPECT_NE(opened.events().front().message.find(
                      "; 1 suspensions and 1 adopted containers of it are in force again"),
                  std::string::npos)
            << opened.events().front().message;
        EXPECT_EQ(opened.events().front().message.find("could not be read"), std::string::npos);
    }
    const auto aside = put_aside(directory.path());
    ASSERT_EQ(aside.size(), 1U);
    EXPECT_EQ(support::read_file(directory / aside.front()), damaged) << "it stays as it was";
}

TEST(File, WhatCannotBeSavedIsTold) {
    support::TempDirectory directory;
    support::write_file(directory / "state.db", std::string(10'000, 'x'));
    Opened opened(directory.path());
    ASSERT_EQ(opened.events().size(), 1U);
    EXPECT_NE(opened.events().front().message.find("others could not be read"), std::string::npos)
        << opened.events().front().message;
}

TEST(File, SeveralAreKeptApart) {
    support::TempDirectory directory;
    for (int round = 0; round < 2; ++round) {
        support::write_file(directory / "state.db", std::string(5'000, 'x'));
        Opened opened(directory.path());
        ASSERT_TRUE(opened.store) << opened.error->message();
        opened.store.reset();
    }
    EXPECT_EQ(put_aside(directory.path()).size(), 2U);
}

TEST(File, IsForItsOwnerOnly) {
    support::TempDirectory directory;
    Opened opened(directory.path());
    ASSERT_TRUE(opened.write(suspension("shop")));
    for (const std::string name : {"state.db", "state.db-wal", "state.lock"}) {
        struct stat status{};
        ASSERT_EQ(::stat((directory / name).c_str(), &status), 0) << name;
        EXPECT_EQ(status.st_mode & 0077U, 0U) << name;
    }
}

TEST(File, AnEmptyFileIsANewDatabase) {
    support::TempDirectory directory;
    support::write_file(directory / "state.db", "");
    Opened opened(directory.path());
    ASSERT_TRUE(opened.store) << opened.error->message();
    EXPECT_TRUE(opened.events().empty());
    EXPECT_TRUE(put_aside(directory.path()).empty());
}

}    // namespace
}    // namespace trueup::store
