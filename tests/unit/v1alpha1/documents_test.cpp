// SPDX-License-Identifier: Apache-2.0
// What the documentation shows must load.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "api/v1alpha1/codec.hpp"
#include "api/v1alpha1/configuration.hpp"

namespace trueup::v1alpha1 {
namespace {

struct Block {
    std::size_t line = 0;
    std::string text;
};

std::vector<Block> yaml_blocks(const std::string& path) {
    std::ifstream stream(path);
    EXPECT_TRUE(stream) << path;
    std::vector<Block> blocks;
    bool inside = false;
    std::size_t number = 0;
    for (std::string line; std::getline(stream, line);) {
        ++number;
        if (inside && line == "```") {
            inside = false;
        } else if (inside) {
            blocks.back().text += line + "\n";
        } else if (line == "```yaml") {
            inside = true;
            blocks.push_back(Block{number, ""});
        }
    }
    return blocks;
}

TEST(Documentation, EveryYamlBlockLoads) {
    std::size_t configurations = 0;
    for (const std::string name : {"README.md", "docs/configuration.md"}) {
        const auto blocks = yaml_blocks(std::string(TRUEUP_SOURCE_DIRECTORY) + "/" + name);
        EXPECT_FALSE(blocks.empty()) << name;
        for (const Block& block : blocks) {
            const std::string where = fmt::format("{}:{}", name, block.line);
            if (is_configuration(block.text)) {
                ++configurations;
                const auto read = parse_configuration(block.text, where);
                EXPECT_TRUE(read) << read.error().message();
            } else {
                const auto read = parse_stacks(block.text, where);
                EXPECT_TRUE(read) << read.error().message();
            }
        }
    }
    EXPECT_EQ(configurations, 2U);
}

}    // namespace
}    // namespace trueup::v1alpha1
