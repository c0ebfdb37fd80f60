// SPDX-License-Identifier: Apache-2.0
// What `trueup compose config` prints; the rest is compared with Compose itself in tests/conformance.
#include "controller/compose/print.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "controller/compose/config.hpp"
#include "tests/support/memory_tree.hpp"

namespace trueup::compose::test {
namespace {

using trueup::test::MemoryTree;

Config config_of(const std::string& text, bool as_written) {
    ConfigOptions options;
    options.working_directory = "/shop";
    options.environment = {{"SET", "value"}};
    options.interpolate = !as_written;
    options.as_written = as_written;
    auto config = load_config(
        MemoryTree{
            {"shop/compose.yaml", text}, {"shop/a.env", "PASSWORD=hunter2\n"}, {"shop/x/y", ""}},
        options);
    EXPECT_TRUE(config) << config.error().message();
    return config ? std::move(*config) : Config();
}

std::string web_as_written(const std::string& attributes) {
    const Config config =
        config_of("services: {web: {image: x, networks: [n], " + attributes + "}}\n", true);
    const auto printed = as_written_to_json(config.project.file);
    auto web = printed.at("services").at("web").as_object();
    for (const char* key : {"image", "networks"}) web.erase(key);
    return boost::json::serialize(web);
}

TEST(ComposePrint, AsWrittenNothingIsReadSplitOrLookedUp) {
    EXPECT_EQ(web_as_written("env_file: a.env, environment: [SET, 'A=$SET', B=1]"),
              R"({"env_file":[{"path":"/shop/a.env","required":true}],)"
              R"("environment":["SET","A=$SET","B=1"]})");
    EXPECT_EQ(web_as_written("environment: {SET: , N: 1}"),
              R"({"environment":{"N":1,"SET":null}})");
    EXPECT_EQ(web_as_written("command: 'a \"b c\" $$x && y'"),
              R"({"command":"a \"b c\" $$x && y"})");
    EXPECT_EQ(web_as_written("mem_limit: 512M"), R"({"mem_limit":"512M"})");
    EXPECT_EQ(web_as_written("stop_grace_period: 90s"), R"({"stop_grace_period":"90s"})");
    EXPECT_EQ(web_as_written("build: {args: [SET, A=1]}"),
              R"({"build":{"args":["A=1"],"context":"/shop","dockerfile":"Dockerfile"}})");
    EXPECT_EQ(web_as_written("ports: ['80:80', '${P}:90']"), R"({"ports":["80:80","${P}:90"]})");
}

TEST(ComposePrint, AsWrittenEverythingIsThere) {
    const Config config = config_of(
        "services: {a: {image: x}, b: {image: y, profiles: [p], networks: [gone]}}\n"
        "volumes: {unused: }\nsecrets: {s: {environment: SET}}\n",
        true);
    EXPECT_EQ(boost::json::serialize(as_written_to_json(config.project.file)),
              R"({"name":"shop","networks":{"default":{"name":"shop_default"}},)"
              R"("secrets":{"s":{"environment":"SET","name":"shop_s"}},)"
              R"("services":{"a":{"image":"x","networks":{"default":null}},)"
              R"("b":{"image":"y","networks":{"gone":null},"profiles":["p"]}},)"
              R"("volumes":{"unused":{"name":"shop_unused"}}})");
}

TEST(ComposePrint, AMissingVariableIsAdvisedForWithoutAStack) {
    ConfigOptions options;
    options.working_directory = "/shop";
    const MemoryTree tree{{"shop/compose.yaml", "services: {web: {image: '${TAG:?which}'}}\n"}};
    const auto config = load_config(tree, options);
    ASSERT_FALSE(config);
    EXPECT_EQ(
        config.error().message(),
        "/shop/compose.yaml:1:25: services.web.image: variable TAG is required: which (set it "
        "in the environment, in .env or in a file of --env-file)");
}

TEST(ComposePrint, LimitsOfZeroAreToldInYamlOnly) {
    const Config config = config_of(
        "services: {web: {image: x, ulimits: {core: 0, nproc: 5, nofile: {soft: 0, hard: 9}}}}\n",
        false);
    const auto limits = [&](PrintStyle style) {
        return boost::json::serialize(
            to_json(config.project.file, style).at("services").at("web").at("ulimits"));
    };
    EXPECT_EQ(limits(PrintStyle::json), R"({"core":{},"nofile":{"hard":9},"nproc":5})");
    EXPECT_EQ(limits(PrintStyle::yaml),
              R"({"core":{"soft":0,"hard":0},"nofile":{"soft":0,"hard":9},"nproc":5})");
}

}    // namespace
}    // namespace trueup::compose::test
