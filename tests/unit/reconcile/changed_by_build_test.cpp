// SPDX-License-Identifier: Apache-2.0
// Steps of a Dockerfile that change files of the commit, and what an image hides that looks like it.
#include "controller/reconcile/explain.hpp"
#include "controller/reconcile/status.hpp"
#include "tests/unit/reconcile/loop_world.hpp"

namespace trueup::reconcile {
namespace {

using test::LoopWorld;
using test::Process;

const std::string main_path = "/srv/app/main.py";
const std::string util_path = "/srv/app/util.py";

class ChangedByBuild : public testing::Test {
protected:
    std::string commit(const std::string& code, const std::string& other = "") {
        return world.repository.commit_files(
            {{"Dockerfile",
              "FROM base:1\nWORKDIR /srv\nCOPY app app\nCOPY behaviour behaviour\n" + step},
             {"app/main.py", code},
             {"app/util.py", "util\n"},
             {"app/other.py", other},
             {"behaviour", "normal\n"},
             {".dockerignore", "*\n!app\n!behaviour\n!Dockerfile\n"},
             {"compose.yaml", LoopWorld::compose("")}},
            "change");
    }

    // What the step makes of app/main.py; with the builder's cache perhaps something else.
    void step_makes(const std::string& code, const std::string& cached) {
        world.engine.meddles = [this, code, cached](const engine::BuildRequest& request,
                                                    trueup::test::FakeImage& image) {
            uncached.push_back(request.no_cache);
            image.files[main_path] = request.no_cache ? code : cached;
            if (removes) image.files.erase(util_path);
        };
    }

    v1alpha1::ServiceStatus api_of(const Entry& entry, const Findings& findings) {
        const auto status = make_status(entry, findings, base::machine_clock().now());
        for (const v1alpha1::ServiceStatus& service : status.services) {
            if (service.name == "api") return service;
        }
        return {};
    }

    static std::string explained(const Findings& findings) {
        Known known;
        known.look = findings;
        std::string text;
        const auto evidence = explain(known).answers.at(0).evidence;
        for (const Evidence& each : evidence) text += each.text + "\n";
        return text;
    }

    trueup::test::FakeContainer& api() { return *world.engine.find("shop-api-1"); }

