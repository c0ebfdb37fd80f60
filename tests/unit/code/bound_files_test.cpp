// SPDX-License-Identifier: Apache-2.0
#include "controller/code/bound_files.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/temp_directory.hpp"

namespace trueup::code {
namespace {

namespace fs = std::filesystem;

model::ObservedContainer with_mount(const std::string& source, bool writable = false,
                                    model::MountedKind kind = model::MountedKind::bind) {
    model::ObservedContainer container;
    container.mounts["/target"] = {kind, source, writable};
    return container;
}

TEST(BoundPaths, ReadOnlyBindsOfTheHostCount) {
    const std::vector<BoundPath> bound{{"/srv/shop/app", "/target"}};
    EXPECT_EQ(bound_paths(with_mount("/srv/shop/app"), "/state/binds"), bound);
    EXPECT_TRUE(bound_paths(with_mount("/srv/shop/app", true), "/state/binds").empty());
    EXPECT_TRUE(
        bound_paths(with_mount("data", false, model::MountedKind::volume), "/state/binds").empty());
}

TEST(BoundPaths, WhatTrueupWroteByContentAndWhatIsOfTheKernelDoNot) {
    for (const std::string source : {"/state/binds/4b825dc642cb6eb9a060e54bf8d69288fbee4904",
                                     "/proc", "/sys/fs/cgroup", "/dev/log", "/var/run/docker.sock"})
        EXPECT_TRUE(bound_paths(with_mount(source), "/state/binds").empty()) << source;
    EXPECT_FALSE(bound_paths(with_mount("/state/bindsalike"), "/state/binds").empty());
    EXPECT_FALSE(bound_paths(with_mount("/process"), "").empty());
}

TEST(CountsInDirectory, SourceSettingsAndKeysDo) {
    for (const std::string name : {"main.py", "server.js", "app.conf", ".env", "tls.key", "a.yaml",
                                   "index.html.j2", "db_password", "Procfile"})
        EXPECT_TRUE(counts_in_directory(name, 100)) << name;
    for (const std::string name : {"access.log", "data.db", "logo.png", "index.html", ".#main.py",
                                   "main.py~", ".main.py.swp", "main.cpython-311.pyc"})
        EXPECT_FALSE(counts_in_directory(name, 100)) << name;
    EXPECT_FALSE(counts_in_directory("segment", 1U << 20U)) << "no password is that long";
}

class BoundFilesTest : public ::testing::Test {
protected:
    // What is mounted at /srv, by its paths.
    std::vector<std::string> scan(const std::string& source, std::vector<std::string> more = {}) {
        const auto root = ProcessRoot::of_directory(host_.path());
        std::vector<std::string> targets{"/srv"};
        targets.insert(targets.end(), more.begin(), more.end());
        watched_.clear();
        const OnDirectory on_directory = [this](int, const std::string& path) {
            watched_.push_back(path);
        };
        found_ = scan_bounds(*root, {{source, "/srv"}}, targets,
                             std::chrono::system_clock::now() + std::chrono::seconds(1), known_,
                             on_directory);
        std::vector<std::string> paths;
        for (const auto& [path, file] : found_.files) paths.push_back(path);
        return paths;
    }

