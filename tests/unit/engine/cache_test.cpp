// SPDX-License-Identifier: Apache-2.0
// What the contract cannot let a real engine do: become another one.
#include "controller/engine/cache.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "controller/base/task_group.hpp"
#include "tests/support/fake_engine.hpp"
#include "tests/support/run_task.hpp"

namespace trueup::engine {
namespace {

boost::asio::awaitable<bool> finish(TaskGroup& tasks) {
    tasks.close();
    co_await tasks.wait();
    co_return true;
}

class EngineCache : public testing::Test {
protected:
    EngineCache() {
        engine.add_image({"", {"base:1"}, {}, {{"/bin/sh", "shell"}}, {}});
        project.name = "shop";
        cache.on_engine_changed([this](const EngineInfo& before, const EngineInfo& now) {
            changes += before.id + " -> " + now.id + "\n";
            seen_then = cache.observe(project).containers.size();
        });
        cache.on_change([this](const std::string& name, const Event*) { told.insert(name); });
    }
    ~EngineCache() override { test::run(io, finish(tasks)); }

    bool eventually(const std::function<bool()>& check) {
        const auto until = std::chrono::steady_clock::now() + Seconds(20);
        while (!check() && std::chrono::steady_clock::now() < until) {
            io.restart();
            io.run_for(Milliseconds(5));
        }
        return check();
    }
    void follow() {
        tasks.spawn("cache", cache.run());
        ASSERT_TRUE(eventually([&] { return cache.synced(); }));
    }
    std::string create(const std::string& name) {
        boost::json::object body{{"Image", "base:1"}};
        body["Labels"] = {{"com.docker.compose.project", "shop"}, {"dev.trueup.owner", "me"}};
        return *test::run(io, engine.create_container(name, std::move(body)));
    }
    void come_back() {
        engine.disconnect();
        ASSERT_TRUE(eventually([&] { return !cache.synced(); }));
        engine.revive();
        ASSERT_TRUE(eventually([&] { return cache.synced(); }));
    }

    boost::asio::io_context io;
    test::FakeEngine engine{io.get_executor()};
    Cache cache{io.get_executor(), engine, base::machine_clock()};
    TaskGroup tasks{io.get_executor()};
    model::Project project;
    std::string changes;
    std::size_t seen_then = 99;
    std::set<std::string> told;
};

TEST_F(EngineCache, AnotherEngineAtTheAddressIsToldBeforeAnythingOfItIsShown) {
    create("shop-api-1");
    follow();
    ASSERT_EQ(cache.observe(project).containers.size(), 1U);
    EXPECT_EQ(changes, "") << "the first engine is no other one";
    engine.containers.clear();
    engine.become("another");
    told.clear();
    come_back();
    EXPECT_EQ(changes, "fake -> another\n");
    EXPECT_EQ(seen_then, 0U) << "what was known of the old one is dropped by then";
    EXPECT_TRUE(cache.observe(project).containers.empty());
    EXPECT_TRUE(told.contains("shop"));
    EXPECT_EQ(cache.info().id, "another");
}

TEST_F(EngineCache, TheSameEngineAfterALossIsNoOther) {
    create("shop-api-1");
    follow();
    come_back();
    EXPECT_EQ(changes, "");
    EXPECT_EQ(cache.observe(project).containers.size(), 1U);
}

TEST_F(EngineCache, TheCausesOfTheOldEngineAreNotTheNewOnes) {
    const std::string id = create("shop-api-1");
    follow();
    ASSERT_TRUE(test::run(io, engine.start_container(id)));
    engine.person("stop", id);
    ASSERT_TRUE(eventually([&] {
        const auto containers = cache.observe(project).containers;
        return containers.front().ended.cause == model::EndCause::stopped;
    }));
    engine.break_streams();
    ASSERT_TRUE(eventually([&] { return !cache.synced(); }));
    engine.forget_events();
    engine.become("another");    // a clone of the machine, say: even the ids are the same
    engine.revive();
    ASSERT_TRUE(eventually([&] { return cache.synced(); }));
    EXPECT_EQ(cache.observe(project).containers.front().ended.cause, model::EndCause::none);
}

TEST_F(EngineCache, ASeatOrAnotherContainerOutsideComposeIsNotInspected) {
    follow();
    const std::string id =
        *test::run(io, engine.create_container("trueup.seat.trueup", {{"Image", "base:1"}}));
    ASSERT_TRUE(test::run(io, engine.update_restart_policy(id, {"on-failure", 5})));
    const std::string last = create("shop-api-1");
    ASSERT_TRUE(eventually([&] { return cache.observe(project).containers.size() == 1; }));
    EXPECT_EQ(std::count(engine.calls.begin(), engine.calls.end(), "inspect " + id), 0);
    EXPECT_EQ(std::count(engine.calls.begin(), engine.calls.end(), "inspect " + last), 1);
}

TEST(EngineCacheWait, WhatWaitingDoesNotMendIsToldAtOnce) {
    boost::asio::io_context io;
    EngineOptions options;
    options.url = "ssh://nowhere";
    options.ssh.identity_file = "/nowhere/key";
    const auto engine = *make_docker_engine(io.get_executor(), std::move(options));
    Cache cache(io.get_executor(), *engine, base::machine_clock());
    TaskGroup tasks(io.get_executor());
    tasks.spawn("cache", cache.run());
    const auto began = std::chrono::steady_clock::now();
    const auto synced = test::run(io, cache.wait_synced(Seconds(60)));
    ASSERT_FALSE(synced);
    EXPECT_EQ(synced.error().code(), Errc::denied);
    EXPECT_LT(std::chrono::steady_clock::now() - began, Seconds(30));
    test::run(io, finish(tasks));
}

}    // namespace
}    // namespace trueup::engine
