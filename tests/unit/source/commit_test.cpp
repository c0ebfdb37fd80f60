// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "controller/base/digest.hpp"
#include "controller/source/git.hpp"
#include "tests/support/git_repository.hpp"

namespace trueup::source {
namespace {

using model::EntryKind;
using support::GitRepository;
using support::TempDirectory;

class CommitTreeTest : public testing::Test {
protected:
    TempDirectory directory_;
    GitRepository repository_{directory_ / "shop"};

    Commit open(const std::string& id) {
        auto commit = open_commit(repository_.path(), id);
        if (!commit) throw std::runtime_error(commit.error().message());
        return std::move(*commit);
    }
};

TEST_F(CommitTreeTest, ReadsFilesDirectoriesAndLinks) {
    repository_.write("app/main.py", "print('hi')\n");
    repository_.write("app.txt", "x");
    repository_.write("run.sh", "#!/bin/sh\n");
    std::filesystem::permissions(repository_.path() + "/run.sh", std::filesystem::perms::owner_all);
    std::filesystem::create_symlink("app/main.py", repository_.path() + "/link");
    const Commit commit = open(repository_.commit("First: subject\n\nbody"));
    EXPECT_EQ(commit.subject, "First: subject");
    EXPECT_EQ(base::to_rfc3339(commit.time), "2023-11-14T22:13:20Z");

    const auto root = commit.tree->list("");
    ASSERT_TRUE(root) << root.error().message();
    std::vector<std::pair<std::string, EntryKind>> seen;
    for (const auto& entry : *root) seen.emplace_back(entry.name, entry.kind);
    const std::vector<std::pair<std::string, EntryKind>> expected{
        {"app", EntryKind::directory},
        {"app.txt", EntryKind::file},
        {"link", EntryKind::symlink},
        {"run.sh", EntryKind::executable}};
    EXPECT_EQ(seen, expected);
    EXPECT_EQ(commit.tree->stat("app/main.py")->object_id, base::git_blob_id("print('hi')\n"));
    EXPECT_EQ(commit.tree->stat("./app//main.py")->name, "main.py");
    EXPECT_EQ(commit.tree->stat("")->kind, EntryKind::directory);
    EXPECT_EQ(*commit.tree->read("app/main.py", 100), "print('hi')\n");
    EXPECT_EQ(*commit.tree->read("link", 100), "app/main.py");
}

// What a checkout would make of it (line ends, keywords) is not what was committed.
TEST_F(CommitTreeTest, ContentIsTheCommittedOneWhateverItsAttributesSay) {
    const Commit commit = open(repository_.commit_files(
        {{".gitattributes", "*.txt text eol=crlf\n*.id ident\n*.sub export-subst\n"},
         {"a.txt", "one\ntwo\n"},
         {"a.id", "$Id$\n"},
         {"a.sub", "$Format:%H$\n"}},
        "one"));
    for (const auto& [path, content] : std::map<std::string, std::string>{
             {"a.txt", "one\ntwo\n"}, {"a.id", "$Id$\n"}, {"a.sub", "$Format:%H$\n"}}) {
        EXPECT_EQ(*commit.tree->read(path, 100), content) << path;
        EXPECT_EQ(commit.tree->stat(path)->object_id, base::git_blob_id(content)) << path;
    }
}

TEST_F(CommitTreeTest, ListsADirectoryOfAnotherCommitByItsObject) {
    const Commit first = open(repository_.commit_files({{"conf/a", "1"}, {"conf/b", "1"}}, "one"));
    const std::string before = first.tree->stat("conf")->object_id;
    const Commit second = open(repository_.commit_files({{"conf/a", "2"}}, "two"));
    ASSERT_NE(second.tree->stat("conf")->object_id, before);
    const auto entries = second.tree->list_object(before);
    ASSERT_TRUE(entries) << entries.error().message();
    EXPECT_EQ(*entries, *first.tree->list("conf"));
    for (const std::string& id : {std::string("conf"), before.substr(1), before + "0",
                                  std::string(40, '0'), second.tree->stat("conf/a")->object_id})
        EXPECT_EQ(second.tree->list_object(id).error().code(), Errc::not_found) << id;
}

TEST_F(CommitTreeTest, KnowsWhatEarlierCommitsHadAtAPath) {
    const std::string one = base::git_blob_id("1");
    const std::string two = base::git_blob_id("2");
    const Commit first = open(repository_.commit_files({{"conf/a", "1"}, {"b", "3"}}, "one"));
    const Commit second = open(repository_.commit_files({{"conf/a", "2"}}, "two"));
    const Commit third = open(repository_.commit_files({{"c", "4"}}, "three"));
    for (const Commit* each : {&second, &third})
        EXPECT_TRUE(each->tree->had_before("conf/a", one)) << each->subject;
    EXPECT_FALSE(first.tree->had_before("conf/a", one)) << "that is its own";
    EXPECT_FALSE(first.tree->had_before("conf/a", two)) << "that came later";
    EXPECT_FALSE(second.tree->had_before("b", one));
    EXPECT_FALSE(second.tree->had_before("gone", one));
    EXPECT_FALSE(second.tree->had_before("", one));
}

TEST_F(CommitTreeTest, KnowsWhatItHasOfAHistoryThatIsNotWhole) {
    const std::string first = repository_.commit_files({{"a", "1"}}, "one");
    const Commit second = open(repository_.commit_files({{"a", "2"}}, "two"));
    const Commit third = open(repository_.commit_files({{"a", "3"}}, "three"));
    const std::string object = first.substr(0, 2) + "/" + first.substr(2);
    ASSERT_TRUE(std::filesystem::remove(repository_.path() + "/.git/objects/" + object));
    EXPECT_TRUE(third.tree->had_before("a", base::git_blob_id("2")));
    EXPECT_FALSE(third.tree->had_before("a", base::git_blob_id("1")));
    EXPECT_FALSE(second.tree->had_before("a", base::git_blob_id("1")));
}

TEST_F(CommitTreeTest, FollowsEveryParentOfAMerge) {
    repository_.commit_files({{"a", "1"}}, "one");
    repository_.git("checkout -q -b side");
    repository_.commit_files({{"a", "2"}}, "on the side");
    repository_.git("checkout -q main");
    repository_.commit_files({{"b", "1"}}, "on main");
    repository_.git("merge -q --no-ff -s ours -m merge side");
    const Commit merged = open(repository_.git("rev-parse HEAD"));
    EXPECT_EQ(merged.tree->stat("a")->object_id, base::git_blob_id("1"));
    EXPECT_TRUE(merged.tree->had_before("a", base::git_blob_id("2")));
}

TEST_F(CommitTreeTest, SaysWhatIsMissing) {
    const std::string id = repository_.commit_files({{"app/main.py", "x"}}, "one");
    const Commit commit = open(id);
    const std::string in_commit = " in commit " + id.substr(0, 12);
    EXPECT_EQ(commit.tree->stat("app/x.py").error(),
              Error(Errc::not_found, "no 'app/x.py'" + in_commit));
    EXPECT_EQ(commit.tree->stat("app/main.py/x").error().code(), Errc::not_found);
    EXPECT_EQ(commit.tree->stat("../x").error().code(), Errc::not_found);
    EXPECT_EQ(commit.tree->stat("/app").error().code(), Errc::not_found);
    EXPECT_EQ(commit.tree->list("app/main.py").error().code(), Errc::invalid);
    EXPECT_EQ(commit.tree->read("app", 10).error(),
              Error(Errc::invalid, "'app'" + in_commit + " is a directory, not a file"));
}

TEST_F(CommitTreeTest, LimitsWhatIsRead) {
    const std::string id = repository_.commit_files({{"big", std::string(5000, 'x')}}, "one");
    const Commit commit = open(id);
    EXPECT_EQ(commit.tree->read("big", 5000)->size(), 5000U);
    EXPECT_EQ(commit.tree->read("big", 4999).error(),
              Error(Errc::invalid, "'big' in commit " + id.substr(0, 12) +
                                       " has 5000 bytes; at most 4999 are allowed"));
}

TEST_F(CommitTreeTest, ReportsSubmodulesAsSuch) {
    const std::string other = repository_.commit_files({{"a", "x"}}, "one");
    repository_.git("update-index --add --cacheinfo 160000," + other + ",vendor/lib");
    repository_.git("commit -q -m two");
    const Commit commit = open(repository_.git("rev-parse HEAD"));
    EXPECT_EQ(commit.tree->stat("vendor/lib")->kind, EntryKind::submodule);
    EXPECT_NE(commit.tree->stat("vendor/lib/x").error().message().find("'lib' is a submodule"),
              std::string::npos);
    EXPECT_EQ(commit.tree->list("vendor/lib").error().code(), Errc::invalid);
    EXPECT_EQ(commit.tree->read("vendor/lib", 9).error().code(), Errc::invalid);
}

TEST_F(CommitTreeTest, RefusesNamesThatGitForbids) {
    const std::string blob = repository_.git("hash-object -w --stdin </dev/null");
    for (const char* name : {"..", ".git", ".GIT", "."}) {
        const std::string tree =
            support::run_shell("printf '100644 blob " + blob + "\\t" + name + "\\n' | git -C " +
                               repository_.path() + " mktree");
        const Commit commit = open(repository_.git("commit-tree -m x " + tree));
        const auto listed = commit.tree->list("");
        ASSERT_FALSE(listed) << name;
        EXPECT_NE(listed.error().message().find("which git does not allow"), std::string::npos);
    }
}

TEST_F(CommitTreeTest, RefusesWhatIsNoCommit) {
    repository_.commit_files({{"a", "x"}}, "one");
    EXPECT_EQ(open_commit(repository_.path(), std::string(40, '1')).error().code(),
              Errc::not_found);
    EXPECT_EQ(open_commit(repository_.path(), base::git_blob_id("x")).error().code(),
              Errc::not_found);
    EXPECT_EQ(open_commit(repository_.path(), "main").error().code(), Errc::invalid);
    EXPECT_EQ(open_commit(directory_.path(), std::string(40, '1')).error().code(), Errc::not_found);
}

TEST_F(CommitTreeTest, NamesDamage) {
    const std::string id = repository_.commit_files({{"a", "content"}}, "one");
    const Commit commit = open(id);
    const std::string blob = commit.tree->stat("a")->object_id;
    std::filesystem::remove(repository_.path() + "/.git/objects/" + blob.substr(0, 2) + "/" +
                            blob.substr(2));
    const auto read = commit.tree->read("a", 100);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code(), Errc::unavailable);
    EXPECT_NE(read.error().message().find("lacks 'a'"), std::string::npos)
        << read.error().message();
}

TEST_F(CommitTreeTest, AnObjectThatIsNotWhatItsNameSaysIsDamage) {
    const std::string id = repository_.commit_files({{"a", "content"}, {"dir/b", "2"}}, "one");
    const Commit commit = open(id);
    for (const std::string path : {"a", "dir"}) {
        const std::string object = commit.tree->stat(path)->object_id;
        const std::string file =
            repository_.path() + "/.git/objects/" + object.substr(0, 2) + "/" + object.substr(2);
        std::filesystem::remove(file);
        support::write_file(file, "no object");
    }
    const auto read = commit.tree->read("a", 100);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code(), Errc::unavailable) << read.error().message();
    const auto listed = commit.tree->list("dir");
    ASSERT_FALSE(listed);
    EXPECT_EQ(listed.error().code(), Errc::unavailable) << listed.error().message();
}

