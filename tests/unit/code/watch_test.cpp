// SPDX-License-Identifier: Apache-2.0
#include "controller/code/watch.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/run_task.hpp"
#include "tests/support/temp_directory.hpp"

namespace trueup::code {
namespace {

using std::chrono::milliseconds;

class CodeWatchTest : public ::testing::Test {
protected:
    CodeWatchTest() {
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
        const auto scanned = scan_directory(*root, "/app", true, std::chrono::system_clock::now(),
                                            known, watch_.marker(marks), found);
        ASSERT_TRUE(scanned);
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
    CodeWatch watch_{io_.get_executor()};
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
                                        known, watch_.marker(marks), found);
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

}    // namespace
}    // namespace trueup::code
