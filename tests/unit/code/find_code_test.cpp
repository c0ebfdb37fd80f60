// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/unit/code/service.hpp"

namespace trueup::code {
namespace {

using model::CodeMapping;
using Mappings = std::vector<CodeMapping>;

// A commit with a few files, and the Dockerfile given.
test::MemoryTree commit_with(const std::string& dockerfile) {
    return {{"Dockerfile", dockerfile}, {"app/main.py", "1"}, {"app/lib/util.py", "2"},
            {"conf/a.conf", "3"},       {"run.sh", "4"},      {"setup.py", "5"},
            {"vendor.tar.gz", "6"}};
}

Mappings find(const std::string& dockerfile, model::Service service = building_service()) {
    const test::MemoryTree tree = commit_with(dockerfile);
    const auto code = find_code(project_of(std::move(service)), tree, {});
    EXPECT_TRUE(code) << code.error().message();
    if (!code || !code->contains("api")) return {};
    return code->at("api");
}

TEST(FindCode, AFolderIsCopiedToItsDestination) {
    EXPECT_EQ(find("FROM a\nCOPY app /srv/app\n"), (Mappings{{"app", "/srv/app", {}}}));
    EXPECT_EQ(find("FROM a\nCOPY app/ /srv/app/\n"), (Mappings{{"app", "/srv/app", {}}}));
    EXPECT_EQ(find("FROM a\nADD ./app /srv/app\n"), (Mappings{{"app", "/srv/app", {}}}));
    EXPECT_EQ(find("FROM a\nCOPY /app/../app /srv/./app\n"), (Mappings{{"app", "/srv/app", {}}}));
    EXPECT_EQ(find("FROM a\nCOPY [\"app\", \"/srv/app\"]\n"), (Mappings{{"app", "/srv/app", {}}}));
    EXPECT_EQ(find("FROM a\nCOPY . /srv\n"), (Mappings{{"", "/srv", {}}}));
    EXPECT_EQ(find("FROM a\nCOPY --chown=1:1 app /srv/app\n"), (Mappings{{"app", "/srv/app", {}}}));
}

TEST(FindCode, RelativeDestinationsFollowWorkdir) {
    EXPECT_EQ(find("FROM a\nWORKDIR /srv\nWORKDIR api\nCOPY app .\n"),
              (Mappings{{"app", "/srv/api", {}}}));
    EXPECT_EQ(find("FROM a\nWORKDIR /srv\nCOPY app code\nWORKDIR ..\nCOPY conf etc/\n"),
              (Mappings{{"app", "/srv/code", {}}, {"conf", "/etc", {}}}));
    EXPECT_EQ(find("FROM a\nENV HOME=/home/app\nWORKDIR ${HOME}\nCOPY app ./\n"),
              (Mappings{{"app", "/home/app", {}}}));
}

// The base image may set one.
TEST(FindCode, WithoutAWorkdirARelativeDestinationIsUnknown) {
    EXPECT_EQ(find("FROM a\nCOPY app .\n"), Mappings());
    EXPECT_EQ(find("FROM a\nWORKDIR api\nCOPY app .\n"), Mappings());
    EXPECT_EQ(find("FROM a\nWORKDIR api\nCOPY app /x\n"), (Mappings{{"app", "/x", {}}}));
}

TEST(FindCode, VariablesOfTheDockerfileAndOfTheBuildAreFollowed) {
    EXPECT_EQ(find("FROM a\nENV ROOT=/srv\nARG NAME=api\nCOPY app $ROOT/${NAME}\n"),
              (Mappings{{"app", "/srv/api", {}}}));
    model::Service service = building_service();
    service.build->args["NAME"] = "web";
    EXPECT_EQ(find("FROM a\nARG NAME=api\nCOPY app /srv/$NAME\n", service),
              (Mappings{{"app", "/srv/web", {}}}));
}

// The base image may set it: an empty text in its place would be a path of our own making.
TEST(FindCode, AVariableWithoutAKnownValueMakesADestinationUnknown) {
    EXPECT_EQ(find("FROM a\nCOPY app $APP_HOME/app\n"), Mappings());
    EXPECT_EQ(find("FROM a\nWORKDIR /srv\nCOPY app $APP_HOME\n"), Mappings());
    EXPECT_EQ(find("FROM a\nENV ROOT=$APP_HOME/app\nCOPY app $ROOT\n"), Mappings());
    EXPECT_EQ(find("FROM a\nWORKDIR /srv\nWORKDIR $APP_HOME\nCOPY app .\n"), Mappings());
    EXPECT_EQ(find("FROM a\nCOPY app ${APP_HOME:-/srv}/app\n"),
              (Mappings{{"app", "/srv/app", {}}}));
}

TEST(FindCode, AFileIsCopiedIntoAFolderThatIsNamedAsOne) {
    EXPECT_EQ(find("FROM a\nCOPY run.sh /usr/local/bin/\n"),
              (Mappings{{"run.sh", "/usr/local/bin/run.sh", {}}}));
    EXPECT_EQ(find("FROM a\nWORKDIR /srv\nCOPY run.sh .\n"),
              (Mappings{{"run.sh", "/srv/run.sh", {}}}));
    EXPECT_EQ(find("FROM a\nWORKDIR /srv\nCOPY run.sh setup.py ./\n"),
              (Mappings{{"run.sh", "/srv/run.sh", {}}, {"setup.py", "/srv/setup.py", {}}}));
    EXPECT_EQ(find("FROM a\nWORKDIR /srv\nCOPY run.sh /srv\n"),
              (Mappings{{"run.sh", "/srv/run.sh", {}}}));
    EXPECT_EQ(find("FROM a\nCOPY app /srv\nCOPY run.sh /srv\n"),
              (Mappings{{"app", "/srv", {}}, {"run.sh", "/srv/run.sh", {}}}));
    EXPECT_EQ(find("FROM a\nWORKDIR /srv/api\nCOPY run.sh /srv\n"),
              (Mappings{{"run.sh", "/srv/run.sh", {}}}));
}

TEST(FindCode, AFileIsCopiedToAFileOfThatName) {
    EXPECT_EQ(find("FROM a\nCOPY run.sh /run.sh\n"), (Mappings{{"run.sh", "/run.sh", {}}}));
    EXPECT_EQ(find("FROM a\nCOPY conf/a.conf /etc/shop.conf\n"),
              (Mappings{{"conf/a.conf", "/etc/shop.conf", {}}}));
}

// Whether /etc/nginx is a folder, only the base image knows.
TEST(FindCode, AFileCopiedToWhatMayBeAFolderIsUnknown) {
    EXPECT_EQ(find("FROM a\nCOPY conf/a.conf /etc/nginx\n"), Mappings());
    EXPECT_EQ(find("FROM a\nCOPY conf/a.conf /etc/nginx/conf.d\n"), Mappings());
}

TEST(FindCode, WildcardsNameFilesAndFoldersOfTheirDepth) {
    EXPECT_EQ(find("FROM a\nCOPY *.py *.sh /srv/\n"),
              (Mappings{{"setup.py", "/srv/setup.py", {}}, {"run.sh", "/srv/run.sh", {}}}));
    EXPECT_EQ(find("FROM a\nCOPY app/*.py /srv/\n"),
              (Mappings{{"app/main.py", "/srv/main.py", {}}}));
    // A folder's content is copied, not the folder.
    EXPECT_EQ(find("FROM a\nCOPY app/l* /srv/\n"), (Mappings{{"app/lib", "/srv", {}}}));
    EXPECT_EQ(find("FROM a\nCOPY *.none /srv/\n"), Mappings());
}

TEST(FindCode, WhatIsNotOfTheCommitIsNoCode) {
    EXPECT_EQ(find("FROM a\nCOPY --from=alpine /bin/x /srv/x\n"), Mappings());
    EXPECT_EQ(find("FROM a\nADD https://example.com/app /srv/\n"), Mappings());
    EXPECT_EQ(find("FROM a\nADD git@github.com:a/b.git /srv/\n"), Mappings());
    EXPECT_EQ(find("FROM a\nCOPY <<EOF /srv/x.py\nprint(1)\nEOF\n"), Mappings());
    EXPECT_EQ(find("FROM a\nCOPY missing /srv\n"), Mappings());
    EXPECT_EQ(find("FROM a\nRUN true\n"), Mappings());
}

TEST(FindCode, AnArchiveThatAddUnpacksIsUnknownAndOneThatCopyCopiesIsAFile) {
    EXPECT_EQ(find("FROM a\nADD vendor.tar.gz /srv/\n"), Mappings());
    EXPECT_EQ(find("FROM a\nADD vendor* /srv/\n"), Mappings());
    EXPECT_EQ(find("FROM a\nCOPY vendor.tar.gz /srv/\n"),
              (Mappings{{"vendor.tar.gz", "/srv/vendor.tar.gz", {}}}));
}

TEST(FindCode, ExcludesOfACopyAreIgnored) {
    EXPECT_EQ(find("FROM a\nCOPY --exclude=*.md --exclude=lib app /srv\n"),
              (Mappings{{"app", "/srv", {"*.md", "lib"}}}));
}

// A builder copies what a link names, not the link.
TEST(FindCode, ALinkThatIsCopiedByNameIsUnknown) {
    test::MemoryTree tree = commit_with("FROM a\nCOPY current.py *.py /srv/\n");
    tree.add("current.py", "setup.py", model::EntryKind::symlink);
    const auto code = find_code(project_of(building_service()), tree, {});
    ASSERT_TRUE(code);
    EXPECT_EQ(code->at("api"), (Mappings{{"setup.py", "/srv/setup.py", {}}}));
}

TEST(FindCode, PathsAreThoseOfTheBuildContext) {
    const test::MemoryTree tree{
        {"services/api/Dockerfile", "FROM a\nCOPY . /srv\nCOPY src/x.py /x.py\n"},
        {"services/api/src/x.py", "1"}};
    const auto code = find_code(project_of(building_service("services/api")), tree, {});
    ASSERT_TRUE(code);
    EXPECT_EQ(code->at("api"),
              (Mappings{{"services/api", "/srv", {}}, {"services/api/src/x.py", "/x.py", {}}}));
}

TEST(FindCode, WhatDockerignoreLeavesOutCannotBeCopied) {
    test::MemoryTree tree = commit_with("FROM a\nCOPY *.py run.sh /srv/\n");
    tree.add(".dockerignore", "setup.py\n");
    const auto code = find_code(project_of(building_service()), tree, {});
    ASSERT_TRUE(code);
    EXPECT_EQ(code->at("api"), (Mappings{{"run.sh", "/srv/run.sh", {}}}));
}

TEST(FindCode, SeveralStagesNeedTheStacksWord) {
    EXPECT_EQ(find("FROM a AS build\nCOPY app /src\nFROM b\nCOPY --from=build /src /srv\n"),
              Mappings());
    EXPECT_EQ(find("FROM a AS build\nRUN x\nFROM b\nCOPY app /srv\n"), Mappings());
}

TEST(FindCode, TheStacksWordWins) {
    const test::MemoryTree tree = commit_with("FROM a\nCOPY app /srv\n");
    const std::map<std::string, Mappings> explicit_code{
        {"api", {{"app", "/elsewhere", {"*.log"}}}}};
    const auto code = find_code(project_of(building_service()), tree, explicit_code);
    ASSERT_TRUE(code);
    EXPECT_EQ(*code, explicit_code);
}

TEST(FindCode, AServiceWithoutABuildHasNoCodeOfItsOwn) {
    model::Service service;
    service.name = "db";
    service.image = "postgres:16";
    const auto code = find_code(project_of(service), test::MemoryTree(), {});
    ASSERT_TRUE(code);
    EXPECT_TRUE(code->empty());
}

TEST(FindCode, ADockerfileThatCannotBeReadIsToldWithItsPosition) {
    const auto code =
        find_code(project_of(building_service()), commit_with("FROM a\nCOPPY x /y\n"), {});
    ASSERT_FALSE(code);
    EXPECT_EQ(code.error().code(), Errc::invalid);
    ASSERT_EQ(code.error().problems().size(), 1U);
    EXPECT_EQ(to_string(code.error().problems()[0].position), "Dockerfile:2:1");
}

}    // namespace
}    // namespace trueup::code
