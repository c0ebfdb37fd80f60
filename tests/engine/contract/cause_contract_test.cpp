// SPDX-License-Identifier: Apache-2.0
// Why a container ended and who started it, told from events.
#include <fmt/format.h>

#include <algorithm>

#include "tests/engine/contract/contract.hpp"

namespace trueup::engine::contract {
namespace {

using model::Actor;
using model::ContainerState;
using model::EndCause;

class ContractCauses : public ContractCache {
protected:
    std::string up(boost::json::object body, const std::string& policy = "no") {
        if (policy != "no") body["HostConfig"] = {{"RestartPolicy", {{"Name", policy}}}};
        return started("a", of_project(std::move(body)));
    }
    std::string up() { return up(world->runs()); }
    const model::ObservedContainer seen() {
        const auto containers = cache.observe(project).containers;
        return containers.size() == 1 ? containers.front() : model::ObservedContainer();
    }
    // "exited: stopped by person"
    std::string story() {
        const auto container = seen();
        return fmt::format("{}: {} by {}, started by {}", model::to_string(container.state),
                           model::to_string(container.ended.cause),
                           model::to_string(container.ended.by),
                           model::to_string(container.last_start_by));
    }
    void expect_story(const std::string& expected) {
        EXPECT_TRUE(eventually([&] { return story() == expected; })) << story();
    }
};

TEST_F(ContractCauses, APersonsStopIsTold) {
    follow();
    const std::string id = up();
    expect_story("running: none by unknown, started by person");
    world->person("stop", id);
    expect_story("exited: stopped by person, started by person");
    ASSERT_TRUE(seen().ended.at);
    const auto finished = base::parse_rfc3339(seen().finished_at);
    ASSERT_TRUE(finished);
    EXPECT_LT(std::chrono::abs(*seen().ended.at - *finished), Seconds(5));
}

TEST_F(ContractCauses, AStopOfOursIsToldFromAPersons) {
    follow();
    const std::string id = create("a", of_project(world->runs()));
    cache.expect_start(id);
    ASSERT_TRUE(run(engine.start_container(id)));
    expect_story("running: none by unknown, started by trueup");
    cache.expect_stop(id);
    ASSERT_TRUE(run(engine.stop_container(id, Seconds(0))));
    expect_story("exited: stopped by trueup, started by trueup");
    world->person("start", id);
    expect_story("running: stopped by trueup, started by person");
    world->person("stop", id);
    expect_story("exited: stopped by person, started by person");
}

TEST_F(ContractCauses, ARestartOfOursIsBothOurStopAndOurStart) {
    follow();
    const std::string id = up();
    expect_story("running: none by unknown, started by person");
    cache.expect_stop(id);
    cache.expect_start(id);
    ASSERT_TRUE(run(engine.restart_container(id, Seconds(0))));
    expect_story("running: stopped by trueup, started by trueup");
}

TEST_F(ContractCauses, AKillThroughTheEngineIsToldFromACrash) {
    follow();
    const std::string id = up();
    world->person("kill", id);
    expect_story("exited: killed by person, started by person");
    world->person("start", id);
    world->crash(id);
    expect_story("exited: crash by unknown, started by person");
    world->person("start", id);
    cache.expect_stop(id);
    ASSERT_TRUE(run(engine.kill_container(id, "KILL")));
    expect_story("exited: killed by trueup, started by person");
}

TEST_F(ContractCauses, AKillThatAsksIsAStop) {
    follow();
    const std::string id = up();
    world->person("kill -s TERM", id);    // a shell as process 1 heeds no TERM
    world->person("kill", id);
    expect_story("exited: stopped by person, started by person");
}

TEST_F(ContractCauses, AnExitByItselfIsACrash) {
    follow();
    up(world->exits_with_3());
    expect_story("exited: crash by unknown, started by person");
    EXPECT_EQ(seen().exit_code, 3);
    EXPECT_FALSE(seen().ended.before_engine);
}

TEST_F(ContractCauses, WhatTheKernelEndsIsOutOfMemory) {
    follow();
    up(world->exhausts_memory());
    expect_story("exited: oom by unknown, started by person");
    EXPECT_TRUE(seen().oom_killed);
}

TEST_F(ContractCauses, ARestartPolicyIsToldFromAPersonsRestart) {
    follow();
    const std::string id = up(world->runs(), "always");
    expect_story("running: none by unknown, started by person");
    world->crash(id);
    expect_story("running: crash by unknown, started by engine");
    EXPECT_EQ(seen().restart_count, 1);
    world->person("restart", id);
    expect_story("running: stopped by person, started by person");
    EXPECT_EQ(seen().restart_count, 0);
}

TEST_F(ContractCauses, APausedContainerSaysSinceWhen) {
    follow();
    const std::string id = up();
    world->person("pause", id);
    EXPECT_TRUE(eventually([&] { return seen().paused_at.has_value(); }));
    EXPECT_EQ(seen().state, ContainerState::paused);
    world->person("unpause", id);
    EXPECT_TRUE(eventually([&] { return seen().state == ContainerState::running; }));
    EXPECT_FALSE(seen().paused_at);
    world->person("pause", id);
    world->person("stop", id);
    expect_story("exited: stopped by person, started by person");
    EXPECT_FALSE(seen().paused_at);
}

TEST_F(ContractCauses, AStopWhileNobodyListenedIsRecovered) {
    follow();
    const std::string id = up();
    expect_story("running: none by unknown, started by person");
    world->cut();
    ASSERT_TRUE(eventually([&] { return !cache.synced(); }));
    world->person("stop", id);
    world->mend();
    expect_story("exited: stopped by person, started by person");
}

TEST_F(ContractCauses, WhatWasBeforeOurTimeIsNobodys) {
    const std::string id = up();
    world->person("stop", id);
    world->pass(Milliseconds(3'000));
    follow();
    // The engine tells what was before once it is followed, which over ssh takes a moment.
    expect_story("exited: stopped by unknown, started by unknown");
}

TEST_F(ContractCauses, TheEnginesOwnStopIsNoPersons) {
    follow();
    const std::string id = up();
    expect_story("running: none by unknown, started by person");
    world->restart_engine();
    expect_story("exited: stopped by engine, started by person");
}

TEST_F(ContractCauses, AnEndBeforeTheEnginesStartMayBeItsDoing) {
    up();
    world->restart_engine();
    follow();
    EXPECT_EQ(story(), "exited: none by unknown, started by unknown");
    EXPECT_TRUE(seen().ended.before_engine);
}

TEST_F(ContractCauses, WhatTheEngineRevivesAfterItsStartIsItsDoing) {
    follow();
    const std::string id = up(world->runs(), "always");
    expect_story("running: none by unknown, started by person");
    world->restart_engine();
    expect_story("running: stopped by engine, started by engine");
}

}    // namespace
}    // namespace trueup::engine::contract
