// SPDX-License-Identifier: Apache-2.0
// The daemon's loop over several engines in memory, fed by a desired state in memory.
#include "tests/unit/reconcile/controller_world.hpp"

namespace trueup::reconcile {
namespace {

TEST_F(ControllerTest, EachStackRunsOnItsEngine) {
    put("one", "east");
    put("two", "west");
    ASSERT_TRUE(eventually([&] { return is_ready("one") && is_ready("two"); }));
    EXPECT_EQ(east.containers(), "one-web-1 running\n");
    EXPECT_EQ(west.containers(), "two-web-1 running\n");
    const std::string text = metrics.text();
    EXPECT_NE(text.find("trueup_engine_synced{engine=\"east\"} 1"), std::string::npos);
    EXPECT_NE(text.find("trueup_stack_info{desired_commit=\"" + commit_ + "\",engine=\"west\""),
              std::string::npos);
    west.engine.kill("two-web-1");
    EXPECT_TRUE(eventually([&] { return west.engine.find("two-web-1")->starts == 2; }));
}

TEST_F(ControllerTest, WhatWasSavedAMomentAgoCountsFromTheReadThatIsAskedFor) {
    for (const char* name : {"one", "two", "three"}) {
        put(name, "east");
        ASSERT_TRUE(trueup::test::run(io, controller_->read_source()));
        EXPECT_NE(registry.find(name), nullptr) << name;
    }
}

TEST_F(ControllerTest, AReadThatFailsSpeaksOfAGoodStateOnlyWhereThereIsOne) {
    source.fail(Error(Errc::not_found, "nowhere"));
    testing::internal::CaptureStderr();
    const bool first = eventually([&] { return registry.source().error.has_value(); });
    const std::string at_start = testing::internal::GetCapturedStderr();
    ASSERT_TRUE(first);
    EXPECT_NE(at_start.find("cannot be read; nothing is done until it can be"), std::string::npos)
        << at_start;
    source.fail(std::nullopt);
    put("one", "east");
    ASSERT_TRUE(eventually([&] { return is_ready("one"); }));
    source.fail(Error(Errc::not_found, "nowhere"));
    testing::internal::CaptureStderr();
    const bool again = eventually([&] { return registry.source().error.has_value(); });
    const std::string later = testing::internal::GetCapturedStderr();
    ASSERT_TRUE(again);
    EXPECT_NE(later.find("cannot be read; the last good one stays in force"), std::string::npos)
        << later;
}

TEST_F(ControllerTest, EngineThatIsDownLeavesTheOthersAlone) {
    put("one", "east");
    put("two", "west");
    ASSERT_TRUE(eventually([&] { return is_ready("one") && is_ready("two"); }));
    west.engine.disconnect();
    EXPECT_TRUE(eventually([&] {
        return condition("two", "Ready") == "Unknown EngineUnavailable";
    })) << condition("two", "Ready");
    EXPECT_TRUE(is_ready("one"));
    EXPECT_NE(metrics.text().find("trueup_engine_synced{engine=\"west\"} 0"), std::string::npos);
    east.engine.kill("one-web-1");
    EXPECT_TRUE(eventually([&] { return east.engine.find("one-web-1")->starts == 2; }));
    west.engine.revive();
    EXPECT_TRUE(eventually([&] { return is_ready("two"); }));
}

TEST_F(ControllerTest, EngineThatRefusesIsOnlyNotThereForNow) {
    put("one", "east");
    ASSERT_TRUE(eventually([&] { return is_ready("one"); }));
    east.engine.refuse(Error(Errc::denied, "the certificate of east is signed by nobody"));
    EXPECT_TRUE(eventually([&] {
        return condition("one", "Ready") == "Unknown EngineUnavailable";
    })) << condition("one", "Ready");
    EXPECT_TRUE(eventually([&] {
        return message("one", "Ready") == "the engine: the certificate of east is signed by nobody";
    })) << message("one", "Ready");
    EXPECT_EQ(condition("one", "Stalled"), "");
    put("two", "east");
    EXPECT_TRUE(eventually([&] {
        return condition("two", "Ready") == "Unknown EngineUnavailable";
    })) << condition("two", "Ready");
    east.engine.revive();
    EXPECT_TRUE(eventually([&] { return is_ready("one") && is_ready("two"); }));
}

TEST_F(ControllerTest, UnknownEngineIsToldAndNothingIsTouched) {
    put("one", "east");
    put("lost", "north");
    ASSERT_TRUE(eventually([&] { return is_ready("one"); }));
    EXPECT_TRUE(eventually([&] { return condition("lost", "Stalled") == "True EngineUnknown"; }));
    EXPECT_EQ(condition("lost", "Ready"), "False EngineUnknown");
    EXPECT_EQ(east.containers() + west.containers(), "one-web-1 running\n");
}

TEST_F(ControllerTest, DuplicateProjectStopsBothAndTheirContainersRunOn) {
    put("one", "east");
    ASSERT_TRUE(eventually([&] { return is_ready("one"); }));
    const std::size_t calls = east.engine.calls.size();
    put("thief", "east", "  compose: {project: one}\n");
    EXPECT_TRUE(eventually([&] {
        return condition("one", "Stalled") == "True DuplicateProject" &&
               condition("thief", "Stalled") == "True DuplicateProject";
    }));
    east.engine.kill("one-web-1");
    put("other", "east");
    ASSERT_TRUE(eventually([&] { return is_ready("other"); }));
    EXPECT_EQ(east.engine.find("one-web-1")->starts, 1) << "it belongs to nobody for now";
    EXPECT_TRUE(std::none_of(
        east.engine.calls.begin() + static_cast<std::ptrdiff_t>(calls), east.engine.calls.end(),
        [](const std::string& call) { return call.find("one-web") != std::string::npos; }));
    put("thief", "west", "  compose: {project: one}\n");
    EXPECT_TRUE(eventually([&] { return is_ready("one") && is_ready("thief"); }));
    EXPECT_EQ(condition("one", "Stalled"), "");
    EXPECT_EQ(west.containers(), "one-web-1 running\n");
}

TEST_F(ControllerTest, VariableFileOfTheHostIsFollowed) {
    commit_compose("services: {web: {image: 'web:${TAG}', restart: always}}\n");
    write_host("web.env", "TAG=1\n");
    put("one", "east", host_file("web.env"));
    ASSERT_TRUE(eventually([&] { return is_ready("one"); })) << message("one", "Ready");
    const std::string first = east.engine.find("one-web-1")->image_id;
    write_host("web.env", "TAG=2\n");
    EXPECT_TRUE(eventually([&] {
        const auto* container = east.engine.find("one-web-1");
        return container != nullptr && container->image_id != first && is_ready("one");
    }));
    std::filesystem::remove(directory_ / "host/web.env");
    EXPECT_TRUE(
        eventually([&] { return condition("one", "Ready") == "False HostFileUnavailable"; }));
    EXPECT_EQ(east.containers(), "one-web-1 running\n");
    write_host("web.env", "TAG=2\n");
    EXPECT_TRUE(eventually([&] { return is_ready("one"); }));
}

TEST_F(ControllerTest, VariableFileBeyondTheRootsIsRefused) {
    put("one", "east", "  compose: {variableFiles: [{host: /etc/passwd}]}\n");
    ASSERT_TRUE(eventually([&] { return condition("one", "Stalled") == "True InvalidCompose"; }));
    EXPECT_TRUE(message("one", "Ready")
                    .starts_with("spec.compose.variableFiles: /etc/passwd does not lie below one "
                                 "of the configuration's "
                                 "hostRoots"))
        << message("one", "Ready");
}

TEST_F(ControllerTest, NoMessageRepeatsAValueOfTheHost) {
    commit_compose("services: {web: {image: 'web:1', ports: ['${SECRET}']}}\n");
    write_host("web.env", "SECRET=hunter2hunter2\n");
    put("one", "east", host_file("web.env"));
    ASSERT_TRUE(eventually([&] { return condition("one", "Stalled") == "True InvalidCompose"; }));
    EXPECT_EQ(message("one", "Ready").find("hunter2"), std::string::npos)
        << message("one", "Ready");
    EXPECT_NE(message("one", "Ready").find("…"), std::string::npos) << "it would have been there";
    // What is wrong lies in the host's file, so that file makes it right.
    write_host("web.env", "SECRET=8000\n");
    EXPECT_TRUE(eventually([&] { return is_ready("one"); }));
}

TEST_F(ControllerTest, CommitBindsNeedAnEngineOnThisHost) {
    commit_compose("services: {web: {image: 'web:1', volumes: ['./web.conf:/etc/web.conf']}}\n");
    put("one", "east");
    put("two", "west");
    EXPECT_TRUE(eventually([&] { return condition("two", "Stalled") == "True InvalidCompose"; }));
    EXPECT_TRUE(eventually([&] { return is_ready("one"); })) << message("one", "Ready");
    EXPECT_NE(message("two", "Ready")
                  .find("service web binds web.conf of the commit, and engine west "
                        "is on another host"),
              std::string::npos)
        << message("two", "Ready");
    EXPECT_EQ(west.containers(), "");
}

TEST_F(ControllerTest, HostDirectoryHasToLieBelowARoot) {
    put("one", "east", "  compose: {hostDirectory: /srv/other}\n");
    EXPECT_TRUE(eventually([&] { return condition("one", "Stalled") == "True InvalidCompose"; }));
    EXPECT_TRUE(
        message("one", "Ready").starts_with("spec.compose.hostDirectory: /srv/other does "));
    put("one", "east", fmt::format("  compose: {{hostDirectory: {}}}\n", directory_ / "host/one"));
    EXPECT_TRUE(eventually([&] { return is_ready("one"); }));
}

TEST_F(ControllerTest, WhatHappensToEnginesAndFilesIsRecorded) {
    put("one", "east");
    ASSERT_TRUE(eventually([&] { return is_ready("one"); }));
    east.engine.disconnect();
    EXPECT_TRUE(eventually([&] { return noted() == "EngineDisconnected "; })) << noted();
    east.engine.revive();
    EXPECT_TRUE(eventually([&] { return noted() == "EngineDisconnected EngineConnected "; }))
        << noted();
    source.put("one.yaml", "nonsense: [");
    EXPECT_TRUE(eventually([&] { return noted().ends_with("InvalidFile "); })) << noted();
    put("one", "east");
    EXPECT_TRUE(eventually([&] { return noted().ends_with("InvalidFile FileValid "); })) << noted();
}

TEST_F(ControllerTest, StackThatMovesWaitsForAYesAndLeavesWhatRuns) {
    put("one", "east");
    ASSERT_TRUE(eventually([&] { return is_ready("one"); }));
    put("one", "west");
    ASSERT_TRUE(eventually([&] { return condition("one", "Stalled") == "True EngineChanged"; }));
    EXPECT_EQ(
        message("one", "Stalled"),
        "the stack ran on engine east, and would be made anew on engine west, with new and "
        "empty volumes; what runs on east would run on. `trueup confirm one` lets exactly this "
        "through");
    EXPECT_EQ(west.containers(), "");
    EXPECT_EQ(controller_->attempt("one").failures, 0) << "waiting for a yes is no failure";
    EXPECT_EQ(store->known_stacks().at("one").engine, "east");
    const auto waits = registry.find("one")->stack.status.confirmation;
    ASSERT_TRUE(waits);
    ASSERT_TRUE(
        trueup::test::run(io, operations_.confirm("one", waits->token, store::person("ada"))));
    ASSERT_TRUE(eventually([&] { return west.containers() == "one-web-1 running\n"; }));
    EXPECT_TRUE(eventually([&] { return is_ready("one"); }));
    EXPECT_EQ(east.containers(), "one-web-1 running\n");
    EXPECT_EQ(store->known_stacks().at("one").engine, "west");
    EXPECT_TRUE(store->confirmed("one").empty());
    put("one", "east");
    EXPECT_TRUE(eventually([&] {
        return is_ready("one") && store->known_stacks().at("one").engine == "east";
    })) << "it runs there already: nothing is made anew";
}

// The pauses of the first have grown to half a second by then.
TEST_F(ControllerTest, FailuresOfAnotherCommitAreNotCounted) {
    constexpr int many = 7;
    commit_ = std::string(40, 'd');
    put("one", "east");
    ASSERT_TRUE(eventually([&] { return controller_->attempt("one").failures >= many; }));
    commit_ = std::string(40, 'e');
    put("one", "east");
    ASSERT_TRUE(eventually([&] {
        return message("one", "Ready").find(commit_) != std::string::npos;
    })) << message("one", "Ready");
    EXPECT_LT(controller_->attempt("one").failures, many);
    EXPECT_GT(controller_->attempt("one").failures, 0);
}

TEST_F(ControllerTest, StackThatNeverRanMovesAsItLikes) {
    put("one", "north");
    ASSERT_TRUE(eventually([&] { return condition("one", "Stalled") == "True EngineUnknown"; }));
    put("one", "west");
    EXPECT_TRUE(eventually([&] { return is_ready("one"); }));
    EXPECT_EQ(west.containers(), "one-web-1 running\n");
}

TEST_F(ControllerTest, ADatabaseThatIsNewBesideAnOldStackIsTold) {
    boost::json::object labels{{"com.docker.compose.project", "one"},
                               {"com.docker.compose.service", "web"},
                               {"com.docker.compose.container-number", "1"},
                               {"dev.trueup.owner", "test"},
                               {"dev.trueup.stack", "one"}};
    boost::json::object body{{"Image", "web:1"}};
    body["Labels"] = std::move(labels);
    east.engine.add_image({"", {"web:1"}, {}, {{"/bin/web", "web"}}, {}});
    ASSERT_TRUE(trueup::test::run(io, east.engine.create_container("one-web-1", std::move(body))));
    ASSERT_TRUE(trueup::test::run(io, east.cache.refresh_project("one")));
    put("one", "east");
    put("two", "east");
    ASSERT_TRUE(eventually([&] { return is_ready("one") && is_ready("two"); }));
    EXPECT_TRUE(eventually([&] { return told_of("one").contains("HistoryLost"); }));
    EXPECT_FALSE(told_of("two").contains("HistoryLost"));
}

TEST_F(ControllerTest, AStackThatWasForgottenAndIsBackHasLostNoHistory) {
    put("one", "east");
    ASSERT_TRUE(eventually([&] { return is_ready("one"); }));
    source.remove("one.yaml");
    ASSERT_TRUE(eventually([&] {
        const Entry* entry = registry.find("one");
        return entry != nullptr && entry->file_gone;
    }));
    ASSERT_TRUE(trueup::test::run(io, operations_.forget("one", store::person("ada"))));
    put("one", "east");
    ASSERT_TRUE(eventually([&] { return is_ready("one"); }));
    EXPECT_TRUE(eventually([&] { return told_of("one").contains("ForgottenBefore"); }));
    EXPECT_FALSE(told_of("one").contains("HistoryLost"));
    EXPECT_EQ(east.engine.find("one-web-1")->starts, 1);
}

}    // namespace
}    // namespace trueup::reconcile
