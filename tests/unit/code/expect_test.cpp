// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/unit/code/service.hpp"

namespace trueup::code {
namespace {

using model::EntryKind;
using Mappings = std::vector<model::CodeMapping>;

test::MemoryTree commit() {
    test::MemoryTree tree{{"Dockerfile", "FROM a\n"},
                          {"app/main.py", "print(1)\n"},
                          {"app/lib/util.py", "2"},
                          {"app/README.md", "3"},
                          {"conf/a.conf", "4"}};
    tree.add("app/run.sh", "exec\n", EntryKind::executable);
    tree.add("app/current", "lib", EntryKind::symlink);
    return tree;
}

ExpectedCode expect_code(const Mappings& mappings, const test::MemoryTree& tree = commit(),
                         const model::Service& service = building_service()) {
    auto code = expect(service, mappings, tree);
    EXPECT_TRUE(code) << code.error().message();
    return code ? std::move(*code) : ExpectedCode();
}

std::vector<std::string> paths_of(const ExpectedCode& code) {
    std::vector<std::string> paths;
    for (const auto& [path, file] : code.files) paths.push_back(path);
    return paths;
}

using Paths = std::vector<std::string>;

TEST(ExpectCode, EveryFileOfAFolderIsExpectedWithItsIdModeAndKind) {
    const ExpectedCode code = expect_code({{"app", "/srv", {}}});
    EXPECT_EQ(paths_of(code), (Paths{"/srv/README.md", "/srv/current", "/srv/lib/util.py",
                                     "/srv/main.py", "/srv/run.sh"}));
    EXPECT_EQ(code.directories, Paths{"/srv"});
    const ExpectedFile main{base::git_blob_id("print(1)\n"), "app/main.py", false, false};
    EXPECT_EQ(code.files.at("/srv/main.py"), main);
    const ExpectedFile run{base::git_blob_id("exec\n"), "app/run.sh", true, false};
    EXPECT_EQ(code.files.at("/srv/run.sh"), run);
    const ExpectedFile link{base::git_blob_id("lib"), "app/current", false, true};
    EXPECT_EQ(code.files.at("/srv/current"), link);
}

TEST(ExpectCode, OneFileMayBeMapped) {
    const ExpectedCode code = expect_code({{"conf/a.conf", "/etc/shop/shop.conf", {}}});
    EXPECT_EQ(paths_of(code), Paths{"/etc/shop/shop.conf"});
    EXPECT_EQ(code.directories, Paths{"/etc/shop/shop.conf"});
    EXPECT_EQ(code.files.begin()->second.commit_path, "conf/a.conf");
}

TEST(ExpectCode, ALaterCopyLiesOverAnEarlierOne) {
    const ExpectedCode code =
        expect_code({{"app", "/srv", {}}, {"conf/a.conf", "/srv/main.py", {}}});
    EXPECT_EQ(code.files.at("/srv/main.py").object_id, base::git_blob_id("4"));
    EXPECT_EQ(code.files.size(), 5U);
}

TEST(ExpectCode, NoRootLiesInsideAnother) {
    const ExpectedCode code = expect_code({{"app/lib", "/srv/lib", {}},
                                           {"conf/a.conf", "/srv/a.conf", {}},
                                           {"conf", "/srv-conf", {}},
                                           {"app", "/srv", {}}});
    EXPECT_EQ(code.directories, (Paths{"/srv", "/srv-conf"}));
}

TEST(ExpectCode, CopyingToTheRootReadsOnlyWhatIsCopied) {
    const ExpectedCode code = expect_code({{"app", "/", {}}});
    EXPECT_EQ(code.directories,
              (Paths{"/README.md", "/__pycache__", "/current", "/lib", "/main.py", "/run.sh"}));
    EXPECT_TRUE(code.files.contains("/lib/util.py"));
}

TEST(ExpectCode, WhatDockerignoreLeavesOutIsNotInTheImage) {
    test::MemoryTree tree = commit();
    tree.add(".dockerignore", "**/*.md\napp/lib\n");
    EXPECT_EQ(paths_of(expect_code({{"app", "/srv", {}}}, tree)),
              (Paths{"/srv/current", "/srv/main.py", "/srv/run.sh"}));
}

TEST(ExpectCode, ByteCodeIsNeverExpected) {
    test::MemoryTree tree = commit();
    tree.add("app/main.pyc", "x");
    tree.add("app/__pycache__/main.cpython-311.pyc", "x");
    tree.add("app/__pycache__/kept.txt", "x");
    EXPECT_EQ(expect_code({{"app", "/srv", {}}}, tree), expect_code({{"app", "/srv", {}}}));
}

TEST(ExpectCode, IgnoredGlobsAreRelativeToTheDestination) {
    const ExpectedCode code = expect_code({{"app", "/srv", {"*.md", "lib"}}});
    EXPECT_EQ(paths_of(code), (Paths{"/srv/current", "/srv/main.py", "/srv/run.sh"}));
    EXPECT_EQ(code.ignore, (Paths{"/srv/*.md", "/srv/lib"}));
}

TEST(ExpectCode, OneMappingsGlobsDoNotReachIntoTheNext) {
    const ExpectedCode code =
        expect_code({{"conf", "/etc/shop", {"*.conf"}}, {"conf", "/srv", {}}});
    EXPECT_EQ(paths_of(code), Paths{"/srv/a.conf"});
}

TEST(ExpectCode, SubmodulesHaveNoFilesInTheCommit) {
    test::MemoryTree tree = commit();
    tree.add("conf/module", "x", EntryKind::submodule);
    tree.add(".dockerignore", "conf/module\n");
    EXPECT_EQ(paths_of(expect_code({{"conf", "/etc", {}}}, tree)), Paths{"/etc/a.conf"});
}

TEST(ExpectCode, AServiceWithoutABuildTakesFilesFromAnywhereInTheCommit) {
    model::Service service;
    service.name = "web";
    service.image = "nginx";
    test::MemoryTree tree = commit();
    tree.add(".dockerignore", "conf\n");    // is for builds
    EXPECT_EQ(paths_of(expect_code({{"conf", "/etc", {}}}, tree, service)), Paths{"/etc/a.conf"});
}

TEST(ExpectCode, EqualIdsMeanEqualExpectations) {
    const std::string id = expect_code({{"app", "/srv", {}}}).code_id;
    EXPECT_EQ(expect_code({{"app", "/srv/", {}}}).code_id, id);
    EXPECT_NE(expect_code({{"app", "/opt", {}}}).code_id, id);
    EXPECT_NE(expect_code({{"app", "/srv", {"*.log"}}}).code_id, id);
    test::MemoryTree changed = commit();
    changed.add("conf/b.conf", "not mapped");
    EXPECT_EQ(expect_code({{"app", "/srv", {}}}, changed).code_id, id);
    changed.add("app/main.py", "print(2)\n");
    EXPECT_NE(expect_code({{"app", "/srv", {}}}, changed).code_id, id);
    test::MemoryTree executable = commit();
    executable.add("app/main.py", "print(1)\n", EntryKind::executable);
    EXPECT_NE(expect_code({{"app", "/srv", {}}}, executable).code_id, id);
}

// Where the Dockerfile is followed to the same place, its steps may have changed what lies there.
TEST(ExpectCode, StepsOfTheDockerfileMayHaveChangedWhatIsMapped) {
    test::MemoryTree tree = commit();
    tree.add("Dockerfile", "FROM a\nCOPY app /srv\nCOPY conf /etc/x\nRUN sed\nCOPY conf /etc/x\n");
    const ExpectedCode code =
        expect_code({{"app", "/srv", {}}, {"conf", "/etc/x", {}}, {"app", "/else", {}}}, tree);
    EXPECT_TRUE(code.files.at("/srv/main.py").changeable);
    EXPECT_EQ(code.files.at("/srv/main.py").changers, (dockerfile::LineRange{4, 4}));
    EXPECT_FALSE(code.files.at("/etc/x/a.conf").changeable);
    EXPECT_FALSE(code.files.at("/else/main.py").changeable) << "nobody knows what brought it there";
    EXPECT_EQ(code.dockerfile, "Dockerfile");
    EXPECT_NE(
        code.code_id,
        expect_code({{"app", "/srv", {}}, {"conf", "/etc/x", {}}, {"app", "/else", {}}}).code_id);
    // Another file of the commit is said to be there than the Dockerfile copies.
    const ExpectedCode other = expect_code({{"conf/a.conf", "/srv/main.py", {}}}, tree);
    EXPECT_FALSE(other.files.at("/srv/main.py").changeable);
}

TEST(ExpectCode, AMappingThatCannotBeIsRefused) {
    const std::vector<std::pair<model::CodeMapping, std::string>> cases{
        {{"gone", "/srv", {}}, "'gone' is not in the commit"},
        {{"app", "srv", {}}, "no absolute path"},
        {{"app", "", {}}, "no absolute path"},
        {{"app", "/../srv", {}}, "no absolute path"},
        {{"app", "/srv", {"[a"}}, "code.ignore"},
    };
    for (const auto& [mapping, message] : cases) {
        const auto code = expect(building_service(), {mapping}, commit());
        ASSERT_FALSE(code) << message;
        EXPECT_NE(code.error().message().find(message), std::string::npos)
            << code.error().message();
    }
}

}    // namespace
}    // namespace trueup::code
