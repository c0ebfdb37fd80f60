// SPDX-License-Identifier: Apache-2.0
#include "controller/code/root_scan.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <thread>

#include "controller/base/digest.hpp"
#include "tests/support/temp_directory.hpp"

namespace trueup::code {
namespace {

namespace fs = std::filesystem;

class RootScan : public ::testing::Test {
protected:
    // As long after everything that the test wrote that nothing counts as just written.
    static SystemTime later() { return std::chrono::system_clock::now() + std::chrono::hours(1); }

    void write(const std::string& path, std::string_view content) {
        support::write_file(root_ / path, content);
    }

    FoundFiles scan(const std::string& directory, bool follow = true, SystemTime now = later()) {
        const auto root = ProcessRoot::of_directory(root_.path());
        EXPECT_TRUE(root.has_value());
        FoundFiles found;
        known_.begin();
        const auto scanned =
            scan_directory(*root, directory, follow, now, known_, on_directory_, found, bounds_);
        known_.finish();
        EXPECT_TRUE(scanned) << scanned.error().message();
        return found;
    }

    static std::vector<std::string> paths_of(const FoundFiles& found) {
        std::vector<std::string> paths;
        for (const auto& [path, file] : found) paths.push_back(path);
        return paths;
    }

    Error scan_that_ends() {
        FoundFiles found;
        const auto root = ProcessRoot::of_directory(root_.path());
        const auto scanned =
            scan_directory(*root, "/app", true, later(), known_, on_directory_, found, bounds_);
        EXPECT_FALSE(scanned);
        return scanned ? Error() : scanned.error();
    }

    static std::string id(std::string_view content) { return base::git_blob_id(content); }

    support::TempDirectory root_;
    KnownFiles known_;
    OnDirectory on_directory_;
    ScanBounds bounds_;
};

using Paths = std::vector<std::string>;

// Writes the same file anew, as long as it lives.
class Writer {
public:
    explicit Writer(std::string path) : path_(std::move(path)), thread_([this] { run(); }) {
        while (rounds_ < 2) std::this_thread::yield();
    }
    ~Writer() {
        ended_ = true;
        thread_.join();
    }
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

private:
    void run() {
        for (; !ended_; ++rounds_)
            std::ofstream(path_) << std::string(1 + (rounds_ % 2), 'x') << std::flush;
    }

    std::string path_;
    std::atomic<bool> ended_ = false;
    std::atomic<int> rounds_ = 0;
    std::thread thread_;
};

TEST_F(RootScan, FilesAreNamedAsGitNamesThem) {
    write("app/main.py", "print(1)\n");
    write("app/bin/run.sh", "#!/bin/sh\n");
    fs::permissions(root_ / "app/bin/run.sh", fs::perms::owner_all);
    fs::create_symlink("main.py", root_ / "app/link");
    const FoundFiles found = scan("/app");
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(found.at("/app/main.py").object_id, id("print(1)\n"));
    EXPECT_FALSE(found.at("/app/main.py").executable);
    EXPECT_TRUE(found.at("/app/bin/run.sh").executable);
    EXPECT_TRUE(found.at("/app/link").symlink);
    EXPECT_EQ(found.at("/app/link").object_id, id("main.py"));
}

TEST_F(RootScan, ASingleFileIsItsOwnRoot) {
    write("app/main.py", "x");
    const FoundFiles found = scan("/app/main.py", false);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found.at("/app/main.py").object_id, id("x"));
}

TEST_F(RootScan, NothingThereIsAFinding) {
    write("app", "a file");
    EXPECT_TRUE(scan("/srv").empty());
    EXPECT_TRUE(scan("/app/below").empty());
}

TEST_F(RootScan, ALinkInPlaceOfTheDirectoryIsFollowedInsideTheRoot) {
    write("usr/app/main.py", "x");
    fs::create_symlink("/usr/app", root_ / "app");
    const FoundFiles found = scan("/app");
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found.at("/app/main.py").object_id, id("x"));
}

TEST_F(RootScan, NoLinkLeadsOutOfTheRoot) {
    const support::TempDirectory outside;
    support::write_file(outside / "secret.py", "secret");
    write("app/main.py", "x");
    fs::create_symlink(outside.path(), root_ / "app/absolute");
    fs::create_symlink("../../../../../../../.." + outside.path(), root_ / "app/relative");
    fs::create_symlink(outside.path(), root_ / "out");
    const FoundFiles found = scan("/app");
    EXPECT_EQ(found.size(), 3U);    // the links themselves, and main.py
    EXPECT_TRUE(found.at("/app/absolute").symlink);
    EXPECT_TRUE(scan("/out").empty());
    EXPECT_TRUE(scan("/../../../../../../../.." + outside.path()).empty());
}

