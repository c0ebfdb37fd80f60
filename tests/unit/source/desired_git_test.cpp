// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "controller/source/desired.hpp"
#include "tests/support/git_repository.hpp"
#include "tests/support/run_task.hpp"

namespace trueup::source {
namespace {

using support::GitRepository;
using support::TempDirectory;
using namespace std::chrono_literals;

class DesiredGitTest : public testing::Test {
protected:
    TempDirectory directory_;
    GitRepository repository_{directory_ / "gitops"};
    base::Pool pool_{1};

    Result<DesiredSnapshot> read(const std::string& suffix) {
        boost::asio::io_context io;
        return test::run(
            io, read_with(pool_, directory_ / "cache", "git+" + repository_.path() + suffix));
    }
    static Task<DesiredSnapshot> read_with(base::Pool& pool, std::string cache, std::string spec) {
        const auto executor = co_await boost::asio::this_coro::executor;
        GitOptions git;
        git.cache_directory = std::move(cache);
        GitRepositories repositories(executor, pool, std::move(git));
        const auto source =
            make_desired_source(executor, std::move(spec), repositories, DesiredOptions());
        if (!source) co_return source.error();
        co_return co_await (*source)->read();
    }
};

TEST_F(DesiredGitTest, ReadsTheFilesOfABranch) {
    repository_.commit_files({{"stacks/a.yaml", "1"},
                              {"stacks/team/b.yml", "2"},
                              {"stacks/.x.yaml", "x"},
                              {"stacks/notes.txt", "x"},
                              {"other.yaml", "x"},
                              {".github/x.yaml", "x"}},
                             "one");
    const std::string id = repository_.git("rev-parse HEAD");
    const auto snapshot = read("//stacks");
    ASSERT_TRUE(snapshot) << snapshot.error().message();
    EXPECT_EQ(snapshot->revision, id);
    const std::string prefix = "git+" + repository_.path() + "//";
    EXPECT_EQ(snapshot->files,
              (std::vector<DesiredFile>{DesiredFile{prefix + "stacks/a.yaml", "", "1"},
                                        DesiredFile{prefix + "stacks/team/b.yml", "", "2"}}));
    EXPECT_EQ(read("")->files.size(), 3U);
    EXPECT_EQ(read("//other.yaml")->files.size(), 1U);
    repository_.commit_files({{"stacks/a.yaml", "3"}}, "two");
    EXPECT_EQ(read("//stacks?ref=main")->files.front().content, "3");
    EXPECT_EQ(read("//stacks?ref=" + id)->files.front().content, "1");
}

TEST_F(DesiredGitTest, SaysWhatCannotBeRead) {
    repository_.commit_files({{"a.yaml", "1"}}, "one");
    EXPECT_EQ(read("//nowhere").error().code(), Errc::not_found);
    EXPECT_EQ(read("?ref=develop").error().message(), "no branch 'develop'; there is only main");
    std::filesystem::create_symlink("a.yaml", repository_.path() + "/link.yaml");
    repository_.write("big.yaml", std::string((1U << 20U) + 1, 'x'));
    const std::string id = repository_.commit("two");
    repository_.git("update-index --add --cacheinfo 160000," + id + ",vendor");
    repository_.git("commit -q -m three");
    const auto snapshot = read("");
    ASSERT_TRUE(snapshot) << snapshot.error().message();
    EXPECT_EQ(snapshot->files.size(), 1U);
    ASSERT_EQ(snapshot->unreadable.size(), 3U);
    const std::string prefix = "git+" + repository_.path() + "//";
    EXPECT_EQ(to_string(snapshot->unreadable[0]),
              prefix + "big.yaml: longer than 1048576 bytes (split it into several files)");
    EXPECT_EQ(to_string(snapshot->unreadable[1]), prefix +
                                                      "link.yaml: a symlink, which is not followed "
                                                      "in a git source (replace it with the file)");
    EXPECT_EQ(snapshot->unreadable[2].message, "a submodule, and submodules are not fetched");
}

Task<base::Milliseconds> time_until_changed(base::Pool& pool, base::Milliseconds interval) {
    const auto executor = co_await boost::asio::this_coro::executor;
    GitRepositories repositories(executor, pool, GitOptions());
    DesiredOptions options;
    options.poll_interval = interval;
    const auto source =
        make_desired_source(executor, "git+https://host/x.git", repositories, options);
    const auto begin = std::chrono::steady_clock::now();
    const auto changed = co_await (*source)->changed();
    if (!changed) co_return changed.error();
    co_return std::chrono::duration_cast<base::Milliseconds>(std::chrono::steady_clock::now() -
                                                             begin);
}

TEST_F(DesiredGitTest, PollsWithJitter) {
    boost::asio::io_context io;
    const auto time = test::run(io, time_until_changed(pool_, 100ms));
    ASSERT_TRUE(time);
    EXPECT_GE(*time, 89ms);
}

}    // namespace
}    // namespace trueup::source
