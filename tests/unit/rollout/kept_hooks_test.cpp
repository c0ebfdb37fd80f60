// SPDX-License-Identifier: Apache-2.0
#include "controller/rollout/kept_hooks.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "controller/base/cipher.hpp"
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

std::string read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

class KeptHooks : public testing::Test {
protected:
    support::TempDirectory directory;
    HooksPlace place{directory / "hooks/shop", "of this engine"};
};

TEST_F(KeptHooks, AreReadAsTheyWereWritten) {
    ASSERT_TRUE(keep_hooks(place, hash, hooks()));
    const auto kept = kept_hooks(place, hash);
    ASSERT_TRUE(kept) << kept.error().message();
    EXPECT_EQ(*kept, hooks());
    ASSERT_TRUE(keep_hooks(place, hash, {}));
    EXPECT_EQ(*kept_hooks(place, hash), hooks()) << "what is there stays";
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(place.directory), {}), 1);
}

TEST_F(KeptHooks, AreReadByNobodyElse) {
    ASSERT_TRUE(keep_hooks(place, hash, hooks()));
    const std::string path = place.directory + "/" + hash;
    struct ::stat status{};
    ASSERT_EQ(::lstat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0600U);
    EXPECT_EQ(read(path).find("one two"), std::string::npos);
    EXPECT_EQ(read(path).find("echo"), std::string::npos);
    const HooksPlace other{place.directory, "of another engine"};
    EXPECT_EQ(kept_hooks(other, hash).error().code(), Errc::invalid);
    const std::string second(64, 'b');
    std::filesystem::copy(path, place.directory + "/" + second);
    EXPECT_EQ(kept_hooks(place, second).error().code(), Errc::invalid) << "of another file";
}

TEST_F(KeptHooks, OfAnUnknownOrForgedHashAreNone) {
    place.directory = directory.path();
    std::ofstream(directory / "secret") << "[]";
    for (const std::string& text :
         {std::string(64, 'b'), std::string("../secret"), std::string("secret"), std::string()}) {
        const auto kept = kept_hooks(place, text);
        ASSERT_FALSE(kept) << text;
        EXPECT_EQ(kept.error().code(), Errc::not_found);
    }
}

TEST_F(KeptHooks, ADamagedFileIsNoHooks) {
    std::filesystem::create_directories(place.directory);
    const std::string path = place.directory + "/" + hash;
    const std::string purpose = "pre_stop hooks of " + hash;
    for (const char* text : {"", "{", "{}", "\x80"}) {
        for (const std::string& written :
             {std::string(text), base::encrypt(place.key, purpose, text)}) {
            std::ofstream(path, std::ios::binary) << written;
            const auto kept = kept_hooks(place, hash);
            ASSERT_FALSE(kept) << text;
            EXPECT_EQ(kept.error().code(), Errc::invalid);
        }
    }
    std::ofstream(path, std::ios::binary) << base::encrypt(
        place.key, purpose, R"([1, {"command": [1], "environment": 3, "user": {}}])");
    ASSERT_TRUE(kept_hooks(place, hash));
}

TEST_F(KeptHooks, WhatCannotBeWrittenIsTold) {
    std::ofstream(directory / "file") << "x";
    place.directory = directory / "file/below";
    EXPECT_FALSE(keep_hooks(place, hash, hooks()));
}

TEST_F(KeptHooks, GoWithTheLastContainerThatHasThem) {
    const std::string second(64, 'b');
    ASSERT_TRUE(keep_hooks(place, hash, hooks()));
    ASSERT_TRUE(keep_hooks(place, second, hooks()));
    drop_hooks(place, {second, std::string(64, 'c')});
    EXPECT_FALSE(kept_hooks(place, hash));
    EXPECT_TRUE(kept_hooks(place, second));
    drop_hooks(place, {});
    EXPECT_FALSE(std::filesystem::exists(place.directory));
    drop_hooks(place, {});
}

}    // namespace
}    // namespace trueup::rollout::test
