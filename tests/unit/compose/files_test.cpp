// SPDX-License-Identifier: Apache-2.0
// Which files are read, and what the project and its resources are called.
#include "tests/unit/compose/load_support.hpp"

namespace trueup::compose::test {
namespace {

using trueup::test::MemoryTree;

const std::string smallest = "services: {web: {image: x}}\n";

model::Strings files_of(const MemoryTree& tree, const LoadOptions& options = shop_options()) {
    return project_of(tree, options).config_files;
}

TEST(ComposeFiles, ComposeYamlComesFirst) {
    EXPECT_EQ(
        files_of({{"compose.yaml", smallest}, {"compose.yml", "[]"}, {"docker-compose.yml", "[]"}}),
        model::Strings{"compose.yaml"});
    EXPECT_EQ(files_of({{"docker-compose.yml", smallest}, {"docker-compose.yaml", "[]"}}),
              model::Strings{"docker-compose.yml"});
    EXPECT_EQ(files_of({{"docker-compose.yaml", smallest}}), model::Strings{"docker-compose.yaml"});
}

TEST(ComposeFiles, TheEnvironmentsFileGoesOver) {
    LoadOptions options = shop_options();
    options.environment = "production";
    const MemoryTree tree{{"compose.yaml", smallest},
                          {"compose.production.yml", "services: {web: {hostname: p}}\n"},
                          {"compose.test.yaml", "[]"}};
    EXPECT_EQ(files_of(tree, options), (model::Strings{"compose.yaml", "compose.production.yml"}));
    EXPECT_EQ(project_of(tree, options).services.at("web").hostname, "p");
    EXPECT_EQ(files_of(tree), model::Strings{"compose.yaml"});
}

TEST(ComposeFiles, AnOverrideFileThatComposeWouldReadIsTold) {
    const model::Project project =
        project_of({{"compose.yaml", smallest}, {"compose.override.yaml", "[]"}});
    ASSERT_EQ(project.warnings.size(), 1U);
    EXPECT_EQ(to_string(project.warnings[0]),
              "compose.override.yaml: plain Compose would read this file too, trueup does not "
              "(name it in spec.compose.files if it belongs to this environment)");
}

TEST(ComposeFiles, NamedOnesAreRelativeToTheProjectDirectory) {
    LoadOptions options = shop_options();
    options.project_directory = "deploy";
    options.files = {"./a.yaml", "../b.yaml"};
    EXPECT_EQ(files_of({{"deploy/a.yaml", smallest}, {"b.yaml", "services: {}\n"}}, options),
              (model::Strings{"deploy/a.yaml", "b.yaml"}));
}

TEST(ComposeFiles, AVariableOfTheProjectNamesThem) {
    const MemoryTree tree{{"compose.yaml", "[]"},
                          {"a.yaml", smallest},
                          {"sub/b.yaml", "services: {web: {hostname: b}}\n"},
                          {"compose.test.yaml", "services: {web: {hostname: t}}\n"},
                          {".env", "COMPOSE_FILE=a.yaml,sub/b.yaml\nCOMPOSE_PATH_SEPARATOR=,\n"}};
    EXPECT_EQ(files_of(tree), (model::Strings{"a.yaml", "sub/b.yaml"}));
    LoadOptions options = shop_options();
    options.files = {"a.yaml"};
    EXPECT_EQ(files_of(tree, options), model::Strings{"a.yaml"});
    options.files.clear();
    options.environment = "test";
    EXPECT_EQ(problems_of(tree, options),
              "compose.test.yaml: it is the environment's, and COMPOSE_FILE does not name it (name "
              "the files in spec.compose.files)");
    options.variables = {{"COMPOSE_FILE", "a.yaml,compose.test.yaml"}};
    EXPECT_EQ(files_of(tree, options), (model::Strings{"a.yaml", "compose.test.yaml"}));
    options.variables = {{"COMPOSE_FILE", ""}, {"COMPOSE_PATH_SEPARATOR", ""}};
    EXPECT_NE(problems_of(tree, options).find("compose.yaml:1:1: a compose file is a mapping"),
              std::string::npos);
}

TEST(ComposeFiles, AVariableNamesOnlyFilesOfTheProject) {
    const auto with = [](const std::string& files) {
        return problems_of(
            MemoryTree{{"sub/b.yaml", smallest}, {".env", "COMPOSE_FILE=" + files + "\n"}});
    };
    EXPECT_EQ(with("/etc/x.yaml:../y.yaml"),
              "/etc/x.yaml: this compose file is outside the commit (use a relative path in "
              "COMPOSE_FILE)\n"
              "../y.yaml: this compose file is outside the commit (use a relative path in "
              "COMPOSE_FILE)");
    EXPECT_EQ(with("sub/b.yaml"),
              "sub/b.yaml: COMPOSE_FILE names it first, and it is in another folder than the "
              "project (set spec.path to its folder, or name the files in spec.compose.files)");
}

TEST(ComposeFiles, NoneAtAllIsNotFound) {
    const auto project = load(MemoryTree{{"README", ""}}, shop_options());
    ASSERT_FALSE(project);
    EXPECT_EQ(project.error().code(), Errc::not_found);
    EXPECT_EQ(project.error().message(),
              "there is no compose.yaml in the root of the commit; name the files in "
              "spec.compose.files, or the folder in spec.path");
}

TEST(ComposeFiles, EveryFileThatCannotBeReadIsTold) {
    LoadOptions options = shop_options();
    options.files = {"gone.yaml", "link.yaml", "list.yaml", "bad.yaml"};
    MemoryTree tree{{"list.yaml", "- a\n"}, {"bad.yaml", "a: [\n"}};
    tree.add("link.yaml", "compose.yaml", model::EntryKind::symlink);
    const std::string told = problems_of(tree, options);
    EXPECT_NE(told.find("gone.yaml: there is no gone.yaml in the commit"), std::string::npos);
    EXPECT_NE(told.find("link.yaml: there is no compose.yaml in the commit"), std::string::npos);
    EXPECT_NE(told.find("list.yaml:1:1: a compose file is a mapping, this is a list"),
              std::string::npos);
    EXPECT_NE(told.find("bad.yaml:"), std::string::npos);
    options.files = {"/etc/compose.yaml", "../x.yaml"};
    EXPECT_EQ(problems_of(tree, options),
              "/etc/compose.yaml: this compose file is outside the commit (use a relative path)\n"
              "../x.yaml: this compose file is outside the commit (use a relative path)");
}

TEST(ComposeFiles, LinksInsideOfTheCommitAreFollowed) {
    MemoryTree tree{{"stacks/real.yaml",
                     "services: {web: {image: x, env_file: vars/a.env, volumes: ['./conf:/c', "
                     "'./one:/one'], secrets: [s]}}\nsecrets: {s: {file: ./one}}\n"},
                    {"shared/vars/a.env", "A=1\n"},
                    {"shared/conf/x", "text"}};
    const auto link = [&](const std::string& path, const std::string& target) {
        tree.add(path, target, model::EntryKind::symlink);
    };
    link("compose.yaml", "stacks/real.yaml");
    link("vars", "shared/./vars");
    link("conf", "stacks/../shared/conf/");
    link("one", "conf/x");
    const model::Project project = project_of(tree);
    const model::Service& web = project.services.at("web");
    EXPECT_EQ(project.config_files, model::Strings{"compose.yaml"});
    EXPECT_EQ(web.environment.at("A"), "1");
    ASSERT_EQ(web.variable_files.size(), 1U);
    EXPECT_EQ(web.variable_files[0].path, "shared/vars/a.env");
    EXPECT_EQ(web.variable_files[0].content_id, base::git_blob_id("A=1\n"));
    EXPECT_EQ(web.mounts.at(0).source, "shared/conf");
    EXPECT_TRUE(web.mounts.at(0).content_is_directory);
    EXPECT_EQ(web.mounts.at(1).source, "shared/conf/x");
    EXPECT_EQ(web.mounts.at(1).content_id, base::git_blob_id("text"));
    EXPECT_EQ(project.secrets.at("s").path, "shared/conf/x");
}

TEST(ComposeFiles, LinksOutOfTheCommitAndInACircleAreRefused) {
    const auto with = [](const std::string& target) {
        MemoryTree tree{{"a/b", ""}};
        tree.add("compose.yaml", target, model::EntryKind::symlink);
        tree.add("back", "compose.yaml", model::EntryKind::symlink);
        return problems_of(tree);
    };
    for (const char* target : {"/etc/passwd", "../x", "a/../../x"})
        EXPECT_EQ(with(target),
                  "compose.yaml: compose.yaml is a symbolic link that leads out of the commit (is "
                  "this the right file?)")
            << target;
    EXPECT_NE(with("back").find("is a symbolic link in a circle"), std::string::npos);
    EXPECT_NE(with("gone"), "loaded");
    EXPECT_NE(with("a").find("compose.yaml is no file"), std::string::npos);
}

TEST(ComposeFiles, AProjectDirectoryOutsideTheCommitIsRefused) {
    LoadOptions options = shop_options();
    options.project_directory = "../x";
    EXPECT_EQ(problems_of(MemoryTree{{"compose.yaml", smallest}}, options),
              "the project directory '../x' is outside the commit");
}

std::string name_of(const std::string& text, LoadOptions options) {
    const auto project = load(MemoryTree{{"My App.v2/compose.yaml", text}}, options);
    return project ? project->name + " " + project->services.at("web").hostname
                   : project.error().message();
}

TEST(ComposeNames, TheStacksNameWinsOverTheVariableTheFileAndTheFolder) {
    const std::string text =
        "name: ${N:-File}-x\nservices: {web: {image: x, hostname: "
        "$COMPOSE_PROJECT_NAME}}\n";
    LoadOptions options;
    options.project_directory = "My App.v2";
    EXPECT_EQ(name_of(text, options), "file-x file-x");
    EXPECT_EQ(name_of(text.substr(text.find('\n') + 1), options), "myappv2 myappv2");
    options.variables = {{"COMPOSE_PROJECT_NAME", "variable"}};
    EXPECT_EQ(name_of(text, options), "variable variable");
    options.project_name = "stack";
    EXPECT_EQ(name_of(text, options), "stack stack");
}

TEST(ComposeNames, WhatIsNoProjectNameIsRefused) {
    LoadOptions options;
    for (const char* name : {"Shop", "-shop", "_shop", "a.b", "a b"}) {
        options.project_name = name;
        EXPECT_NE(problems_of(smallest, options).find("is no project name"), std::string::npos)
            << name;
    }
    options.project_name = std::string(201, 'a');
    EXPECT_NE(problems_of(smallest, options), "loaded");
}

TEST(ComposeNames, NamesTheEngineWouldRefuseAreToldAtTheirPlace) {
    EXPECT_EQ(problems_of("services:\n  'a b': {image: x}\n  '': {image: x}\n"
                          "networks: {a/b: }\nvolumes: {'ü': }\n"),
              "compose.yaml:2:3: services.a b: 'a b' is no name (letters, digits, '.', '_' "
              "and '-')\n"
              "compose.yaml:3:3: services.: '' is no name (letters, digits, '.', '_' and "
              "'-')\n"
              "compose.yaml:4:12: networks.a/b: 'a/b' is no name (letters, digits, '.', '_' "
              "and '-')\n"
              "compose.yaml:5:11: volumes.ü: 'ü' is no name (letters, digits, '.', '_' and "
              "'-')");
}

TEST(ComposeFiles, TheSameCommitGivesAnEqualProject) {
    const MemoryTree tree{{"compose.yaml", web_with("ports: ['80']\nenvironment: {A: $B}\n")}};
    EXPECT_EQ(project_of(tree), project_of(tree));
}

TEST(ComposeFiles, AVersionIsOnlyAWarning) {
    const model::Project project = project_of("version: '3.8'\n" + smallest);
    ASSERT_EQ(project.warnings.size(), 1U);
    EXPECT_EQ(to_string(project.warnings[0]),
              "compose.yaml:1:10: 'version' is obsolete and has no effect (remove it)");
}

}    // namespace
}    // namespace trueup::compose::test
