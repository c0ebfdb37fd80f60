// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/compose/load_support.hpp"

namespace trueup::compose::test {
namespace {

using trueup::test::MemoryTree;

TEST(ComposeInclude, BringsServicesWithTheirOwnPathsAndVariables) {
    LoadOptions options = shop_options();
    options.variables = {{"OUTER", "outer"}};
    const model::Project project =
        project_of(MemoryTree{{"compose.yaml",
                               "include: [sub/compose.yaml]\n"
                               "services: {web: {image: x, depends_on: [db]}}\n"},
                              {"sub/compose.yaml",
                               "services:\n  db:\n    image: '${OUTER}:${INNER}'\n"
                               "    env_file: db.env\n    environment: [INNER]\n"
                               "    volumes: ['./conf:/conf', 'data:/data']\n"
                               "volumes: {data: }\n"},
                              {"sub/.env", "INNER=inner\nOUTER=hidden\n"},
                              {"sub/db.env", "A=1\n"},
                              {"sub/conf/x", ""}},
                   options);
    const model::Service& db = project.services.at("db");
    EXPECT_EQ(db.image, "outer:inner");
    EXPECT_EQ(db.environment, (model::Environment{{"A", "1"}, {"INNER", "inner"}}));
    EXPECT_EQ(db.mounts.at(0).source, "sub/conf");
    EXPECT_TRUE(project.volumes.contains("data"));
}

TEST(ComposeInclude, TheIncludingFileWins) {
    const model::Project project =
        project_of(MemoryTree{{"compose.yaml",
                               "include: [i.yaml]\n"
                               "services: {db: {hostname: mine, environment: {B: 2}}}\n"},
                              {"i.yaml",
                               "services: {db: {image: x, hostname: theirs, environment: [A=1, "
                               "B=1]}}\n"}});
    const model::Service& db = project.services.at("db");
    EXPECT_EQ(db.image, "x");
    EXPECT_EQ(db.hostname, "mine");
    EXPECT_EQ(db.environment, (model::Environment{{"A", "1"}, {"B", "2"}}));
}

TEST(ComposeInclude, BringsSecretsAndConfigsOutOfTheEnvironment) {
    LoadOptions options = shop_options();
    options.variables = {{"PASSWORD", "secret"}, {"OTHER", "other"}};
    const model::Project project = project_of(
        MemoryTree{{"compose.yaml",
                    "include: [i.yaml]\n"
                    "services: {web: {image: x, secrets: [pw, own, mine], configs: [c]}}\n"
                    "secrets: {mine: {environment: OTHER}}\n"},
                   {"i.yaml",
                    "secrets: {pw: {environment: PASSWORD}, own: {environment: OWN}, "
                    "mine: {environment: PASSWORD}}\nconfigs: {c: {environment: PASSWORD}}\n"},
                   {".env", "OWN=1\n"}},
        options);
    EXPECT_EQ(project.secrets.at("pw").content, "secret");
    EXPECT_EQ(project.secrets.at("own").content, "1");
    EXPECT_EQ(project.secrets.at("mine").content, "other");
    EXPECT_EQ(project.configs.at("c").content, "secret");
}

TEST(ComposeInclude, AValueOfAnotherVariableDoesNotStayWithASecret) {
    EXPECT_EQ(problems_of(MemoryTree{{"compose.yaml",
                                      "include: [sub/i.yaml]\n"
                                      "services: {web: {image: x, secrets: [s]}}\n"
                                      "secrets: {s: {environment: GONE}}\n"},
                                     {"sub/i.yaml", "secrets: {s: {environment: INNER}}\n"},
                                     {"sub/.env", "INNER=1\n"}}),
              "compose.yaml:3:28: secrets.s: the variable GONE is not set (set it in "
              "spec.compose.variables or a variable file)");
}

TEST(ComposeInclude, NobodyWritesAResolvedValue) {
    EXPECT_NE(problems_of(web_with("secrets: [s]\n") +
                          "secrets: {s: {environment: A, '#value': !<#A> x}}\n"),
              "loaded");
    EXPECT_NE(
        problems_of(web_with("secrets: [s]\n") + "secrets: {s: {environment: A, '#value': x}}\n")
            .find("unknown field '#value'"),
        std::string::npos);
}

TEST(ComposeInclude, LongFormsHaveFilesDirectoryAndVariables) {
    const model::Project project = project_of(MemoryTree{
        {"compose.yaml",
         "include:\n  - path: [parts/a.yaml, parts/b.yaml]\n    project_directory: .\n"
         "    env_file: [one.env, two.env]\n"},
        {"parts/a.yaml", "services: {db: {image: '${A}${B}', volumes: ['./conf:/c']}}\n"},
        {"parts/b.yaml", "services: {db: {hostname: b}}\n"},
        {"one.env", "A=1\nB=1\n"},
        {"two.env", "B=2\n"},
        {"conf/x", ""}});
    const model::Service& db = project.services.at("db");
    EXPECT_EQ(db.image, "12");
    EXPECT_EQ(db.hostname, "b");
    EXPECT_EQ(db.mounts.at(0).source, "conf");
}

TEST(ComposeInclude, NestedOnesAndWhatIsExtendedInThem) {
    const model::Project project = project_of(MemoryTree{
        {"compose.yaml", "include: [a/c.yaml]\nservices: {web: {extends: db, hostname: w}}\n"},
        {"a/c.yaml", "include: [b/c.yaml]\n"},
        {"a/b/c.yaml", "services: {db: {image: x}}\n"}});
    EXPECT_EQ(project.services.at("web").image, "x");
    EXPECT_EQ(project.services.at("web").hostname, "w");
    EXPECT_EQ(project.services.size(), 2U);
}

TEST(ComposeInclude, CirclesAreRefused) {
    EXPECT_EQ(
        problems_of(MemoryTree{{"compose.yaml", "include: [a.yaml]\nservices: {web: {image: x}}\n"},
                               {"a.yaml", "include: [compose.yaml]\n"}}),
        "a.yaml:1:11: include[0]: 'compose.yaml' includes itself (remove one of them)");
    EXPECT_EQ(problems_of("include: [compose.yaml]\nservices: {web: {image: x}}\n"),
              "compose.yaml:1:11: include[0]: 'compose.yaml' includes itself (remove one of them)");
}

TEST(ComposeInclude, WhatCannotBeReadIsRefusedAtItsPlace) {
    EXPECT_EQ(
        problems_of(MemoryTree{{"compose.yaml",
                                "include:\n  - gone.yaml\n  - ../up.yaml\n"
                                "  - https://example.com/a.yaml\n"
                                "services: {web: {image: x}}\n"}}),
        "compose.yaml:2:5: include[0]: there is no gone.yaml in the commit (is this the right "
        "file?)\n"
        "compose.yaml:3:5: include[1]: '../up.yaml' is outside the commit\n"
        "compose.yaml:4:5: include[2]: 'https://example.com/a.yaml' is a remote file, which is not "
        "supported (copy it into the project)");
    EXPECT_EQ(problems_of("include: {path: a}\nservices: {web: {image: x}}\n"),
              "compose.yaml:1:10: include: expected a list, got a mapping");
    EXPECT_EQ(problems_of("include: [{paths: a}]\nservices: {web: {image: x}}\n"),
              "compose.yaml:1:12: include[0].paths: unknown field 'paths' in include (did you mean "
              "'path'?)");
}

TEST(ComposeInclude, DepthAndNumberHaveLimits) {
    MemoryTree deep;
    for (int level = 0; level < 30; ++level) {
        deep.add(
            level == 0 ? "compose.yaml" : fmt::format("{}.yaml", level),
            fmt::format("include: [{}.yaml]\nservices: {{s{}: {{image: x}}}}\n", level + 1, level));
    }
    EXPECT_NE(problems_of(deep).find("included more than 16 levels deep"), std::string::npos);
    MemoryTree wide;
    // Each file includes the next one four times: 4^9 loads, were there no limit.
    for (int level = 0; level < 10; ++level) {
        const std::string next = fmt::format("{}.yaml", level + 1);
        wide.add(
            level == 0 ? "compose.yaml" : fmt::format("{}.yaml", level),
            fmt::format("include: [{0}, {0}, {0}, {0}]\nservices: {{s: {{image: x}}}}\n", next));
    }
    wide.add("10.yaml", "services: {s: {image: x}}\n");
    EXPECT_NE(problems_of(wide).find("more than 500 files"), std::string::npos);
}

}    // namespace
}    // namespace trueup::compose::test
