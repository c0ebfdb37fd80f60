// SPDX-License-Identifier: Apache-2.0
#include "api/cli/code_output.hpp"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

namespace trueup::cli {
namespace {

using app::DifferingFile;
using model::FileChange;

app::CodeCheck check_with(std::vector<DifferingFile> differing) {
    app::CodeCheck check;
    check.container = "shop-api-1";
    check.container_id = "c1";
    check.commit = std::string(40, 'a');
    check.status = differing.empty() ? model::CodeStatus::fresh : model::CodeStatus::stale;
    check.files = 12;
    check.difference_count = differing.size();
    check.differing = std::move(differing);
    return check;
}

DifferingFile file(std::string path, FileChange change, std::optional<std::string> before,
                   std::optional<std::string> after) {
    DifferingFile file;
    file.path = std::move(path);
    file.change = change;
    file.before = std::move(before);
    file.after = std::move(after);
    return file;
}

TEST(CodeOutput, AVerdict) {
    EXPECT_EQ(verdict_text(check_with({})),
              "shop-api-1: proven, 12 files are as in commit aaaaaaaaaaaa\n");
    auto check = check_with({file("app/main.py", FileChange::modified, {}, {}),
                             file("/srv/x\n\x1b[2J.py", FileChange::extra, {}, {})});
    check.difference_count = 5;
    check.untraced.push_back({{"Dockerfile", 3, 1}, "ADD: no file of the commit", ""});
    EXPECT_EQ(verdict_text(check),
              "shop-api-1: 5 files differ from commit aaaaaaaaaaaa (12 compared)\n  modified "
              "app/main.py\n"
              "  extra /srv/x; \\x1b[2J.py\n  and 3 more\n"
              "not compared: Dockerfile:3:1: ADD: no file of the commit\n");
}

TEST(CodeOutput, WhatTheBuildChangedIsNamedAndNotCountedAsTheCommits) {
    auto check = check_with({});
    check.of_build = {"app/settings.py: modified by a step of the build, Dockerfile:5"};
    check.of_build_count = 2;
    EXPECT_EQ(verdict_text(check),
              "shop-api-1: proven, 10 files are as in commit aaaaaaaaaaaa\n"
              "  changed by its build: app/settings.py: modified by a step of the build, "
              "Dockerfile:5\n"
              "  changed by its build: and 1 more\n");
}

TEST(CodeOutput, WhatCouldNotBeToldIsNoVerdict) {
    auto check = check_with({});
    check.status = model::CodeStatus::unknown;
    check.of_image = {"/srv/app/override.py"};
    check.of_image_count = 2;
    EXPECT_EQ(verdict_text(check),
              "shop-api-1: could not be told, 12 files compared with commit aaaaaaaaaaaa\n"
              "  of its image, which trueup did not build of this commit: /srv/app/override.py\n"
              "  of its image: and 1 more\n");
}

TEST(CodeOutput, BytecodeAloneIsNamedAsSuch) {
    auto check = check_with({});
    check.status = model::CodeStatus::stale;
    check.bytecode = {"app/x.pyc is bytecode without a source"};
    check.bytecode_count = 1;
    EXPECT_EQ(verdict_text(check),
              "shop-api-1: bytecode differs from commit aaaaaaaaaaaa (12 files compared)\n"
              "  bytecode: app/x.pyc is bytecode without a source\n");
}

TEST(CodeOutput, AVerdictForPrograms) {
    auto check = check_with({file("a.py", FileChange::missing, {}, {})});
    check.bytecode = {"app/x.pyc is bytecode without a source"};
    check.bytecode_count = 1;
    const auto object = to_json(check);
    EXPECT_NE(verdict_text(check).find("  bytecode: app/x.pyc is bytecode without a source\n"),
              std::string::npos);
    EXPECT_EQ(boost::json::serialize(object),
              "{\"container\":\"shop-api-1\",\"containerId\":\"c1\",\"commit\":\"" +
                  std::string(40, 'a') +
                  "\",\"proven\":false,\"files\":12,\"differenceCount\":1,\"bytecode\":["
                  "\"app/x.pyc is bytecode without a "
                  "source\"],\"bytecodeCount\":1,\"ofImage\":[],\"ofImageCount\":0,"
                  "\"changedByBuild\":[],\"changedByBuildCount\":0,\"notFollowed\":[],"
                  "\"differences\":[{\"path\":\"a.py\",\"change\":\"missing\"}]}");
}

TEST(CodeOutput, EachKindOfDifference) {
    EXPECT_EQ(diff_text(file("a.py", FileChange::modified, "1\n", "2\n")),
              "--- commit/a.py\n+++ container/a.py\n@@ -1 +1 @@\n-1\n+2\n");
    EXPECT_EQ(diff_text(file("a.py", FileChange::missing, "1\n", {})),
              "--- commit/a.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-1\n");
    EXPECT_EQ(diff_text(file("/srv/a.py", FileChange::extra, {}, "1\n")),
              "--- /dev/null\n+++ container/srv/a.py\n@@ -0,0 +1 @@\n+1\n");
    EXPECT_EQ(diff_text(file("a.sh", FileChange::mode, {}, {})), "mode differs: a.sh\n");
    EXPECT_EQ(diff_text(file("a.png", FileChange::modified, std::string("\0", 1), "x")),
              "binary files differ: a.png (modified)\n");
    DifferingFile large = file("a.txt", FileChange::modified, "1\n", {});
    large.bounded = true;
    EXPECT_TRUE(diff_text(large).starts_with("not shown: a.txt (modified; longer than 1 MiB"));
}

TEST(CodeOutput, ContentsCannotSteerTheTerminal) {
    const auto check = check_with({file("a.py", FileChange::modified, "1\n", "\x1b[2J\ttab\n")});
    EXPECT_EQ(diff_text(check),
              "--- commit/a.py\n+++ container/a.py\n@@ -1 +1 @@\n-1\n+\\x1b[2J\ttab\n");
}

TEST(CodeOutput, AHash) {
    app::CodeHash hash;
    hash.commit = "c";
    hash.path = "app";
    hash.kind = model::EntryKind::directory;
    hash.object_id = "t";
    EXPECT_EQ(boost::json::serialize(to_json(hash)),
              R"({"commit":"c","path":"app","kind":"directory","id":"t"})");
}

TEST(CodeOutput, WhatNoDiffShowsIsToldBesideIt) {
    EXPECT_EQ(beside_diff(check_with({})), "");
    auto stale = check_with({file("app/main.py", FileChange::modified, "1\n", "2\n")});
    EXPECT_EQ(beside_diff(stale), "");
    auto untold = check_with({});
    untold.status = model::CodeStatus::unknown;
    untold.of_image = {"/srv/app/new.py"};
    untold.of_image_count = 1;
    EXPECT_EQ(beside_diff(untold), verdict_text(untold));
    EXPECT_NE(beside_diff(untold).find("of its image, which trueup did not build of this commit: "
                                       "/srv/app/new.py"),
              std::string::npos);
    stale.of_image = untold.of_image;
    stale.of_image_count = 1;
    EXPECT_EQ(beside_diff(stale), verdict_text(stale));
    auto bytecode = check_with({});
    bytecode.status = model::CodeStatus::stale;
    bytecode.bytecode = {"app/x.pyc is bytecode without a source"};
    bytecode.bytecode_count = 1;
    EXPECT_EQ(beside_diff(bytecode), verdict_text(bytecode));
}

}    // namespace
}    // namespace trueup::cli
