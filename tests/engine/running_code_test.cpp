// SPDX-License-Identifier: Apache-2.0
// Code of running containers, read at their processes: the same as through the engine, sooner, and
// with notices of changes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "controller/base/clock.hpp"
#include "controller/base/digest.hpp"
#include "controller/code/archive_read.hpp"
#include "controller/code/readings.hpp"
#include "tests/support/run_task.hpp"

namespace trueup::code {
namespace {

using Due = Readings::Due;

class RunningCode : public testing::Test {
protected:
    RunningCode() {
        engine::EngineOptions options;
        options.url = engine::default_engine_url();
        engine_ = *engine::make_docker_engine(io_.get_executor(), std::move(options));
        ExpectedCode code;
        code.files["/srv/app/main.py"].object_id = base::git_blob_id("print(1)\n");
        code.directories = {"/srv/app"};
        expected_ = std::make_shared<const ExpectedCode>(std::move(code));
    }
    ~RunningCode() override { (void)test::run(io_, engine_->remove_container(id_, true, true)); }

    // `volume`: where an anonymous one lies.
    void start(const std::string& command, const std::string& volume) {
        const char* base = std::getenv("TRUEUP_TEST_BASE_BUSYBOX");
        ASSERT_NE(base, nullptr) << "run it with tests/support/with-engine";
        boost::json::array words;
        for (const std::string& word : {std::string("sh"), std::string("-c"), command})
            words.emplace_back(word);
        boost::json::object volumes;
        if (!volume.empty()) volumes[volume] = boost::json::object();
        boost::json::object body;
        body["Image"] = base;
        body["Cmd"] = std::move(words);
        body["Volumes"] = std::move(volumes);
        const auto created = test::run(io_, engine_->create_container("", std::move(body)));
        ASSERT_TRUE(created) << created.error().message();
        id_ = *created;
        ASSERT_TRUE(test::run(io_, engine_->start_container(id_)));
    }

    // With code in its own layer, and a volume below it.
    void start() {
        ASSERT_NO_FATAL_FAILURE(
            start("mkdir -p /srv/app/lib && cd /srv/app && echo 'print(1)' > main.py && "
                  "echo x > lib/x.py && ln -s lib/x.py link && chmod 755 lib/x.py && "
                  "echo v > volume/v.py && touch /ready && sleep 1000",
                  "/srv/app/volume"));
        ASSERT_TRUE(test::eventually([this] { return archive().contains("/srv/app/volume/v.py"); },
                                     std::chrono::seconds(20)));
    }

    // A file that the image brings is the commit's.
    void expect_passwd() {
        ExpectedCode code;
        code.files["/etc/passwd"];
        code.directories = {"/etc"};
        expected_ = std::make_shared<const ExpectedCode>(std::move(code));
    }

    // Whether the engine tells that it lies in the container's own layer.
    bool is_copied_up(const std::string& path) {
        const auto changes = test::run(io_, engine_->container_changes(id_));
        EXPECT_TRUE(changes);
        return std::any_of(changes->begin(), changes->end(),
                           [&](const engine::ChangedPath& each) { return each.path == path; });
    }

    void expect_an_edit_of_passwd_to_be_noticed() {
        readings_.watch_with(&watch_);
        const std::string before = read().at("/etc/passwd").object_id;
        EXPECT_NE(before, base::git_blob_id("nobody\n"));
        EXPECT_FALSE(is_copied_up("/etc/passwd"));
        EXPECT_FALSE(watch_.is_changed(id_));
        write("/etc/passwd", "nobody\n");
        ASSERT_TRUE(
            test::run(io_, watch_.wait(std::chrono::milliseconds(10), std::chrono::seconds(5))));
        EXPECT_TRUE(watch_.is_changed(id_));
        EXPECT_EQ(read().at("/etc/passwd").object_id, base::git_blob_id("nobody\n"));
        readings_.watch_with(nullptr);
    }

    // As a process in the container does it: it is the same mount.
    void write(const std::string& path, const std::string& content) {
        const auto container = test::run(io_, engine_->inspect_container(id_));
        ASSERT_TRUE(container);
        std::ofstream file("/proc/" + std::to_string(container->pid) + "/root" + path);
        file << content;
        ASSERT_TRUE(file.flush());
    }

    FoundFiles archive() {
        const auto found = test::run(io_, read_archive(*engine_, pool_, id_, expected_));
        EXPECT_TRUE(found) << found.error().message();
        return found ? *found : FoundFiles();
    }

    FoundFiles read() {
        const auto container = test::run(io_, engine_->inspect_container(id_));
        EXPECT_TRUE(container);
        const auto found = test::run(
            io_, readings_.read(*engine_, pool_, Subject{id_, container->pid}, expected_));
        EXPECT_TRUE(found) << found.error().message();
        return found ? *found : FoundFiles();
    }

