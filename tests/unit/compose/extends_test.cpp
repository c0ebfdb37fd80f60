// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/compose/load_support.hpp"

namespace trueup::compose::test {
namespace {

using trueup::test::MemoryTree;

TEST(ComposeExtends, TakesOverAndLaysItsOwnOver) {
    const model::Project project = project_of(
        "services:\n"
        "  base: {image: x, hostname: b, environment: {A: 1, B: 1}, ports: ['80:80'], command: [a, "
        "b]}\n"
        "  mid: {extends: {service: base}, environment: [B=2], ports: ['81:81']}\n"
        "  web: {extends: mid, hostname: w, command: [c]}\n");
    const model::Service& web = project.services.at("web");
    EXPECT_EQ(web.image, "x");
    EXPECT_EQ(web.hostname, "w");
    EXPECT_EQ(web.environment, (model::Environment{{"A", "1"}, {"B", "2"}}));
    EXPECT_EQ(web.ports.size(), 2U);
    EXPECT_EQ(web.command, model::Strings{"c"});
    EXPECT_EQ(project.services.at("base").environment.at("B"), "1");
}

TEST(ComposeExtends, PathsOfAnotherFileStartAtItsFolder) {
    const model::Project project = project_of(MemoryTree{
        {"compose.yaml", "services: {web: {extends: {file: sub/base.yaml, service: app}}}\n"},
        {"sub/base.yaml",
         "services:\n  app:\n    extends: {file: deeper/base.yaml, service: app}\n"
         "    env_file: a.env\n    volumes: ['./conf:/c']\n"},
        {"sub/deeper/base.yaml", "services: {app: {build: ./src}}\n"},
        {"sub/a.env", "A=1\n"},
        {"sub/conf/x", ""},
        {"sub/deeper/src/Dockerfile", "FROM x\n"}});
    const model::Service& web = project.services.at("web");
    EXPECT_EQ(web.build->context, "sub/deeper/src");
    EXPECT_EQ(web.environment.at("A"), "1");
    EXPECT_EQ(web.mounts.at(0).source, "sub/conf");
}

TEST(ComposeExtends, OneOfTheSameNameInAnotherFile) {
    const model::Project project = project_of(
        MemoryTree{{"compose.yaml", "services: {web: {extends: {file: b.yaml, service: web}}}\n"},
                   {"b.yaml", "services: {web: {image: x}, broken: {extends: gone}}\n"}});
    EXPECT_EQ(project.services.at("web").image, "x");
    EXPECT_EQ(project.services.size(), 1U);
}

TEST(ComposeExtends, ResetsHoldForWhatIsTakenOver) {
    const model::Project project = project_of(
        "services:\n"
        "  base: {image: x, ports: ['80:80'], environment: {A: 1, B: 1}}\n"
        "  web: {extends: base, ports: !reset [], environment: !override {C: 1}}\n");
    EXPECT_TRUE(project.services.at("web").ports.empty());
    EXPECT_EQ(project.services.at("web").environment, (model::Environment{{"C", "1"}}));
    EXPECT_EQ(project.services.at("base").ports.size(), 1U);
}

TEST(ComposeExtends, CirclesAreRefused) {
    EXPECT_EQ(problems_of("services:\n  a: {extends: b, image: x}\n  b: {extends: a, image: x}\n"),
              "compose.yaml:3:16: services.b.extends: 'a' extends itself (remove one of them)");
    EXPECT_EQ(problems_of("services:\n  a: {extends: a, image: x}\n"),
              "compose.yaml:2:16: services.a.extends: 'a' extends itself (remove one of them)");
    EXPECT_EQ(
        problems_of(MemoryTree{
            {"compose.yaml", "services: {a: {image: x, extends: {file: b.yaml, service: b}}}\n"},
            {"b.yaml", "services: {b: {extends: {file: compose.yaml, service: a}}}\n"}}),
        "b.yaml:1:25: services.b.extends: 'a' extends itself (remove one of them)");
}

TEST(ComposeExtends, WhatIsNotThereIsRefused) {
    EXPECT_EQ(
        problems_of("services:\n  web: {image: x, extends: bse}\n  base: {image: x}\n"),
        "compose.yaml:2:28: services.web.extends: there is no service 'bse' in this file (did "
        "you mean 'base'?)");
    EXPECT_EQ(problems_of("services: {web: {image: x, extends: {file: gone.yaml, service: a}}}\n"),
              "compose.yaml:1:44: services.web.extends.file: there is no gone.yaml in the commit "
              "(is this the right file?)");
    EXPECT_EQ(problems_of("services: {web: {image: x, extends: {file: a.yaml}}}\n"),
              "compose.yaml:1:37: services.web.extends: 'service' is missing in extends");
    EXPECT_EQ(
        problems_of("services: {web: {image: x, extends: {service: a, files: b}}}\n"),
        "compose.yaml:1:50: services.web.extends.files: unknown field 'files' in extends (did "
        "you mean 'file'?)");
}

TEST(ComposeExtends, ThousandsMayExtendOne) {
    std::string text = "services:\n  base: {image: x, environment: {A: 1}}\n";
    for (int index = 0; index < 2000; ++index)
        text += fmt::format("  s{}: {{extends: base}}\n", index);
    EXPECT_EQ(project_of(text).services.size(), 2001U);
}

TEST(ComposeExtends, DepthAndSizeHaveLimits) {
    std::string chain = "services:\n  s0: {image: x}\n";
    for (int index = 1; index < 60; ++index)
        chain += fmt::format("  s{}: {{extends: s{}}}\n", index, index - 1);
    // In the order of the file each is complete when the next one needs it.
    EXPECT_EQ(problems_of(chain), "loaded");
    std::string backwards = "services:\n";
    for (int index = 60; index > 0; --index)
        backwards += fmt::format("  s{}: {{extends: s{}}}\n", index, index - 1);
    EXPECT_NE(problems_of(backwards + "  s0: {image: x}\n").find("more than 32 levels deep"),
              std::string::npos);
    std::string heavy = "services:\n  base:\n    image: x\n    labels:\n";
    for (int index = 0; index < 5000; ++index) heavy += fmt::format("      l{}: x\n", index);
    for (int index = 0; index < 500; ++index)
        heavy += fmt::format("  s{}: {{extends: base}}\n", index);
    EXPECT_NE(problems_of(heavy).find("more than 1000000 values"), std::string::npos);
}

}    // namespace
}    // namespace trueup::compose::test
