// SPDX-License-Identifier: Apache-2.0
// Local repositories: paths and file:// urls. Git over http has its own suite.
#include "controller/source/git.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include "controller/base/digest.hpp"
#include "controller/base/task_group.hpp"
#include "controller/source/mirror.hpp"
#include "tests/support/git_repository.hpp"
#include "tests/support/run_task.hpp"

namespace trueup::source {
namespace {

namespace fs = std::filesystem;
using support::GitRepository;
using support::TempDirectory;
using namespace std::chrono_literals;

class GitTest : public testing::Test {
protected:
    TempDirectory directory_;
    GitRepository repository_{directory_ / "shop"};
    base::Pool pool_{2};
    int fetches_ = 0;

    GitOptions options() {
        GitOptions options;
        options.cache_directory = directory_ / "cache";
        options.deadline = 20s;
        options.observe = [this](std::string_view, bool, double) { ++fetches_; };
        return options;
    }

    Result<Commit> fetch(const std::string& url, Revision revision) {
        boost::asio::io_context context;
        GitRepositories repositories(context.get_executor(), pool_, options());
        std::optional<Result<Commit>> kept;
        base::TaskGroup group(context.get_executor());
        group.spawn("fetch", keep(repositories, url, std::move(revision), kept));
        context.run();
        return std::move(*kept);
    }
    Result<Commit> fetch_commit(const std::string& id) {
        return fetch(repository_.path(), Revision{id, ""});
    }
    Result<Commit> fetch_branch(const std::string& name) {
        return fetch(repository_.path(), Revision{"", name});
    }
    std::string folder() { return mirror_folder(directory_ / "cache", repository_.path()); }
    std::string mirror() { return current_mirror(folder()).value_or("/nonexistent"); }

