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

std::string head() { return "apiVersion: trueup.dev/v1alpha1\nkind: ControllerConfiguration\n"; }

// "LINE MESSAGE" of each problem.
std::vector<std::string> problems_of(const std::string& text) {
    const auto checked = check_configuration(head() + text, "/nowhere/config.yaml");
    std::vector<std::string> lines;
    if (checked) return lines;
    const Error error = checked.error();
    for (const Problem& problem : error.problems())
        lines.push_back(std::to_string(problem.position.line) + " " + problem.message);
    return lines;
}

TEST(CheckConfiguration, TellsWhatTheStartWouldRefuseAndAllOfItAtOnce) {
    EXPECT_EQ(
        problems_of("hostroots: [/srv]\n"
                    "api: {listen: \"0.0.0.0:9180\"}\n"
                    "ownerKeyFile: key\n"
                    "workers: 0\n"
                    "registryCredentials: [{registry: registry.example.com, username: me, "
                    "passwordFile: password}]\n"),
        (std::vector<std::string>{
            "3 unknown field 'hostroots'",
            "4 api.listen (--listen): '0.0.0.0' is not a loopback address: there is no "
            "authentication yet, so only 127.0.0.1, [::1] and localhost are allowed",
            "5 ownerKeyFile is not read: the key is kept on the engine and in the state directory",
            "6 workers: '0' is not a whole number from 1 to 64",
            "7 the secret /nowhere/password cannot be read: No such file or directory"}));
    EXPECT_EQ(problems_of("metrics: {listen: here}\n"),
              std::vector<std::string>{"3 metrics.listen (--metrics-listen): 'here' is not "
                                       "ADDRESS:PORT, for example 127.0.0.1:9180"});
}

TEST(CheckConfiguration, TellsAnAddressOnce) {
    EXPECT_EQ(problems_of("engines: [{name: default, url: nowhere}]\n").size(), 1U);
    EXPECT_EQ(problems_of("engines: [{name: default, url: 'tcp://nowhere'}]\n").size(), 1U);
    EXPECT_EQ(problems_of("engines:\n  - {name: a, url: 'tcp://nowhere'}\n"
                          "  - {name: b, url: 'tcp://nowhere'}\n")
                  .size(),
              2U)
        << "one is no address, and the other is the same";
}

TEST(CheckConfiguration, GivesWhatIsValid) {
    const auto checked = check_configuration(head() + "name: east\n", "/nowhere/config.yaml");
    ASSERT_TRUE(checked) << checked.error().message();
    EXPECT_EQ(checked->configuration.name, "east");
}

TEST(RefusedListeners, NameTheOptionWhereNoFileSaysIt) {
    v1alpha1::Configuration configuration;
    EXPECT_TRUE(refused_listeners(configuration).empty());
    configuration.api_listen = "192.0.2.1:80";
    const Problems refused = refused_listeners(configuration);
    ASSERT_EQ(refused.size(), 1U);
    EXPECT_TRUE(to_string(refused.front())
                    .starts_with("api.listen (--listen): '192.0.2.1' is not a loopback address"));
}

}    // namespace
}    // namespace trueup::app
