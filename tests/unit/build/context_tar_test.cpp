// SPDX-License-Identifier: Apache-2.0
#include "controller/build/context_tar.hpp"

#include <gtest/gtest.h>

#include "tests/support/memory_tree.hpp"
#include "tests/unit/build/read_tar.hpp"

namespace trueup::build {
namespace {

using model::EntryKind;
using Names = std::vector<std::string>;

const SystemTime commit_time = SystemTime(Seconds(1'700'000'000));

model::Service service_in(const std::string& context,
                          const std::string& dockerfile = "Dockerfile") {
    model::Service service;
    service.name = "api";
    service.build.emplace();
    service.build->context = context;
    service.build->dockerfile = dockerfile;
    return service;
}

std::string tar_of(const test::MemoryTree& tree, const model::Service& service = service_in(""),
                   SystemTime time = commit_time) {
    const auto context = dockerfile::read_context(service, tree);
    EXPECT_TRUE(context) << context.error().message();
    if (!context) return {};
    std::string bytes;
    const auto written = write_context_tar(*context, tree, time, [&](std::string_view part) {
        bytes += part;
        return true;
    });
    EXPECT_TRUE(written) << written.error().message();
    return bytes;
}

std::vector<test::TarEntry> entries_of(const test::MemoryTree& tree,
                                       const model::Service& service = service_in("")) {
    return test::read_tar(tar_of(tree, service));
}

Names names_of(const std::vector<test::TarEntry>& entries) {
    Names names;
    for (const test::TarEntry& entry : entries) names.push_back(entry.name);
    return names;
}

const test::TarEntry& entry_named(const std::vector<test::TarEntry>& entries,
                                  const std::string& name) {
    for (const test::TarEntry& entry : entries) {
        if (entry.name == name) return entry;
    }
    throw std::runtime_error("no entry " + name);
}

TEST(ContextTar, HoldsTheFilesOfTheContextInPathOrderEachFolderOnce) {
    const test::MemoryTree tree{{"Dockerfile", "FROM a\n"},
                                {"app/z.py", "z"},
                                {"app/lib/a.py", "a"},
                                {"app/lib/b.py", "b"},
                                {"zoo", "last"}};
    const auto entries = entries_of(tree);
    EXPECT_EQ(names_of(entries), (Names{"Dockerfile", "app/", "app/lib/", "app/lib/a.py",
                                        "app/lib/b.py", "app/z.py", "zoo"}));
    EXPECT_EQ(entry_named(entries, "app/lib/b.py").content, "b");
    EXPECT_EQ(entry_named(entries, "app/").type, '5');
    EXPECT_EQ(entry_named(entries, "app/").mode, 0755U);
}

TEST(ContextTar, TheSameCommitGivesTheSameBytes) {
    test::MemoryTree first{{"Dockerfile", "FROM a\n"}, {"a", "1"}, {"b/c", "2"}};
    test::MemoryTree second;
    second.add("b/c", "2");
    second.add("a", "1");
    second.add("Dockerfile", "FROM a\n");
    const std::string bytes = tar_of(first);
    EXPECT_GT(bytes.size(), 3U * 512U);
    EXPECT_EQ(tar_of(second), bytes);
    second.add("a", "2");
    EXPECT_NE(tar_of(second), bytes);
}

TEST(ContextTar, EveryEntryHasTheCommitsTimeAndNobodysName) {
    const test::MemoryTree tree{{"Dockerfile", "FROM a\n"}, {"a/b", "1"}};
    for (const test::TarEntry& entry : entries_of(tree)) {
        EXPECT_EQ(entry.modified, 1'700'000'000) << entry.name;
        EXPECT_EQ(entry.user, 0);
        EXPECT_EQ(entry.group, 0);
        EXPECT_EQ(entry.user_name, "");
        EXPECT_EQ(entry.magic, "ustar  ") << "gnutar";
    }
    EXPECT_NE(tar_of(tree, service_in(""), commit_time + Seconds(1)), tar_of(tree));
}

TEST(ContextTar, ModesAre644And755AsGitKnowsThem) {
    test::MemoryTree tree{{"Dockerfile", "FROM a\n"}};
    tree.add("run.sh", "exec\n", EntryKind::executable);
    const auto entries = entries_of(tree);
    EXPECT_EQ(entry_named(entries, "run.sh").mode, 0755U);
    EXPECT_EQ(entry_named(entries, "Dockerfile").mode, 0644U);
}

TEST(ContextTar, SymlinksStayLinks) {
    const std::string far = "../" + std::string(300, 'x');
    test::MemoryTree tree{{"Dockerfile", "FROM a\n"}};
    tree.add("current", "releases/7", EntryKind::symlink);
    tree.add("far", far, EntryKind::symlink);
    const auto entries = entries_of(tree);
    EXPECT_EQ(entry_named(entries, "current").type, '2');
    EXPECT_EQ(entry_named(entries, "current").link, "releases/7");
    EXPECT_EQ(entry_named(entries, "current").content, "");
    EXPECT_EQ(entry_named(entries, "far").link, far);
}

TEST(ContextTar, LongNamesAndNamesBeyondAsciiKeepTheirBytes) {
    const Names names{std::string(99, 'a'),
                      std::string(100, 'b'),
                      std::string(101, 'c'),
                      std::string(120, 'd') + "/" + std::string(250, 'e') + ".py",
                      "gr\u00fc\u00dfe-\u65e5\u672c.py",
                      "latin-\xe9\xff.py",
                      "with blank.py"};
    test::MemoryTree tree{{"Dockerfile", "FROM a\n"}};
    for (const std::string& name : names) tree.add(name, "content of " + name);
    const auto entries = entries_of(tree);
    for (const std::string& name : names)
        EXPECT_EQ(entry_named(entries, name).content, "content of " + name);
    EXPECT_EQ(entries.size(), names.size() + 2) << "the Dockerfile and one folder";
}

TEST(ContextTar, WhatDockerignoreExcludesIsNotSent) {
    const test::MemoryTree tree{{"Dockerfile", "FROM a\n"},
                                {".dockerignore", "docs\n**/*.log\n!keep.log\n"},
                                {"docs/index.md", "x"},
                                {"a.log", "x"},
                                {"deep/er/b.log", "x"},
                                {"keep.log", "x"},
                                {"main.py", "x"}};
    EXPECT_EQ(names_of(entries_of(tree)),
              (Names{".dockerignore", "Dockerfile", "keep.log", "main.py"}));
}

TEST(ContextTar, ByteCodeIsNotSent) {
    const test::MemoryTree tree{{"Dockerfile", "FROM a\n"},
                                {"app/main.py", "x"},
                                {"app/main.pyc", "x"},
                                {"app/old.pyo", "x"},
                                {"app/__pycache__/main.cpython-311.pyc", "x"},
                                {"app/__pycache__/note.txt", "x"}};
    EXPECT_EQ(names_of(entries_of(tree)), (Names{"Dockerfile", "app/", "app/main.py"}));
}

TEST(ContextTar, PathsAreRelativeToTheContext) {
    const test::MemoryTree tree{{"services/api/Dockerfile", "FROM a\n"},
                                {"services/api/src/x.py", "1"},
                                {"services/web/y.py", "2"},
                                {"README.md", "3"}};
    EXPECT_EQ(names_of(entries_of(tree, service_in("services/api"))),
              (Names{"Dockerfile", "src/", "src/x.py"}));
}

TEST(ContextTar, ADockerfileThatIsIgnoredStillReachesTheBuilder) {
    const test::MemoryTree tree{
        {"build/Dockerfile", "FROM a\n"}, {".dockerignore", "build\n"}, {"x", "1"}};
    const model::Service service = service_in("", "build/Dockerfile");
    const auto entries = entries_of(tree, service);
    EXPECT_EQ(entry_named(entries, "build/Dockerfile").content, "FROM a\n");
    const auto context = dockerfile::read_context(service, tree);
    EXPECT_EQ(dockerfile_in_tar(*context), "build/Dockerfile");
}

TEST(ContextTar, ADockerfileOutsideTheContextIsAddedUnderANameOfItsOwn) {
    const test::MemoryTree tree{{"docker/api", "FROM a\n"}, {"api/x.py", "1"}};
    const model::Service service = service_in("api", "../docker/api");
    const auto context = dockerfile::read_context(service, tree);
    ASSERT_TRUE(context) << context.error().message();
    EXPECT_EQ(dockerfile_in_tar(*context), added_dockerfile);
    const auto entries = entries_of(tree, service);
    EXPECT_EQ(names_of(entries), (Names{"x.py", std::string(added_dockerfile)}));
    EXPECT_EQ(entries[1].content, "FROM a\n");
}

TEST(ContextTar, AnInlineDockerfileIsAddedToo) {
    const test::MemoryTree tree{{"Dockerfile", "FROM other\n"}, {"x.py", "1"}};
    model::Service service = service_in("");
    service.build->dockerfile_inline = "FROM scratch\nCOPY x.py /\n";
    const auto entries = entries_of(tree, service);
    EXPECT_EQ(entry_named(entries, std::string(added_dockerfile)).content,
              service.build->dockerfile_inline);
}

TEST(ContextTar, LargeFilesAreWhole) {
    test::MemoryTree tree{{"Dockerfile", "FROM a\n"}};
    std::string large(3'000'001, 'x');
    large.back() = 'y';
    tree.add("large.bin", large);
    tree.add("z", "after");
    const auto entries = entries_of(tree);
    EXPECT_TRUE(entry_named(entries, "large.bin").content == large);
    EXPECT_EQ(entry_named(entries, "z").content, "after");
}

TEST(ContextTar, ItEndsWithTwoEmptyBlocksAndNoMore) {
    const test::MemoryTree tree{{"Dockerfile", "FROM a\n"}};
    const std::string bytes = tar_of(tree);
    EXPECT_EQ(bytes.size(), 512U + 512U + 1024U);
    EXPECT_EQ(bytes.find_first_not_of('\0', 1024), std::string::npos);
}

TEST(ContextTar, AReaderThatIsGoneEndsTheWriting) {
    test::MemoryTree tree{{"Dockerfile", "FROM a\n"}};
    for (int number = 0; number < 100; ++number)
        tree.add("f" + std::to_string(number), std::string(100'000, 'x'));
    const auto context = dockerfile::read_context(service_in(""), tree);
    ASSERT_TRUE(context);
    int calls = 0;
    const auto written = write_context_tar(*context, tree, commit_time, [&](std::string_view) {
        ++calls;
        return false;
    });
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code(), Errc::unavailable);
    EXPECT_LT(calls, 10) << "it goes on writing to nobody";
}

TEST(ContextTar, AFileThatTheCommitCannotGiveIsAFailure) {
    test::MemoryTree tree{{"Dockerfile", "FROM a\n"}, {"x.py", "1"}};
    const auto context = dockerfile::read_context(service_in(""), tree);
    ASSERT_TRUE(context);
    const test::MemoryTree damaged{{"Dockerfile", "FROM a\n"}};
    const auto written =
        write_context_tar(*context, damaged, commit_time, [](std::string_view) { return true; });
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code(), Errc::not_found);
    EXPECT_NE(written.error().message().find("x.py"), std::string::npos);
}

}    // namespace
}    // namespace trueup::build
