// SPDX-License-Identifier: Apache-2.0
#include "controller/code/large_files.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/memory_tree.hpp"

namespace trueup::code {
namespace {

const std::string pointer =
    "version https://git-lfs.github.com/spec/v1\n"
    "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";

class LargeFiles : public testing::Test {
protected:
    // Below the folder that is copied.
    void add(const std::string& path, const std::string& content) {
        tree.add("app/" + path, content);
        expected.files["/srv/" + path].commit_path = "app/" + path;
    }

    std::vector<std::string> found() {
        std::vector<std::string> paths;
        for (const Problem& problem : large_file_pointers(expected, tree))
            paths.push_back(problem.position.file);
        return paths;
    }

    test::MemoryTree tree;
    ExpectedCode expected;
};
using Paths = std::vector<std::string>;

TEST_F(LargeFiles, APointerIsNamedWithWhatToDo) {
    add("model.bin", pointer);
    add("main.py", "print(1)\n");
    tree.add(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n");
    const Problems problems = large_file_pointers(expected, tree);
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_EQ(problems[0].position.file, "app/model.bin");
    EXPECT_NE(problems[0].message.find("is a Git LFS pointer"), std::string::npos);
    EXPECT_NE(problems[0].advice.find(".dockerignore"), std::string::npos);
}

// A checkout has it as it is, too.
TEST_F(LargeFiles, WithoutTheAttributeItIsAFileAsAnyOther) {
    add("model.bin", pointer);
    EXPECT_EQ(found(), Paths());
    tree.add(".gitattributes", "# *.bin filter=lfs\n*.bin text eol=lf\n*.big filter=lfs\n");
    EXPECT_EQ(found(), Paths());
}

TEST_F(LargeFiles, AFileThatWasCommittedAsItIsIsNone) {
    tree.add(".gitattributes", "*.bin filter=lfs\n");
    add("short.bin", "1");
    add("long.bin", pointer + std::string(2'000, 'x'));
    EXPECT_EQ(found(), Paths());
}

TEST_F(LargeFiles, TheNearestAndLastRuleCounts) {
    tree.add(".gitattributes",
             "app/assets/** filter=lfs\n*.png\tfilter=lfs\r\nlogo.png -filter\n"
             "\"app/a b.dat\" filter=lfs\n/app/top.* filter=lfs\n");
    tree.add("app/own/.gitattributes", "*.png !filter\nkept.png filter=lfs\n");
    for (const char* path : {"assets/deep/a", "x.png", "logo.png", "a b.dat", "top.dat",
                             "below/top.dat", "own/a.png", "own/kept.png"})
        add(path, pointer);
    EXPECT_EQ(found(), (Paths{"app/a b.dat", "app/assets/deep/a", "app/own/kept.png", "app/top.dat",
                              "app/x.png"}));
}

TEST_F(LargeFiles, OfManyTenAreNamedAndTheOthersCounted) {
    tree.add(".gitattributes", "* filter=lfs\n");
    for (int number = 0; number < 13; ++number) add(fmt::format("{}.bin", number), pointer);
    const Problems problems = large_file_pointers(expected, tree);
    ASSERT_EQ(problems.size(), 11U);
    EXPECT_EQ(problems.back().message, "3 more files are Git LFS pointers");
}

TEST_F(LargeFiles, WhatIsNoAttributesFileIsNoFailure) {
    add("model.bin", pointer);
    tree.add(".gitattributes",
             "\"unclosed filter=lfs\n[attr]large filter=lfs\n*.bin\n[ filter=lfs\n"
             "\xff\xfe filter=lfs");
    EXPECT_EQ(found(), Paths());
}

}    // namespace
}    // namespace trueup::code
