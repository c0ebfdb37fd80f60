// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/compose/decode_support.hpp"

namespace trueup::compose::test {
namespace {

using namespace std::chrono_literals;
using model::Strings;

TEST(ComposeDeploy, LimitsAndReservationsAreTheServicesOwn) {
    const auto all = decoded_web(
                         "deploy:\n  resources:\n"
                         "    limits: {cpus: '0.50', memory: 50m, pids: 10}\n"
                         "    reservations:\n      cpus: 0.25\n      memory: 20m\n"
                         "      devices: [{driver: nvidia, capabilities: [gpu], count: all}]\n")
                         .resources;
    EXPECT_EQ(all.nano_cpus, 500'000'000);
    EXPECT_EQ(all.memory, 52'428'800);
    EXPECT_EQ(all.pids, 10);
    EXPECT_EQ(all.nano_cpu_reservation, 250'000'000);
    EXPECT_EQ(all.memory_reservation, 20'971'520);
    ASSERT_EQ(all.devices.size(), 1U);
    EXPECT_EQ(all.devices[0].count, -1);
    EXPECT_EQ(all.devices[0].capabilities, Strings{"gpu"});
}

TEST(ComposeDeploy, WhatIsSaidTwiceMustAgree) {
    const std::string limits =
        "deploy: {resources: {limits: {cpus: '0.5', memory: 64m, pids: 5}, "
        "reservations: {memory: 1m}}}\n";
    EXPECT_EQ(
        decoded_web("cpus: 0.5\nmem_limit: 67108864\npids_limit: 5\n" + limits).resources.pids, 5);
    const std::string told =
        problems_of_web("cpus: 1\nmem_limit: 65m\npids_limit: 6\nmem_reservation: 2m\n" + limits);
    for (const char* pair : {"cpus and deploy.resources.limits.cpus differ",
                             "mem_limit and deploy.resources.limits.memory differ",
                             "pids_limit and deploy.resources.limits.pids differ",
                             "mem_reservation and deploy.resources.reservations.memory differ"})
        EXPECT_NE(told.find(pair), std::string::npos) << pair << "\n" << told;
}

TEST(ComposeDeploy, RestartPoliciesAreTheEnginesInOtherWords) {
    const auto policy = [](const std::string& text) {
        return decoded_web("restart: unless-stopped\ndeploy: {restart_policy: {" + text + "}}\n")
            .restart;
    };
    EXPECT_EQ(policy("condition: none"), (model::RestartPolicy{"no", 0, true}));
    EXPECT_EQ(policy("condition: any"), (model::RestartPolicy{"always", 0, true}));
    EXPECT_EQ(policy("condition: on-failure, max_attempts: 3"),
              (model::RestartPolicy{"on-failure", 3, true}));
    EXPECT_EQ(policy("delay: 5s"), (model::RestartPolicy{"always", 0, true}));
    EXPECT_EQ(policy("condition: no"), (model::RestartPolicy{"no", 0, true}));
    EXPECT_EQ(policy("condition: always"), (model::RestartPolicy{"always", 0, true}));
    const auto kept =
        decoded_web("deploy: {restart_policy: {condition: any, delay: 5s, window: 2m}}\n")
            .deploy->restart;
    EXPECT_EQ(kept->delay, 5s);
    EXPECT_EQ(kept->window, 2min);
}

TEST(ComposeDeploy, TheEnginesOwnWordsOfRestartPoliciesAreKnown) {
    EXPECT_EQ(decoded_web("deploy: {restart_policy: {condition: unless-stopped}}\n").restart.name,
              "unless-stopped");
}

TEST(ComposeDeploy, AnUnknownRestartPolicyIsRefused) {
    EXPECT_EQ(problems_of_web("deploy: {restart_policy: {condition: on-fail}}\n"),
              "compose.yaml:4:42: services.web.deploy.restart_policy.condition: 'on-fail' is no "
              "restart policy (none, on-failure, any or unless-stopped)");
}

TEST(ComposeDeploy, UpdateAndRollbackAreKeptForRollouts) {
    const auto deploy =
        decoded_web(
            "deploy:\n"
            "  update_config: {parallelism: 0, delay: 10s, failure_action: rollback, "
            "monitor: 1m, max_failure_ratio: 0.1, order: start-first}\n"
            "  rollback_config: {parallelism: 2, order: stop-first}\n")
            .deploy;
    ASSERT_TRUE(deploy && deploy->update && deploy->rollback);
    EXPECT_EQ(deploy->update->parallelism, 0U);
    EXPECT_EQ(deploy->update->delay, 10s);
    EXPECT_EQ(deploy->update->failure_action, "rollback");
    EXPECT_EQ(deploy->update->monitor, 1min);
    EXPECT_DOUBLE_EQ(deploy->update->max_failure_ratio, 0.1);
    EXPECT_EQ(deploy->update->order, "start-first");
    EXPECT_EQ(deploy->rollback->parallelism, 2U);
    EXPECT_EQ(deploy->rollback->delay, std::nullopt);
    EXPECT_EQ(decode_problems_of_web("deploy: {update_config: {order: sideways}}\n"),
              "compose.yaml:4:37: services.web.deploy.update_config.order: 'sideways' is not known "
              "here (start-first or stop-first)");
}

TEST(ComposeDeploy, WhatSchedulersReadIsKeptAndTold) {
    const auto deploy =
        decoded_web(
            "deploy:\n  mode: global\n  endpoint_mode: dnsrr\n  labels: [a=b]\n"
            "  placement: {constraints: [node.role==manager], preferences: [{spread: "
            "node.labels.zone}], max_replicas_per_node: 2}\n"
            "  resources: {reservations: {generic_resources: "
            "[{discrete_resource_spec: {kind: gpu, value: 2}}]}}\n")
            .deploy;
    ASSERT_TRUE(deploy);
    EXPECT_EQ(deploy->mode, "global");
    EXPECT_EQ(deploy->endpoint_mode, "dnsrr");
    EXPECT_EQ(deploy->labels, (model::StringMap{{"a", "b"}}));
    EXPECT_EQ(deploy->placement_constraints, Strings{"node.role==manager"});
    EXPECT_EQ(deploy->placement_spread, Strings{"node.labels.zone"});
    EXPECT_EQ(deploy->max_replicas_per_node, 2U);
    EXPECT_EQ(deploy->generic_resources, (std::vector<model::GenericResource>{{"gpu", 2}}));
    const model::Project project = project_of(web_with("deploy: {mode: global}\n"));
    ASSERT_EQ(project.warnings.size(), 1U);
    EXPECT_EQ(to_string(project.warnings[0]),
              "compose.yaml:4:14: services.web.deploy.mode: it has no effect: it is for schedulers "
              "of several hosts");
}

}    // namespace
}    // namespace trueup::compose::test