TEST_F(RootScan, LoopsPipesAndSocketsAreNoCodeAndHoldNothingUp) {
    write("app/main.py", "x");
    fs::create_symlink(".", root_ / "app/loop");
    fs::create_symlink("self", root_ / "self");
    ASSERT_EQ(::mkfifo((root_ / "app/pipe.py").c_str(), 0600), 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string socket_path = root_ / "app/socket.py";
    ASSERT_LT(socket_path.size(), sizeof address.sun_path);
    std::copy(socket_path.begin(), socket_path.end(), address.sun_path);
    const base::Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    const FoundFiles found = scan("/app");
    EXPECT_EQ(paths_of(found), (Paths{"/app/loop", "/app/main.py"}));
    EXPECT_TRUE(scan("/self").empty());
}

// The machine's own: to read from one would never end.
TEST(DeviceScan, ADeviceInPlaceOfAFileIsNotOpened) {
    const auto root = ProcessRoot::of_directory("/");
    ASSERT_TRUE(root);
    ExpectedCode expected;
    expected.files["/dev/zero"];
    ScanBounds bounds;
    bounds.expected = &expected;
    KnownFiles known;
    FoundFiles found;
    ASSERT_TRUE(
        scan_directory(*root, "/dev/zero", false, SystemTime(), known, nullptr, found, bounds));
    EXPECT_EQ(found, FoundFiles());
    EXPECT_EQ(known.read(), 0U);
}

TEST_F(RootScan, EveryNameOfAHardLinkIsAFile) {
    write("app/one.py", "1");
    fs::create_hard_link(root_ / "app/one.py", root_ / "app/two.py");
    const FoundFiles found = scan("/app");
    EXPECT_EQ(found.at("/app/one.py"), found.at("/app/two.py"));
    EXPECT_EQ(found.at("/app/two.py").object_id, id("1"));
}

TEST_F(RootScan, DirectoriesWithoutEndAreRefused) {
    std::string path = "app";
    for (int depth = 0; depth < 140; ++depth) path += "/d";
    write(path + "/deep.py", "1");
    EXPECT_EQ(scan_that_ends().code(), Errc::invalid);
}

TEST_F(RootScan, NamesWithNewlinesAndNoUtf8AreNames) {
    write("app/new\nline.py", "x");
    write("app/\xff\xfe.py", "y");
    const FoundFiles found = scan("/app");
    EXPECT_EQ(found.at("/app/new\nline.py").object_id, id("x"));
    EXPECT_EQ(found.at("/app/\xff\xfe.py").object_id, id("y"));
}

TEST_F(RootScan, WhatDidNotChangeIsNotReadAgain) {
    write("app/one.py", "1");
    write("app/two.py", "2");
    const FoundFiles first = scan("/app");
    EXPECT_EQ(known_.read(), 2U);
    EXPECT_EQ(scan("/app"), first);
    EXPECT_EQ(known_.read(), 0U);
}

// Same size, and the modification time put back: `touch -d`, `cp -p`, `rsync -t`.
TEST_F(RootScan, AModificationTimeThatWasSetBackHidesNothing) {
    write("app/one.py", "old");
    ASSERT_EQ(scan("/app").at("/app/one.py").object_id, id("old"));
    struct stat before{};
    ASSERT_EQ(::stat((root_ / "app/one.py").c_str(), &before), 0);
    write("app/one.py", "new");
    const timespec times[2] = {before.st_atim, before.st_mtim};
    ASSERT_EQ(::utimensat(AT_FDCWD, (root_ / "app/one.py").c_str(), times, 0), 0);
    EXPECT_EQ(scan("/app").at("/app/one.py").object_id, id("new"));
}

TEST_F(RootScan, WhatWasWrittenJustNowIsReadAgain) {
    write("app/one.py", "1");
    const SystemTime now = std::chrono::system_clock::now();
    scan("/app", true, now);
    scan("/app", true, now);
    EXPECT_EQ(known_.read(), 1U);
}

TEST_F(RootScan, AModeThatChangedIsSeen) {
    write("app/one.py", "1");
    EXPECT_FALSE(scan("/app").at("/app/one.py").executable);
    fs::permissions(root_ / "app/one.py", fs::perms::owner_all);
    EXPECT_TRUE(scan("/app").at("/app/one.py").executable);
}

TEST_F(RootScan, WhatByteCodeNamesIsKept) {
    write("app/__pycache__/one.cpython-311.pyc", std::string(200, 'b'));
    write("app/one.py", "12345");
    const FoundFiles found = scan("/app");
    EXPECT_EQ(found.at("/app/__pycache__/one.cpython-311.pyc").head, std::string(16, 'b'));
    EXPECT_EQ(found.at("/app/one.py").size, 5U);
    EXPECT_GT(found.at("/app/one.py").mtime, 1'700'000'000);
    EXPECT_TRUE(found.at("/app/one.py").head.empty());
}

TEST_F(RootScan, EveryDirectoryIsToldBeforeItIsRead) {
    write("app/a/b/one.py", "1");
    std::vector<std::string> told;
    on_directory_ = [&told](int descriptor, const std::string& path) {
        EXPECT_GE(descriptor, 0);
        told.push_back(path);
    };
    scan("/app");
    EXPECT_EQ(told, (std::vector<std::string>{"/app", "/app/a", "/app/a/b"}));
}

TEST_F(RootScan, OnlyWhatCanCountIsOpened) {
    ExpectedCode expected;
    expected.files["/app/data.txt"];
    bounds_.expected = &expected;
    write("app/data.txt", "the commit's");
    write("app/more.py", "1");
    write("app/__pycache__/more.cpython-311.pyc", "2");
    write("app/__pycache__/more.py", "3");
    write("app/native.so", "4");
    write("app/upload.bin", "5");
    write("app/server.log", "6");
    fs::create_symlink("upload.bin", root_ / "app/link");
    EXPECT_EQ(paths_of(scan("/app")),
              (Paths{"/app/__pycache__/more.cpython-311.pyc", "/app/__pycache__/more.py",
                     "/app/data.txt", "/app/link", "/app/more.py", "/app/native.so"}));
    EXPECT_EQ(known_.read(), 5U);
}

TEST_F(RootScan, FoldersOfPackagesAreLeftOutButWhereTheCommitHasFilesInThem) {
    ExpectedCode expected;
    expected.files["/app/site-packages/own/main.py"];
    bounds_.expected = &expected;
    write("app/node_modules/left/index.js", "1");
    write("app/.git/hooks/a.sh", "2");
    write("app/site-packages/own/main.py", "3");
    write("app/site-packages/own/__pycache__/main.cpython-311.pyc", "4");
    write("app/site-packages/other/deep/x.py", "5");
    Paths told;
    on_directory_ = [&told](int, const std::string& path) { told.push_back(path); };
    EXPECT_EQ(paths_of(scan("/app")),
              (Paths{"/app/site-packages/own/__pycache__/main.cpython-311.pyc",
                     "/app/site-packages/own/main.py"}));
    std::sort(told.begin(), told.end());
    EXPECT_EQ(told, (Paths{"/app", "/app/site-packages", "/app/site-packages/own",
                           "/app/site-packages/own/__pycache__"}));
}

// An honest scan of these would take hours.
TEST_F(RootScan, SparseFilesOfAnySizeHoldNothingUp) {
    ExpectedCode expected;
    expected.files["/app/main.py"];
    bounds_.expected = &expected;
    bounds_.until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    write("app/main.py", "1");
    write("app/image.bin", "");
    write("app/extra.py", "");
    fs::resize_file(root_ / "app/image.bin", std::uintmax_t(1) << 42U);
    fs::resize_file(root_ / "app/extra.py", std::uintmax_t(1) << 42U);
    const FoundFiles found = scan("/app");
    EXPECT_EQ(paths_of(found), (Paths{"/app/extra.py", "/app/main.py"}));
    EXPECT_EQ(found.at("/app/extra.py").object_id, "");
    EXPECT_EQ(found.at("/app/main.py").object_id, id("1"));
}

TEST_F(RootScan, AFileThatIsWrittenAllTheTimeIsFoundAndIsNoFailure) {
    write("app/main.py", "1");
    write("app/busy.py", "2");
    const Writer writer(root_ / "app/busy.py");
    for (int round = 0; round < 50; ++round) {
        const FoundFiles found = scan("/app");
        EXPECT_EQ(paths_of(found), (Paths{"/app/busy.py", "/app/main.py"}));
        EXPECT_EQ(found.at("/app/main.py").object_id, id("1"));
    }
}

TEST_F(RootScan, AScanEndsWhenItIsToldToAndWhenItsTimeIsOver) {
    write("app/main.py", "1");
    std::atomic<bool> stop = true;
    bounds_.stop = &stop;
    EXPECT_EQ(scan_that_ends().code(), Errc::cancelled);
    stop = false;
    bounds_.until = std::chrono::steady_clock::now();
    const Error late = scan_that_ends();
    EXPECT_EQ(late.code(), Errc::unavailable);
    EXPECT_NE(late.message().find("/app/main.py"), std::string::npos) << late.message();
}

TEST(ProcessRoot, OnlyAProcessOfTheContainerIsRead) {
    EXPECT_FALSE(ProcessRoot::open(0, "abc"));
    EXPECT_FALSE(ProcessRoot::open(::getpid(), ""));
    // This process is in no control group of such a name.
    EXPECT_FALSE(ProcessRoot::open(::getpid(), std::string(64, 'e')));
    EXPECT_FALSE(ProcessRoot::open(1'999'999'999, std::string(64, 'e')));
}

}    // namespace
}    // namespace trueup::code
