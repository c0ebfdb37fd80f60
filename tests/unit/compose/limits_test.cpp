// SPDX-License-Identifier: Apache-2.0
// What may be is taken, and one more is refused.
#include "controller/compose/limits.hpp"

#include <fmt/format.h>

#include "tests/unit/compose/load_support.hpp"

namespace trueup::compose::test {
namespace {

using trueup::test::MemoryTree;

constexpr std::size_t mebibyte = 1U << 20U;

std::string services(std::size_t count) {
    std::string text = "services:\n";
    for (std::size_t index = 0; index < count; ++index)
        text += fmt::format("  s{}: {{image: x}}\n", index);
    return text;
}

bool says(const std::string& problems, const std::string& words) {
    return problems.find(words) != std::string::npos;
}

TEST(ComposeLimits, BytesOfAFile) {
    const auto with = [](std::size_t size) {
        const std::string start = "services: {web: {image: x}}\n#";
        return problems_of(start + std::string(size - start.size(), 'x'));
    };
    EXPECT_EQ(with(mebibyte), "loaded");
    EXPECT_TRUE(says(with(mebibyte + 1), "longer than 1048576 bytes"));
}

TEST(ComposeLimits, NestingOfAFile) {
    const auto with = [](std::size_t levels) {
        // The file itself is the first of them.
        return problems_of("services: {web: {image: x}}\nx-a: " + std::string(levels - 1, '[') +
                           std::string(levels - 1, ']') + "\n");
    };
    EXPECT_EQ(with(64), "loaded");
    EXPECT_TRUE(says(with(65), "nested more than 64 levels deep"));
}

TEST(ComposeLimits, FilesOfAProject) {
    const auto with = [](std::size_t files) {
        MemoryTree tree;
        std::string list;
        for (std::size_t index = 1; index < files; ++index) {
            tree.add(fmt::format("{}.yaml", index), "x-a: 1\n");
            list += fmt::format("{}.yaml, ", index);
        }
        tree.add("compose.yaml", "include: [" + list + "]\nservices: {web: {image: x}}\n");
        return problems_of(tree);
    };
    EXPECT_EQ(with(Limits().files), "loaded");
    EXPECT_TRUE(says(with(Limits().files + 1), "more than 500 files"));
}

TEST(ComposeLimits, IncludesWithinIncludes) {
    const auto with = [](std::size_t levels) {
        MemoryTree tree{{fmt::format("{}.yaml", levels), "services: {last: {image: x}}\n"}};
        for (std::size_t level = 0; level < levels; ++level)
            tree.add(level == 0 ? "compose.yaml" : fmt::format("{}.yaml", level),
                     fmt::format("include: [{}.yaml]\nservices: {{s{}: {{image: x}}}}\n", level + 1,
                                 level));
        return problems_of(tree);
    };
    EXPECT_EQ(with(Limits().include_depth), "loaded");
    EXPECT_TRUE(says(with(Limits().include_depth + 1), "included more than 16 levels deep"));
}

TEST(ComposeLimits, ServicesThatExtendEachOther) {
    const auto with = [](std::size_t levels) {
        std::string text = "services:\n";
        for (std::size_t level = levels; level > 0; --level)
            text += fmt::format("  s{}: {{extends: s{}}}\n", level, level - 1);
        return problems_of(text + "  s0: {image: x}\n");
    };
    EXPECT_EQ(with(Limits().extends_depth), "loaded");
    EXPECT_TRUE(says(with(Limits().extends_depth + 1), "more than 32 levels deep"));
}

TEST(ComposeLimits, TenThousandServices) {
    EXPECT_EQ(project_of(services(Limits().services)).services.size(), Limits().services);
    EXPECT_TRUE(says(problems_of(services(Limits().services + 1)), "more than 10000 services"));
}

TEST(ComposeLimits, ReplicasOfAService) {
    EXPECT_EQ(web_of(fmt::format("scale: {}\n", Limits::replicas)).replicas, Limits::replicas);
    EXPECT_TRUE(says(problems_of_web(fmt::format("scale: {}\n", Limits::replicas + 1)),
                     "1001 is out of range: 0 to 1000"));
}

TEST(ComposeLimits, PortsOfAProject) {
    const std::string all = "  - '1-65535'\n  - '1-34464/udp'\n";
    EXPECT_EQ(web_of("ports:\n" + all + "  - '40000/udp'\n").ports.size(), Limits::ports);
    EXPECT_TRUE(says(problems_of_web("ports:\n" + all + "  - '40000/udp'\n  - '40001/udp'\n"),
                     "more than 100000 ports"));
}

TEST(ComposeLimits, OneFileOfVariables) {
    const auto with = [](std::size_t size) {
        return problems_of({{"compose.yaml", web_with("env_file: big.env\n")},
                            {"big.env", "A=" + std::string(size - 2, 'x')}});
    };
    EXPECT_EQ(with(Limits::read_bytes), "loaded");
    EXPECT_TRUE(says(with(Limits::read_bytes + 1), "big.env")) << with(Limits::read_bytes + 1);
}

TEST(ComposeLimits, WhatOneFileOfVariablesGrowsTo) {
    const auto with = [](int copies) {
        std::string text = "A=" + std::string(mebibyte / 2, 'x') + "\n";
        for (int copy = 0; copy < copies; ++copy) text += fmt::format("A{}=$A\n", copy);
        return problems_of({{"compose.yaml", web_with("env_file: big.env\n")}, {"big.env", text}});
    };
    EXPECT_EQ(with(7), "loaded");
    EXPECT_NE(with(8), "loaded");
}

// Of the project's variables, of includes and of services, all together or each.
TEST(ComposeLimits, FilesOfVariablesTogether) {
    const std::string mib = "A=" + std::string(mebibyte - 2, 'x');
    MemoryTree tree{{"compose.yaml", "services: {web: {image: x}}\n"}};
    LoadOptions options = shop_options();
    for (int index = 0; index < 16; ++index) {
        const std::string name = fmt::format("{}.env", index);
        tree.add(name, mib);
        options.variable_files.push_back({name, std::nullopt});
    }
    EXPECT_EQ(problems_of(tree, options), "loaded");
    options.variable_files.push_back({"/etc/host.env", "A=1"});
    EXPECT_EQ(problems_of(tree, options),
              "/etc/host.env: the files of variables of this project are more than 16 MiB long");

    std::string included = "include:\n";
    for (int index = 0; index < 17; ++index)
        included += fmt::format("  - {{path: inc.yaml, env_file: {}.env}}\n", index % 16);
    tree.add("compose.yaml", included + "services: {web: {image: x}}\n");
    tree.add("inc.yaml", "services: {other: {image: y}}\n");
    EXPECT_TRUE(says(problems_of(tree), "more than 16 MiB"));
}

TEST(ComposeLimits, ProblemsThatAreTold) {
    const auto with = [](std::size_t count) {
        std::string text = "services:\n  web:\n    image: x\n";
        for (std::size_t index = 0; index < count; ++index)
            text += fmt::format("    imag{}: x\n", index);
        return load_text(text).error().problems().size();
    };
    EXPECT_EQ(with(Limits::problems), Limits::problems);
    EXPECT_EQ(with(Limits::problems + 1), Limits::problems + 1) << "the last says how many more";
    EXPECT_TRUE(says(problems_of(services(1) +
                                 [] {
                                     std::string text;
                                     for (int index = 0; index < 201; ++index)
                                         text += fmt::format("x{}: x\n", index);
                                     return text;
                                 }()),
                     "and 1 more problems"));
}

TEST(ComposeLimits, DepthAndSizeOfVariables) {
    const auto nested = [](int depth) {
        std::string text = "x";
        for (int level = 0; level < depth; ++level) text = "${NONE:-" + text + "}";
        return problems_of_web("hostname: \"" + text + "\"\n");
    };
    EXPECT_EQ(nested(Limits::variable_depth), "loaded");
    EXPECT_TRUE(says(nested(Limits::variable_depth + 1), "nested too deeply"));
    const auto value = [](std::size_t size) {
        LoadOptions options = shop_options();
        options.variables["A"] = std::string(size, 'x');
        return problems_of(web_with("labels: {a: $A}\n"), options);
    };
    EXPECT_EQ(value(Limits::value_bytes), "loaded");
    EXPECT_TRUE(says(value(Limits::value_bytes + 1), "the result is too long"));
    const auto document = [](std::size_t labels) {
        LoadOptions options = shop_options();
        options.variables["A"] = std::string(mebibyte, 'x');
        std::string text = "labels:\n";
        for (std::size_t index = 0; index < labels; ++index)
            text += fmt::format("  l{}: $A\n", index);
        return problems_of(web_with(text), options);
    };
    EXPECT_EQ(document(16), "loaded");
    EXPECT_TRUE(says(document(17), "add up to more than 16777216 bytes"));
}

}    // namespace
}    // namespace trueup::compose::test
