// SPDX-License-Identifier: Apache-2.0
#include "controller/source/host_files.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temp_directory.hpp"

namespace trueup::source {
namespace {

namespace fs = std::filesystem;

class HostFilesTest : public testing::Test {
protected:
    HostFilesTest() {
        fs::create_directories(directory_ / "shop/data");
        fs::create_directories(directory_ / "other");
        fs::create_directories(directory_ / "shopping");
        write("shop/x.env", "A=hunter2\n");
        write("other/y.env", "B=hunter2\n");
        write("shopping/z.env", "C=hunter2\n");
    }
    void write(const std::string& name, const std::string& content) {
        std::ofstream(directory_ / name) << content;
    }
    std::string path(const std::string& name) const { return directory_ / name; }
    Errc refusal(const std::string& name) const {
        const auto content = files().read(path(name));
        return content ? Errc::internal : content.error().code();
    }
    HostFiles files() const { return HostFiles({path("shop")}); }

    support::TempDirectory directory_;
};

TEST_F(HostFilesTest, ReadsWhatLiesBelowARoot) {
    EXPECT_EQ(*files().read(path("shop/x.env")), "A=hunter2\n");
    fs::create_symlink("../x.env", path("shop/data/link"));
    EXPECT_EQ(*files().read(path("shop/data/link")), "A=hunter2\n");
    fs::create_symlink(path("shop"), path("root"));
    EXPECT_EQ(*HostFiles({path("root")}).read(path("root/x.env")), "A=hunter2\n");
}

TEST_F(HostFilesTest, RefusesTheRest) {
    EXPECT_EQ(refusal("other/y.env"), Errc::invalid);
    EXPECT_EQ(refusal("shopping/z.env"), Errc::invalid) << "it only begins like a root";
    EXPECT_EQ(refusal("shop/../other/y.env"), Errc::invalid);
    EXPECT_EQ(refusal("shop/./x.env"), Errc::invalid);
    fs::create_symlink(path("other/y.env"), path("shop/out"));
    EXPECT_EQ(refusal("shop/out"), Errc::invalid);
    fs::create_symlink("../other", path("shop/folder"));
    EXPECT_EQ(refusal("shop/folder/y.env"), Errc::invalid);
    EXPECT_EQ(files().read("x.env").error().code(), Errc::invalid);
    EXPECT_EQ(HostFiles().read(path("shop/x.env")).error().message(),
              path("shop/x.env") +
                  " is a path of the host, and the controller's configuration "
                  "allows none (add its folder to hostRoots)");
}

TEST_F(HostFilesTest, WhatIsNotReadableNowMayBeLater) {
    EXPECT_EQ(refusal("shop/missing.env"), Errc::unavailable);
    EXPECT_EQ(refusal("shop/data"), Errc::unavailable);
    ASSERT_EQ(::mkfifo(path("shop/pipe").c_str(), 0600), 0);
    EXPECT_EQ(refusal("shop/pipe"), Errc::unavailable);
    write("shop/large", std::string((1U << 20U) + 1, 'x'));
    EXPECT_EQ(refusal("shop/large"), Errc::unavailable);
}

TEST_F(HostFilesTest, FoldersForBinds) {
    EXPECT_TRUE(files().check(path("shop"), true));
    EXPECT_TRUE(files().check(path("shop/data"), true));
    EXPECT_TRUE(files().check(path("shop/data/not/there/yet"), true));
    EXPECT_FALSE(files().check(path("other"), true));
    EXPECT_FALSE(files().check(path("shop/../other"), true));
    fs::create_symlink(path("other"), path("shop/out"));
    EXPECT_FALSE(files().check(path("shop/out"), true));
    EXPECT_FALSE(files().check(path("shop/out/new"), true));
    EXPECT_TRUE(files().check(path("shop/out"), false)) << "links of another host are not ours";
    EXPECT_FALSE(files().check(path("other"), false));
    EXPECT_TRUE(HostFiles({"/srv/not/here"}).check("/srv/not/here/data", true));
}

TEST_F(HostFilesTest, FingerprintTellsEveryKindOfChange) {
    const std::vector<std::string> paths{path("shop/x.env"), path("shop/missing.env")};
    const std::string first = HostFiles::fingerprint(paths);
    EXPECT_EQ(HostFiles::fingerprint(paths), first);
    write("shop/new", "A=hunter3\n");
    fs::rename(path("shop/new"), path("shop/x.env"));
    const std::string replaced = HostFiles::fingerprint(paths);
    EXPECT_NE(replaced, first);
    write("shop/missing.env", "");
    EXPECT_NE(HostFiles::fingerprint(paths), replaced);
}

}    // namespace
}    // namespace trueup::source
