// SPDX-License-Identifier: Apache-2.0
#include "api/cli/structured.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <random>

#include "controller/base/yaml.hpp"

namespace trueup::cli {
namespace {

namespace json = boost::json;

const json::value sample = json::parse(R"({
  "kind": "StackList", "apiVersion": "trueup.dev/v1alpha1", "empty": {}, "none": [], "nothing": null,
  "metadata": {"resourceVersion": "7", "generation": 2, "on": true, "labels": {"app.kubernetes.io/name": "shop"}},
  "items": [{"name": "one", "time": "2026-11-24T10:00:00Z", "list": ["a", "b c", ["x"], {}]}, {"name": "two"}],
  "plan": "#1 network\n[1] -> #2 service api\n", "text": "two\nlines", "odd": " leading\nspace", "tab": "a\tb"
})");

TEST(PrettyJson, IsIndentedJson) {
    EXPECT_EQ(to_pretty_json(json::parse(R"({"a":{"b":[1,"x"],"c":{}},"d":null})")),
              "{\n"
              "    \"a\": {\n"
              "        \"b\": [\n"
              "            1,\n"
              "            \"x\"\n"
              "        ],\n"
              "        \"c\": {}\n"
              "    },\n"
              "    \"d\": null\n"
              "}\n");
    EXPECT_EQ(json::parse(to_pretty_json(sample)), sample);
    EXPECT_EQ(to_pretty_json(json::array()), "[]\n");
}

TEST(Yaml, IsBlockStyle) {
    EXPECT_EQ(to_yaml(sample),
              "kind: StackList\n"
              "apiVersion: trueup.dev/v1alpha1\n"
              "empty: {}\n"
              "none: []\n"
              "nothing: null\n"
              "metadata:\n"
              "  resourceVersion: \"7\"\n"
              "  generation: 2\n"
              "  \"on\": true\n"
              "  labels:\n"
              "    app.kubernetes.io/name: shop\n"
              "items:\n"
              "- name: one\n"
              "  time: \"2026-11-24T10:00:00Z\"\n"
              "  list:\n"
              "  - a\n"
              "  - b c\n"
              "  - - x\n"
              "  - {}\n"
              "- name: two\n"
              "plan: |\n"
              "  #1 network\n"
              "  [1] -> #2 service api\n"
              "text: |-\n"
              "  two\n"
              "  lines\n"
              "odd: \" leading\\nspace\"\n"
              "tab: \"a\\tb\"\n");
    EXPECT_EQ(to_yaml(json::object()), "{}\n");
    EXPECT_EQ(to_yaml(json::parse(R"(["a",{"b":1}])")), "- a\n- b: 1\n");
    EXPECT_EQ(to_yaml(json::value("text")), "text\n");
}

TEST(Yaml, TextThatLooksLikeSomethingElseIsQuoted) {
    for (const std::string text :
         {"",     "true", "No",   "null", "~",     "1",   "1.5",   "-1",    "0x1f", "2026-11-24",
          "a: b", "a:",   "a #b", "#a",   "- a",   "[a]", "{a}",   "*a",    "&a",   "!a",
          "%a",   "@a",   "`a",   "'a'",  "\"a\"", " a",  "a ",    "a  b:", "? a",  "| a",
          "> a",  "=",    "a\\b", ".5",   "y",     "\n",  "a\n\n", "\na",   "é",    "a\x7f"}) {
        const std::string yaml = to_yaml(json::value(text));
        EXPECT_TRUE(yaml.starts_with('"')) << yaml;
    }
}

// Reads YAML back with the reader that reads Stack files.
json::value to_json(const yaml::Node& node) {
    if (node.is_mapping()) {
        json::object object;
        for (const yaml::Entry& entry : node.entries) object[entry.key] = to_json(entry.value);
        return object;
    }
    if (node.is_sequence()) {
        json::array array;
        for (const yaml::Node& item : node.items) array.push_back(to_json(item));
        return array;
    }
    if (node.is_null()) return nullptr;
    if (node.quoted) return json::value(node.text);
    boost::system::error_code code;
    json::value plain = json::parse(node.text, code);
    return code ? json::value(node.text) : plain;
}

TEST(Yaml, ReadsBackAsItWas) {
    const auto documents = yaml::parse(to_yaml(sample), "sample.yaml");
    ASSERT_TRUE(documents) << documents.error().message();
    ASSERT_EQ(documents->size(), 1U);
    EXPECT_EQ(json::serialize(to_json(documents->front())), json::serialize(sample));
}

json::value random_value(std::mt19937_64& random, int depth) {
    constexpr std::string_view bytes = "ab: #-'\"\n\t[]{}|>&*!%@`,?~0.5/\\yn";
    std::string text;
    for (std::uint64_t length = random() % 9; length > 0; --length)
        text += bytes[random() % bytes.size()];
    switch (random() % (depth > 0 ? 8 : 5)) {
        case 0: return static_cast<std::int64_t>(random() % 1000) - 500;
        case 1: return random() % 2 == 0;
        case 2: return nullptr;
        case 3:
        case 4: return json::value(text);
        case 5: {
            json::array array;
            for (std::uint64_t count = random() % 4; count > 0; --count)
                array.push_back(random_value(random, depth - 1));
            return array;
        }
        default: {
            json::object object;
            for (std::uint64_t count = random() % 4; count > 0; --count) {
                object["k" + std::to_string(count) + text.substr(0, 2)] =
                    random_value(random, depth - 1);
            }
            return object;
        }
    }
}

TEST(Yaml, AnyValueReadsBackAsItWas) {
    std::mt19937_64 random(20261124);
    for (int round = 0; round < 3000; ++round) {
        const json::value value = random_value(random, 4);
        const std::string text = to_yaml(value);
        const auto documents = yaml::parse(text, "random.yaml");
        ASSERT_TRUE(documents) << text << "\n" << documents.error().message();
        ASSERT_EQ(documents->size(), 1U) << text;
        ASSERT_EQ(json::serialize(to_json(documents->front())), json::serialize(value)) << text;
        ASSERT_EQ(json::parse(to_pretty_json(value)), value);
    }
}

}    // namespace
}    // namespace trueup::cli
