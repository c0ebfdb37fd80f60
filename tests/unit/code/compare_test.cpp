// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "controller/base/digest.hpp"
#include "controller/code/scan.hpp"

namespace trueup::code {
namespace {

using model::CodeStatus;
using model::FileChange;
using model::FileDifference;
using Differences = std::vector<FileDifference>;

ExpectedFile expected_file(const std::string& commit_path, std::string_view content,
                           bool executable = false) {
    ExpectedFile file;
    file.object_id = base::git_blob_id(content);
    file.commit_path = commit_path;
    file.executable = executable;
    return file;
}

FoundFile found_file(std::string_view content, bool executable = false) {
    return {base::git_blob_id(content), executable, false};
}

FoundFile found_link(std::string_view target) { return {base::git_blob_id(target), false, true}; }

// What the commit says: app/main.py, app/run.sh (executable), app/current -> releases/7.
ExpectedCode commit_code() {
    ExpectedCode code;
    code.code_id = "id";
    code.directories = {"/srv"};
    code.files["/srv/main.py"] = expected_file("app/main.py", "print(1)\n");
    code.files["/srv/run.sh"] = expected_file("app/run.sh", "exec\n", true);
    code.files["/srv/current"] = expected_file("app/current", "releases/7");
    code.files["/srv/current"].symlink = true;
    return code;
}

FoundFiles same_files() {
    return {{"/srv/main.py", found_file("print(1)\n")},
            {"/srv/run.sh", found_file("exec\n", true)},
            {"/srv/current", found_link("releases/7")}};
}

std::vector<std::string> paths(const Manifest& manifest) {
    std::vector<std::string> names;
    for (const auto& [path, file] : manifest) names.push_back(path);
    return names;
}

TEST(CompareCode, TheCommitsFilesAreFresh) {
    const auto comparison = compare(commit_code(), same_files(), nullptr);
    EXPECT_EQ(comparison.state.status, CodeStatus::fresh);
    EXPECT_EQ(comparison.state.code_id, "id");
    EXPECT_EQ(comparison.state.files, 3U);
    EXPECT_EQ(comparison.state.difference_count, 0U);
    EXPECT_EQ(comparison.state.differences, Differences());
}

TEST(CompareCode, OtherContentIsModifiedAndToldByItsPathInTheCommit) {
    FoundFiles found = same_files();
    found["/srv/main.py"] = found_file("print(2)\n");
    const auto comparison = compare(commit_code(), found, nullptr);
    EXPECT_EQ(comparison.state.status, CodeStatus::stale);
    EXPECT_EQ(comparison.state.differences, (Differences{{"app/main.py", FileChange::modified}}));
}

TEST(CompareCode, AFileThatIsGoneIsMissing) {
    FoundFiles found = same_files();
    found.erase("/srv/run.sh");
    const auto comparison = compare(commit_code(), found, nullptr);
    EXPECT_EQ(comparison.state.status, CodeStatus::stale);
    EXPECT_EQ(comparison.state.differences, (Differences{{"app/run.sh", FileChange::missing}}));
}

TEST(CompareCode, TheExecuteBitCountsInBothDirections) {
    FoundFiles found = same_files();
    found["/srv/main.py"].executable = true;
    found["/srv/run.sh"].executable = false;
    const auto comparison = compare(commit_code(), found, nullptr);
    EXPECT_EQ(comparison.state.status, CodeStatus::stale);
    EXPECT_EQ(comparison.state.differences,
              (Differences{{"app/main.py", FileChange::mode}, {"app/run.sh", FileChange::mode}}));
}

// RUN chmod +x in a Dockerfile: the image differs from the commit by intent, a container from the
// image does not.
TEST(CompareCode, AModeThatTheBuildSetIsNoDrift) {
    FoundFiles found = same_files();
    found["/srv/main.py"].executable = true;
    found["/srv/built.js"] = found_file("x");
    const auto image = compare(commit_code(), found, nullptr);
    EXPECT_EQ(paths(image.of_build), (std::vector<std::string>{"/srv/built.js", "/srv/main.py"}));
    EXPECT_EQ(compare(commit_code(), found, &image.of_build).state.status, CodeStatus::fresh);
    found["/srv/main.py"] = found_file("print(2)\n", true);
    EXPECT_EQ(compare(commit_code(), found, &image.of_build).state.differences,
              (Differences{{"app/main.py", FileChange::modified}}));
    found["/srv/main.py"] = found_file("print(1)\n", true);
    found["/srv/run.sh"].executable = false;    // in the container, by hand
    EXPECT_EQ(compare(commit_code(), found, &image.of_build).state.differences,
              (Differences{{"app/run.sh", FileChange::mode}}));
}

TEST(CompareCode, ASymlinkIsComparedByItsTargetAlone) {
    FoundFiles found = same_files();
    found["/srv/current"].executable = true;    // links have no mode of their own
    EXPECT_EQ(compare(commit_code(), found, nullptr).state.status, CodeStatus::fresh);
    found["/srv/current"] = found_link("releases/8");
    EXPECT_EQ(compare(commit_code(), found, nullptr).state.differences,
              (Differences{{"app/current", FileChange::modified}}));
    found["/srv/current"] = found_file("releases/7");    // a file with the target's name in it
    EXPECT_EQ(compare(commit_code(), found, nullptr).state.differences,
              (Differences{{"app/current", FileChange::modified}}));
}

TEST(CompareCode, AnExtraSourceFileIsDriftToldByItsPathInTheContainer) {
    FoundFiles found = same_files();
    found["/srv/lib/patch.py"] = found_file("import os\n");
    const auto comparison = compare(commit_code(), found, nullptr);
    EXPECT_EQ(comparison.state.status, CodeStatus::stale);
    EXPECT_EQ(comparison.state.differences,
              (Differences{{"/srv/lib/patch.py", FileChange::extra}}));
}

TEST(CompareCode, WhatTheApplicationWritesIsNoDrift) {
    FoundFiles found = same_files();
    for (const char* path : {"/srv/data.sqlite", "/srv/app.log", "/srv/upload.bin",
                             "/srv/__pycache__/main.cpython-311.pyc", "/srv/__pycache__/odd.py",
                             "/srv/node_modules/x/index.js", "/srv/.git/hooks/pre-commit.sh",
                             "/srv/venv/lib/site-packages/pip/main.py"})
        found[path] = found_file("x");
    EXPECT_EQ(compare(commit_code(), found, nullptr).state.status, CodeStatus::fresh);
}

TEST(CompareCode, AByteCodeFileBesideTheSourceIsNoSourceFile) {
    EXPECT_FALSE(is_source_file("/srv/main.pyc"));
    EXPECT_TRUE(is_source_file("/srv/main.py"));
}

// CPython looks for extension modules first.
TEST(CompareCode, AnExtensionModuleInPlaceOfTheCommitsIsCode) {
    ExpectedCode code = commit_code();
    code.files["/srv/lib/__init__.py"] = expected_file("app/lib/__init__.py", "");
    for (const char* path : {"/srv/main.so", "/srv/main.abi3.so", "/srv/lib/__init__.so",
                             "/srv/main.cpython-311-x86_64-linux-gnu.so", "/srv/other.py"})
        EXPECT_TRUE(is_code(code, path)) << path;
    for (const char* path : {"/srv/other.so", "/srv/lib/main.so", "/srv/run.so", "/srv/main.so.1",
                             "/srv/mainly.so", "/main.so"})
        EXPECT_FALSE(is_code(code, path)) << path;
    FoundFiles found = same_files();
    found["/srv/lib/__init__.py"] = found_file("");
    found["/srv/libfast.so"] = found_file("x");
    EXPECT_EQ(compare(code, found, nullptr).state.status, CodeStatus::fresh);
    found["/srv/main.abi3.so"] = found_file("x");
    EXPECT_EQ(compare(code, found, nullptr).state.differences,
              (Differences{{"/srv/main.abi3.so", FileChange::extra}}));
}

TEST(CompareCode, SourceFilesOfInterpretersAreKnownByTheirEndings) {
    for (const char* path : {"/a.py", "/a.js", "/a.mjs", "/a.ts", "/a.tsx", "/a.rb", "/a.php",
                             "/a.sh", "/a.pl", "/a.lua", "/a.exs", "/a.java"})
        EXPECT_TRUE(is_source_file(path)) << path;
    for (const char* path : {"/a.json", "/a.txt", "/a.so", "/py", "/a.py.bak", "/a"})
        EXPECT_FALSE(is_source_file(path)) << path;
}

TEST(CompareCode, IgnoredGlobsAreNoDriftWhateverTheyHold) {
    ExpectedCode code = commit_code();
    code.ignore = {"/srv/generated", "/srv/**/*.tmp.py"};
    FoundFiles found = same_files();
    found["/srv/generated/schema.py"] = found_file("x");
    found["/srv/a/b/c.tmp.py"] = found_file("x");
    EXPECT_EQ(compare(code, found, nullptr).state.status, CodeStatus::fresh);
    found["/srv/generated-not/schema.py"] = found_file("x");
    EXPECT_EQ(compare(code, found, nullptr).state.differences,
              (Differences{{"/srv/generated-not/schema.py", FileChange::extra}}));
}

TEST(CompareCode, FilesThatTheImageBroughtAlongAreNoDrift) {
    FoundFiles found = same_files();
    found["/srv/built.js"] = found_file("x");
    const auto image = compare(commit_code(), found, nullptr);
    EXPECT_EQ(paths(image.of_build), (std::vector<std::string>{"/srv/built.js"}));
    EXPECT_EQ(compare(commit_code(), found, &image.of_build).state.status, CodeStatus::fresh);
    found["/srv/by-hand.js"] = found_file("x");
    const auto container = compare(commit_code(), found, &image.of_build);
    EXPECT_EQ(container.state.differences, (Differences{{"/srv/by-hand.js", FileChange::extra}}));
}

TEST(CompareCode, AFolderHasTheFilesAtAndBelowIt) {
    const ExpectedCode code = commit_code();
    for (const char* path : {"/", "/srv", "/srv/", "/srv/main.py"})
        EXPECT_TRUE(has_file_in(code, path)) << path;
    for (const char* path : {"/sr", "/srv/main", "/srv/uploads", "/srv/main.py/x", "/usr"})
        EXPECT_FALSE(has_file_in(code, path)) << path;
}

// Uploads are the users', whatever language they are in; a mount that hides the commit's files, or that
// the container cannot write, is no place for data.
TEST(CompareCode, WhatLiesInAWritableMountWithoutAFileOfTheCommitIsData) {
    using model::MountedKind;
    std::map<std::string, model::ObservedMount> mounts;
    mounts["/srv"] = {MountedKind::volume, "code", true};
    mounts["/srv/uploads"] = {MountedKind::volume, "uploads", true};
    mounts["/srv/plugins"] = {MountedKind::bind, "/plugins", false};
    mounts["/srv/main.py"] = {MountedKind::bind, "/main.py", true};
    const ExpectedCode code = commit_code();
    const model::Strings folders = data_folders(mounts, {"/srv/cache/:size=1m", "/run"}, code);
    EXPECT_EQ(folders, (model::Strings{"/srv/uploads", "/srv/cache", "/run"}));
    FoundFiles found = same_files();
    for (const char* path :
         {"/srv/uploads/a/x.php", "/srv/uploads.py", "/srv/cache/page.js", "/srv/plugins/extra.sh"})
        found[path] = found_file("x");
    Manifest manifest;
    manifest["/srv/uploads/welcome.js"] = {"1", false, false};
    manifest["/srv/uploads.py"] = {base::git_blob_id("x"), false, false};
    leave_out(folders, found, manifest);
    EXPECT_EQ(paths(manifest), (std::vector<std::string>{"/srv/uploads.py"}));
    EXPECT_EQ(compare(code, found, &manifest).state.differences,
              (Differences{{"/srv/plugins/extra.sh", FileChange::extra}}));
}

TEST(CompareCode, OnlyModesOfAManifestHaveTheCommitsContent) {
    ExpectedCode code = commit_code();
    code.files["/srv/run.sh"].changeable = true;
    FoundFiles found = same_files();
    found["/srv/main.py"].executable = true;
    found["/srv/run.sh"] = found_file("patched\n");
    found["/srv/built.js"] = found_file("x");
    const auto image = compare(code, found, nullptr);
    EXPECT_EQ(paths(image.of_build),
              (std::vector<std::string>{"/srv/built.js", "/srv/main.py", "/srv/run.sh"}));
    EXPECT_EQ(paths(only_modes(image.of_build, code)), (std::vector<std::string>{"/srv/main.py"}));
}

// What a build made is code as well: a container must have it as its image does.
TEST(CompareCode, WhatTheBuildMadeMustBeAsTheImageHasIt) {
    FoundFiles found = same_files();
    found["/srv/built.js"] = found_file("x");
    found["/srv/gone.js"] = found_file("y");
    found["/srv/mode.sh"] = found_file("z", true);
    found["/srv/main.py"].executable = true;    // RUN chmod +x
    const auto image = compare(commit_code(), found, nullptr);
    EXPECT_EQ(paths(image.of_build), (std::vector<std::string>{"/srv/built.js", "/srv/gone.js",
                                                               "/srv/main.py", "/srv/mode.sh"}));
    found["/srv/built.js"] = found_file("by hand");
    found.erase("/srv/gone.js");
    found["/srv/mode.sh"].executable = false;
    found["/srv/main.py"].executable = false;    // as the commit has it, and the image not
    EXPECT_EQ(compare(commit_code(), found, &image.of_build).state.differences,
              (Differences{{"/srv/built.js", FileChange::modified},
                           {"/srv/gone.js", FileChange::missing},
                           {"/srv/mode.sh", FileChange::mode},
                           {"app/main.py", FileChange::mode}}));
}

TEST(CompareCode, AFileThatABuildStepChangedMustBeAsTheImageHasIt) {
    ExpectedCode code = commit_code();
    code.files["/srv/main.py"].changeable = true;
    code.files["/srv/run.sh"].changeable = true;
    FoundFiles found = same_files();
    found["/srv/main.py"] = found_file("patched\n");
    found.erase("/srv/run.sh");
    const auto image = compare(code, found, nullptr);
    EXPECT_EQ(compare(code, found, &image.of_build).state.status, CodeStatus::fresh);
    found["/srv/main.py"] = found_file("by hand\n");
    found["/srv/run.sh"] = found_file("exec\n", true);    // the build had removed it
    EXPECT_EQ(
        compare(code, found, &image.of_build).state.differences,
        (Differences{{"app/main.py", FileChange::modified}, {"app/run.sh", FileChange::modified}}));
}

TEST(CompareCode, TheCommitsOwnFilesAreToldFirstWhenNotAllCanBe) {
    ExpectedCode code = commit_code();
    FoundFiles found;
    for (int number = 0; number < 30; ++number)
        found["/srv/extra" + std::to_string(100 + number) + ".py"] = found_file("x");
    const auto comparison = compare(code, found, nullptr);
    EXPECT_EQ(comparison.state.difference_count, 33U);
    ASSERT_EQ(comparison.state.differences.size(), 20U);
    EXPECT_EQ(comparison.state.differences[0],
              (FileDifference{"app/current", FileChange::missing}));
    EXPECT_EQ(comparison.state.differences[2], (FileDifference{"app/run.sh", FileChange::missing}));
    EXPECT_EQ(comparison.state.differences[3],
              (FileDifference{"/srv/extra100.py", FileChange::extra}));
}

TEST(CompareCode, NothingExpectedProvesNothing) {
    ExpectedCode code;
    code.code_id = "id";
    EXPECT_EQ(compare(code, {}, nullptr).state.status, CodeStatus::unknown);
}

// The image is asked first; what it has in their place is no drift of a container then.
TEST(CompareCode, AFileThatABuildStepMayHaveChangedIsOfTheBuild) {
    ExpectedCode code = commit_code();
    code.files["/srv/main.py"].changeable = true;
    code.files["/srv/run.sh"].changeable = true;
    FoundFiles found = same_files();
    found["/srv/main.py"] = found_file("print(2)\n");
    found.erase("/srv/run.sh");
    const auto comparison = compare(code, found, nullptr);
    EXPECT_EQ(comparison.state.status, CodeStatus::stale);
    EXPECT_EQ(comparison.state.differences, (Differences{{"app/main.py", FileChange::modified},
                                                         {"app/run.sh", FileChange::missing}}));
    EXPECT_EQ(comparison.apart.status, CodeStatus::fresh);
    EXPECT_EQ(paths(comparison.of_build),
              (std::vector<std::string>{"/srv/main.py", "/srv/run.sh"}));
    EXPECT_EQ(compare(code, found, &comparison.of_build).state.status, CodeStatus::fresh);
    found["/srv/current"] = found_link("releases/8");
    EXPECT_EQ(compare(code, found, &comparison.of_build).apart.differences,
              (Differences{{"app/current", FileChange::modified}}));
}

TEST(CompareCode, AHundredThousandFilesAreCompared) {
    ExpectedCode code;
    FoundFiles found;
    const std::string content = "1";
    const ExpectedFile expected = expected_file("app/x.py", content);
    for (int number = 0; number < 100'000; ++number) {
        const std::string path = "/srv/" + std::to_string(number) + ".py";
        code.files[path] = expected;
        found[path] = found_file(content);
    }
    EXPECT_EQ(compare(code, found, nullptr).state.status, CodeStatus::fresh);
    for (auto& [path, file] : found) file.object_id = "another";
    const auto comparison = compare(code, found, nullptr);
    EXPECT_EQ(comparison.state.difference_count, 100'000U);
    EXPECT_EQ(comparison.state.differences.size(), code.most_differences);
}

}    // namespace
}    // namespace trueup::code
