// SPDX-License-Identifier: Apache-2.0
// Which service of a commit a container is of.
#include "controller/app/code_service.hpp"

#include <gtest/gtest.h>

#include "controller/model/labels.hpp"
#include "tests/support/memory_tree.hpp"

namespace trueup::app {
namespace {

namespace labels = model::labels;

source::LocalCommit commit_with(const std::string& folder) {
    source::LocalCommit local;
    local.commit.id = std::string(40, 'a');
    auto tree = std::make_shared<test::MemoryTree>();
    tree->add(folder + "compose.yaml",
              "services:\n  api: {build: ., volumes: [./data:/data]}\n  web: {image: nginx, "
              "profiles: [x]}\n");
    tree->add(folder + "Dockerfile", "FROM a\nCOPY . /srv\n");
    local.commit.tree = tree;
    local.root = "/nonexistent/shop";
    return local;
}

model::StringMap labels_of(const std::string& service, const std::string& directory,
                           const std::string& files) {
    return {{std::string(labels::compose_project), "shop"},
            {std::string(labels::compose_service), service},
            {std::string(labels::compose_working_dir), directory},
            {std::string(labels::compose_config_files), files}};
}

std::string error_of(const Result<model::Project>& project) {
    return project ? "found" : project.error().message();
}

TEST(CodeService, ComposesLabelsNameFoldersOfItsHost) {
    const auto project = project_of_labels(
        labels_of("api", "/nonexistent/shop/deploy", "/nonexistent/shop/deploy/compose.yaml"),
        commit_with("deploy/"));
    ASSERT_TRUE(project) << project.error().message();
    ASSERT_EQ(project->services.size(), 1U);
    EXPECT_EQ(project->services.at("api").build->context, "deploy");
}

TEST(CodeService, OursNameFoldersOfTheCommit) {
    auto all = labels_of("web", "/deploy", "deploy/compose.yaml");
    all[std::string(labels::owner)] = "trueup";
    const auto project = project_of_labels(all, commit_with("deploy/"));
    ASSERT_TRUE(project) << project.error().message();
    EXPECT_TRUE(project->services.contains("web"));
    auto root = labels_of("api", "/", "compose.yaml");
    root[std::string(labels::owner)] = "trueup";
    EXPECT_EQ(error_of(project_of_labels(root, commit_with(""))), "found");
}

TEST(CodeService, WhatTheLabelsDoNotTellIsAnError) {
    EXPECT_EQ(error_of(project_of_labels({}, commit_with(""))),
              "its labels name no service of a compose project");
    EXPECT_EQ(error_of(project_of_labels(labels_of("api", "/elsewhere", ""), commit_with(""))),
              "its project was started in /elsewhere, which is no folder of this repository");
    EXPECT_EQ(
        error_of(project_of_labels(labels_of("db", "/nonexistent/shop", ""), commit_with(""))),
        "commit aaaaaaaaaaaa has no service db");
}

TEST(CodeService, AMap) {
    EXPECT_EQ(*parse_map("app:/srv/app"), (model::CodeMapping{"app", "/srv/app", {}}));
    EXPECT_EQ(*parse_map("./a:b/:/srv"), (model::CodeMapping{"a:b", "/srv", {}}));
    EXPECT_EQ(*parse_map(".:/srv"), (model::CodeMapping{"", "/srv", {}}));
    for (const char* text : {"", "app", ":/srv", "app:srv", "../x:/srv", "/app:/srv"})
        EXPECT_FALSE(parse_map(text)) << text;
}

}    // namespace
}    // namespace trueup::app
