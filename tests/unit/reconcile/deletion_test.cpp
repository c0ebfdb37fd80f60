// SPDX-License-Identifier: Apache-2.0
// A stack whose file is gone: what goes with it, what waits, and what stays whatever happens.
#include "tests/unit/reconcile/controller_world.hpp"

namespace trueup::reconcile {
namespace {

class DeletionTest : public ControllerTest {
protected:
    static constexpr const char* deletes = "  sync: {deletionPolicy: delete}\n";

    // So many that one of them is not many.
    void put_six() {
        for (const char* name : {"one", "two", "three", "four", "five", "six"})
            put(name, "east", deletes);
        ASSERT_TRUE(eventually([&] {
            return is_ready("one") && is_ready("two") && is_ready("three") && is_ready("four") &&
                   is_ready("five") && is_ready("six");
        }));
    }
    bool runs(const std::string& container) { return east.engine.find(container) != nullptr; }
    std::vector<store::Event> events(const std::string& stack) {
        store::EventQuery query;
        query.about = store::About::stack;
        query.name = stack;
        auto found = trueup::test::run(io, store->events(std::move(query)));
        return found ? *found : std::vector<store::Event>();
    }
    std::string last_event(const std::string& stack) {
        const auto list = events(stack);
        return list.empty() ? std::string() : list.back().reason + ": " + list.back().message;
    }
    Result<void> confirm(const std::string& stack) {
        return trueup::test::run(io, operations_.confirm(stack, "", store::person("ada")));
    }
    void suspend(const std::string& stack) {
        Choice choice;
        choice.stack = stack;
        ASSERT_TRUE(trueup::test::run(io, operations_.suspend(std::move(choice), std::nullopt,
                                                              "wait", store::person("ada"))));
    }
    // Long enough for the loop to have done what it must not do.
    void let_it_run() {
        eventually([&, until = std::chrono::steady_clock::now() + std::chrono::milliseconds(150)] {
            return std::chrono::steady_clock::now() > until;
        });
    }
};

TEST_F(DeletionTest, AStackGoesWithItsFileAndItsVolumesStay) {
    put_six();
    model::ObservedVolume data;
    data.name = "one_data";
    data.key = "data";
    data.project = "one";
    east.engine.volumes["one_data"] = data;
    ASSERT_TRUE(trueup::test::run(io, east.cache.refresh_project("one")));
    source.remove("one.yaml");
    ASSERT_TRUE(eventually([&] { return registry.find("one") == nullptr; }));
    EXPECT_FALSE(runs("one-web-1"));
    EXPECT_TRUE(runs("two-web-1"));
    EXPECT_FALSE(east.engine.networks.contains("one_default"));
    for (const auto& [id, network] : east.engine.networks) EXPECT_NE(network.name, "one_default");
    EXPECT_TRUE(east.engine.volumes.contains("one_data"));
    EXPECT_EQ(last_event("one"),
              "Removed: its file one.yaml is gone: its containers and networks were removed; its "
              "volumes stay: one_data");
    EXPECT_EQ(metrics.text().find("stack=\"one\""), std::string::npos);
    EXPECT_FALSE(store->known_stacks().contains("one"));
    EXPECT_EQ(store->applied("one"), nullptr);
}

// The controller goes on, and so does the container of others.
TEST_F(DeletionTest, ANetworkThatOthersAreOnStaysUntilTheyAreGone) {
    put_six();
    trueup::test::FakeContainer foreign;
    foreign.id = std::string(64, 'f');
    foreign.name = "metrics";
    foreign.state = model::ContainerState::exited;
    foreign.networks["one_default"] = "";
    east.engine.containers[foreign.id] = foreign;
    const auto has_network = [&] {
        const auto& all = east.engine.networks;
        return std::any_of(all.begin(), all.end(),
                           [](const auto& each) { return each.second.name == "one_default"; });
    };
    source.remove("one.yaml");
    ASSERT_TRUE(eventually([&] { return !runs("one-web-1"); }));
    let_it_run();
    EXPECT_TRUE(has_network());
    ASSERT_NE(registry.find("one"), nullptr);
    east.engine.containers.erase(foreign.id);
    controller_->look_at("one");
    ASSERT_TRUE(eventually([&] { return registry.find("one") == nullptr; }));
    EXPECT_FALSE(has_network());
}

TEST_F(DeletionTest, WhatWasAdoptedGoesAndWhatWasNeitherMadeNorAdoptedStays) {
    put_six();
    const auto foreign = [&](const std::string& name, const std::string& service) {
        boost::json::object labels{{"com.docker.compose.project", "seven"},
                                   {"com.docker.compose.service", service},
                                   {"com.docker.compose.container-number", "1"}};
        boost::json::object body{{"Image", "web:1"}};
        body["Labels"] = std::move(labels);
        const auto id = trueup::test::run(io, east.engine.create_container(name, std::move(body)));
        ASSERT_TRUE(id) << id.error().message();
        ASSERT_TRUE(trueup::test::run(io, east.engine.start_container(*id)));
        if (service != "web") return;
        store::AdoptedContainer adopted;
        adopted.id = *id;
        adopted.stack = "seven";
        adopted.service = service;
        adopted.number = 1;
        store::Changes changes;
        changes.emplace_back(std::move(adopted));
        ASSERT_TRUE(trueup::test::run(io, store->write(std::move(changes))));
    };
    foreign("seven-web-1", "web");
    foreign("seven-other-1", "other");
    model::ObservedNetwork network;
    network.id = "seven_default";
    network.name = "seven_default";
    network.project = "seven";
    east.engine.networks["seven_default"] = network;
    ASSERT_TRUE(trueup::test::run(io, east.cache.refresh_project("seven")));
    put("seven", "east", deletes);
    ASSERT_TRUE(eventually([&] { return registry.find("seven") != nullptr; }));
    source.remove("seven.yaml");
    ASSERT_TRUE(eventually([&] { return registry.find("seven") == nullptr; }));
    EXPECT_FALSE(runs("seven-web-1"));
    EXPECT_TRUE(runs("seven-other-1"));
    EXPECT_TRUE(east.engine.networks.contains("seven_default"));
    EXPECT_EQ(last_event("seven"),
              "Removed: its file seven.yaml is gone: its containers (seven-web-1 had been adopted) "
              "and networks were removed; it has no volumes; networks that another tool made stay: "
              "seven_default");
    EXPECT_TRUE(store->adopted().empty());
}

TEST_F(DeletionTest, AnOrphanRunsOnAndIsLeftAlone) {
    put("one", "east");
    put("two", "east");
    ASSERT_TRUE(eventually([&] { return is_ready("one") && is_ready("two"); }));
    source.remove("one.yaml");
    ASSERT_TRUE(eventually([&] {
        const Entry* entry = registry.find("one");
        return entry->file_gone && !entry->stack.status.warnings.empty();
    }));
    east.engine.kill("one-web-1");
    ASSERT_TRUE(eventually([&] { return condition("one", "Synced") == "False Orphaned"; }))
        << condition("one", "Synced");
    let_it_run();
    EXPECT_EQ(east.engine.find("one-web-1")->starts, 1);
}

TEST_F(DeletionTest, TwoAtOnceWaitForAYesAndThenBothGo) {
    put_six();
    source.remove("one.yaml");
    source.remove("two.yaml");
    ASSERT_TRUE(eventually([&] {
        return condition("one", "Synced") == "False AwaitingConfirmation" &&
               condition("two", "Synced") == "False AwaitingConfirmation";
    })) << condition("one", "Synced");
    let_it_run();
    EXPECT_TRUE(runs("one-web-1") && runs("two-web-1"));
    const auto waits = registry.find("one")->stack.status.confirmation;
    ASSERT_TRUE(waits);
    EXPECT_NE(waits->message.find("one, two"), std::string::npos) << waits->message;
    EXPECT_NE(registry.find("one")->stack.status.pending_plan.find("container one-web-1: remove"),
              std::string::npos);

    ASSERT_TRUE(confirm("two"));
    ASSERT_TRUE(eventually(
        [&] { return registry.find("one") == nullptr && registry.find("two") == nullptr; }));
    EXPECT_FALSE(runs("one-web-1") || runs("two-web-1"));
    EXPECT_TRUE(runs("three-web-1"));
    EXPECT_EQ(events("one").back().actor, "person:ada");
}

TEST_F(DeletionTest, AYesIsToJustThatRemoval) {
    put_six();
    source.remove("one.yaml");
    source.remove("two.yaml");
    ASSERT_TRUE(
        eventually([&] { return condition("one", "Synced") == "False AwaitingConfirmation"; }));
    suspend("one");
    suspend("two");
    ASSERT_TRUE(confirm("one"));
    // Both files come back, and go again: that is another removal.
    put("one", "east", deletes);
    put("two", "east", deletes);
    ASSERT_TRUE(eventually([&] {
        return store->confirmation("one", std::string(removal_confirmed)) == nullptr &&
               store->confirmation("two", std::string(removal_confirmed)) == nullptr;
    }));
    source.remove("one.yaml");
    source.remove("two.yaml");
    store::Changes resumed;
    resumed.emplace_back(store::Resume{"one"});
    resumed.emplace_back(store::Resume{"two"});
    ASSERT_TRUE(eventually([&] { return registry.find("one")->removal.has_value(); }));
    ASSERT_TRUE(trueup::test::run(io, store->write(std::move(resumed))));
    controller_->look_at("");
    let_it_run();
    EXPECT_TRUE(runs("one-web-1") && runs("two-web-1"));
    EXPECT_EQ(condition("one", "Synced"), "False AwaitingConfirmation");
}

TEST_F(DeletionTest, AnEmptyDesiredStateRemovesNothing) {
    put("one", "east", deletes);
    ASSERT_TRUE(eventually([&] { return is_ready("one"); }));
    source.remove("one.yaml");
    ASSERT_TRUE(
        eventually([&] { return condition("one", "Synced") == "False AwaitingConfirmation"; }));
    let_it_run();
    EXPECT_TRUE(runs("one-web-1"));
}

TEST_F(DeletionTest, ASuspendedStackStays) {
    put_six();
    suspend("one");
    source.remove("one.yaml");
    ASSERT_TRUE(eventually([&] { return condition("one", "Synced") == "False Suspended"; }));
    let_it_run();
    EXPECT_TRUE(runs("one-web-1"));
    Choice choice;
    choice.stack = "one";
    ASSERT_TRUE(trueup::test::run(io, operations_.resume(std::move(choice), store::person("ada"))));
    EXPECT_TRUE(eventually([&] { return registry.find("one") == nullptr; }));
    EXPECT_FALSE(runs("one-web-1"));
}

TEST_F(DeletionTest, ForeignContainersOfItsProjectStay) {
    put_six();
    trueup::test::FakeContainer foreign;
    foreign.id = "foreign";
    foreign.name = "one-hand-made";
    foreign.state = model::ContainerState::running;
    foreign.image_id = east.engine.images.begin()->first;
    foreign.labels = {{"com.docker.compose.project", "one"}, {"com.docker.compose.service", "x"}};
    east.engine.containers["foreign"] = foreign;
    ASSERT_TRUE(trueup::test::run(io, east.cache.refresh_project("one")));
    source.remove("one.yaml");
    ASSERT_TRUE(eventually([&] { return registry.find("one") == nullptr; }));
    EXPECT_FALSE(runs("one-web-1"));
    EXPECT_TRUE(runs("one-hand-made"));
}

TEST_F(DeletionTest, TheStoreKnowsEveryStackThatAFileNames) {
    put("one", "east", deletes);
    put("two", "west");
    ASSERT_TRUE(eventually([&] { return is_ready("one") && is_ready("two"); }));
    const store::KnownStack one{"one", "one.yaml", "test", "one", "east", "delete"};
    const store::KnownStack two{"two", "two.yaml", "test", "two", "west", "orphan"};
    EXPECT_EQ(store->known_stacks().at("one"), one);
    EXPECT_EQ(store->known_stacks().at("two"), two);
}

TEST_F(DeletionTest, AnotherNameLiftsNoSuspension) {
    put("one", "east");
    put("two", "east");
    ASSERT_TRUE(eventually([&] { return is_ready("one") && is_ready("two"); }));
    suspend("one");
    source.remove("one.yaml");
    put("uno", "east", "  compose: {project: one}\n");
    ASSERT_TRUE(eventually([&] { return condition("uno", "Suspended") == "True Suspended"; }));
    EXPECT_EQ(store->suspensions().at("uno").reason, "wait");
    EXPECT_EQ(store->suspensions().at("uno").actor, "person:ada");
    ASSERT_TRUE(eventually([&] { return condition("one", "Stalled") == "True ProjectTaken"; }))
        << condition("one", "Stalled");
    EXPECT_EQ(condition("two", "Suspended"), "");
    ASSERT_TRUE(trueup::test::run(io, operations_.forget("one", store::person("ada"))));
    EXPECT_EQ(registry.find("one"), nullptr);
    EXPECT_FALSE(store->known_stacks().contains("one"));
    EXPECT_TRUE(store->suspensions().contains("uno"));
    EXPECT_EQ(metrics.text().find("stack=\"one\""), std::string::npos);
}

}    // namespace
}    // namespace trueup::reconcile
