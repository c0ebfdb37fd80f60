// SPDX-License-Identifier: Apache-2.0
// Desired state on disk: every way in which people and tools change files is seen, and nothing is
// ever read half or taken for gone.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "controller/base/task_group.hpp"
#include "controller/source/desired.hpp"
#include "tests/support/git_repository.hpp"
#include "tests/support/run_task.hpp"

namespace trueup::source {
namespace {

namespace fs = std::filesystem;
using support::TempDirectory;
using support::write_file;
using namespace std::chrono_literals;

class DesiredFilesTest : public testing::Test {
protected:
    TempDirectory directory_;
    std::string root_ = directory_ / "stacks";
    base::Pool pool_{1};
    boost::asio::io_context context_;
    GitRepositories repositories_{context_.get_executor(), pool_, GitOptions()};
    std::unique_ptr<DesiredSource> source_;

    void SetUp() override { fs::create_directories(root_); }

    void open(const std::string& path) {
        DesiredOptions options;
        options.settle = 20ms;
        options.rescan_interval = 60s;
        auto source = make_desired_source(context_.get_executor(), path, repositories_, options);
        ASSERT_TRUE(source);
        source_ = std::move(*source);
    }

    template <class T>
    static boost::asio::awaitable<void> keep(Task<T> task, std::optional<Result<T>>& kept) {
        kept = co_await std::move(task);
    }
    template <class T>
    std::optional<Result<T>> run_for(Task<T> task, base::Milliseconds time) {
        std::optional<Result<T>> kept;
        base::TaskGroup group(context_.get_executor());
        group.spawn("task", keep<T>(std::move(task), kept));
        context_.restart();
        const auto end = std::chrono::steady_clock::now() + time;
        while (!kept && std::chrono::steady_clock::now() < end) context_.run_one_for(10ms);
        const std::optional<Result<T>> result = kept;
        group.close();
        context_.restart();
        while (group.running() > 0) context_.run_one();
        return result;
    }
    Result<DesiredSnapshot> read() {
        auto snapshot = run_for(source_->read(), 10s);
        return snapshot ? *snapshot : Error(Errc::timeout, "read() did not return");
    }
    // "a.yaml=1 b.yaml=2", relative to the root.
    std::string files() {
        const auto snapshot = read();
        if (!snapshot) return std::string(to_string(snapshot.error().code()));
        std::string text;
        for (const DesiredFile& file : snapshot->files) {
            text += (text.empty() ? "" : " ") +
                    fs::path(file.name).lexically_relative(root_).string() + "=" + file.content;
        }
        return text;
    }
    bool changes_within(base::Milliseconds time) {
        return run_for(source_->changed(), time).has_value();
    }
    // Did `change` wake the source, and what is there then?
    template <class Change>
    std::string after(Change change) {
        change();
        return changes_within(5s) ? files() : "not noticed";
    }
};

TEST_F(DesiredFilesTest, ReadsADirectory) {
    write_file(root_ + "/b.yml", "2");
    write_file(root_ + "/a.yaml", "1");
    write_file(root_ + "/team/c.yaml", "3");
    for (const char* name :
         {"/notes.txt", "/.hidden.yaml", "/a.yaml~", "/.a.yaml.swp", "/.git/x.yaml", "/yaml"}) {
        write_file(root_ + name, "x");
    }
    open(root_);
    const auto snapshot = read();
    ASSERT_TRUE(snapshot) << snapshot.error().message();
    ASSERT_EQ(snapshot->files.size(), 3U);
    EXPECT_EQ(snapshot->files[0], (DesiredFile{root_ + "/a.yaml", root_, "1"}));
    EXPECT_EQ(snapshot->files[1], (DesiredFile{root_ + "/b.yml", root_, "2"}));
    EXPECT_EQ(snapshot->files[2], (DesiredFile{root_ + "/team/c.yaml", root_ + "/team", "3"}));
    EXPECT_EQ(snapshot->unreadable, Problems());
    EXPECT_EQ(source_->name(), root_);
}

TEST_F(DesiredFilesTest, ReadsOneFileWhateverItsName) {
    write_file(root_ + "/conf", "1");
    open(root_ + "/conf");
    EXPECT_EQ(files(), "conf=1");
    EXPECT_EQ(after([&] { write_file(root_ + "/conf", "2"); }), "conf=2");
    write_file(root_ + "/other.yaml", "x");
    EXPECT_FALSE(changes_within(100ms));
}

TEST_F(DesiredFilesTest, NothingIsNeverAnEmptySnapshot) {
    open(root_ + "/missing");
    const auto snapshot = read();
    ASSERT_FALSE(snapshot);
    EXPECT_EQ(snapshot.error(), Error(Errc::not_found, root_ + "/missing does not exist"));
    EXPECT_EQ(after([&] { write_file(root_ + "/missing/a.yaml", "1"); }), "missing/a.yaml=1");
}

TEST_F(DesiredFilesTest, ADirectoryThatCannotBeReadIsAnError) {
    write_file(root_ + "/a.yaml", "1");
    write_file(root_ + "/team/b.yaml", "2");
    fs::permissions(root_ + "/team", fs::perms::none);
    fs::permissions(directory_.path(), static_cast<fs::perms>(0755));
    open(root_);
    // Root may read everything, so be somebody else for a moment.
    const uid_t user = ::geteuid();
    ASSERT_EQ(::seteuid(user == 0 ? 65'534 : user), 0);
    const auto snapshot = read();
    ASSERT_EQ(::seteuid(user), 0);
    ASSERT_FALSE(snapshot);
    EXPECT_EQ(snapshot.error(),
              Error(Errc::denied, root_ + "/team cannot be read: Permission denied"));
    EXPECT_EQ(after([&] { fs::permissions(root_ + "/team", fs::perms::owner_all); }),
              "a.yaml=1 team/b.yaml=2");
}

TEST_F(DesiredFilesTest, FilesThatCannotBeReadAreReported) {
    write_file(root_ + "/a.yaml", "1");
    write_file(root_ + "/big.yaml", std::string((1U << 20U) + 1, 'x'));
    fs::create_symlink("nowhere", root_ + "/dangling.yaml");
    ASSERT_EQ(::mkfifo((root_ + "/pipe.yaml").c_str(), 0600), 0);
    open(root_);
    const auto snapshot = read();
    ASSERT_TRUE(snapshot) << snapshot.error().message();
    EXPECT_EQ(snapshot->files.size(), 1U);
    const Error problems(snapshot->unreadable);
    EXPECT_EQ(
        problems.message(),
        root_ + "/dangling.yaml: a symlink that leads nowhere: No such file or directory\n" +
            root_ +
            "/pipe.yaml: not a regular file (replace it with a file, or give it another name)\n" +
            root_ + "/big.yaml: longer than 1048576 bytes (split it into several files)");
}

TEST_F(DesiredFilesTest, SymlinksThatGoInCirclesEnd) {
    fs::create_directory_symlink(".", root_ + "/loop");
    open(root_);
    EXPECT_EQ(read().error().code(), Errc::invalid);
}

TEST_F(DesiredFilesTest, SeesEveryWayOfEditing) {
    write_file(root_ + "/a.yaml", "1");
    open(root_);
    EXPECT_EQ(files(), "a.yaml=1");
    EXPECT_FALSE(changes_within(60ms));
    EXPECT_EQ(after([&] { write_file(root_ + "/a.yaml", "2"); }), "a.yaml=2");    // in place
    EXPECT_EQ(after([&] {    // write and rename
                  write_file(root_ + "/.a.yaml.tmp", "3");
                  fs::rename(root_ + "/.a.yaml.tmp", root_ + "/a.yaml");
              }),
              "a.yaml=3");
    EXPECT_EQ(after([&] {    // vim with backup
                  fs::rename(root_ + "/a.yaml", root_ + "/a.yaml~");
                  write_file(root_ + "/a.yaml", "4");
                  fs::remove(root_ + "/a.yaml~");
              }),
              "a.yaml=4");
    EXPECT_EQ(after([&] { write_file(root_ + "/new/deep/b.yaml", "5"); }),
              "a.yaml=4 new/deep/b.yaml=5");
    EXPECT_EQ(after([&] { write_file(root_ + "/new/deep/b.yaml", "6"); }),
              "a.yaml=4 new/deep/b.yaml=6");
    EXPECT_EQ(after([&] { fs::rename(root_ + "/new", root_ + "/old"); }),
              "a.yaml=4 old/deep/b.yaml=6");
    EXPECT_EQ(after([&] { fs::remove_all(root_ + "/old"); }), "a.yaml=4");
    EXPECT_EQ(after([&] { fs::rename(root_ + "/a.yaml", root_ + "/.a.yaml"); }), "");
    write_file(root_ + "/notes.txt", "x");
    changes_within(50ms);
    write_file(root_ + "/notes.txt", "y");
    write_file(root_ + "/.a.yaml.swp", "y");
    EXPECT_FALSE(changes_within(100ms));
}

TEST_F(DesiredFilesTest, ADirectoryThatVanishesAndComesBack) {
    write_file(root_ + "/a.yaml", "1");
    open(root_);
    EXPECT_EQ(files(), "a.yaml=1");
    EXPECT_EQ(after([&] { fs::rename(root_, directory_ / "away"); }), "not found");
    EXPECT_EQ(after([&] { fs::rename(directory_ / "away", root_); }), "a.yaml=1");
    EXPECT_EQ(after([&] { fs::remove_all(root_); }), "not found");
    EXPECT_EQ(after([&] { write_file(root_ + "/a.yaml", "2"); }), "a.yaml=2");
    EXPECT_EQ(after([&] { write_file(root_ + "/a.yaml", "3"); }), "a.yaml=3");
}

TEST_F(DesiredFilesTest, ADirectoryThatIsSwapped) {
    write_file(root_ + "/a.yaml", "1");
    write_file(directory_ / "next/a.yaml", "2");
    open(root_);
    EXPECT_EQ(files(), "a.yaml=1");
    EXPECT_EQ(after([&] {
                  fs::rename(root_, directory_ / "previous");
                  fs::rename(directory_ / "next", root_);
              }),
              "a.yaml=2");
    write_file(directory_ / "previous/a.yaml", "old");
    EXPECT_FALSE(changes_within(100ms));
    EXPECT_EQ(after([&] { write_file(root_ + "/a.yaml", "3"); }), "a.yaml=3");
}

TEST_F(DesiredFilesTest, ALinkToADirectoryThatIsPointedElsewhere) {
    write_file(directory_ / "releases/1/a.yaml", "1");
    write_file(directory_ / "releases/2/a.yaml", "2");
    fs::create_directory_symlink("releases/1", directory_ / "current");
    root_ = directory_ / "current";
    open(root_);
    EXPECT_EQ(files(), "a.yaml=1");
    EXPECT_EQ(after([&] {
                  fs::create_directory_symlink("releases/2", directory_ / "next");
                  fs::rename(directory_ / "next", directory_ / "current");
              }),
              "a.yaml=2");
    EXPECT_EQ(after([&] { write_file(directory_ / "releases/2/a.yaml", "3"); }), "a.yaml=3");
}

// As the kubelet does it: ..data is renamed over, the visible names never change.
TEST_F(DesiredFilesTest, AMountedConfigMapThatIsUpdated) {
    write_file(root_ + "/..2024_1/shop.yaml", "1");
    fs::create_directory_symlink("..2024_1", root_ + "/..data");
    fs::create_symlink("..data/shop.yaml", root_ + "/shop.yaml");
    open(root_);
    EXPECT_EQ(files(), "shop.yaml=1");
    EXPECT_EQ(after([&] {
                  write_file(root_ + "/..2024_2/shop.yaml", "2");
                  fs::create_directory_symlink("..2024_2", root_ + "/..data_tmp");
                  fs::rename(root_ + "/..data_tmp", root_ + "/..data");
                  fs::remove_all(root_ + "/..2024_1");
              }),
              "shop.yaml=2");
}

TEST_F(DesiredFilesTest, AFileGivenAsASymlink) {
    write_file(directory_ / "elsewhere/real.yaml", "1");
    fs::create_symlink("../elsewhere/real.yaml", root_ + "/shop.yaml");
    open(root_ + "/shop.yaml");
    EXPECT_EQ(files(), "shop.yaml=1");
    EXPECT_EQ(after([&] { write_file(directory_ / "elsewhere/real.yaml", "2"); }), "shop.yaml=2");
    EXPECT_EQ(after([&] {
                  write_file(directory_ / "elsewhere/next", "3");
                  fs::rename(directory_ / "elsewhere/next", directory_ / "elsewhere/real.yaml");
              }),
              "shop.yaml=3");
    const auto snapshot = read();
    EXPECT_EQ(snapshot->files.front().directory, root_);
}

TEST_F(DesiredFilesTest, GitCheckoutsAreSeen) {
    const support::GitRepository repository(root_);
    repository.commit_files({{"a.yaml", "1"}}, "one");
    repository.git("checkout -q -b next");
    repository.git("rm -q a.yaml");
    repository.commit_files({{"team/b.yaml", "2"}}, "two");
    open(root_);
    EXPECT_EQ(files(), "team/b.yaml=2");
    EXPECT_EQ(after([&] { repository.git("checkout -q main"); }), "a.yaml=1");
    EXPECT_EQ(after([&] { repository.git("checkout -q next"); }), "team/b.yaml=2");
}

TEST_F(DesiredFilesTest, HalfWrittenFilesAreWaitedFor) {
    write_file(root_ + "/a.yaml", "0");
    open(root_);
    EXPECT_EQ(files(), "a.yaml=0");
    std::thread writer([&] {
        std::ofstream file(root_ + "/a.yaml", std::ios::trunc);
        for (int part = 0; part < 20; ++part) {
            file << part << ' ' << std::flush;
            std::this_thread::sleep_for(5ms);
        }
    });
    const bool changed = changes_within(5s);
    const std::string seen = files();
    writer.join();
    EXPECT_TRUE(changed);
    EXPECT_EQ(seen, "a.yaml=0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 ");
}

TEST_F(DesiredFilesTest, ChangesDuringAReadAreNotLost) {
    write_file(root_ + "/a.yaml", "1");
    open(root_);
    EXPECT_EQ(files(), "a.yaml=1");
    // Both between the read and the wait.
    write_file(root_ + "/a.yaml", "2");
    write_file(root_ + "/b/c.yaml", "3");
    EXPECT_TRUE(changes_within(5s));
    EXPECT_EQ(files(), "a.yaml=2 b/c.yaml=3");
}

TEST_F(DesiredFilesTest, NoiseOnTheWayDoesNotHoldAChangeUp) {
    write_file(root_ + "/a.yaml", "1");
    open(root_);
    EXPECT_EQ(files(), "a.yaml=1");
    std::atomic<bool> stop = false;
    std::thread noise([&] {
        while (!stop) {
            write_file(directory_ / "noise", "x");
            std::this_thread::sleep_for(1ms);
        }
    });
    EXPECT_FALSE(changes_within(100ms));
    EXPECT_EQ(after([&] { write_file(root_ + "/a.yaml", "2"); }), "a.yaml=2");
    stop = true;
    noise.join();
}

TEST_F(DesiredFilesTest, TheWaitEndsWhenItIsCancelled) {
    open(root_);
    EXPECT_EQ(files(), "");
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_FALSE(changes_within(30ms));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
}

TEST_F(DesiredFilesTest, TooManyFilesAreRefused) {
    const TempDirectory many("/dev/shm");
    for (int index = 0; index <= 10'000; ++index)
        std::ofstream(many / (std::to_string(index) + ".yaml"));
    open(many.path());
    EXPECT_EQ(read().error(),
              Error(Errc::invalid, "more than 10000 files; is it the right directory?"));
}

}    // namespace
}    // namespace trueup::source
