// SPDX-License-Identifier: Apache-2.0
// What a failure tells of a container and of the engine repeats nothing that the service was given.
#include <gtest/gtest.h>

#include <fstream>

#include "controller/reconcile/explain.hpp"
#include "tests/unit/reconcile/loop_world.hpp"

namespace trueup::reconcile {
namespace {

class MaskedTest : public testing::Test {
protected:
    MaskedTest() {
        std::filesystem::create_directories(world.directory / "state");
        std::ofstream(world.directory / "state/host.env") << "TOKEN=hunter2-of-host\n";
    }
    std::string message_of(const trueup::test::Behaviour& behaviour) {
        trueup::test::FakeImage image{"", {"prints:1"}, {}, {{"/bin/prints", "prints"}}, {}};
        image.behaviour = behaviour;
        world.engine.add_image(std::move(image));
        const std::string commit = world.repository.commit_files(
            {{"compose.yaml",
              "services:\n"
              "  api: {image: 'prints:1', command: [serve, '${TOKEN}'], secrets: [token],\n"
              "        configs: [settings]}\n"
              "secrets: {token: {environment: TOKEN}}\n"
              "configs: {settings: {content: 'password is hunter2-of-config'}}\n"}},
            "prints");
        Entry entry = world.entry(commit);
        v1alpha1::VariableFile file;
        file.path = world.directory / "state/host.env";
        file.on_host = true;
        entry.stack.spec.compose.variable_files = {file};
        const Findings findings = world.start()->reconcile(entry);
        EXPECT_TRUE(findings.error);
        return findings.error ? findings.error->message() : "";
    }

    test::LoopWorld world;
};

TEST_F(MaskedTest, TheLastLinesOfAContainer) {
    trueup::test::Behaviour behaviour;
    behaviour.exits = 1;
    behaviour.output = "token hunter2-of-host\npassword is hunter2-of-config\nbye\n";
    const std::string message = message_of(behaviour);
    EXPECT_NE(message.find("its last lines: token *** | *** | bye"), std::string::npos) << message;
}

TEST_F(MaskedTest, WhatTheEngineSays) {
    trueup::test::Behaviour behaviour;
    behaviour.start_error = "cannot run serve hunter2-of-host";
    const std::string message = message_of(behaviour);
    EXPECT_NE(message.find("cannot run serve ***"), std::string::npos) << message;
}

TEST(MaskedAnswers, WhatTheEngineSaidOfTheLastStart) {
    Known known;
    known.look.emplace();
    auto desired = std::make_shared<Desired>();
    desired->host_values = {"hunter2-of-host"};
    model::ObservedContainer container;
    container.owned = true;
    container.state = model::ContainerState::created;
    container.error = "cannot run serve hunter2-of-host";
    known.look->observed.emplace().containers = {container};
    const auto told = [&known] {
        std::string text;
        for (const Answer& answer : explain(known).answers) text += answer.text;
        return text;
    };
    EXPECT_EQ(told().find("cannot run"), std::string::npos) << "nobody knows what to hide";
    EXPECT_NE(told().find("its last start failed"), std::string::npos);
    known.look->desired = desired;
    EXPECT_NE(told().find("its last start failed: cannot run serve ***"), std::string::npos)
        << told();
}

}    // namespace
}    // namespace trueup::reconcile