TEST_F(CommitTreeTest, NamesAreBytes) {
    const std::string name = "new\nline \xff\xfe.py";
    const Commit commit = open(repository_.commit_files({{name, "1"}}, "one"));
    const auto root = commit.tree->list("");
    ASSERT_TRUE(root);
    ASSERT_EQ(root->size(), 1U);
    EXPECT_EQ(root->front().name, name);
    EXPECT_EQ(*commit.tree->read(name, 10), "1");
}

// As two builds of one commit do; the thread sanitizer sees more of it.
TEST_F(CommitTreeTest, SeveralThreadsMayReadIt) {
    std::map<std::string, std::string> files;
    for (int number = 0; number < 200; ++number)
        files[fmt::format("app/p{}/f{}.py", number % 10, number)] = std::to_string(number);
    const Commit commit = open(repository_.commit_files(files, "one"));
    std::atomic<int> wrong = 0;
    std::vector<std::thread> readers;
    for (int reader = 0; reader < 4; ++reader) {
        readers.emplace_back([&] {
            for (const auto& [path, text] : files) {
                const auto read = commit.tree->read(path, 10);
                if (!read || *read != text || !commit.tree->stat(path)) ++wrong;
            }
        });
    }
    for (std::thread& reader : readers) reader.join();
    EXPECT_EQ(wrong, 0);
}

}    // namespace
}    // namespace trueup::source
