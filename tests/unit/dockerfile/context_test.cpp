// SPDX-License-Identifier: Apache-2.0
#include "controller/dockerfile/context.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/memory_tree.hpp"

namespace trueup::dockerfile {
namespace {

using test::MemoryTree;

model::Service built(const std::string& context, const std::string& dockerfile = "Dockerfile") {
    model::Service service;
    service.name = "api";
    service.position = Position{"compose.yaml", 3, 3};
    service.build = model::Build();
    service.build->context = context;
    service.build->dockerfile = dockerfile;
    return service;
}

std::string files_of(const MemoryTree& tree, const model::Service& service) {
    const auto context = read_context(service, tree);
    if (!context) return context.error().message();
    std::string result;
    for (const ContextFile& file : context->files) result += file.path + "\n";
    return result;
}

TEST(BuildContext, IsEveryFileBelowIt) {
    const MemoryTree tree{{"app/Dockerfile", "FROM x\n"},
                          {"app/src/main.py", "print()\n"},
                          {"app/a", ""},
                          {"other/b", ""}};
    const auto context = read_context(built("app"), tree);
    ASSERT_TRUE(context) << context.error().message();
    EXPECT_EQ(files_of(tree, built("app")), "Dockerfile\na\nsrc/main.py\n");
    EXPECT_EQ(context->files[2].tree_path, "app/src/main.py");
    EXPECT_EQ(context->files[2].object_id, base::git_blob_id("print()\n"));
    EXPECT_EQ(context->dockerfile_path, "app/Dockerfile");
    EXPECT_EQ(context->dockerfile_in_context, "Dockerfile");
    EXPECT_EQ(context->dockerfile_text, "FROM x\n");
}

TEST(BuildContext, TheRootOfTheCommitIsOne) {
    const MemoryTree tree{{"Dockerfile", "FROM x\n"}, {"a/b", ""}};
    const auto context = read_context(built(""), tree);
    ASSERT_TRUE(context);
    EXPECT_EQ(context->files.back().tree_path, "a/b");
}

TEST(BuildContext, IgnoredFilesAndByteCodeAreLeftOut) {
    const MemoryTree tree{{"Dockerfile", "FROM x\n"},
                          {".dockerignore", "*\n!app\napp/tests\n!app/tests/keep\n"},
                          {"README", ""},
                          {"app/main.py", ""},
                          {"app/main.pyc", ""},
                          {"app/__pycache__/main.cpython-311.pyc", ""},
                          {"app/tests/keep", ""},
                          {"app/tests/x", ""}};
    EXPECT_EQ(files_of(tree, built("")), "app/main.py\napp/tests/keep\n");
}

TEST(BuildContext, TheDockerfilesOwnIgnoreFileWins) {
    const MemoryTree tree{{"app/web.Dockerfile", "FROM x\n"},
                          {"app/web.Dockerfile.dockerignore", "a\n"},
                          {"app/.dockerignore", "b\n"},
                          {"app/a", ""},
                          {"app/b", ""}};
    EXPECT_EQ(files_of(tree, built("app", "web.Dockerfile")),
              ".dockerignore\nb\nweb.Dockerfile\nweb.Dockerfile.dockerignore\n");
}

TEST(BuildContext, TheDockerfileMayLieOutside) {
    const MemoryTree tree{{"docker/api", "FROM x\n"}, {"app/a", ""}};
    const auto context = read_context(built("app", "../docker/api"), tree);
    ASSERT_TRUE(context) << context.error().message();
    EXPECT_EQ(context->dockerfile_path, "docker/api");
    EXPECT_EQ(context->dockerfile_in_context, "");
}

TEST(BuildContext, AnInlineDockerfileHasNoFile) {
    const MemoryTree tree{{"app/a", ""}};
    model::Service service = built("app");
    service.build->dockerfile_inline = "FROM y\nCOPY $A /\n";
    const auto context = read_context(service, tree);
    ASSERT_TRUE(context) << context.error().message();
    EXPECT_EQ(context->dockerfile.stages[0].base, "y");
    EXPECT_EQ(context->dockerfile_path, "(inline)");
}

TEST(BuildContext, BuildArgumentsAreUsed) {
    const MemoryTree tree{{"Dockerfile", "ARG T\nFROM x:$T\n"}};
    model::Service service = built("");
    service.build->args = {{"T", "9"}};
    const auto context = read_context(service, tree);
    ASSERT_TRUE(context) << context.error().message();
    EXPECT_EQ(context->dockerfile.stages[0].base, "x:9");
}

TEST(BuildContext, WhatIsMissingIsToldAtTheService) {
    const MemoryTree tree{{"app/a", ""}, {"file", ""}};
    EXPECT_EQ(files_of(tree, built("gone")),
              "compose.yaml:3:3: service api: the build context 'gone' is no folder of the commit "
              "(check build.context)");
    EXPECT_EQ(files_of(tree, built("file")),
              "compose.yaml:3:3: service api: the build context 'file' is no folder of the commit "
              "(check build.context)");
    EXPECT_EQ(files_of(tree, built("app")),
              "compose.yaml:3:3: service api: there is no Dockerfile at 'app/Dockerfile' in the "
              "commit (check build.context and build.dockerfile)");
    EXPECT_EQ(files_of(tree, built("app", "../../x")),
              "compose.yaml:3:3: service api: the Dockerfile '../../x' is outside the commit");
}

TEST(BuildContext, ProblemsOfItsFilesHaveTheirPlaces) {
    EXPECT_EQ(files_of({{"app/Dockerfile", "FROM x\nCPOY a /b\n"}}, built("app")),
              "app/Dockerfile:2:1: unknown instruction 'CPOY' (did you mean 'COPY'?)");
    EXPECT_EQ(
        files_of({{"app/Dockerfile", "FROM x\n"}, {"app/.dockerignore", "a\n[\n"}}, built("app")),
        "app/.dockerignore:2:1: malformed pattern '[': '[' is not closed");
}

TEST(BuildContext, LinksAreFilesOfItButNotItsDockerfile) {
    MemoryTree tree{{"app/Dockerfile", "FROM x\n"}};
    tree.add("app/link", "../secret", model::EntryKind::symlink);
    const auto context = read_context(built("app"), tree);
    ASSERT_TRUE(context);
    EXPECT_EQ(context->files[1].kind, model::EntryKind::symlink);
    tree.add("app/Dockerfile", "other", model::EntryKind::symlink);
    EXPECT_EQ(files_of(tree, built("app")),
              "compose.yaml:3:3: service api: app/Dockerfile is a symbolic link, which is not "
              "supported yet");
    tree.add("app/Dockerfile", "FROM x\n");
    tree.add("app/.dockerignore", "other", model::EntryKind::symlink);
    EXPECT_EQ(
        files_of(tree, built("app")),
        "app/.dockerignore: app/.dockerignore is a symbolic link, which is not supported yet");
}

TEST(BuildContext, ASubmoduleIsRefusedUnlessItIsExcluded) {
    MemoryTree tree{{"Dockerfile", "FROM x\n"}};
    tree.add("vendor/lib", "", model::EntryKind::submodule);
    EXPECT_EQ(files_of(tree, built("")),
              "compose.yaml:3:3: 'vendor/lib' in the build context is a git submodule, which is "
              "not supported yet by this version (exclude it in .dockerignore)");
    tree.add(".dockerignore", "vendor\n");
    EXPECT_EQ(files_of(tree, built("")), ".dockerignore\nDockerfile\n");
}

TEST(BuildContext, ItsSizeAndDepthHaveLimits) {
    MemoryTree deep{{"Dockerfile", "FROM x\n"}};
    std::string path;
    for (int level = 0; level < 3000; ++level) path += "d/";
    deep.add(path + "f", "");
    EXPECT_EQ(files_of(deep, built("")),
              "compose.yaml:3:3: a path in the build context is longer than 4096 bytes (exclude it "
              "in .dockerignore)");
    EXPECT_EQ(files_of({{"Dockerfile", std::string((1U << 20U) + 1, '#')}}, built("")),
              "compose.yaml:3:3: service api: Dockerfile is longer than 1048576 bytes");
}

TEST(ByteCode, IsKnownByName) {
    for (const char* path : {"a.pyc", "x/a.pyo", "__pycache__", "x/__pycache__"})
        EXPECT_TRUE(is_byte_code(path)) << path;
    for (const char* path : {"a.py", "pyc", "__pycache__x", "__pycache__/a.txt"})
        EXPECT_FALSE(is_byte_code(path)) << path;
}

}    // namespace
}    // namespace trueup::dockerfile