    LoopWorld world;
    std::string step = "RUN sed -i s/dev/prod/ app/main.py\n";
    std::vector<bool> uncached;    // of each build
    bool removes = false;
};

TEST_F(ChangedByBuild, IsProvenByABuildWithoutCacheAndTold) {
    removes = true;
    step_makes("prod\n", "prod\n");
    auto process = world.start();
    const Entry entry = world.entry(commit("dev\n"));
    const Findings findings = process->reconcile(entry);
    ASSERT_FALSE(findings.error) << findings.error->message();
    EXPECT_TRUE(findings.remaining.in_sync());
    EXPECT_EQ(uncached, (std::vector<bool>{false, true}));
    EXPECT_EQ(api().files.at(main_path), "prod\n");
    const auto status = api_of(entry, findings);
    EXPECT_EQ(status.fresh, "True");
    EXPECT_EQ(status.proof, "files");
    const std::string text = explained(findings);
    for (const char* line :
         {"service api: not the commit's word for word: app/main.py: modified by "
          "a step of the build, Dockerfile:5\n",
          "service api: not the commit's word for word: app/util.py: removed by "
          "a step of the build, Dockerfile:5\n"})
        EXPECT_NE(text.find(line), std::string::npos) << text;
}

TEST_F(ChangedByBuild, TheFolderHasAnIdWithoutWhatTheBuildChanged) {
    auto process = world.start();
    const Entry plain = world.entry(commit("dev\n"));
    const auto whole = api_of(plain, process->reconcile(plain)).code;
    ASSERT_TRUE(whole.contains("/srv/app"));
    EXPECT_EQ(whole.at("/srv/app"), world.repository.git("rev-parse HEAD:app"));
    step_makes("prod\n", "prod\n");
    const Entry changed = world.entry(commit("dev\n", "x\n"));
    const auto part = api_of(changed, process->reconcile(changed)).code;
    ASSERT_TRUE(part.contains("/srv/app"));
    EXPECT_NE(part.at("/srv/app"), world.repository.git("rev-parse HEAD:app"));
}

// What a step makes of the same content need not be seen twice, and a restart forgets nothing.
TEST_F(ChangedByBuild, WhatWasSeenOnceIsNotBuiltTwice) {
    removes = true;
    step_makes("prod\n", "prod\n");
    auto process = world.start();
    ASSERT_FALSE(process->reconcile(world.entry(commit("dev\n"))).error);
    ASSERT_EQ(uncached, (std::vector<bool>{false, true}));
    ASSERT_FALSE(process->reconcile(world.entry(commit("dev\n", "second\n"))).error);
    EXPECT_EQ(uncached, (std::vector<bool>{false, true, false}));
    const std::string second = world.repository.git("rev-parse HEAD");
    process.reset();
    process = world.start();
    ASSERT_FALSE(process->reconcile(world.entry(second)).error);
    const Findings third = process->reconcile(world.entry(commit("dev\n", "third\n")));
    ASSERT_FALSE(third.error) << third.error->message();
    EXPECT_EQ(uncached, (std::vector<bool>{false, true, false, false}));
}

// Its image came out of the cache, and a controller that was started anew saw nothing of its build.
TEST_F(ChangedByBuild, TheWayBackToACommitThatWasProvenNeedsNoBuild) {
    step_makes("prod\n", "prod\n");
    auto process = world.start();
    const std::vector<std::string> commits{commit("dev\n"), commit("dev\n", "second\n"),
                                           commit("dev\n", "third\n")};
    for (const std::string& each : commits) {
        const Findings findings = process->reconcile(world.entry(each));
        ASSERT_FALSE(findings.error) << findings.error->message();
    }
    ASSERT_EQ(uncached, (std::vector<bool>{false, true, false, false}));
    process.reset();
    process = world.start();
    const Findings back = process->reconcile(world.entry(commits[1]));
    ASSERT_FALSE(back.error) << back.error->message();
    EXPECT_EQ(uncached.size(), 4U);
    EXPECT_EQ(api().files.at("/srv/app/other.py"), "second\n");
}

// The image that runs was built by other steps out of the same files, and a restart remembers it.
TEST_F(ChangedByBuild, WhatOtherStepsMadeOfTheSameFilesWasNotSeen) {
    step_makes("prod\n", "prod\n");
    auto process = world.start();
    ASSERT_FALSE(process->reconcile(world.entry(commit("dev\n"))).error);
    uncached.clear();
    process.reset();
    process = world.start();
    step = "RUN sed -i s/dev/staging/ app/main.py\n";
    step_makes("staging\n", "prod\n");
    const Findings findings = process->reconcile(world.entry(commit("dev\n")));
    ASSERT_FALSE(findings.error) << findings.error->message();
    EXPECT_EQ(uncached, (std::vector<bool>{false, true}));
    EXPECT_EQ(api().files.at(main_path), "staging\n");
}

// The step edits what an old COPY layer brought: that is no edit of this commit's file.
TEST_F(ChangedByBuild, AStaleLayerBehindAStepIsFound) {
    step_makes("prod 1\n", "prod 1\n");
    auto process = world.start();
    ASSERT_FALSE(process->reconcile(world.entry(commit("dev 1\n"))).error);
    uncached.clear();
    step_makes("prod 2\n", "prod 1\n");
    const Findings findings = process->reconcile(world.entry(commit("dev 2\n")));
    ASSERT_FALSE(findings.error) << findings.error->message();
    EXPECT_EQ(uncached, (std::vector<bool>{false, true}));
    EXPECT_EQ(api().files.at(main_path), "prod 2\n");
}

TEST_F(ChangedByBuild, WhatAnEarlierCommitHadThereIsOldHoweverItCame) {
    auto process = world.start();
    ASSERT_FALSE(process->reconcile(world.entry(commit("release = 1\n"))).error);
    const std::string before = api().id;
    step_makes("release = 1\n", "release = 1\n");
    const Findings findings = process->reconcile(world.entry(commit("release = 2\n")));
    ASSERT_TRUE(findings.error);
    EXPECT_NE(findings.error->message().find("even without cache: app/main.py is modified"),
              std::string::npos)
        << findings.error->message();
    EXPECT_EQ(uncached, (std::vector<bool>{false, true}));
    EXPECT_EQ(api().id, before);
}

// Once the engine has the base image, at the latest when the build is done.
TEST_F(ChangedByBuild, InstructionsOfTheBaseImageAreSaid) {
    trueup::test::FakeImage base{"", {}, {}, {{"/bin/sh", "shell"}}, {}};
    base.on_build = {"COPY app /srv/app"};
    world.engine.add_to_registry("builder:1", std::move(base));
    const Entry entry = world.entry(world.repository.commit_files(
        {{"Dockerfile", "# first\nFROM builder:1\nWORKDIR /x\nCOPY behaviour behaviour\n"},
         {"app/main.py", "1\n"},
         {"behaviour", "normal\n"},
         {".dockerignore", "*\n!app\n!behaviour\n!Dockerfile\n"},
         {"compose.yaml", LoopWorld::compose("")}},
        "change"));
    auto process = world.start();
    const Findings findings = process->reconcile(entry);
    ASSERT_FALSE(findings.error) << findings.error->message();
    const auto status = api_of(entry, findings);
    EXPECT_EQ(status.fresh, "Unknown");
    EXPECT_EQ(status.proof, "none");
    EXPECT_NE(
        explained(findings).find(
            "service api: not followed into the image: Dockerfile:2:1: FROM: builder:1 adds "
            "instructions of its own (ONBUILD COPY app /srv/app), which are not followed (say "
            "in spec.code where the code lies)"),
        std::string::npos)
        << explained(findings);
    const auto asked = [&] {
        return std::count(world.engine.calls.begin(), world.engine.calls.end(),
                          "inspect image builder:1");
    };
    const auto before = asked();
    const Findings again = process->reconcile(entry);
    EXPECT_EQ(api_of(entry, again).fresh, "Unknown");
    EXPECT_EQ(asked(), before) << "it is asked once";
    EXPECT_EQ(again.desired->unplaced.at("api").size(), 1U);
}

}    // namespace
}    // namespace trueup::reconcile
