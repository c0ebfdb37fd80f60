// SPDX-License-Identifier: Apache-2.0
// The event stream, and the cache that it feeds.
#include <fmt/format.h>

#include <algorithm>

#include "tests/engine/contract/contract.hpp"

namespace trueup::engine::contract {
namespace {

boost::asio::awaitable<void> listen(Engine& engine, EventFilter filter, bool& opened,
                                    std::vector<Event>& events) {
    std::function<void()> on_open = [&opened] { opened = true; };
    std::function<void(Event)> on_event = [&events](Event event) { events.push_back(event); };
    co_await engine.stream_events(std::move(filter), std::move(on_open), std::move(on_event));
}

class ContractEvents : public ContractCache {
protected:
    // What happens to containers from now on is in `heard`.
    EventFilter listen_to_containers() {
        EventFilter filter;
        filter.types = {"container"};
        filter.actions = {"create", "start", "die"};
        tasks.spawn("listen", listen(engine, filter, opened_, heard));
        EXPECT_TRUE(eventually([&] { return opened_; }));
        return filter;
    }
    std::vector<Event> heard;

private:
    bool opened_ = false;
};

TEST_F(ContractEvents, EventsComeInOrderAndFiltered) {
    listen_to_containers();
    const std::string id = started("a", world->runs());
    ASSERT_TRUE(run(engine.rename_container(id, prefix + "-b")));
    ASSERT_TRUE(run(engine.stop_container(id, Seconds(0))));
    std::string actions;
    ASSERT_TRUE(eventually([&] {
        actions.clear();
        for (const Event& event : heard) {
            if (event.id == id) actions += event.action + " ";
        }
        return actions.find("die") != std::string::npos;
    })) << actions;
    EXPECT_EQ(actions, "create start die ");
}

TEST_F(ContractEvents, WhatTheRingHoldsIsToldBetweenTwoMoments) {
    EventFilter filter = listen_to_containers();
    const std::string id = started("a", world->runs());
    ASSERT_TRUE(run(engine.stop_container(id, Seconds(0))));
    ASSERT_TRUE(eventually([&] { return heard.size() == 3; }));
    filter.since = filter.until = heard[1].time_nano;
    std::vector<Event> told;
    std::function<void(Event)> on_event = [&told](Event event) { told.push_back(event); };
    ASSERT_TRUE(run(engine.stream_events(filter, [] {}, on_event)));
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].action, "start");
    EXPECT_EQ(told[0].time_nano, heard[1].time_nano);
}

TEST_F(ContractEvents, TheCacheKnowsWhatWasThereAndFollowsWhatHappens) {
    const std::string id = create("a", of_project(world->runs()));
    follow();
    EXPECT_EQ(names(), "a created\n");
    ASSERT_TRUE(run(engine.start_container(id)));
    EXPECT_TRUE(eventually([&] { return names() == "a running\n"; })) << names();
    ASSERT_TRUE(run(engine.rename_container(id, prefix + "-b")));
    EXPECT_TRUE(eventually([&] { return names() == "b running\n"; })) << names();
    ASSERT_TRUE(run(engine.stop_container(id, Seconds(0))));
    EXPECT_TRUE(eventually([&] { return names() == "b exited\n"; })) << names();
    ASSERT_TRUE(run(engine.remove_container(id, true, true)));
    EXPECT_TRUE(eventually([&] { return names().empty(); })) << names();
}

TEST_F(ContractEvents, TheCacheTellsWhichProjectChanged) {
    follow();
    std::vector<std::string> told;
    cache.on_change([&](const std::string& changed, const Event*) { told.push_back(changed); });
    create("a", of_project(world->runs()));
    EXPECT_TRUE(eventually([&] { return std::count(told.begin(), told.end(), prefix) > 0; }));
}

TEST_F(ContractEvents, ThreeHundredEventsDuringADisconnectAreCaughtUpByListing) {
    const std::string stays = create("stays", of_project(world->runs()));
    const std::string goes = create("goes", of_project(world->runs()));
    follow();
    ASSERT_EQ(names(), "goes created\nstays created\n");
    world->cut();
    ASSERT_TRUE(eventually([&] { return !cache.synced(); }));
    EXPECT_TRUE(cache.problem());
    Engine& direct = world->direct();
    ASSERT_TRUE(run(direct.remove_container(goes, true, true)));
    for (int number = 0; number < 150; ++number) {
        const auto id = run(direct.create_container("", of_project(world->runs())));
        ASSERT_TRUE(id) << id.error().message();
        ASSERT_TRUE(run(direct.remove_container(*id, true, true)));
    }
    ASSERT_TRUE(run(direct.start_container(stays)));
    const auto late = run(direct.create_container(prefix + "-late", of_project(world->runs())));
    ASSERT_TRUE(late);
    EXPECT_EQ(names(), "goes created\nstays created\n") << "nothing is known meanwhile";
    world->mend();
    ASSERT_TRUE(eventually([&] { return cache.synced(); }));
    EXPECT_EQ(names(), "late created\nstays running\n");
    EXPECT_FALSE(cache.problem());
}

TEST_F(ContractEvents, WhatTheCallerDidIsSeenAfterARefresh) {
    follow();
    const std::string id = create("a", of_project(world->runs()));
    ASSERT_TRUE(run(cache.refresh_container(id)));
    EXPECT_EQ(names(), "a created\n");
    ASSERT_TRUE(run(engine.start_container(id)));
    ASSERT_TRUE(run(cache.refresh_project(prefix)));
    EXPECT_EQ(names(), "a running\n");
}

}    // namespace
}    // namespace trueup::engine::contract
