// SPDX-License-Identifier: Apache-2.0
// Networks of services, and what services depend on.
#include "tests/unit/compose/load_support.hpp"

namespace trueup::compose::test {
namespace {

TEST(ComposeNetworks, NobodyNamesOneEverybodySharesTheDefault) {
    const model::Project project =
        project_of("services: {a: {image: x}, b: {image: x, networks: {}}}\n");
    EXPECT_TRUE(project.services.at("a").networks.contains("default"));
    EXPECT_TRUE(project.services.at("b").networks.contains("default"));
    EXPECT_EQ(project.networks.size(), 1U);
}

TEST(ComposeNetworks, NamedOnesReplaceTheDefault) {
    const model::Project project =
        project_of(web_with("networks: [front, back]\n") +
                   "networks:\n  front:\n  back: {driver: bridge, internal: true, attachable: yes, "
                   "driver_opts: {a: 1}, labels: {l: x}}\n  unused: {}\n");
    const auto& networks = project.services.at("web").networks;
    EXPECT_EQ(networks.size(), 2U);
    ASSERT_EQ(project.networks.size(), 2U);
    EXPECT_EQ(project.networks.at("front").name, "shop_front");
    const model::Network& back = project.networks.at("back");
    EXPECT_EQ(back.driver, "bridge");
    EXPECT_TRUE(back.internal && back.attachable);
    EXPECT_EQ(back.driver_options, (model::StringMap{{"a", "1"}}));
    EXPECT_EQ(back.labels, (model::StringMap{{"l", "x"}}));
}

TEST(ComposeNetworks, AliasesAddressesAndPriority) {
    const model::Service web =
        project_of(web_with("networks: {n: {aliases: [w, www], ipv4_address: 10.0.0.2, "
                            "ipv6_address: 'fd00::2', priority: -5}, default: }\n") +
                   "networks: {n: {external: true}}\n")
            .services.at("web");
    const model::ServiceNetwork& network = web.networks.at("n");
    EXPECT_EQ(network.aliases, (model::Strings{"w", "www"}));
    EXPECT_EQ(network.ipv4_address, "10.0.0.2");
    EXPECT_EQ(network.ipv6_address, "fd00::2");
    EXPECT_EQ(network.priority, -5);
    EXPECT_TRUE(web.networks.contains("default"));
}

TEST(ComposeNetworks, TheDefaultCanBeChanged) {
    const model::Project project =
        project_of(web_with("") + "networks: {default: {name: shared, external: true}}\n");
    EXPECT_EQ(project.networks.at("default").name, "shared");
    EXPECT_TRUE(project.networks.at("default").external);
}

TEST(ComposeNetworks, WhatIsNotDefinedIsRefused) {
    EXPECT_EQ(problems_of(web_with("networks: [frnt]\n") + "networks: {front: }\n"),
              "compose.yaml:4:16: services.web.networks: network 'frnt' is not defined (did "
              "you mean 'front'?)");
    EXPECT_EQ(problems_of_web("networks: front\n"),
              "compose.yaml:4:15: services.web.networks: expected a list of names or a "
              "mapping, got a string");
}

std::string depending(const std::string& lines) {
    return "services:\n  db: {image: x}\n  job: {image: x}\n  web:\n    image: x\n" + lines;
}

TEST(ComposeDependsOn, AListWaitsForTheStart) {
    const model::Service web =
        project_of(depending("    depends_on: [db, job]\n")).services.at("web");
    EXPECT_EQ(web.depends_on.size(), 2U);
    EXPECT_EQ(web.depends_on.at("db"), model::Dependency());
}

TEST(ComposeDependsOn, AMappingHasConditions) {
    const model::Service web =
        project_of(depending("    depends_on:\n"
                             "      db: {condition: service_healthy, restart: true}\n"
                             "      job: {condition: service_completed_successfully}\n"))
            .services.at("web");
    const model::Dependency& db = web.depends_on.at("db");
    EXPECT_EQ(db.condition, model::DependencyCondition::healthy);
    EXPECT_TRUE(db.restart && db.required);
    EXPECT_EQ(web.depends_on.at("job").condition,
              model::DependencyCondition::completed_successfully);
}

TEST(ComposeDependsOn, WhatIsNoDependencyIsRefused) {
    EXPECT_EQ(problems_of(depending("    depends_on:\n"
                                    "      db: {condition: healthy, when: now}\n"
                                    "      job: soon\n")),
              "compose.yaml:7:23: services.web.depends_on.db.condition: 'healthy' is not "
              "known here (service_started, service_healthy or "
              "service_completed_successfully)\n"
              "compose.yaml:7:32: services.web.depends_on.db.when: unknown field 'when' in "
              "depends_on\n"
              "compose.yaml:8:12: services.web.depends_on.job: expected a mapping, got a "
              "string");
}

TEST(ComposeDependsOn, AnUnknownServiceIsRefusedWithASuggestion) {
    EXPECT_EQ(problems_of(depending("    depends_on: [jobs]\n")),
              "compose.yaml:6:18: services.web.depends_on: it depends on 'jobs', which is "
              "not defined (did you mean 'job'?)");
}

TEST(ComposeDependsOn, AnOptionalServiceThatIsNotThereIsDropped) {
    EXPECT_TRUE(
        project_of(
            depending("    depends_on: {gone: {condition: service_started, required: false}}\n"))
            .services.at("web")
            .depends_on.empty());
}

TEST(ComposeDependsOn, CirclesAreRefusedAndNamed) {
    EXPECT_EQ(problems_of("services:\n"
                          "  a: {image: x, depends_on: [b]}\n"
                          "  b: {image: x, depends_on: [c]}\n"
                          "  c: {image: x, depends_on: [b]}\n"
                          "  d: {image: x, depends_on: [d, a]}\n"),
              "compose.yaml:3:3: services depend on each other in a circle: b -> c -> b\n"
              "compose.yaml:5:3: services depend on each other in a circle: d -> d");
}

TEST(ComposeDependsOn, LongChainsAreNoTrouble) {
    std::string text = "services:\n";
    for (int index = 0; index < 5000; ++index)
        text += fmt::format("  s{}: {{image: x, depends_on: [s{}]}}\n", index, index + 1);
    text += "  s5000: {image: x}\n";
    EXPECT_EQ(project_of(text).services.size(), 5001U);
}

TEST(ComposeNames, AContainerNameBelongsToOneService) {
    EXPECT_EQ(problems_of("services:\n  a: {image: x, container_name: cc}\n"
                          "  b: {image: x, container_name: cc}\n"),
              "compose.yaml:3:33: services.b: container_name 'cc' is taken by service a");
}

}    // namespace
}    // namespace trueup::compose::test
