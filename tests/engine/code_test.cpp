// SPDX-License-Identifier: Apache-2.0
// What a real builder makes of a commit, and whether its code is proven: the ways of a Dockerfile that
// make the container's paths, kinds and modes other than the commit's.
#include "tests/engine/prove_built.hpp"

namespace trueup::code {
namespace {

using model::CodeStatus;
using model::FileChange;
using ProveBuilt = test::ProveBuilt;
using Differences = std::vector<model::FileDifference>;

TEST_F(ProveBuilt, AFolderWithLinksModesAndNamesOfEveryKind) {
    ASSERT_NO_FATAL_FAILURE(build("WORKDIR /srv\nCOPY app .\n"));
    const Comparison built = image();
    expect_fresh(built, 6);
    expect_fresh(container_after("true", built.of_build), 6);
}

TEST_F(ProveBuilt, WhatAPersonDoesInAContainerIsFound) {
    ASSERT_NO_FATAL_FAILURE(build("COPY app /srv\n"));
    const Comparison changed = container_after(
        "cd /srv && echo 9 > main.py && rm lib/util.py && chmod -x run.sh && echo > new.py", {});
    EXPECT_EQ(changed.state.status, CodeStatus::stale);
    EXPECT_EQ(changed.state.differences, (Differences{{"app/lib/util.py", FileChange::missing},
                                                      {"app/main.py", FileChange::modified},
                                                      {"/srv/new.py", FileChange::extra},
                                                      {"app/run.sh", FileChange::mode}}));
}

TEST_F(ProveBuilt, AHardLinkIsTheFileItLinksTo) {
    ASSERT_NO_FATAL_FAILURE(build("COPY app /srv\n"));
    expect_fresh(container_after("cd /srv && ln main.py a", {}), 6);
}

TEST_F(ProveBuilt, ModesThatTheBuildSetAreItsOwn) {
    ASSERT_NO_FATAL_FAILURE(
        build("COPY app /srv\nRUN chmod +x /srv/main.py && echo 1 > /srv/generated.py\n"));
    const Comparison built = image();
    expect_fresh(built, 6);
    EXPECT_EQ(built.of_build.size(), 2U);
    EXPECT_TRUE(built.of_build.contains("/srv/generated.py"));
    EXPECT_TRUE(built.of_build.contains("/srv/main.py"));
    expect_fresh(container_after("true", built.of_build), 6);
    const Comparison changed =
        container_after("echo 2 > /srv/generated.py; chmod -x /srv/main.py", built.of_build);
    EXPECT_EQ(changed.state.differences, (Differences{{"/srv/generated.py", FileChange::modified},
                                                      {"app/main.py", FileChange::mode}}));
}

// A legitimate Dockerfile edits, moves and removes what it copied.
TEST_F(ProveBuilt, WhatAStepChangedIsTheBuildsAndMustStayAsItWasBuilt) {
    ASSERT_NO_FATAL_FAILURE(
        build("COPY app /srv\nRUN sed -i s/1/2/ /srv/main.py && rm /srv/lib/util.py\n"));
    const Comparison built = image();
    expect_fresh(built, 6);
    EXPECT_EQ(built.state.of_build, (Differences{{"/srv/lib/util.py", FileChange::missing},
                                                 {"/srv/main.py", FileChange::modified}}));
    const ExpectedFile& main = expected->files.at("/srv/main.py");
    EXPECT_EQ(main.changers, (dockerfile::LineRange{3, 3}));
    expect_fresh(container_after("true", built.of_build), 6);
    const Comparison changed = container_after(
        "echo 9 > /srv/main.py; echo 2 > /srv/lib/util.py; echo 9 > /srv/run.sh", built.of_build);
    EXPECT_EQ(changed.state.differences, (Differences{{"app/lib/util.py", FileChange::modified},
                                                      {"app/main.py", FileChange::modified},
                                                      {"app/run.sh", FileChange::modified}}));
}

TEST_F(ProveBuilt, TheInstructionsThatABaseImageAddsAreSaid) {
    ASSERT_NO_FATAL_FAILURE(build("COPY app /srv\nONBUILD COPY app /opt/app\n"));
    dockerfile::BaseImage with{image_id, {"Dockerfile", 7, 1}};
    const auto told = test::run(io, untraced_triggers(*engine, with));
    ASSERT_TRUE(told) << told.error().message();
    ASSERT_TRUE(*told);
    EXPECT_EQ((*told)->message, "FROM: " + image_id +
                                    " adds instructions of its own (ONBUILD COPY app /opt/app), "
                                    "which are not followed");
    EXPECT_EQ((*told)->position.line, 7U);
    dockerfile::BaseImage without{test::base_image("BUSYBOX"), {"Dockerfile", 1, 1}};
    const auto nothing = test::run(io, untraced_triggers(*engine, without));
    ASSERT_TRUE(nothing) << nothing.error().message();
    EXPECT_FALSE(*nothing);
}

TEST_F(ProveBuilt, AModeThatCopySetIsTheBuildsToo) {
    ASSERT_NO_FATAL_FAILURE(build("COPY --chmod=755 app/lib/util.py /usr/local/bin/util.py\n"));
    const Comparison built = image();
    expect_fresh(built, 1);
    expect_fresh(container_after("true", built.of_build), 1);
}

TEST_F(ProveBuilt, AFolderThatTheImageLinksElsewhereIsRead) {
    ASSERT_NO_FATAL_FAILURE(
        build("RUN mkdir -p /usr/real /opt && ln -s /usr/real /opt/link\nCOPY app /opt/link\n"));
    expect_fresh(image(), 6);
    const Comparison changed = container_after("echo 9 > /usr/real/main.py", {});
    EXPECT_EQ(changed.state.differences, (Differences{{"app/main.py", FileChange::modified}}));
}

TEST_F(ProveBuilt, WildcardsAndFilesLandWhereTheDockerfileIsFollowed) {
    tree.add("setup.py", "5");
    tree.add("link.py", "setup.py", model::EntryKind::symlink);
    tree.add(".dockerignore", "app/lib\n");
    ASSERT_NO_FATAL_FAILURE(build(
        "WORKDIR /srv/deep\nCOPY *.py ./\nCOPY app/*.py app/run.sh other/\nCOPY setup.py /srv\n"));
    expect_fresh(image(), 7);
}

TEST_F(ProveBuilt, AFolderCopiedToTheRoot) {
    tree.add("rootfs/init-here", "1");
    tree.add("rootfs/etc/shop/a.conf", "2");
    tree.add("rootfs/bin/tool.sh", "3", model::EntryKind::executable);
    ASSERT_NO_FATAL_FAILURE(build("COPY rootfs/ /\n"));
    expect_fresh(image(), 3);
}

}    // namespace
}    // namespace trueup::code
