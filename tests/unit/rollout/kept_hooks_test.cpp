// SPDX-License-Identifier: Apache-2.0
#include "controller/rollout/kept_hooks.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temp_directory.hpp"

namespace trueup::rollout::test {
namespace {

const std::string hash(64, 'a');

std::vector<model::Hook> hooks() {
    model::Hook full;
    full.command = {"sh", "-c", "echo \"$A\""};
    full.user = "app";
    full.privileged = true;
    full.working_dir = "/srv";
    full.environment = {{"A", "one two"}, {"UNSET", std::nullopt}};
    model::Hook plain;
    plain.command = {"true"};
    return {full, plain};
}

TEST(KeptHooks, AreReadAsTheyWereWrittenAndForTheOwnerOnly) {
    support::TempDirectory directory;
    const std::string folder = directory / "hooks";
    ASSERT_TRUE(keep_hooks(folder, hash, hooks()));
    const auto kept = kept_hooks(folder, hash);
    ASSERT_TRUE(kept) << kept.error().message();
    EXPECT_EQ(*kept, hooks());
    struct ::stat status{};
    ASSERT_EQ(::lstat((folder + "/" + hash).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0600U);
    ASSERT_TRUE(keep_hooks(folder, hash, {}));
    EXPECT_EQ(*kept_hooks(folder, hash), hooks()) << "what is there stays";
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1);
}

TEST(KeptHooks, OfAnUnknownOrForgedHashAreNone) {
    support::TempDirectory directory;
    std::ofstream(directory / "secret") << "[]";
    for (const std::string& text :
         {std::string(64, 'b'), std::string("../secret"), std::string("secret"), std::string()}) {
        const auto kept = kept_hooks(directory.path(), text);
        ASSERT_FALSE(kept) << text;
        EXPECT_EQ(kept.error().code(), Errc::not_found);
    }
}

TEST(KeptHooks, ADamagedFileIsNoHooks) {
    support::TempDirectory directory;
    for (const char* text : {"", "{", "{}", "\x80"}) {
        std::ofstream(directory / hash) << text;
        const auto kept = kept_hooks(directory.path(), hash);
        ASSERT_FALSE(kept) << text;
        EXPECT_EQ(kept.error().code(), Errc::invalid);
    }
    std::ofstream(directory / hash) << R"([1, {"command": [1], "environment": 3, "user": {}}])";
    ASSERT_TRUE(kept_hooks(directory.path(), hash));
}

TEST(KeptHooks, WhatCannotBeWrittenIsTold) {
    support::TempDirectory directory;
    std::ofstream(directory / "file") << "x";
    EXPECT_FALSE(keep_hooks(directory / "file/below", hash, hooks()));
}

}    // namespace
}    // namespace trueup::rollout::test
