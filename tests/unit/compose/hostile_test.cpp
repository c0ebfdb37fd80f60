// SPDX-License-Identifier: Apache-2.0
// Files that are no compose files, or are meant to hurt: refused, quickly, with a place.
#include "tests/unit/compose/load_support.hpp"

namespace trueup::compose::test {
namespace {

using trueup::test::MemoryTree;

TEST(ComposeHostile, AFileOverOneMebibyte) {
    const std::string text = "services: {web: {image: x}}\n#" + std::string(1U << 20U, 'x');
    EXPECT_EQ(problems_of(text),
              "compose.yaml: compose.yaml is longer than 1048576 bytes (is this the right file?)");
}

TEST(ComposeHostile, BinaryJunk) {
    EXPECT_NE(problems_of(std::string("\x7f"
                                      "ELF\x02\x01\x01\x00",
                                      8))
                  .find("compose.yaml:1:1: a control character"),
              std::string::npos);
    EXPECT_EQ(problems_of("services:\n  web: {image: \xC3\x28}\n"),
              "compose.yaml:2:16: this is not valid UTF-8 (save the file as UTF-8 text)");
}

TEST(ComposeHostile, AliasBombs) {
    std::string bomb = "x-a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
    for (int level = 1; level < 12; ++level) {
        bomb += fmt::format("x-a{}: &a{} [", level, level);
        for (int copy = 0; copy < 10; ++copy)
            bomb += fmt::format("*a{}{}", level - 1, copy < 9 ? "," : "]\n");
    }
    EXPECT_NE(problems_of(bomb).find("values once aliases are expanded"), std::string::npos);
}

TEST(ComposeHostile, AliasesOfALargeText) {
    std::string bomb = "x-a: &a \"" + std::string(500'000, 'x') + "\"\nx-b: [";
    for (int copy = 0; copy < 50'000; ++copy) bomb += "*a,";
    EXPECT_NE(problems_of(bomb + "]\n").find("once aliases are expanded"), std::string::npos);
}

TEST(ComposeHostile, AnchorsWithinAnchors) {
    std::string bomb = "x-a: ";
    for (int level = 0; level < 50; ++level) bomb += fmt::format("&a{} [", level);
    for (int item = 0; item < 90'000; ++item) bomb += "x,";
    EXPECT_NE(problems_of(bomb + std::string(50, ']') + "\n").find("once aliases are expanded"),
              std::string::npos);
}

TEST(ComposeHostile, DeepNesting) {
    EXPECT_NE(problems_of("x-a: " + std::string(50'000, '[')).find("levels deep"),
              std::string::npos);
    EXPECT_NE(problems_of("x-a: " + std::string(50'000, '{')).find("levels deep"),
              std::string::npos);
}

TEST(ComposeHostile, OneHugeEnvFileInEveryService) {
    std::string text = "services:\n";
    for (int index = 0; index < 100; ++index)
        text += fmt::format("  s{}: {{image: x, env_file: big.env}}\n", index);
    MemoryTree tree{{"compose.yaml", text}, {"big.env", "A=" + std::string(900'000, 'x')}};
    EXPECT_NE(problems_of(tree).find("more than 16 MiB"), std::string::npos);
}

TEST(ComposeHostile, ThousandsOfProblemsEnd) {
    std::string text = "services:\n  web:\n    image: x\n";
    for (int index = 0; index < 20'000; ++index) text += fmt::format("    imag{}: x\n", index);
    const auto project = load_text(text);
    ASSERT_FALSE(project);
    EXPECT_EQ(project.error().problems().size(), 201U);
    EXPECT_NE(project.error().message().find("and 19800 more problems"), std::string::npos);
}

TEST(ComposeHostile, ManyEntriesOfEveryKindAreReadAtOnce) {
    std::string environment = "environment:\n";
    std::string ports = "ports:\n";
    for (int index = 0; index < 20'000; ++index) {
        environment += fmt::format("  - K{}=v\n", index);
        if (index < 5)
            ports += fmt::format("  - '{}-{}'\n", index * 10'000 + 1, index * 10'000 + 9999);
    }
    const model::Service web = web_of(environment + ports);
    EXPECT_EQ(web.environment.size(), 20'000U);
    EXPECT_EQ(web.ports.size(), 49'995U);
}

TEST(ComposeHostile, MessagesDoNotShowValues) {
    LoadOptions options = shop_options();
    options.variables = {{"PASSWORD", "hunter2"}};
    const std::string told =
        problems_of({{"compose.yaml", web_with("env_file: a.env\nhostname: [$PASSWORD]\n"
                                               "environment: {A: '${X:?$PASSWORD}'}\n")},
                     {"a.env", "-----BEGIN hunter2\nKEY=\"hunter2\n"}},
                    options);
    EXPECT_NE(told, "loaded");
    EXPECT_EQ(told.find("hunter2"), std::string::npos) << told;
}

}    // namespace
}    // namespace trueup::compose::test