    static boost::asio::awaitable<void> keep(GitRepositories& repositories, std::string url,
                                             Revision revision,
                                             std::optional<Result<Commit>>& kept) {
        kept = co_await repositories.fetch(std::move(url), std::move(revision));
    }
};

TEST_F(GitTest, FetchesACommitOnceAndABranchEachTime) {
    const std::string first = repository_.commit_files({{"a", "1"}}, "first");
    auto commit = fetch_commit(first);
    ASSERT_TRUE(commit) << commit.error().message();
    EXPECT_EQ(commit->id, first);
    EXPECT_EQ(*commit->tree->read("a", 10), "1");
    EXPECT_EQ(fetches_, 1);
    ASSERT_TRUE(fetch_commit(first));
    EXPECT_EQ(fetches_, 1);

    const std::string second = repository_.commit_files({{"a", "2"}}, "second");
    commit = fetch_branch("main");
    ASSERT_TRUE(commit) << commit.error().message();
    EXPECT_EQ(commit->id, second);
    EXPECT_EQ(fetches_, 2);
    EXPECT_EQ(fetch_branch("main")->id, second);
    EXPECT_EQ(fetches_, 3);
    EXPECT_EQ(fetch(repository_.url(), Revision{"", "main"})->id, second);
}

TEST_F(GitTest, ACommitThatIsKnownNeedsNoServer) {
    const std::string id = repository_.commit_files({{"a", "1"}}, "first");
    ASSERT_TRUE(fetch_commit(id));
    fs::remove_all(repository_.path());
    EXPECT_TRUE(fetch_commit(id));
    EXPECT_EQ(fetch_branch("main").error(),
              Error(Errc::not_found, repository_.path() + " does not exist"));
}

TEST_F(GitTest, FollowsForcePushesAndBranchesThatBecomeFolders) {
    const std::string first = repository_.commit_files({{"a", "1"}}, "first");
    repository_.git("branch feature");
    ASSERT_TRUE(fetch_branch("feature"));
    repository_.git("branch -D feature");
    repository_.git("branch feature/new");
    repository_.git("commit -q --amend -m other");
    const auto amended = fetch_branch("main");
    ASSERT_TRUE(amended) << amended.error().message();
    EXPECT_EQ(amended->subject, "other");
    EXPECT_EQ(fetch_branch("feature/new")->id, first);
    EXPECT_EQ(fetch_branch("feature").error().message(),
              "no branch 'feature'; there are feature/new, main");
}

TEST_F(GitTest, ReadsCommitsOfTagsAndCommitsOnNoBranch) {
    repository_.commit_files({{"a", "1"}}, "first");
    repository_.git("checkout -q --detach");
    const std::string tagged = repository_.commit_files({{"a", "2"}}, "tagged");
    repository_.git("tag -a -m release v1");
    const std::string lost = repository_.commit_files({{"a", "3"}}, "lost");
    repository_.git("checkout -q main");
    EXPECT_TRUE(fetch_commit(tagged));
    const auto found = fetch_commit(lost);
    EXPECT_TRUE(found) << found.error().message();
    EXPECT_EQ(fetch_branch("v1").error().message(),
              "no branch 'v1' (there is a tag of that name; tags are not supported yet by this "
              "version); there is only main");
}

TEST_F(GitTest, SaysWhatIsWrong) {
    const std::string missing(40, '7');
    EXPECT_EQ(fetch(directory_ / "nowhere", Revision{"", "main"}).error(),
              Error(Errc::not_found, directory_ / "nowhere does not exist"));
    EXPECT_EQ(fetch(directory_.path(), Revision{"", "main"}).error(),
              Error(Errc::not_found, directory_.path() + " is not a git repository"));
    EXPECT_EQ(fetch_branch("main").error(),
              Error(Errc::not_found, "the repository is empty: it has no branch yet"));
    repository_.commit_files({{"a", "1"}}, "first");
    EXPECT_EQ(fetch_branch("mian").error(),
              Error(Errc::not_found, "no branch 'mian'; there is only main"));
    EXPECT_EQ(fetch_commit(missing).error(),
              Error(Errc::not_found, "no commit " + missing +
                                         " on any of the 1 branches and tags, and the repository "
                                         "does not have it otherwise; was it pushed?"));
    EXPECT_EQ(fetch("shop", Revision{"", "main"}).error().message(),
              "the path shop is not absolute");
    EXPECT_EQ(fetch_commit("abc").error().code(), Errc::invalid);
    EXPECT_EQ(fetch_branch("-x").error().code(), Errc::invalid);
    EXPECT_EQ(fetch(repository_.path(), Revision{}).error().code(), Errc::invalid);
    EXPECT_EQ(fetch(repository_.path(), Revision{missing, "main"}).error().code(), Errc::invalid);
    EXPECT_EQ(fetch("https://u:p@host/x", Revision{"", "main"}).error().message().find("u:p"),
              std::string::npos);
}

TEST_F(GitTest, ShallowClonesAreNamed) {
    repository_.commit_files({{"a", "1"}}, "first");
    repository_.commit_files({{"a", "2"}}, "second");
    support::run_shell("git clone -q --depth 1 " + repository_.url() + " " +
                       (directory_ / "shallow"));
    const auto commit = fetch(directory_ / "shallow", Revision{"", "main"});
    if (commit) return;    // newer versions of libgit2 read them
    EXPECT_NE(commit.error().message().find("shallow clone"), std::string::npos)
        << commit.error().message();
}

TEST_F(GitTest, RepositoriesOfOtherOwnersAreRead) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root to give files away";
    const std::string id = repository_.commit_files({{"a", "1"}}, "first");
    support::run_shell("chown -R 12345:12345 " + repository_.path());
    const auto commit = fetch_commit(id);
    EXPECT_TRUE(commit) << commit.error().message();
}

TEST_F(GitTest, SweepsWhatAKilledFetchLeft) {
    repository_.commit_files({{"a", "1"}}, "first");
    ASSERT_TRUE(fetch_branch("main"));
    support::write_file(mirror() + "/packed-refs.lock", "half");
    support::write_file(mirror() + "/config.lock", "");
    support::write_file(mirror() + "/objects/pack/pack_git2_x1", "half a pack");
    const std::string id = repository_.commit_files({{"a", "2"}}, "second");
    const auto commit = fetch_branch("main");
    ASSERT_TRUE(commit) << commit.error().message();
    EXPECT_EQ(commit->id, id);
    EXPECT_FALSE(fs::exists(mirror() + "/packed-refs.lock"));
    EXPECT_FALSE(fs::exists(mirror() + "/objects/pack/pack_git2_x1"));
}

TEST_F(GitTest, ADamagedMirrorIsMadeAnew) {
    const std::string id = repository_.commit_files({{"a", "1"}}, "first");
    // Everything in it is junk, one kind of file after the other; HEAD gone; a file in its place.
    const std::vector<std::string> damages{
        "for f in $(find objects -type f); do chmod u+w $f; : > $f; done",
        "for f in $(find objects -type f); do chmod u+w $f; head -c 100 /dev/urandom > $f; done",
        "rm -rf objects/*",
        "rm HEAD",
        "echo junk > packed-refs",
        "echo '[core' > config",
        "rm -rf refs objects"};
    for (const std::string& damage : damages) {
        ASSERT_TRUE(fetch_commit(id)) << damage;
        support::run_shell("cd " + mirror() + " && " + damage);
        EXPECT_TRUE(fetch_branch("main")) << damage;
        support::run_shell("cd " + mirror() + " && " + damage);
        const auto commit = fetch_commit(id);
        ASSERT_TRUE(commit) << damage << ": " << commit.error().message();
        EXPECT_EQ(*commit->tree->read("a", 10), "1") << damage;
    }
    fs::remove_all(folder());
    support::write_file(folder() + "/g7", "a file where a mirror was");
    EXPECT_TRUE(fetch_commit(id));
}

TEST_F(GitTest, ADamagedBlobHealsWithTheNextFetch) {
    const std::string id =
        repository_.commit_files({{"a", "1"}, {"b", std::string(100'000, 'x')}}, "first");
    ASSERT_TRUE(fetch_commit(id));
    // The blob comes last in the pack: the commit and its tree stay readable.
    const std::string pack = support::run_shell("ls " + mirror() + "/objects/pack/*.pack");
    std::string bytes = support::read_file(pack);
    bytes.replace(bytes.size() - 60, 40, std::string(40, '\x55'));
    fs::remove(pack);
    support::write_file(pack, bytes);
    auto commit = fetch_commit(id);
    ASSERT_TRUE(commit);
    EXPECT_FALSE(commit->tree->read("b", 200'000));
    // While the server is away there is nothing better.
    fs::rename(repository_.path(), directory_ / "away");
    EXPECT_TRUE(fetch_commit(id));
    fs::rename(directory_ / "away", repository_.path());
    commit = fetch_commit(id);
    ASSERT_TRUE(commit) << commit.error().message();
    EXPECT_TRUE(commit->tree->read("b", 200'000));
}

TEST_F(GitTest, MirrorsKeepUrlsApart) {
    EXPECT_EQ(mirror_folder("/c", "https://git.example.com/team/shop.git"),
              "/c/git.example.com-team-shop.git-" +
                  base::sha256_hex("https://git.example.com/team/shop.git").substr(0, 16));
    EXPECT_EQ(mirror_folder("/c", "git@h:shop").find("/c/h-shop-"), 0U);
    EXPECT_NE(mirror_folder("/c", "https://h/a", "x"), mirror_folder("/c", "https://h/a", "y"));
    EXPECT_NE(mirror_folder("/c", "https://h/a", "x"), mirror_folder("/c", "https://h/a"));
    EXPECT_NE(mirror_folder("/c", "https://h/a/b"), mirror_folder("/c", "https://h/a-b"));
    EXPECT_LT(mirror_folder("/c", "https://h/" + std::string(2000, 'x')).size(), 120U);
    EXPECT_EQ(mirror_folder("/c", "/../..").find("/.."), std::string::npos);
}

TEST_F(GitTest, MirrorsAreNobodyElsesBusiness) {
    repository_.commit_files({{"a", "1"}}, "first");
    ASSERT_TRUE(fetch_branch("main"));
    EXPECT_EQ(fs::status(folder()).permissions(), fs::perms::owner_all);
    fs::permissions(folder(), fs::perms::all);
    ASSERT_TRUE(fetch_branch("main"));
    EXPECT_EQ(fs::status(folder()).permissions(), fs::perms::owner_all);
}

class ConcurrentGitTest : public GitTest {
protected:
    boost::asio::io_context context_;
    GitRepositories repositories_{context_.get_executor(), pool_, options()};
    std::array<std::optional<Result<Commit>>, 8> kept_;
};

TEST_F(ConcurrentGitTest, FetchesOfOneRepositoryAreShared) {
    const std::string id = repository_.commit_files({{"a", "1"}}, "first");
    base::TaskGroup group(context_.get_executor());
    for (std::size_t index = 0; index < kept_.size(); ++index) {
        Revision revision{index % 2 == 0 ? id : "", index % 2 == 0 ? "" : "main"};
        group.spawn("fetch",
                    keep(repositories_, repository_.path(), std::move(revision), kept_[index]));
    }
    context_.run();
    for (const auto& kept : kept_) {
        ASSERT_TRUE(kept && *kept);
        EXPECT_EQ((*kept)->id, id);
    }
    // The first, and one more for those who asked after it had begun.
    EXPECT_LE(fetches_, 2);
}

TEST_F(ConcurrentGitTest, CancellationEndsEverybodyAndLeavesAMirrorThatWorks) {
    const std::string id = repository_.commit_files({{"a", std::string(1'000'000, 'x')}}, "first");
    base::TaskGroup group(context_.get_executor());
    for (auto& kept : kept_)
        group.spawn("fetch", keep(repositories_, repository_.path(), Revision{id, ""}, kept));
    context_.run_for(5ms);
    group.close();
    context_.restart();
    context_.run();
    EXPECT_EQ(group.running(), 0U);
    EXPECT_TRUE(fetch_commit(id));
}

TEST_F(GitTest, SurvivesBeingKilledAtAnyMoment) {
    for (int index = 0; index < 200; ++index)
        repository_.write(fmt::format("d{}/f", index), std::to_string(index));
    const std::string id = repository_.commit("many");
    for (int step = 0; step < 20; ++step) {
        boost::asio::io_context context;
        GitRepositories repositories(context.get_executor(), pool_, options());
        std::optional<Result<Commit>> kept;
        base::TaskGroup group(context.get_executor());
        group.spawn("fetch", keep(repositories, repository_.path(), Revision{"", "main"}, kept));
        context.run_for(std::chrono::milliseconds(step));
        group.close();
        context.restart();
        context.run();
    }
    const auto commit = fetch_commit(id);
    ASSERT_TRUE(commit) << commit.error().message();
    EXPECT_EQ(*commit->tree->read("d199/f", 10), "199");
}

}    // namespace
}    // namespace trueup::source
