// SPDX-License-Identifier: Apache-2.0
// Variables of containers: environment, env_file, and what the Stack gives.
#include "tests/unit/compose/load_support.hpp"

namespace trueup::compose::test {
namespace {

using Environment = std::map<std::string, std::optional<std::string>>;

Environment environment_of(const trueup::test::MemoryTree& tree,
                           const LoadOptions& options = shop_options()) {
    const model::Project project = project_of(tree, options);
    return project.services.contains("web") ? project.services.at("web").environment
                                            : Environment();
}

TEST(ComposeEnvironment, AMappingKeepsQuotedTextAndReadsPlainNumbers) {
    EXPECT_EQ(
        web_of("environment:\n  A: text\n  B: 0755\n  C: '0755'\n  D: true\n  E: ''\n").environment,
        (Environment{{"A", "text"}, {"B", "493"}, {"C", "0755"}, {"D", "true"}, {"E", ""}}));
}

TEST(ComposeEnvironment, WhatIsTaggedNullHasNoValue) {
    EXPECT_EQ(
        web_of("environment: {A: !!null '', B: !!null ~, C: !!str '', D: !!null x}\n").environment,
        (Environment{{"A", std::nullopt}, {"B", std::nullopt}, {"C", ""}, {"D", "x"}}));
}

TEST(ComposeEnvironment, AListOfPairs) {
    EXPECT_EQ(web_of("environment: [A=1, 'B=x=y', C=, A=2]\n").environment,
              (Environment{{"A", "2"}, {"B", "x=y"}, {"C", ""}}));
}

TEST(ComposeEnvironment, NoValueTakesTheStacksElseUnsets) {
    LoadOptions options = shop_options();
    options.variables = {{"GIVEN", "v"}};
    const Environment wanted{{"GIVEN", "v"}, {"MISSING", std::nullopt}};
    EXPECT_EQ(web_of("environment: {GIVEN: , MISSING: }\n", options).environment, wanted);
    EXPECT_EQ(web_of("environment: [GIVEN, MISSING]\n", options).environment, wanted);
}

TEST(ComposeEnvironment, VariablesOfTheStackDoNotEnterByThemselves) {
    LoadOptions options = shop_options();
    options.variables = {{"GIVEN", "v"}};
    EXPECT_EQ(web_of("environment: {A: $GIVEN}\n", options).environment, (Environment{{"A", "v"}}));
}

TEST(ComposeEnvironment, WhatIsNoVariableIsRefused) {
    EXPECT_EQ(problems_of_web("environment: [{A: 1}, =2]\n"),
              "compose.yaml:4:19: services.web.environment: this has no name before the '=' "
              "(write KEY=value)\n"
              "compose.yaml:4:19: services.web.environment[0]: expected a string, got a "
              "mapping\n"
              "compose.yaml:4:27: services.web.environment: this has no name before the '=' "
              "(write KEY=value)");
    EXPECT_EQ(problems_of_web("environment: {A: [1]}\n"),
              "compose.yaml:4:22: services.web.environment.A: expected a single value, got a "
              "list");
    EXPECT_EQ(problems_of_web("environment: text\n"),
              "compose.yaml:4:18: services.web.environment: expected a mapping, or a list of "
              "KEY=value, got a string");
}

// As in Compose, a variable inside a file means the earlier file's before the file's own.
TEST(ComposeEnvFile, IsReadBeforeEnvironmentAndInOrder) {
    EXPECT_EQ(environment_of({{"compose.yaml", web_with("env_file: [a.env, ./b.env]\n"
                                                        "environment: {C: own}\n")},
                              {"a.env", "A=a\nB=a\nC=a\n"},
                              {"b.env", "B=b\nC=b\nD=\"$A $B\"\n"}}),
              (Environment{{"A", "a"}, {"B", "b"}, {"C", "own"}, {"D", "a a"}}));
}

TEST(ComposeEnvFile, WhichFilesAndVariablesTheyWereIsKnown) {
    const model::Service web =
        project_of(trueup::test::MemoryTree{
                       {"compose.yaml", web_with("env_file: [a.env, {path: gone.env, required: "
                                                 "false}]\nenvironment: {B: own, C: }\n")},
                       {"a.env", "A=1\nB=1\nC=1\n"}})
            .services.at("web");
    ASSERT_EQ(web.variable_files.size(), 1U);
    EXPECT_EQ(web.variable_files[0].path, "a.env");
    EXPECT_FALSE(web.variable_files[0].content_id.empty());
    EXPECT_EQ(web.from_variable_files, std::set<std::string>{"A"});
}

TEST(ComposeEnvFile, OneFileAndLongForm) {
    EXPECT_EQ(environment_of({{"compose.yaml", web_with("env_file: a.env\n")}, {"a.env", "A=1"}}),
              (Environment{{"A", "1"}}));
    EXPECT_EQ(environment_of({{"compose.yaml", web_with("env_file:\n  - path: a.env\n"
                                                        "  - {path: gone.env, required: false}\n")},
                              {"a.env", "A=1"}}),
              (Environment{{"A", "1"}}));
}

TEST(ComposeEnvFile, VariablesInItLookAtTheStackFirst) {
    LoadOptions options = shop_options();
    options.variables = {{"A", "stack"}};
    EXPECT_EQ(environment_of(
                  {{"compose.yaml", web_with("env_file: a.env\n")}, {"a.env", "A=file\nB=$A\n"}},
                  options),
              (Environment{{"A", "file"}, {"B", "stack"}}));
}

TEST(ComposeEnvFile, AMissingOrForeignFileIsRefusedAtItsPlace) {
    EXPECT_EQ(problems_of_web("env_file:\n  - gone.env\n  - ../up.env\n  - /etc/x.env\n"),
              "compose.yaml:5:9: services.web.env_file: there is no gone.env in the commit "
              "(add it, or set 'required: false')\n"
              "compose.yaml:6:9: services.web.env_file[1].path: '../up.env' is outside the "
              "commit (only files of the commit can be read)\n"
              "compose.yaml:7:9: services.web.env_file: '/etc/x.env' is outside the commit "
              "(only files of the commit can be read)");
}

TEST(ComposeEnvFile, ProblemsInItHaveItsPlaces) {
    EXPECT_EQ(problems_of({{"compose.yaml", web_with("env_file: [a.env, b.env]\n")},
                           {"a.env", "A=1\nB='x\n"},
                           {"b.env", "C=${"}}),
              "a.env:2:1: this quote is never closed (close it, or quote the quote)\n"
              "b.env:1:1: '${' without its '}'; write $$ for a dollar sign");
}

TEST(ComposeEnvFile, LinksAndFoldersAreNoFiles) {
    trueup::test::MemoryTree tree{{"compose.yaml", web_with("env_file: [link.env, folder]\n")},
                                  {"folder/a", ""}};
    tree.add("link.env", "../outside", model::EntryKind::symlink);
    EXPECT_EQ(problems_of(tree),
              "compose.yaml:4:16: services.web.env_file: link.env is a symbolic link that "
              "leads out of the commit (add it, or set 'required: false')\n"
              "compose.yaml:4:26: services.web.env_file: folder is no file (add it, or set "
              "'required: false')");
}

TEST(ComposeVariables, StackOverVariableFilesOverDotenv) {
    LoadOptions options = shop_options();
    options.variables = {{"A", "stack"}};
    options.variable_files = {{"more.env", std::nullopt}};
    const model::Project project =
        project_of({{"compose.yaml", "services: {web: {image: '$A-$B-$C-$D'}}\n"},
                    {".env", "A=dotenv\nB=dotenv\nC=dotenv\nD=${A}\n"},
                    {"more.env", "A=more\nB=more\n"}},
                   options);
    EXPECT_EQ(project.services.at("web").image, "stack-more-dotenv-stack");
}

TEST(ComposeVariables, AllBadVariableFilesAreTold) {
    LoadOptions options = shop_options();
    options.variable_files = {
        {"../x.env", std::nullopt}, {"gone.env", std::nullopt}, {"/abs.env", std::nullopt}};
    EXPECT_EQ(problems_of({{"compose.yaml", web_with("")}, {".env", "A B\n"}}, options),
              ".env:1:1: this line does not start with a variable's name (write KEY=value, "
              "and quote values of several lines)\n"
              "../x.env: this variable file is outside the commit (use a relative path)\n"
              "gone.env: there is no gone.env in the commit (spec.compose.variableFiles "
              "names files of the commit)\n"
              "/abs.env: this variable file is outside the commit (use a relative path)");
}

TEST(ComposeVariables, AMissingOneIsAWarningAtItsPlace) {
    const model::Project project = project_of(web_with("hostname: a$MISSING\n"));
    EXPECT_EQ(project.services.at("web").hostname, "a");
    ASSERT_EQ(project.warnings.size(), 1U);
    EXPECT_EQ(to_string(project.warnings[0]),
              "compose.yaml:4:15: services.web.hostname: variable MISSING is not set; an empty "
              "text is used");
}

TEST(ComposeVariables, FailuresAreToldWithTheirPlaceAndWithoutWhatFollowsFromThem) {
    EXPECT_EQ(
        problems_of_web("restart: ${POLICY:?name one}\nports: ['${}']\nimagee: x\n"),
        "compose.yaml:4:14: services.web.restart: variable POLICY is required: name one (set "
        "it in spec.compose.variables or a variable file)\n"
        "compose.yaml:5:13: services.web.ports[0]: '${}' does not start with a variable's name\n"
        "compose.yaml:6:5: services.web.imagee: unknown field 'imagee' in a service "
        "(did you mean 'image'?)");
}

TEST(ComposeVariables, TypesAreReadFromWhatVariablesGive) {
    LoadOptions options = shop_options();
    options.variables = {{"N", "2"}, {"YES", "true"}, {"PORT", "8080"}};
    const model::Service web =
        web_of("scale: ${N}\ninit: $YES\nports: ['${PORT}:80']\nhostname: $N\n", options);
    EXPECT_EQ(web.replicas, 2);
    EXPECT_TRUE(web.init);
    EXPECT_EQ(web.ports.at(0).published, "8080");
    EXPECT_EQ(web.hostname, "2");
}

}    // namespace
}    // namespace trueup::compose::test
