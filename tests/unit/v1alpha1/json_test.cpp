// SPDX-License-Identifier: Apache-2.0
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include "api/v1alpha1/codec.hpp"

namespace trueup::v1alpha1 {
namespace {

Stack full_stack() {
    Stack stack;
    stack.metadata.name = "shop";
    stack.metadata.uid = "11111111-2222-5333-8444-555555555555";
    stack.metadata.generation = 3;
    stack.metadata.resource_version = 18'446'744'073'709'551'615U;
    stack.metadata.creation_timestamp = SystemTime(std::chrono::seconds(1'790'000'000));
    stack.metadata.labels = {{"team", "web"}};
    stack.metadata.annotations = {{"note", "two\nlines"}};
    stack.spec.environment = "production";
    stack.spec.git.url = "https://git.example.com/shop.git";
    stack.spec.git.commit = std::string(40, 'a');
    stack.spec.path = "deploy";
    stack.spec.compose = ComposeSpec{{"compose.yaml"},
                                     "shop-p",
                                     {"web"},
                                     {{"PORT", "8000"}},
                                     {{".env", false}, {"/etc/x.env", true}},
                                     "/srv/shop"};
    stack.spec.git.credentials = "shop-git";
    stack.spec.engine = "west";
    stack.spec.sync.mode = SyncMode::manual;
    stack.spec.sync.drift_correction = DriftCorrection::disabled;
    stack.spec.sync.deletion_policy = DeletionPolicy::remove;
    stack.spec.sync.grace = std::chrono::seconds(5);
    stack.spec.sync.ignore = {"/services/api/environment/DEBUG", "/services/db/labels/x"};
    stack.spec.adopt = true;
    stack.spec.suspend = true;
    stack.spec.history_limit = 4;
    stack.spec.code.push_back(CodeSpec{"api", "app", "/srv/app", {"uploads/**"}});
    stack.spec.build_mode = BuildMode::never;
    stack.spec.bytecode = BytecodePolicy::reject;
    stack.spec.rollout_timeout = std::chrono::seconds(90);
    stack.spec.sync.prune = false;
    stack.spec.sync.interval = std::chrono::minutes(5);
    Condition ready;
    ready.type = "Ready";
    ready.status = ConditionStatus::yes;
    ready.reason = "Succeeded";
    ready.observed_generation = 3;
    set_condition(stack.status, ready, SystemTime(std::chrono::seconds(1'790'000'100)));
    stack.status.observed_generation = 3;
    stack.status.desired_commit = stack.spec.git.commit;
    ServiceStatus api;
    api.name = "api";
    api.state = "running 2/2";
    api.health = "healthy";
    api.proof = "files";
    api.fresh = "True";
    api.proven_at = SystemTime(std::chrono::seconds(1'790'000'200));
    api.code = {{"/srv/app", std::string(40, 'b')}, {"/srv/run.sh", std::string(40, 'c')}};
    stack.status.services.push_back(api);
    stack.status.warnings = {"careful"};
    stack.status.last_plan = "[1] start";
    stack.status.last_reconcile_time = SystemTime(std::chrono::seconds(1'790'000'300));
    return stack;
}

TEST(StackJson, HasKubernetesShape) {
    const auto object = to_json(full_stack());
    EXPECT_EQ(object.at("apiVersion"), "trueup.dev/v1alpha1");
    EXPECT_EQ(object.at("metadata").at("resourceVersion"), "18446744073709551615");
    EXPECT_EQ(object.at("metadata").at("creationTimestamp"), "2026-09-21T14:13:20Z");
    EXPECT_EQ(boost::json::serialize(object.at("status").at("conditions")),
              R"([{"type":"Ready","status":"True","reason":"Succeeded","message":"",)"
              R"("lastTransitionTime":"2026-09-21T14:15:00Z","observedGeneration":3}])");
    EXPECT_EQ(boost::json::serialize(object.at("spec").at("source")),
              R"({"git":{"url":"https://git.example.com/shop.git","commit":")" +
                  std::string(40, 'a') + R"(","credentials":"shop-git"},"path":"deploy"})");
    EXPECT_EQ(object.at("spec").at("rollout").at("timeout"), "1m30s");
}

TEST(StackJson, ComesBackEqual) {
    const Stack stack = full_stack();
    const auto text = boost::json::serialize(to_json(stack));
    const auto back = from_json(boost::json::parse(text));
    ASSERT_TRUE(back) << back.error().message();
    EXPECT_EQ(*back, stack);
}

TEST(StackJson, DefaultsComeBackEqual) {
    Stack stack;
    stack.metadata.name = "x";
    const auto back = from_json(to_json(stack));
    ASSERT_TRUE(back) << back.error().message();
    EXPECT_EQ(*back, stack);
}

TEST(StackJson, List) {
    const auto list = list_to_json({full_stack()}, 7);
    EXPECT_EQ(list.at("kind"), "StackList");
    EXPECT_EQ(list.at("metadata").at("resourceVersion"), "7");
    EXPECT_EQ(list.at("items").as_array().size(), 1U);
}

TEST(StackJson, ForeignJsonIsRefusedOrTolerated) {
    EXPECT_FALSE(from_json(boost::json::parse("[]")));
    EXPECT_FALSE(from_json(boost::json::parse(R"({"kind":"Stack","apiVersion":"v1"})")));
    EXPECT_FALSE(
        from_json(boost::json::parse(R"({"kind":"Stack","apiVersion":"trueup.dev/v1alpha1"})")));
    const auto odd = from_json(boost::json::parse(
        R"({"kind":"Stack","apiVersion":"trueup.dev/v1alpha1","metadata":{"name":"x","creationTimestamp":"junk"},
            "spec":[],"status":{"conditions":[1,{"type":2}],"new":{}}})"));
    ASSERT_TRUE(odd);
    EXPECT_EQ(odd->metadata.creation_timestamp, SystemTime());
}

}    // namespace
}    // namespace trueup::v1alpha1