    boost::asio::io_context io_;
    Pool pool_{2};
    CodeWatch watch_{io_.get_executor()};
    Readings readings_{base::machine_clock()};
    std::unique_ptr<engine::Engine> engine_;
    std::shared_ptr<const ExpectedCode> expected_;
    std::string id_;
};

TEST_F(RunningCode, TheProcessSeesWhatTheEngineSees) {
    start();
    const FoundFiles found = read();
    EXPECT_EQ(readings_.due(id_), Due::nothing);    // not Due::ask: it was read at the process
    EXPECT_EQ(found.at("/srv/app/main.py").object_id, base::git_blob_id("print(1)\n"));
    EXPECT_TRUE(found.contains("/srv/app/volume/v.py"));
    EXPECT_EQ(found, archive());
}

TEST_F(RunningCode, OfHostileFilesTheSameIsSeenAndNothingHoldsItUp) {
    ASSERT_NO_FATAL_FAILURE(start(
        "mkdir -p /srv/app && cd /srv/app && echo 1 > one.py && ln one.py two.py && "
        "ln -s a.py b.py && ln -s b.py a.py && ln -s .. up && mkfifo pipe.py && "
        "mknod zero.py c 1 5 && truncate -s 64M sparse.py && echo 2 > \"$(printf 'c\\nd.py')\" "
        "&& touch volume/v.py && sleep 1000",
        "/srv/app/volume"));
    ASSERT_TRUE(test::eventually([this] { return archive().contains("/srv/app/volume/v.py"); },
                                 std::chrono::seconds(20)));
    const FoundFiles found = read();
    EXPECT_EQ(found, archive());
    EXPECT_EQ(found.size(), 8U);
    EXPECT_EQ(found.at("/srv/app/two.py").object_id, base::git_blob_id("1\n"));
    EXPECT_EQ(found.at("/srv/app/c\nd.py").object_id, base::git_blob_id("2\n"));
    EXPECT_EQ(found.at("/srv/app/sparse.py").size, 64U << 20U);
}

TEST_F(RunningCode, AnEditIsNoticedOfAFileThatTheOverlayCopiesUp) {
    expect_passwd();
    ASSERT_NO_FATAL_FAILURE(start("sleep 1000", ""));
    ASSERT_NO_FATAL_FAILURE(expect_an_edit_of_passwd_to_be_noticed());
    EXPECT_TRUE(is_copied_up("/etc/passwd"));
}

// The engine copies what the image has there into the volume, and tells of no change in it.
TEST_F(RunningCode, AnEditIsNoticedInAnAnonymousVolumeOverTheImagesFiles) {
    expect_passwd();
    ASSERT_NO_FATAL_FAILURE(start("sleep 1000", "/etc"));
    ASSERT_NO_FATAL_FAILURE(expect_an_edit_of_passwd_to_be_noticed());
    EXPECT_FALSE(is_copied_up("/etc/passwd"));
    EXPECT_EQ(archive().at("/etc/passwd").object_id, base::git_blob_id("nobody\n"));
}

TEST_F(RunningCode, AnEditIsNoticedInTheContainersOwnLayer) {
    readings_.watch_with(&watch_);
    start();
    read();
    EXPECT_EQ(readings_.due(id_), Due::nothing);
    write("/srv/app/main.py", "print(2)\n");
    ASSERT_TRUE(
        test::run(io_, watch_.wait(std::chrono::milliseconds(10), std::chrono::seconds(5))));
    EXPECT_TRUE(watch_.is_changed(id_));
    ASSERT_TRUE(test::eventually([this] { return readings_.due(id_) == Due::look; },
                                 std::chrono::seconds(5)));
    EXPECT_EQ(read().at("/srv/app/main.py").object_id, base::git_blob_id("print(2)\n"));
    readings_.watch_with(nullptr);
}

TEST_F(RunningCode, ASingleFileIsWatchedWhereItLies) {
    readings_.watch_with(&watch_);
    start();
    ExpectedCode code = *expected_;
    code.directories = {"/srv/app/main.py", "/srv/app/__pycache__"};
    expected_ = std::make_shared<const ExpectedCode>(std::move(code));
    EXPECT_EQ(read().size(), 1U);
    EXPECT_TRUE(watch_.watches(id_));
    EXPECT_EQ(readings_.due(id_), Due::nothing);
    write("/srv/app/main.py", "print(2)\n");
    ASSERT_TRUE(
        test::run(io_, watch_.wait(std::chrono::milliseconds(10), std::chrono::seconds(5))));
    EXPECT_TRUE(watch_.is_changed(id_));
    EXPECT_EQ(read().at("/srv/app/main.py").object_id, base::git_blob_id("print(2)\n"));
    readings_.watch_with(nullptr);
}

TEST_F(RunningCode, WhatHasMoreFoldersThanMayBeWatchedIsLookedAtFromTimeToTime) {
    CodeWatch narrow(io_.get_executor(), WatchBudget{8, 1, 1});
    readings_.watch_with(&narrow);
    start();
    read();
    EXPECT_FALSE(narrow.watches(id_));
    EXPECT_TRUE(readings_.is_half_watched(id_));
    EXPECT_EQ(readings_.half_watched(), 1U);
    EXPECT_TRUE(test::eventually([this] { return readings_.due(id_) == Due::look; },
                                 std::chrono::seconds(30)));
    readings_.watch_with(nullptr);
    EXPECT_EQ(readings_.half_watched(), 0U);
}

TEST_F(RunningCode, AContainerThatEndedIsReadThroughTheEngine) {
    start();
    const FoundFiles before = read();
    const auto container = test::run(io_, engine_->inspect_container(id_));
    ASSERT_TRUE(test::run(io_, engine_->kill_container(id_, "KILL")));
    // With the pid that it had: it may be another process's by now.
    const auto found =
        test::run(io_, readings_.read(*engine_, pool_, Subject{id_, container->pid}, expected_));
    ASSERT_TRUE(found) << found.error().message();
    EXPECT_EQ(found->at("/srv/app/main.py"), before.at("/srv/app/main.py"));
    EXPECT_EQ(readings_.due(id_), Due::ask);
}

}    // namespace
}    // namespace trueup::code