    support::TempDirectory host_;
    KnownContents known_;
    BoundFiles found_;
    std::vector<std::string> watched_;
};

using Paths = std::vector<std::string>;

TEST_F(BoundFilesTest, ABoundFileCountsWhateverItIsCalled) {
    support::write_file(host_ / "opt/shop/blob.bin", "1");
    EXPECT_EQ(scan("/opt/shop/blob.bin"), Paths{"/srv"});
    EXPECT_EQ(watched_, Paths{"/srv"});
    const BoundFile before = found_.files.at("/srv");
    EXPECT_GE(before.changed, before.modified);
    support::write_file(host_ / "opt/shop/blob.bin", "two");
    scan("/opt/shop/blob.bin");
    EXPECT_NE(found_.files.at("/srv").content, before.content);
}

TEST_F(BoundFilesTest, OfADirectoryWhatCountsInIt) {
    support::write_file(host_ / "opt/app/main.py", "1");
    support::write_file(host_ / "opt/app/conf.d/a.conf", "1");
    support::write_file(host_ / "opt/app/access.log", "1");
    support::write_file(host_ / "opt/app/.git/HEAD", "1");
    support::write_file(host_ / "opt/app/__pycache__/x.py", "1");
    support::write_file(host_ / "opt/app/data/seed.py", "1");
    fs::create_symlink("../secret.py", host_ / "opt/app/link.py");
    EXPECT_EQ(scan("/opt/app", {"/srv/data"}),
              (Paths{"/srv/conf.d/a.conf", "/srv/link.py", "/srv/main.py"}));
    EXPECT_TRUE(found_.left_out.empty());
    EXPECT_GT(found_.moved, 0);
    EXPECT_EQ(std::count(watched_.begin(), watched_.end(), "/srv/conf.d"), 1);
}

TEST_F(BoundFilesTest, ASourceBehindALinkIsFollowedInsideTheHost) {
    support::write_file(host_ / "releases/2/main.py", "2");
    fs::create_symlink("/releases/2", host_ / "current");
    EXPECT_EQ(scan("/current"), Paths{"/srv/main.py"});
}

TEST_F(BoundFilesTest, WhatIsOfTheMachineDoesNotCount) {
    support::write_file(host_ / "etc/localtime", "1");
    support::write_file(host_ / "etc/shop/app.conf", "1");
    support::write_file(host_ / "var/log/app.conf", "1");
    support::write_file(host_ / "usr/share/a.conf", "1");
    support::write_file(host_ / "usr/local/etc/a.conf", "1");
    for (const std::string source : {"/", "/etc", "/etc/localtime", "/var/log", "/usr/share"})
        EXPECT_EQ(scan(source), Paths()) << source;
    EXPECT_EQ(scan("/etc/shop"), Paths{"/srv/app.conf"});
    EXPECT_EQ(scan("/usr/local/etc"), Paths{"/srv/a.conf"});
}

TEST_F(BoundFilesTest, NothingElseThanFilesIsOpened) {
    ASSERT_EQ(::mkfifo((host_ / "pipe").c_str(), 0600), 0);
    EXPECT_EQ(scan("/pipe"), Paths());
    fs::create_directories(host_ / "opt/app");
    ASSERT_EQ(::mkfifo((host_ / "opt/app/pipe.conf").c_str(), 0600), 0);
    EXPECT_EQ(scan("/opt/app"), Paths());
}

TEST_F(BoundFilesTest, ASourceThatIsGoneIsLeftOut) {
    scan("/opt/app");
    EXPECT_EQ(found_.left_out, Paths{"/srv"});
    EXPECT_EQ(found_.unseen, "");
}

TEST_F(BoundFilesTest, ADirectoryOfMoreThanTheLimitIsLeftOutAndSaysSo) {
    fs::create_directories(host_ / "opt/app");
    for (std::size_t index = 0; index <= bound_file_limit; ++index)
        ASSERT_EQ(::symlink("x", (host_ / fmt::format("opt/app/{}.png", index)).c_str()), 0);
    support::write_file(host_ / "opt/app/main.py", "1");
    EXPECT_EQ(scan("/opt/app"), Paths());
    EXPECT_EQ(found_.unseen, "/srv: more than 50000 files");
    EXPECT_EQ(found_.left_out, Paths{"/srv"});
}

TEST_F(BoundFilesTest, AnInodeThatLooksTheSameIsNotReadAgain) {
    support::write_file(host_ / "opt/app/main.py", "1");
    scan("/opt/app");
    ASSERT_EQ(known_.size(), 1U);
    known_.begin()->second.second = "as it was read";
    scan("/opt/app");
    EXPECT_EQ(found_.files.at("/srv/main.py").content, "as it was read");
    support::write_file(host_ / "opt/app/main.py", "two");
    scan("/opt/app");
    EXPECT_NE(found_.files.at("/srv/main.py").content, "as it was read");
}

}    // namespace
}    // namespace trueup::code
