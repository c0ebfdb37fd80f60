// SPDX-License-Identifier: Apache-2.0
// A later file over an earlier one, seen in the project that comes out.
#include "controller/compose/merge.hpp"

#include "tests/unit/compose/load_support.hpp"

namespace trueup::compose::test {
namespace {

model::Service merged(const std::string& base, const std::string& over) {
    LoadOptions options = shop_options();
    options.files = {"base.yaml", "over.yaml"};
    const std::string more = "volumes: {one: , two: }\nnetworks: {m: , n: }\n";
    const model::Project project =
        project_of({{"base.yaml", web_with(base) + "  other: {image: x}\n" + more},
                    {"over.yaml", "services:\n  web:\n" + over}},
                   options);
    const auto found = project.services.find("web");
    return found == project.services.end() ? model::Service() : found->second;
}

TEST(ComposeMerge, ValuesAreReplaced) {
    const model::Service web = merged("hostname: a\nuser: u\n", "    hostname: b\n");
    EXPECT_EQ(web.hostname, "b");
    EXPECT_EQ(web.user, "u");
    EXPECT_EQ(web.image, "nginx");
}

TEST(ComposeMerge, MappingsMergeByKeyInEveryForm) {
    const model::Service web = merged("environment: {A: 1, B: 1}\nlabels: [l=1, m=1]\n",
                                      "    environment: [B=2, C=2]\n    labels: {m: 2}\n");
    EXPECT_EQ(web.environment.at("A"), "1");
    EXPECT_EQ(web.environment.at("B"), "2");
    EXPECT_EQ(web.environment.at("C"), "2");
    EXPECT_EQ(web.labels, (model::StringMap{{"l", "1"}, {"m", "2"}}));
}

TEST(ComposeMerge, CommandsAreReplacedWhole) {
    const model::Service web = merged(
        "command: [a, b, c]\nentrypoint: [e, f]\nhealthcheck: {test: [CMD, a, b], retries: 3}\n",
        "    command: [d]\n    entrypoint: []\n    healthcheck: {test: [CMD, c]}\n");
    EXPECT_EQ(web.command, model::Strings{"d"});
    EXPECT_EQ(web.entrypoint, model::Strings());
    EXPECT_EQ(web.healthcheck->test, (model::Strings{"CMD", "c"}));
    EXPECT_EQ(web.healthcheck->retries, 3);
}

TEST(ComposeMerge, PortsAreAddedUnlessTheyAreTheSame) {
    const model::Service web = merged("ports: ['80:80', '443:443']\n",
                                      "    ports: [{target: 80, published: 80}, '8080:80']\n");
    const std::vector<model::Port> wanted{
        {"", "80", 80, "tcp"}, {"", "443", 443, "tcp"}, {"", "8080", 80, "tcp"}};
    EXPECT_EQ(web.ports, wanted);
}

TEST(ComposeMerge, VolumesMergeByTarget) {
    const model::Service web = merged("volumes: ['one:/data', 'one:/more']\n",
                                      "    volumes: ['two:/data:ro', 'two:/new']\n");
    ASSERT_EQ(web.mounts.size(), 3U);
    EXPECT_EQ(web.mounts[0].source, "two");
    EXPECT_TRUE(web.mounts[0].read_only);
    EXPECT_EQ(web.mounts[1].source, "one");
    EXPECT_EQ(web.mounts[2].target, "/new");
}

TEST(ComposeMerge, ListsAreAppendedWithoutRepeats) {
    EXPECT_EQ(merged("expose: [80, 81]\n", "    expose: ['81', '82']\n").expose,
              (model::Strings{"80", "81", "82"}));
}

TEST(ComposeMerge, NetworksAndDependenciesMergeInBothForms) {
    const model::Service web = merged("networks: [m]\ndepends_on: [other]\n",
                                      "    networks: {n: {aliases: [w]}}\n"
                                      "    depends_on: {other: {condition: service_healthy}}\n");
    EXPECT_EQ(web.networks.size(), 2U);
    EXPECT_EQ(web.networks.at("n").aliases, model::Strings{"w"});
    EXPECT_EQ(web.depends_on.at("other").condition, model::DependencyCondition::healthy);
}

TEST(ComposeMerge, AShortBuildMergesWithALongOne) {
    const model::Service web = merged("build: ./app\n", "    build: {target: prod, args: [A=1]}\n");
    EXPECT_EQ(web.build->context, "app");
    EXPECT_EQ(web.build->target, "prod");
    EXPECT_EQ(web.build->args, (model::StringMap{{"A", "1"}}));
}

TEST(ComposeMerge, NothingOverACollectionChangesNothing) {
    const model::Service web =
        merged("ports: ['80']\nhostname: a\n", "    ports:\n    hostname:\n");
    EXPECT_EQ(web.ports.size(), 1U);
    EXPECT_EQ(web.hostname, "a");
}

TEST(ComposeMerge, ResetRemoves) {
    const model::Service web =
        merged("ports: ['80']\nbuild: .\nhostname: a\nenvironment: {A: 1, B: 2}\nenv_file: x.env\n",
               "    ports: !reset []\n    build: !reset\n    hostname: !reset null\n"
               "    environment: {A: !reset }\n    env_file: !reset []\n");
    EXPECT_TRUE(web.ports.empty());
    EXPECT_FALSE(web.build);
    EXPECT_EQ(web.hostname, "");
    EXPECT_FALSE(web.environment.contains("A"));
    EXPECT_EQ(web.environment.at("B"), "2");
}

TEST(ComposeMerge, OverrideReplacesTheWhole) {
    const model::Service web =
        merged("ports: ['80', '81']\nenvironment: {A: 1}\nnetworks: [m]\n",
               "    ports: !override ['90']\n    environment: !override [B=2]\n"
               "    networks: !override [n]\n");
    ASSERT_EQ(web.ports.size(), 1U);
    EXPECT_EQ(web.ports[0].target, 90);
    EXPECT_FALSE(web.environment.contains("A"));
    EXPECT_EQ(web.environment.at("B"), "2");
    EXPECT_FALSE(web.networks.contains("m"));
}

TEST(ComposeMerge, AServiceCanBeReset) {
    LoadOptions options = shop_options();
    options.files = {"base.yaml", "over.yaml"};
    const model::Project project =
        project_of({{"base.yaml", "services: {web: {image: x}, mail: {image: x}}\n"},
                    {"over.yaml", "services: {mail: !reset null}\n"}},
                   options);
    EXPECT_EQ(project.services.size(), 1U);
    EXPECT_TRUE(project.services.contains("web"));
}

TEST(ComposeMerge, AResetHoldsForEverythingBelowIt) {
    LoadOptions options = shop_options();
    options.files = {"a.yaml", "b.yaml", "c.yaml"};
    const trueup::test::MemoryTree tree{
        {"a.yaml", web_with("ports: ['80']\nenvironment: {A: 1}\n")},
        {"b.yaml", "services: {web: {ports: !reset [], environment: !override {B: 2}}}\n"},
        {"c.yaml", "services: {web: {ports: ['90'], environment: {C: 3}}}\n"}};
    const model::Service web = project_of(tree, options).services.at("web");
    ASSERT_EQ(web.ports.size(), 1U);
    EXPECT_EQ(web.ports[0].target, 90);
    EXPECT_EQ(web.environment.size(), 2U);
    EXPECT_FALSE(web.environment.contains("A"));
}

TEST(ComposeMerge, DocumentsOfOneFileMergeInOrder) {
    const model::Service web =
        project_of(web_with("hostname: a\nports: ['80']\n") +
                   "---\nservices: {web: {hostname: b, ports: !reset []}}\n---\n# nothing\n")
            .services.at("web");
    EXPECT_EQ(web.hostname, "b");
    EXPECT_TRUE(web.ports.empty());
}

TEST(ComposeMerge, AnchorsAndMergeKeysWork) {
    const model::Project project = project_of(
        "x-base: &base {image: x, environment: &env {A: 1}}\n"
        "services:\n  a:\n    <<: *base\n    hostname: h\n"
        "  b:\n    <<: *base\n    environment:\n      <<: *env\n      B: 2\n");
    EXPECT_EQ(project.services.at("a").image, "x");
    EXPECT_EQ(project.services.at("a").environment.size(), 1U);
    EXPECT_EQ(project.services.at("b").environment.size(), 2U);
}

TEST(ComposeMerge, WhatCannotBeLaidOverIsToldWithItsPath) {
    LoadOptions options = shop_options();
    options.files = {"a.yaml", "b.yaml"};
    EXPECT_EQ(problems_of({{"a.yaml", web_with("healthcheck: {test: x}\n")},
                           {"b.yaml", "services:\n  web:\n    healthcheck: [x]\n"}},
                          options),
              "b.yaml:3:18: services.web.healthcheck: a list cannot be laid over a mapping (the "
              "other one is at a.yaml:4:18)");
    EXPECT_EQ(problems_of("services:\n  base: {image: x, logging: {driver: d}}\n"
                          "  web: {extends: base, logging: 5}\n"),
              "compose.yaml:3:33: services.web.logging: a number cannot be laid over a mapping "
              "(the other one is at compose.yaml:2:29)");
}

TEST(ComposeMerge, ThousandsOfKeysAndItemsMergeAtOnce) {
    std::string base = "v:\n";
    std::string over = "v:\n";
    for (int index = 0; index < 20'000; ++index) {
        base += fmt::format("  k{}: 1\n", index);
        over += fmt::format("  k{}: 2\n", index + 10'000);
    }
    Problems problems;
    const yaml::Node result = merge(yaml::parse(base, "a.yaml")->front(),
                                    yaml::parse(over, "b.yaml")->front(), Object::file, problems);
    EXPECT_TRUE(problems.empty());
    EXPECT_EQ(result.find("v")->entries.size(), 30'000U);
    EXPECT_EQ(result.find("v")->find("k9999")->text, "1");
    EXPECT_EQ(result.find("v")->find("k10000")->text, "2");
}

}    // namespace
}    // namespace trueup::compose::test
