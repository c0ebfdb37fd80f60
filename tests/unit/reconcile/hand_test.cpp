// SPDX-License-Identifier: Apache-2.0
// Who may act on an engine, and what is ours there: seats and seals through the whole loop.
#include "controller/reconcile/hand.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "controller/engine/seat_key.hpp"
#include "controller/reconcile/status.hpp"
#include "controller/render/seal.hpp"
#include "tests/unit/reconcile/loop_world.hpp"

namespace trueup::reconcile {
namespace {

using test::LoopWorld;

constexpr const char* seat = "trueup.seat.test";

std::string content(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

class HandTest : public testing::Test {
protected:
    HandTest() { commit = world.commit("print('one')\n"); }

    std::unique_ptr<test::Process> start() { return world.start(true); }
    // The state directory is another one, as after it was lost.
    std::unique_ptr<test::Process> start_elsewhere(const std::string& name) {
        return std::make_unique<test::Process>(world.io, world.engine, world.directory / name,
                                               true);
    }
    Findings reconcile(test::Process& process) { return process.reconcile(world.entry(commit)); }
    void release(test::Process& process) {
        ASSERT_TRUE(trueup::test::run(world.io, process.hand().release()));
    }
    std::map<std::string, std::string> ids() const {
        std::map<std::string, std::string> found;
        for (const auto& [id, container] : world.engine.containers) {
            if (container.name != seat) found[container.name] = id;
        }
        return found;
    }
    // A container with all the labels of another one.
    std::string forge(const std::string& of, const std::string& name, const std::string& number) {
        const trueup::test::FakeContainer& original = *world.engine.find(of);
        boost::json::object labels;
        for (const auto& [key, value] : original.labels) labels[key] = value;
        labels["com.docker.compose.container-number"] = number;
        boost::json::object body{{"Image", original.image_id}};
        body["Labels"] = std::move(labels);
        const auto id =
            trueup::test::run(world.io, world.engine.create_container(name, std::move(body)));
        EXPECT_TRUE(trueup::test::run(world.io, world.engine.start_container(*id)));
        return *id;
    }
    std::size_t changes() const {
        std::size_t count = 0;
        for (const std::string& call : world.engine.calls) {
            for (const char* verb : {"create ", "start ", "stop ", "remove ", "rename ", "kill "})
                count += call.starts_with(verb) && call.find("trueup.seat") == call.npos ? 1 : 0;
        }
        return count;
    }

    LoopWorld world;
    std::string commit;
};

TEST_F(HandTest, TheKeyIsKeptInAFileThatOnlyItsOwnerReads) {
    const auto process = start();
    ASSERT_TRUE(process->hand().check()) << process->hand().check().error().message();
    const std::string file = world.directory / "state/owner.key";
    EXPECT_EQ(content(file), process->hand().owner_key() + "\n");
    struct ::stat status{};
    ASSERT_EQ(::stat(file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(HandTest, AKeyFileThatCannotBeReadIsNotReplaced) {
    const std::string file = world.directory / "state/owner.key";
    std::filesystem::create_directories(file);
    const auto process = start();
    EXPECT_FALSE(process->hand().check());
    EXPECT_EQ(world.engine.find(seat), nullptr);
    EXPECT_EQ(reconcile(*process).stage, Stage::observe);
    EXPECT_TRUE(ids().empty());
}

TEST_F(HandTest, WhatItCreatesIsSealedAndRecognised) {
    auto process = start();
    const Findings first = reconcile(*process);
    ASSERT_FALSE(first.error) << first.error->message();
    for (const auto& [name, id] : ids()) {
        const auto& labels = world.engine.containers.at(id).labels;
        EXPECT_EQ(labels.at("dev.trueup.seal").size(), 64U) << name;
        for (const auto& [key, value] : labels)
            EXPECT_EQ(value.find(process->hand().owner_key()), std::string::npos) << key;
    }
    const auto before = ids();
    const Findings second = reconcile(*process);
    EXPECT_TRUE(second.plan.empty());
    EXPECT_TRUE(second.remaining.in_sync());
    release(*process);
    process.reset();
    process = start_elsewhere("after-the-loss");
    const Findings third = reconcile(*process);
    ASSERT_FALSE(third.error) << third.error->message();
    EXPECT_TRUE(third.plan.empty()) << plan::to_text(third.plan);
    EXPECT_EQ(ids(), before);
}

// A label is read by many who may not read the secrets that it covers.
TEST_F(HandTest, HashesOfConfigurationsAreKeyedAndThoseWithoutAKeyStay) {
    auto process = start();
    const Findings first = reconcile(*process);
    ASSERT_FALSE(first.error) << first.error->message();
    const auto before = ids();
    const render::StackIdentity identity = first.desired->policy.identity;
    for (const auto& [name, id] : before) {
        auto& container = world.engine.containers.at(id);
        std::string& hash = container.labels.at("dev.trueup.config-hash");
        const auto& service =
            first.desired->project.services.at(container.labels.at("com.docker.compose.service"));
        EXPECT_EQ(hash, service.config_hash) << name;
        EXPECT_NE(hash, service.unkeyed_hash) << name;
        // As a version wrote it that had seals and no keyed hashes.
        hash = service.unkeyed_hash;
        render::SealedContainer sealed;
        sealed.project = "shop";
        sealed.service = service.name;
        sealed.number = std::stoi(container.labels.at("com.docker.compose.container-number"));
        sealed.image_id = container.image_id;
        sealed.config_hash = hash;
        sealed.revision = commit;
        container.labels.at("dev.trueup.seal") = render::seal(identity, sealed);
        container.labels.erase("dev.trueup.name");
    }
    release(*process);
    process.reset();
    process = start();
    const Findings second = reconcile(*process);
    EXPECT_TRUE(second.plan.empty()) << plan::to_text(second.plan);
    EXPECT_EQ(ids(), before);
}

// What is loaded before the engine is ours is loaded anew with its key, files of the host and all.
TEST_F(HandTest, AStackWithAFileOfTheHostIsLoadedAnewOnceTheKeyIsKnown) {
    auto first = start();
    auto second = start_elsewhere("other");
    Entry entry = world.entry(commit);
    v1alpha1::VariableFile file;
    file.on_host = true;
    file.path = world.directory / "other/shop.env";
    std::ofstream(file.path) << "MODE=fast\n";
    entry.stack.spec.compose.variable_files = {file};
    EXPECT_EQ(second->reconcile(entry).reason, "EngineHeld");
    release(*first);
    ASSERT_TRUE(trueup::test::run(world.io, second->hand().take(Milliseconds(0), nullptr)));
    const Findings findings = second->reconcile(entry);
    EXPECT_FALSE(findings.error) << findings.error->message();
    EXPECT_EQ(findings.desired->policy.identity.key, second->hand().owner_key());
}

TEST_F(HandTest, AForeignContainerThatComesDuringARolloutIsTold) {
    auto process = start();
    ASSERT_FALSE(reconcile(*process).error);
    const std::string second = world.commit("release = 2\n");
    const Findings findings = process->reconcile_until(world.entry(second), [&] {
        if (world.engine.find("shop-api-9") != nullptr) return false;
        trueup::test::FakeContainer foreign = *world.engine.find("shop-db-1");
        foreign.id = std::string(64, 'f');
        foreign.name = "shop-api-9";
        std::erase_if(foreign.labels,
                      [](const auto& label) { return label.first.starts_with("dev.trueup."); });
        world.engine.containers.emplace(foreign.id, foreign);
        return false;
    });
    ASSERT_TRUE(findings.error);
    EXPECT_EQ(findings.error->code(), Errc::conflict) << findings.error->message();
    ASSERT_TRUE(findings.plan.blocked);
    EXPECT_EQ(findings.plan.blocked->reason, "AwaitingAdoption");
    const auto status = make_status(world.entry(second), findings, SystemTime());
    EXPECT_EQ(v1alpha1::find_condition(status, "Synced")->reason, "AwaitingAdoption");
    EXPECT_NE(world.engine.find("shop-api-9"), nullptr);
}

TEST_F(HandTest, AForgedContainerIsToldAndLeftAsItIs) {
    auto process = start();
    ASSERT_FALSE(reconcile(*process).error);
    const std::string forged = forge("shop-api-1", "shop-api-7", "7");
    const auto before = world.engine.containers.at(forged).started_at;
    ASSERT_TRUE(process->settled("shop-api-7", model::ContainerState::running));
    const std::size_t done = changes();
    const Findings found = reconcile(*process);
    ASSERT_TRUE(found.plan.blocked);
    EXPECT_EQ(found.plan.blocked->reason, "AwaitingAdoption");
    EXPECT_NE(found.plan.blocked->message.find(
                  "shop-api-7 (it has trueup's labels without the seal that this controller would "
                  "have written)"),
              std::string::npos)
        << found.plan.blocked->message;
    EXPECT_EQ(changes(), done);
    EXPECT_EQ(world.engine.containers.at(forged).started_at, before);
}

TEST_F(HandTest, ARemovedStackTakesNoForgedContainerAlong) {
    auto process = start();
    ASSERT_FALSE(reconcile(*process).error);
    const std::string forged = forge("shop-api-1", "shop-api-7", "7");
    ASSERT_TRUE(process->settled("shop-api-7", model::ContainerState::running));
    Entry entry = world.entry(commit);
    entry.file_gone = true;
    entry.removal.emplace();
    const Findings removed = trueup::test::run(
        world.io, process->reconciler().remove(std::move(entry), nullptr, nullptr));
    ASSERT_FALSE(removed.error) << removed.error->message();
    EXPECT_EQ(ids(), (std::map<std::string, std::string>{{"shop-api-7", forged}}));
    EXPECT_EQ(world.engine.containers.at(forged).state, model::ContainerState::running);
}

TEST_F(HandTest, WithBothCopiesOfTheKeyLostNothingIsFoughtOver) {
    auto process = start();
    ASSERT_FALSE(reconcile(*process).error);
    release(*process);
    process.reset();
    for (const auto& [id, image] : std::map(world.engine.images)) {
        if (image.references == model::Strings{engine::key_reference("test")})
            world.engine.images.erase(id);
    }
    const auto before = ids();
    process = start_elsewhere("after-the-loss");
    const Findings found = reconcile(*process);
    ASSERT_TRUE(found.plan.blocked);
    EXPECT_EQ(found.plan.blocked->reason, "AwaitingAdoption");
    EXPECT_EQ(ids(), before);
}

TEST_F(HandTest, WhatWasMadeBeforeThereWereSealsIsNotTouched) {
    auto process = world.start();
    ASSERT_FALSE(reconcile(*process).error);
    process.reset();
    const auto before = ids();
    process = start();
    const Findings found = reconcile(*process);
    ASSERT_TRUE(found.plan.blocked);
    EXPECT_EQ(found.plan.blocked->reason, "AwaitingAdoption");
    EXPECT_EQ(ids(), before);
}

TEST_F(HandTest, AnEngineOfAnotherControllerIsLeftAloneUntilItIsGivenBack) {
    auto first = start();
    auto second = start_elsewhere("other");
    const Findings held = reconcile(*second);
    ASSERT_TRUE(held.error);
    EXPECT_EQ(held.reason, "EngineHeld");
    EXPECT_FALSE(is_terminal(*held.error));
    const auto holder = trueup::test::run(
        world.io, engine::find_seat_holder(world.engine, base::machine_clock(), "test"));
    EXPECT_EQ(held.error->message(), "the engine is held by " + (*holder)->describe());
    EXPECT_TRUE(ids().empty());
    const auto status = make_status(world.entry(commit), held, SystemTime());
    const auto* ready = v1alpha1::find_condition(status, "Ready");
    EXPECT_EQ(ready->status, v1alpha1::ConditionStatus::unknown);
    EXPECT_EQ(ready->reason, "EngineHeld");
    EXPECT_EQ(v1alpha1::find_condition(status, "Stalled"), nullptr);
    // Looking is free.
    const Findings looked = second->preview(world.entry(commit));
    EXPECT_FALSE(looked.error) << looked.error->message();
    EXPECT_FALSE(looked.plan.empty());

    release(*first);
    ASSERT_TRUE(trueup::test::run(world.io, second->hand().take(Milliseconds(0), nullptr)));
    EXPECT_FALSE(reconcile(*second).error);
    EXPECT_FALSE(ids().empty());
    const Findings gone = reconcile(*first);
    ASSERT_TRUE(gone.error);
    EXPECT_EQ(gone.reason, "EngineHeld");
}

TEST_F(HandTest, OneEngineUnderTwoNamesIsRefusedOnBothSides) {
    std::vector<Hand*> hands;
    const auto named = [&](const std::string& name, trueup::test::FakeEngine& engine) {
        HandOptions options;
        options.engine_name = name;
        options.engine_place = "config.yaml:4:" + std::to_string(hands.size() + 1);
        options.hands = &hands;
        return std::make_unique<test::Process>(world.io, engine, world.directory / name, true,
                                               std::move(options));
    };
    const auto first = named("a", world.engine);
    ASSERT_FALSE(reconcile(*first).error);
    const auto before = ids();
    auto second = named("b", world.engine);
    for (test::Process* process : {first.get(), second.get()}) {
        const Findings refused = reconcile(*process);
        ASSERT_TRUE(refused.error);
        EXPECT_EQ(
            refused.error->message(),
            "engines 'a' (config.yaml:4:1) and 'b' (config.yaml:4:2) of the configuration are "
            "one and the same; nothing is changed there until one of them is removed: let its "
            "stacks name the other");
        const auto status = make_status(world.entry(commit), refused, SystemTime());
        const auto* ready = v1alpha1::find_condition(status, "Ready");
        EXPECT_EQ(ready->status, v1alpha1::ConditionStatus::no);
        EXPECT_EQ(ready->reason, "DuplicateEngine");
        EXPECT_EQ(v1alpha1::find_condition(status, "Stalled")->reason, "DuplicateEngine");
    }
    EXPECT_EQ(ids(), before);
    // An engine with a copied id is another one all the same: its seat is free.
    trueup::test::FakeEngine copy{world.io.get_executor()};
    const auto third = named("c", copy);
    EXPECT_TRUE(third->hand().check());
    second.reset();
    EXPECT_TRUE(first->hand().check());
}

TEST_F(HandTest, WithoutASignOfLifeARolloutStopsBeforeItsNextAction) {
    auto process = start();
    std::size_t asked = 0;
    const Findings findings = process->reconcile_until(world.entry(commit), [&] {
        if (++asked == 4) process->hand_clock().advance(Seconds(31));
        return false;
    });
    EXPECT_GE(asked, 4U);
    EXPECT_TRUE(findings.stopped);
    EXPECT_LT(findings.actions_done, findings.plan.actions.size());
    EXPECT_FALSE(ids().contains("shop-api-1"));
}

}    // namespace
}    // namespace trueup::reconcile
