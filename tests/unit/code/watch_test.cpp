// SPDX-License-Identifier: Apache-2.0
#include "controller/code/watch.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "tests/support/run_task.hpp"
#include "tests/support/temp_directory.hpp"

namespace trueup::code {
namespace {

using std::chrono::milliseconds;

class CodeWatchTest : public ::testing::Test {
protected:
    explicit CodeWatchTest(WatchBudget budget = WatchBudget::of_kernel())
        : watch_(io_.get_executor(), budget) {
        auto expected = std::make_shared<ExpectedCode>();
        expected->files["/app/data.txt"];
        expected->files["/app/main.py"];
        expected->directories = {"/app"};
        expected_ = std::move(expected);
        support::write_file(root_ / "app/main.py", "1");
        support::write_file(root_ / "app/lib/deep.py", "1");
    }

    // As a reading does it.
    void scan(const std::string& container = "c1") {
        const auto root = ProcessRoot::of_directory(root_.path());
        CodeWatch::Marks marks;
        watch_.begin(container);
        FoundFiles found;
        KnownFiles known;
        const OnDirectory marker = watch_.marker(container, marks, expected_);
        for (const std::string& directory : expected_->directories) {
            const bool follow = !expected_->files.contains(directory);
            const auto scanned = scan_directory(
                *root, directory, follow, std::chrono::system_clock::now(), known, marker, found);
            ASSERT_TRUE(scanned);
        }
        watch_.use(container, std::move(marks), expected_);
    }

    // Whether a change is noticed now; none: the time is over.
    bool notices(const std::string& container = "c1") {
        const auto waited = test::run(io_, watch_.wait(milliseconds(1), milliseconds(50)));
        EXPECT_TRUE(waited);
        return watch_.is_changed(container);
    }

