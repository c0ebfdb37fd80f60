// SPDX-License-Identifier: Apache-2.0
#include "controller/source/revision.hpp"

#include <gtest/gtest.h>

#include "tests/support/git_repository.hpp"

namespace trueup::source {
namespace {

class FindCommit : public testing::Test {
protected:
    support::TempDirectory directory;
    support::GitRepository repository{directory.path() + "/work"};
    std::string first = repository.commit_files({{"app/a.py", "1"}}, "one");
    std::string second = repository.commit_files({{"app/a.py", "2"}}, "two");
};

TEST_F(FindCommit, ByEveryNameThatGitKnows) {
    repository.git("tag -a v1 -m v1 HEAD~1");
    for (const std::string& name :
         {first, first.substr(0, 10), std::string("HEAD~1"), std::string("v1")}) {
        const auto found = find_commit(repository.path(), name);
        ASSERT_TRUE(found) << found.error().message();
        EXPECT_EQ(found->commit.id, first) << name;
    }
    const auto head = find_commit(repository.path() + "/app", "main");
    ASSERT_TRUE(head) << head.error().message();
    EXPECT_EQ(head->commit.id, second);
    EXPECT_EQ(head->root, std::filesystem::canonical(repository.path()).string());
    EXPECT_EQ(head->commit.subject, "two");
    EXPECT_EQ(*head->commit.tree->read("app/a.py", 100), "2");
    EXPECT_EQ(head->commit.tree->stat("app")->object_id, repository.git("rev-parse HEAD:app"));
}

TEST_F(FindCommit, InABareRepository) {
    const std::string bare = directory.path() + "/bare.git";
    repository.git("clone -q --bare . " + bare);
    const auto found = find_commit(bare, "HEAD");
    ASSERT_TRUE(found) << found.error().message();
    EXPECT_EQ(found->commit.id, second);
    EXPECT_EQ(found->root, "");
}

TEST_F(FindCommit, WhatIsNotThereIsSaid) {
    const auto gone = find_commit(repository.path(), "nosuch");
    ASSERT_FALSE(gone);
    EXPECT_EQ(gone.error().code(), Errc::not_found);
    EXPECT_NE(gone.error().message().find("no commit 'nosuch'"), std::string::npos);
    EXPECT_EQ(find_commit("/", "HEAD").error().code(), Errc::not_found);
    EXPECT_EQ(find_commit(repository.path(), "HEAD:app").error().code(), Errc::invalid);
}

// A blob that is named by a tree and is not there, and one whose bytes are others.
TEST_F(FindCommit, DamagedObjectsAreErrorsAndNoCrash) {
    const std::string id = repository.git("rev-parse HEAD:app/a.py");
    const std::string file =
        repository.path() + "/.git/objects/" + id.substr(0, 2) + "/" + id.substr(2);
    const auto found = find_commit(repository.path(), "HEAD");
    ASSERT_TRUE(found);
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
    support::write_file(file, "damaged");
    EXPECT_FALSE(found->commit.tree->read("app/a.py", 100));
    std::filesystem::remove(file);
    const auto again = find_commit(repository.path(), "HEAD");
    ASSERT_TRUE(again);
    const auto read = again->commit.tree->read("app/a.py", 100);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code(), Errc::unavailable);
    EXPECT_NE(read.error().message().find("lacks 'app/a.py'"), std::string::npos)
        << read.error().message();
}

}    // namespace
}    // namespace trueup::source
