// SPDX-License-Identifier: Apache-2.0
// Code of running containers, read at their processes: the same as through the engine, sooner, and
// with notices of changes.
#include <gtest/gtest.h>

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

    // With code in its own layer, and a volume below it.
    void start() {
        const char* base = std::getenv("TRUEUP_TEST_BASE_BUSYBOX");
        ASSERT_NE(base, nullptr) << "run it with tests/support/with-engine";
        boost::json::array command;
        for (const char* word : {"sh", "-c",
                                 "mkdir -p /srv/app/lib && cd /srv/app && echo 'print(1)' > "
                                 "main.py && echo x > lib/x.py && "
                                 "ln -s lib/x.py link && chmod 755 lib/x.py && echo v > "
                                 "volume/v.py && touch /ready && sleep 1000"})
            command.emplace_back(word);
        boost::json::object volumes;
        volumes["/srv/app/volume"] = boost::json::object();
        boost::json::object body;
        body["Image"] = base;
        body["Cmd"] = std::move(command);
        body["Volumes"] = std::move(volumes);
        const auto created = test::run(io_, engine_->create_container("", std::move(body)));
        ASSERT_TRUE(created) << created.error().message();
        id_ = *created;
        ASSERT_TRUE(test::run(io_, engine_->start_container(id_)));
        ASSERT_TRUE(test::eventually([this] { return archive().contains("/srv/app/volume/v.py"); },
                                     std::chrono::seconds(20)));
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

TEST_F(RunningCode, AnEditIsNoticedAlsoOfAFileThatIsCopiedUp) {
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