    boost::asio::io_context io_;
    support::TempDirectory root_;
    std::shared_ptr<const ExpectedCode> expected_;
    CodeWatch watch_;
};

TEST_F(CodeWatchTest, AContainerIsWatchedOnceItWasScanned) {
    EXPECT_FALSE(watch_.watches("c1"));
    scan();
    EXPECT_TRUE(watch_.watches("c1"));
    EXPECT_FALSE(notices());
}

TEST_F(CodeWatchTest, AFileOfTheCommitThatIsWrittenIsNoticed) {
    scan();
    support::write_file(root_ / "app/data.txt", "2");
    EXPECT_TRUE(notices());
    scan();
    EXPECT_FALSE(notices());
}

TEST_F(CodeWatchTest, ChangesInDirectoriesBelowAreNoticed) {
    scan();
    support::write_file(root_ / "app/lib/deep.py", "2");
    EXPECT_TRUE(notices());
}

TEST_F(CodeWatchTest, NewSourceAndByteCodeAreNoticedAndDataIsNot) {
    scan();
    support::write_file(root_ / "app/upload.bin", "2");
    EXPECT_FALSE(notices());
    support::write_file(root_ / "app/extra.py", "2");
    EXPECT_TRUE(notices());
    scan();
    support::write_file(root_ / "app/extra.pyc", "2");
    EXPECT_TRUE(notices());
}

TEST_F(CodeWatchTest, ANewDirectoryIsNoticedAndWatchedAfterTheNextScan) {
    scan();
    std::filesystem::create_directory(root_ / "app/new");
    EXPECT_TRUE(notices());
    scan();
    support::write_file(root_ / "app/new/more.py", "1");
    EXPECT_TRUE(notices());
}

TEST_F(CodeWatchTest, RemovalRenamingAndModesAreNoticed) {
    scan();
    std::filesystem::rename(root_ / "app/main.py", root_ / "app/main.txt");
    EXPECT_TRUE(notices());
    scan();
    std::filesystem::remove(root_ / "app/lib/deep.py");
    EXPECT_TRUE(notices());
    support::write_file(root_ / "app/main.py", "1");
    scan();
    ASSERT_EQ(::chmod((root_ / "app/main.py").c_str(), 0755), 0);
    EXPECT_TRUE(notices());
}

// It would be lost otherwise: what the scan read may be older than the change.
TEST_F(CodeWatchTest, AChangeDuringAScanIsAChange) {
    const auto root = ProcessRoot::of_directory(root_.path());
    CodeWatch::Marks marks;
    FoundFiles found;
    KnownFiles known;
    watch_.begin("c1");
    const auto scanned = scan_directory(*root, "/app", true, std::chrono::system_clock::now(),
                                        known, watch_.marker("c1", marks, expected_), found);
    ASSERT_TRUE(scanned);
    support::write_file(root_ / "app/main.py", "2");
    EXPECT_FALSE(notices());    // of nobody yet
    watch_.use("c1", std::move(marks), expected_);
    EXPECT_TRUE(watch_.is_changed("c1"));
}

TEST_F(CodeWatchTest, ADirectoryOfTwoContainersIsWatchedForBoth) {
    scan("c1");
    scan("c2");
    support::write_file(root_ / "app/main.py", "2");
    EXPECT_TRUE(notices("c1"));
    EXPECT_TRUE(watch_.is_changed("c2"));
    watch_.keep_only({"c2"});
    EXPECT_FALSE(watch_.watches("c1"));
    scan("c2");
    support::write_file(root_ / "app/main.py", "3");
    EXPECT_TRUE(notices("c2"));
}

// More than the kernel keeps until they are read: some are lost, and nobody knows whose.
TEST_F(CodeWatchTest, WhereEventsAreLostEveryContainerIsChanged) {
    scan("c1");
    scan("c2");
    std::ifstream queue("/proc/sys/fs/inotify/max_queued_events");
    int kept = 0;
    ASSERT_TRUE(queue >> kept);
    const int first = ::open((root_ / "app/a.bin").c_str(), O_CREAT | O_WRONLY, 0644);
    const int second = ::open((root_ / "app/b.bin").c_str(), O_CREAT | O_WRONLY, 0644);
    EXPECT_FALSE(notices()) << "data is nobody's code";
    // Equal events behind each other are one.
    for (int written = 0; written < kept + 100; ++written)
        ASSERT_EQ(::pwrite(written % 2 == 0 ? first : second, "1", 1, 0), 1);
    EXPECT_TRUE(notices("c1"));
    EXPECT_TRUE(watch_.is_changed("c2"));
    scan("c1");
    EXPECT_FALSE(notices("c1"));
    EXPECT_TRUE(watch_.is_changed("c2"));
    ::close(first);
    ::close(second);
}

// In which the commit has two files, and which has folders of others.
class SmallBudget : public CodeWatchTest {
protected:
    SmallBudget() : CodeWatchTest(WatchBudget{4, 3, 1}) {}
};

TEST_F(SmallBudget, AContainerWithTooManyFoldersIsWatchedInPartAndItsCodeFirst) {
    scan();
    EXPECT_TRUE(watch_.watches("c1"));
    EXPECT_FALSE(watch_.watches_in_part("c1"));
    for (const std::string folder : {"a", "b", "c", "d", "e", "f", "g"})
        std::filesystem::create_directories(root_ / ("app/uploads/" + folder));
    EXPECT_TRUE(notices());
    scan();
    EXPECT_FALSE(watch_.watches("c1"));
    EXPECT_TRUE(watch_.watches_in_part("c1"));
    EXPECT_FALSE(notices());
    support::write_file(root_ / "app/main.py", "2");
    EXPECT_TRUE(notices());
    std::filesystem::remove_all(root_ / "app/uploads");
    scan();
    EXPECT_TRUE(watch_.watches("c1"));
}

TEST_F(SmallBudget, WhatOneContainerHasAnotherCannotHave) {
    auto wide = std::make_shared<ExpectedCode>(*expected_);
    for (const std::string path : {"/app/a/x.py", "/app/b/x.py"}) {
        support::write_file(root_ / path.substr(1), "1");
        wide->files[path];
    }
    expected_ = wide;
    scan("c1");    // app, a, b, and lib as one of the others
    EXPECT_TRUE(watch_.watches("c1"));
    support::write_file(root_ / "srv/main.py", "1");
    auto other = std::make_shared<ExpectedCode>();
    other->files["/srv/main.py"];
    other->directories = {"/srv"};
    expected_ = other;
    scan("c2");
    EXPECT_TRUE(watch_.watches_in_part("c2"));
    EXPECT_TRUE(watch_.watches("c1"));
    watch_.keep_only({"c2"});
    scan("c2");
    EXPECT_TRUE(watch_.watches("c2"));
    EXPECT_FALSE(watch_.watches_in_part("c1")) << "it is not watched at all";
}

TEST(WatchBudget, IsHalfOfTheKernelsAndASixteenthOfItForEachContainer) {
    EXPECT_EQ(WatchBudget::of_limit(8'192).all, 4'096U);
    EXPECT_EQ(WatchBudget::of_limit(8'192).of_container, 256U);
    EXPECT_EQ(WatchBudget::of_limit(8'192).of_others, 64U);
    EXPECT_EQ(WatchBudget::of_limit(1'048'576).of_container, 8'192U);
    EXPECT_GT(WatchBudget::of_kernel().of_others, 0U);
}

// `COPY main.py .`: the file is a root by itself, and so is the cache of its byte code.
class FileRoots : public CodeWatchTest {
protected:
    FileRoots() {
        auto expected = std::make_shared<ExpectedCode>();
        expected->files["/srv/main.py"];
        expected->directories = {"/srv/main.py", "/srv/__pycache__", "/opt/late/tool.sh"};
        expected_ = std::move(expected);
        support::write_file(root_ / "srv/main.py", "1");
        scan();
    }
};

TEST_F(FileRoots, AFileThatIsWrittenOrReplacedIsNoticed) {
    EXPECT_TRUE(watch_.watches("c1"));
    EXPECT_FALSE(notices());
    support::write_file(root_ / "srv/main.py", "2");
    EXPECT_TRUE(notices());
    scan();
    support::write_file(root_ / "srv/main.py.new", "3");
    EXPECT_FALSE(notices());
    std::filesystem::rename(root_ / "srv/main.py.new", root_ / "srv/main.py");
    EXPECT_TRUE(notices());
    scan();
    ASSERT_EQ(::chmod((root_ / "srv/main.py").c_str(), 0755), 0);
    EXPECT_TRUE(notices());
    scan();
    std::filesystem::remove(root_ / "srv/main.py");
    EXPECT_TRUE(notices());
}

TEST_F(FileRoots, WhatLiesBesideItIsNobodysCode) {
    support::write_file(root_ / "srv/other.py", "2");
    std::filesystem::create_directory(root_ / "srv/data");
    EXPECT_FALSE(notices());
}

TEST_F(FileRoots, ARootThatIsNotThereYetIsNoticedWhenItComes) {
    std::filesystem::create_directory(root_ / "srv/__pycache__");
    EXPECT_TRUE(notices());
    scan();
    support::write_file(root_ / "srv/__pycache__/main.cpython-311.pyc", "1");
    EXPECT_TRUE(notices());
    scan();
    // Its folders come one by one.
    std::filesystem::create_directory(root_ / "opt");
    EXPECT_TRUE(notices());
    scan();
    std::filesystem::create_directory(root_ / "opt/other");
    EXPECT_FALSE(notices());
    std::filesystem::create_directory(root_ / "opt/late");
    EXPECT_TRUE(notices());
    scan();
    support::write_file(root_ / "opt/late/tool.sh", "1");
    EXPECT_TRUE(notices());
}

// As a bind mount over it: the directory that has the name tells nothing of what is written elsewhere.
TEST_F(FileRoots, AWriteByAnotherNameIsNoticed) {
    std::filesystem::create_hard_link(root_ / "srv/main.py", root_ / "elsewhere.py");
    EXPECT_TRUE(notices());
    scan();
    EXPECT_FALSE(notices());
    support::write_file(root_ / "elsewhere.py", "2");
    EXPECT_TRUE(notices());
}

}    // namespace
}    // namespace trueup::code
