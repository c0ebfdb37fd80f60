// SPDX-License-Identifier: Apache-2.0
#include "controller/app/configuration.hpp"

#include <gtest/gtest.h>

namespace trueup::app {
namespace {

v1alpha1::Configuration with(const std::vector<std::string>& names) {
    v1alpha1::Configuration configuration;
    configuration.engines.clear();
    for (const std::string& name : names) {
        v1alpha1::EngineConfiguration engine;
        engine.name = name;
        engine.url = "unix:///run/" + name;
        configuration.engines.push_back(std::move(engine));
    }
    return configuration;
}

std::string picked(const std::vector<std::string>& names, const std::string& name) {
    const auto engine = pick_engine(with(names), name);
    return engine ? engine->url : engine.error().message();
}

TEST(PickEngine, TheOnlyOneOrTheOneThatIsNamed) {
    EXPECT_EQ(picked({"east"}, ""), "unix:///run/east");
    EXPECT_EQ(picked({"east", "west"}, "west"), "unix:///run/west");
    EXPECT_EQ(picked({"east", "west"}, ""), "--engine: which one is meant: east, west?");
    EXPECT_EQ(picked({"east"}, "west"),
              "--engine: the configuration has no engine west, only: east");
}

TEST(EngineOptions, SayHowAnEngineIsReached) {
    v1alpha1::EngineConfiguration engine;
    engine.url = "tcp://10.0.0.1:2376";
    EXPECT_FALSE(engine_options(engine).tls);
    engine.tls = true;
    engine.ca_file.path = "/ca";
    engine.identity_file.path = "/key";
    EXPECT_EQ(engine_options(engine).tls->authority_file, "/ca");
    EXPECT_EQ(engine_options(engine).ssh.identity_file, "/key");
    EXPECT_EQ(engine_options(engine).url, "tcp://10.0.0.1:2376");
}

}    // namespace
}    // namespace trueup::app
