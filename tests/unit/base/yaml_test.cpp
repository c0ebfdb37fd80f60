// SPDX-License-Identifier: Apache-2.0
#include "controller/base/yaml.hpp"

#include <gtest/gtest.h>

namespace trueup::base::yaml {
namespace {

Node parse_one(std::string_view text) {
    auto documents = parse(text, "f.yaml");
    EXPECT_TRUE(documents) << documents.error().message();
    return documents && !documents->empty() ? documents->front() : Node();
}

std::string error_of(std::string_view text, const Limits& limits = {}) {
    const auto documents = parse(text, "f.yaml", limits);
    return documents ? "accepted" : documents.error().message();
}

TEST(Yaml, keeps_positions_order_quoting_and_tags) {
    const Node node = parse_one("b: 1\na: 'two'\nc: !reset null\nd:\n  - x\n  - {y: z}\n");
    ASSERT_EQ(node.entries.size(), 4U);
    EXPECT_EQ(node.entries[0].key, "b");
    EXPECT_FALSE(node.find("b")->quoted);
    EXPECT_TRUE(node.find("a")->quoted);
    EXPECT_EQ(node.find("c")->tag, "!reset");
    EXPECT_EQ(to_string(node.entries[1].position()), "f.yaml:2:1");
    EXPECT_EQ(to_string(node.find("a")->position()), "f.yaml:2:4");
    EXPECT_EQ(to_string(node.find("d")->items[1].find("y")->position()), "f.yaml:6:9");
}

TEST(Yaml, tells_null_from_an_empty_string) {
    const Node node = parse_one("a:\nb: ~\nc: ''\nd: null\n");
    EXPECT_TRUE(node.find("a")->is_null());
    EXPECT_TRUE(node.find("b")->is_null());
    EXPECT_TRUE(node.find("c")->is_scalar());
    EXPECT_TRUE(node.find("d")->is_null());
}

TEST(Yaml, applies_merge_keys_without_overriding) {
    const Node node =
        parse_one("x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\nz:\n  b: own\n  <<: [*x, *y]\n");
    const Node& merged = *node.find("z");
    EXPECT_EQ(merged.find("a")->text, "1");
    EXPECT_EQ(merged.find("b")->text, "own");
    EXPECT_EQ(merged.find("c")->text, "4");
    EXPECT_EQ(merged.find("<<"), nullptr);
}

TEST(Yaml, reads_every_document) {
    const auto documents = parse("a: 1\n---\nb: 2\n", "f.yaml");
    ASSERT_TRUE(documents);
    EXPECT_EQ(documents->size(), 2U);
    EXPECT_TRUE(parse("", "f.yaml")->empty());
}

TEST(Yaml, refuses_duplicate_keys_with_both_places) {
    EXPECT_EQ(error_of("a: 1\nb: 2\na: 3\n"),
              "f.yaml:3:1: 'a' is given twice, first in line 1 (keep one)");
}

TEST(Yaml, tells_all_duplicates_at_once) {
    EXPECT_EQ(error_of("a: 1\na: 2\nb: {c: 1, c: 2}\n"),
              "f.yaml:2:1: 'a' is given twice, first in line 1 (keep one)\n"
              "f.yaml:3:11: 'c' is given twice, first in line 3 (keep one)");
}

TEST(Yaml, names_the_tab) {
    EXPECT_EQ(error_of("a:\n\tb: 1\n"),
              "f.yaml:2:1: a tab is used for indentation, which YAML forbids (indent with spaces)");
}

TEST(Yaml, refuses_what_is_not_utf8_text) {
    EXPECT_EQ(error_of("a: 1\nb: \xFF\n"),
              "f.yaml:2:4: this is not valid UTF-8 (save the file as UTF-8 text)");
    EXPECT_NE(error_of(std::string_view("\x7F"
                                        "ELF\x02\x01\x00",
                                        7))
                  .find("not a text file"),
              std::string::npos);
}

TEST(Yaml, limits_alias_bombs) {
    std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
    for (int level = 1; level < 10; ++level) {
        bomb += "a" + std::to_string(level) + ": &a" + std::to_string(level) + " [";
        for (int copy = 0; copy < 10; ++copy)
            bomb += "*a" + std::to_string(level - 1) + (copy < 9 ? "," : "]\n");
    }
    EXPECT_NE(error_of(bomb).find("values once aliases are expanded"), std::string::npos);
}

TEST(Yaml, refuses_an_alias_inside_its_own_anchor) {
    EXPECT_NE(error_of("a: &a\n  b: *a\n")
                  .find("f.yaml:2:6: this alias refers to the collection it stands in"),
              std::string::npos);
}

TEST(Yaml, limits_nesting_without_overflowing) {
    EXPECT_NE(error_of(std::string(100'000, '[')).find("levels deep"), std::string::npos);
    std::string blocks;
    for (int level = 0; level < 200; ++level)
        blocks += std::string(static_cast<std::size_t>(level), ' ') + "a:\n";
    EXPECT_NE(error_of(blocks).find("levels deep"), std::string::npos);
}

TEST(Yaml, limits_size) {
    Limits limits;
    limits.bytes = 10;
    EXPECT_EQ(error_of("a: 123456789\n", limits),
              "f.yaml: 13 bytes long, the limit is 10 (is this the right file?)");
}

TEST(Yaml, limits_values) {
    Limits limits;
    limits.nodes = 5;
    EXPECT_EQ(error_of("[a, b, c, d]\n", limits), "accepted");
    EXPECT_NE(error_of("[a, b, c, d, e]\n", limits).find("more than 5 values"), std::string::npos);
}

TEST(Yaml, keys_are_strings) {
    EXPECT_NE(error_of("[a]: 1\n").find("a key must be a string, this is a list"),
              std::string::npos);
}

TEST(Yaml, syntax_errors_have_a_place) {
    EXPECT_NE(error_of("a: [1, 2\nb: 3\n").find("f.yaml:"), std::string::npos);
    EXPECT_EQ(error_of("b: \"1'\"\na: 'x\n"), "f.yaml:2:4: this quote is never closed (close it)");
    EXPECT_EQ(
        error_of("- a\nb: 1\n"),
        "f.yaml:2:1: this is not valid YAML: did not find expected '-' indicator while parsing "
        "a block collection that begins in line 1");
    EXPECT_NE(error_of("{a: 1}\nb: 1\n").find("f.yaml:2:1: this does not belong"),
              std::string::npos);
    EXPECT_EQ(error_of("a: *b\n"), "f.yaml:1:4: there is no anchor '&b' before this alias");
    EXPECT_EQ(error_of("\xEF\xBB\xBF# comment\n---\na: 'it''s'\n---\nb: \"\\\"\"\n"), "accepted");
}

}    // namespace
}    // namespace trueup::base::yaml
