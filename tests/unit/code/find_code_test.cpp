// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/unit/code/service.hpp"

namespace trueup::code {
namespace {

using model::CodeMapping;
using Mappings = std::vector<CodeMapping>;

// A commit with a few files, and the Dockerfile given.
test::MemoryTree commit_with(const std::string& dockerfile) {
    return {{"Dockerfile", dockerfile},
            {"app/main.py", "1"},
            {"app/lib/util.py", "2"},
            {"conf/a.conf", "3"},
            {"run.sh", "4"}};
}

ServiceCode find(const std::string& dockerfile) {
    const test::MemoryTree tree = commit_with(dockerfile);
    const auto code = find_code(project_of(building_service()), tree, {});
    EXPECT_TRUE(code) << code.error().message();
    return code && code->contains("api") ? code->at("api") : ServiceCode();
}

TEST(FindCode, WhatTheDockerfileCopiesIsExpected) {
    const ServiceCode code = find("FROM a\nCOPY app /srv/app\nCOPY run.sh /bin/\n");
    EXPECT_EQ(code.mappings, (Mappings{{"run.sh", "/bin/run.sh", {}}, {"app", "/srv/app", {}}}));
    EXPECT_TRUE(code.untraced.empty());
    ASSERT_TRUE(code.expected);
    EXPECT_EQ(code.expected->directories, (std::vector<std::string>{"/bin/run.sh", "/srv/app"}));
    ASSERT_EQ(code.expected->files.size(), 3U);
    const ExpectedFile& main = code.expected->files.at("/srv/app/main.py");
    EXPECT_EQ(main.object_id, base::git_blob_id("1"));
    EXPECT_EQ(main.commit_path, "app/main.py");
    EXPECT_FALSE(main.changeable);
}

TEST(FindCode, ItsIdCoversWhatIsExpected) {
    const std::string id = find("FROM a\nCOPY app /srv\n").expected->code_id;
    EXPECT_EQ(find("FROM b\nWORKDIR /srv\nCOPY app .\n").expected->code_id, id);
    EXPECT_NE(find("FROM a\nCOPY app /opt\n").expected->code_id, id);
    EXPECT_NE(find("FROM a AS b\nCOPY app /srv\nRUN x\nFROM a\nCOPY --from=b /srv /srv\n")
                  .expected->code_id,
              id);
}

TEST(FindCode, ExcludesOfACopyAreIgnored) {
    const ServiceCode code = find("FROM a\nCOPY --exclude=*.md --exclude=lib app /srv\n");
    EXPECT_EQ(code.mappings, (Mappings{{"app", "/srv", {"*.md", "lib"}}}));
    EXPECT_EQ(code.expected->ignore, (std::vector<std::string>{"/srv/*.md", "/srv/lib"}));
    EXPECT_EQ(code.expected->files.size(), 1U);
}

TEST(FindCode, WithoutAFileOfTheCommitNothingIsExpected) {
    const ServiceCode code =
        find("FROM a AS b\nCOPY . /src\nRUN cc\nFROM a\nCOPY --from=b /out /app\n");
    EXPECT_FALSE(code.expected);
    EXPECT_TRUE(code.mappings.empty());
    ASSERT_EQ(code.untraced.size(), 1U);
    EXPECT_EQ(to_string(code.untraced[0]),
              "Dockerfile:5:1: COPY: '/out' was made in stage b, it is no file of the commit");
}

// app is expected and compared; where conf lies only the base image knows.
TEST(FindCode, FilesOfTheCommitThatCannotBeFollowedAreToldApart) {
    const ServiceCode code = find(
        "FROM a AS b\nRUN cc\nFROM a\nCOPY app /srv\nCOPY conf $HOME/conf\n"
        "COPY --from=b /out /bin/out\n");
    ASSERT_TRUE(code.expected);
    EXPECT_EQ(code.expected->files.size(), 2U);
    ASSERT_EQ(code.untraced.size(), 2U);
    ASSERT_EQ(code.unplaced.size(), 1U);
    EXPECT_EQ(code.unplaced[0].position.line, 5U);
    EXPECT_TRUE(
        find("FROM a AS b\nRUN cc\nFROM a\nCOPY --from=b /out /bin/out\n").unplaced.empty());
}

// What installs or compiles from a mount is how Dockerfiles are written; code that nothing else brings is
// not where anybody looks.
TEST(FindCode, CodeThatOnlyAMountBringsIsToldAndIsNotPlaced) {
    const std::string step = "RUN --mount=type=bind,source=app,target=/src cp -r /src /srv\n";
    for (const std::string& dockerfile : {"FROM a\n" + step, "FROM a\nCOPY run.sh /bin/\n" + step,
                                          "FROM a\nCOPY app/main.py /srv/\n" + step}) {
        const ServiceCode code = find(dockerfile);
        ASSERT_EQ(code.unplaced.size(), 1U) << dockerfile;
        EXPECT_EQ(code.untraced, code.unplaced);
        EXPECT_TRUE(code.unplaced[0].message.starts_with("RUN: --mount shows it app"))
            << dockerfile;
    }
    for (const std::string& dockerfile :
         {"FROM a\nCOPY app /srv\n" + step, "FROM a\n" + step + "COPY app /srv\n",
          std::string("FROM a\nRUN --mount=source=conf,target=/c install /c\nCOPY app /srv\n")}) {
        const ServiceCode code = find(dockerfile);
        EXPECT_TRUE(code.untraced.empty()) << dockerfile;
        EXPECT_TRUE(code.unplaced.empty()) << dockerfile;
    }
}

TEST(FindCode, TheStacksWordWins) {
    const test::MemoryTree tree = commit_with("FROM a\nCOPY app /srv\n");
    const std::map<std::string, Mappings> explicit_code{
        {"api", {{"app", "/elsewhere", {"*.log"}}}}};
    const auto code = find_code(project_of(building_service()), tree, explicit_code);
    ASSERT_TRUE(code);
    EXPECT_EQ(code->at("api").mappings, explicit_code.at("api"));
    EXPECT_TRUE(code->at("api").expected->files.contains("/elsewhere/main.py"));
    const auto wrong =
        find_code(project_of(building_service()), tree, {{"api", {{"gone", "/x", {}}}}});
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().message(), "service api: code: 'gone' is not in the commit");
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
