// SPDX-License-Identifier: Apache-2.0
#include "controller/code/changes.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "controller/base/digest.hpp"
#include "controller/code/scan.hpp"
#include "controller/code/tree_id.hpp"
#include "tests/support/memory_tree.hpp"

namespace trueup::code {
namespace {

using model::CodeStatus;
using model::FileChange;
using Differences = std::vector<model::FileDifference>;
using Paths = std::vector<std::string>;

// app/a.py, app/b.py and app/c.py, and steps that may have changed the first two.
ExpectedCode commit_code() {
    ExpectedCode code;
    code.code_id = "id";
    code.dockerfile = "api/Dockerfile";
    code.dockerfile_id = "d";
    code.directories = {"/srv"};
    for (const char* name : {"a.py", "b.py", "c.py"}) {
        ExpectedFile& file = code.files[std::string("/srv/") + name];
        file.commit_path = std::string("app/") + name;
        file.object_id = base::git_blob_id(name);
    }
    code.files["/srv/a.py"].changeable = true;
    code.files["/srv/a.py"].changers = {4, 4};
    code.files["/srv/b.py"].changeable = true;
    code.files["/srv/b.py"].changers = {4, 9};
    code.ids = ids_of_directories(code);
    return code;
}

FoundFile found_file(std::string_view content) {
    return {base::git_blob_id(content), false, false};
}

// a.py is edited, b.py removed, and something is generated.
FoundFiles built_files() {
    return {{"/srv/a.py", found_file("edited")},
            {"/srv/c.py", found_file("c.py")},
            {"/srv/made.py", found_file("made")}};
}

// An earlier commit had what the build made of app/a.py.
class Commits final : public model::Tree {
public:
    explicit Commits(std::string now = "a.py") { tree_.add("app/a.py", std::move(now)); }
    Result<model::TreeEntry> stat(std::string_view path) const override { return tree_.stat(path); }
    Result<std::vector<model::TreeEntry>> list(std::string_view path) const override {
        return tree_.list(path);
    }
    Result<std::string> read(std::string_view path, std::size_t limit) const override {
        return tree_.read(path, limit);
    }
    bool had_before(std::string_view path, std::string_view object_id) const override {
        return path == "app/a.py" && object_id == base::git_blob_id("edited");
    }

private:
    test::MemoryTree tree_;
};

TEST(BuildChanges, AreTheCommitsFilesThatAStepMayHaveChangedAndNoDifference) {
    const ExpectedCode code = commit_code();
    const Comparison image = compare(code, built_files(), nullptr);
    EXPECT_EQ(image.apart.status, CodeStatus::fresh);
    EXPECT_EQ(changed_by_build(image.of_build, code), (Paths{"/srv/a.py", "/srv/b.py"}));
    const Differences told{{"/srv/a.py", FileChange::modified}, {"/srv/b.py", FileChange::missing}};
    EXPECT_EQ(image.apart.of_build, told);
    const Comparison container = compare(code, built_files(), &image.of_build);
    EXPECT_EQ(container.state.status, CodeStatus::fresh);
    EXPECT_EQ(container.state.of_build, told);
    EXPECT_EQ(container.state.of_build_count, 2U);
    model::CodeState noted;
    note_changes(noted, image.of_build, code);
    EXPECT_EQ(noted.of_build, told);
    EXPECT_EQ(noted.of_build_count, 2U);
}

TEST(BuildChanges, WhatIsTheCommitsIsProvenByItWhateverRan) {
    const ExpectedCode code = commit_code();
    FoundFiles found;
    for (const char* name : {"a.py", "b.py", "c.py"})
        found[std::string("/srv/") + name] = found_file(name);
    const Comparison image = compare(code, found, nullptr);
    EXPECT_EQ(image.state.status, CodeStatus::fresh);
    EXPECT_EQ(image.state.of_build_count, 0U);
    EXPECT_TRUE(image.of_build.empty());
    EXPECT_EQ(proven_ids(code, image.state), code.ids);
    // And has to stay so: an edit in the container is no step's.
    found["/srv/a.py"] = found_file("by hand");
    const Comparison container = compare(code, found, &image.of_build);
    EXPECT_EQ(container.state.differences, (Differences{{"app/a.py", FileChange::modified}}));
    EXPECT_EQ(container.state.of_build_count, 0U);
}

TEST(BuildChanges, AnotherFileThanAStepMayHaveChangedDiffers) {
    FoundFiles found = built_files();
    found["/srv/c.py"] = found_file("old");
    EXPECT_EQ(compare(commit_code(), found, nullptr).apart.differences,
              (Differences{{"app/c.py", FileChange::modified}}));
}

TEST(BuildChanges, OnlyTheWordOfItsLabelMakesAnImageUncached) {
    const auto is = [](std::string_view text) {
        return is_uncached(boost::json::parse(text).as_object());
    };
    EXPECT_TRUE(is(R"({"Config": {"Labels": {"dev.trueup.uncached": "true"}}})"));
    for (const char* image : {R"({"Config": {"Labels": {"dev.trueup.uncached": "false"}}})",
                              R"({"Config": {"Labels": {"dev.trueup.uncached": true}}})",
                              R"({"Config": {"Labels": {}}})", R"({"Config": {"Labels": null}})",
                              R"({"Config": null})", R"({})"})
        EXPECT_FALSE(is(image)) << image;
}

TEST(BuildChanges, SayWhichStepsMayHaveDoneIt) {
    const ExpectedCode code = commit_code();
    EXPECT_EQ(change_text({"/srv/a.py", FileChange::modified}, code),
              "app/a.py: modified by a step of the build, api/Dockerfile:4");
    EXPECT_EQ(change_text({"/srv/b.py", FileChange::missing}, code),
              "app/b.py: removed by a step of the build, api/Dockerfile lines 4 to 9");
    EXPECT_EQ(change_text({"/srv/gone.py", FileChange::modified}, code), "/srv/gone.py");
}

TEST(BuildChanges, WhatIsDistrustedDiffersAndIsNoManifest) {
    const ExpectedCode code = commit_code();
    Comparison image = compare(code, built_files(), nullptr);
    image.state = image.apart;
    distrust(image, {}, code);
    EXPECT_EQ(image.state.status, CodeStatus::fresh);
    distrust(image, {"/srv/a.py"}, code);
    EXPECT_EQ(image.state.status, CodeStatus::stale);
    EXPECT_EQ(image.state.difference_count, 1U);
    EXPECT_EQ(image.state.differences, (Differences{{"app/a.py", FileChange::modified}}));
    EXPECT_EQ(image.state.of_build, (Differences{{"/srv/b.py", FileChange::missing}}));
    EXPECT_EQ(image.state.of_build_count, 1U);
    EXPECT_FALSE(image.of_build.contains("/srv/a.py"));
    EXPECT_EQ(compare(code, built_files(), &image.of_build).state.differences,
              image.state.differences);
    distrust(image, {"/srv/b.py"}, code);
    EXPECT_EQ(image.state.differences,
              (Differences{{"app/a.py", FileChange::modified}, {"app/b.py", FileChange::missing}}));
    EXPECT_TRUE(image.state.of_build.empty());
}

TEST(BuildChanges, WhatAnEarlierCommitHadThereIsOld) {
    const ExpectedCode code = commit_code();
    const Manifest manifest = compare(code, built_files(), nullptr).of_build;
    const Paths changed = changed_by_build(manifest, code);
    EXPECT_EQ(older_content(changed, manifest, code, Commits()), (Paths{"/srv/a.py"}));
    EXPECT_EQ(older_content(changed, manifest, code, test::MemoryTree()), Paths());
}

// `sed -i 's/\r$//' entrypoint.sh`, of what was committed on another system since.
TEST(BuildChanges, WhatHasOnlyOtherLineEndsIsNotOld) {
    const ExpectedCode code = commit_code();
    const Manifest manifest = compare(code, built_files(), nullptr).of_build;
    const Paths changed = changed_by_build(manifest, code);
    EXPECT_EQ(older_content(changed, manifest, code, Commits("edited\r")), Paths());
    EXPECT_EQ(older_content(changed, manifest, code, Commits("edited\r again")),
              (Paths{"/srv/a.py"}));
}

TEST(BuildChanges, WhatWasSeenOfTheSameContentAndDockerfileIsKnown) {
    const ExpectedCode code = commit_code();
    const Manifest manifest = compare(code, built_files(), nullptr).of_build;
    const Paths changed = changed_by_build(manifest, code);
    Witnessed witnessed;
    EXPECT_EQ(witnessed.unseen(changed, manifest, code), changed);
    witnessed.add(manifest, code);
    EXPECT_EQ(witnessed.unseen(changed, manifest, code), Paths());
    ExpectedCode newer = code;
    newer.files["/srv/a.py"].object_id = base::git_blob_id("newer");
    newer.files["/srv/b.py"].object_id = base::git_blob_id("newer");
    EXPECT_EQ(witnessed.unseen(changed, manifest, newer), (Paths{"/srv/a.py"}))
        << "an old layer, edited; what is removed is gone whatever it was";
    Manifest other = manifest;
    other["/srv/a.py"].object_id = base::git_blob_id("edited otherwise");
    EXPECT_EQ(witnessed.unseen(changed, other, code), (Paths{"/srv/a.py"}));
    ExpectedCode elsewhere = code;
    elsewhere.dockerfile_id = "e";
    EXPECT_EQ(witnessed.unseen(changed, manifest, elsewhere), changed);
}

TEST(BuildChanges, AreNotInTheIdOfTheirFolder) {
    const ExpectedCode code = commit_code();
    model::CodeState state;
    state.of_build = {{"/srv/a.py", FileChange::modified}};
    state.of_build_count = 1;
    EXPECT_EQ(proven_ids(code, state), ids_of_directories(code, {"/srv/a.py"}));
    EXPECT_NE(proven_ids(code, state), code.ids);
    state.of_build = {{"/srv/b.py", FileChange::missing}};
    EXPECT_EQ(proven_ids(code, state), ids_of_directories(code, {"/srv/b.py"}));
    ExpectedCode other = code;
    other.code_id = "other";
    other.files.erase("/srv/c.py");
    EXPECT_EQ(proven_ids(other, state), ids_of_directories(other, {"/srv/b.py"}));
    EXPECT_EQ(proven_ids(code, state), ids_of_directories(code, {"/srv/b.py"}));
    state.of_build_count = 2;    // and nobody knows which the other one is
    EXPECT_TRUE(proven_ids(code, state).empty());
}

}    // namespace
}    // namespace trueup::code
