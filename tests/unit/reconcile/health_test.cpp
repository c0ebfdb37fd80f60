// SPDX-License-Identifier: Apache-2.0
// Services that wait for the health of another one.
#include <gtest/gtest.h>

#include "tests/unit/reconcile/loop_world.hpp"

namespace trueup::reconcile {
namespace {

std::string compose(const std::string& db) {
    return "services:\n"
           "  web: {image: base:1, restart: always, depends_on: {db: {condition: "
           "service_healthy}}}\n"
           "  db: {image: db:1, restart: always" +
           db + "}\n";
}

TEST(Health, WhatHasNoHealthCheckIsNotTakenForHealthy) {
    test::LoopWorld world;
    auto process = world.start();
    const std::string commit = world.repository.commit_files({{"compose.yaml", compose("")}}, "c");
    for (int round = 0; round < 2; ++round) {
        const Findings findings = process->reconcile(world.entry(commit));
        ASSERT_TRUE(findings.error);
        EXPECT_NE(findings.error->message().find("container shop-db-1 has no health check, and "
                                                 "others wait for it to be healthy"),
                  std::string::npos)
            << findings.error->message();
        ASSERT_NE(world.engine.find("shop-db-1"), nullptr);
        EXPECT_EQ(world.engine.find("shop-db-1")->starts, 1) << "it runs: it is not started again";
        const auto* web = world.engine.find("shop-web-1");
        EXPECT_TRUE(web == nullptr || web->starts == 0);
    }
    const std::string mended = world.repository.commit_files(
        {{"compose.yaml", compose(", healthcheck: {test: [CMD, ready]}")}}, "c");
    EXPECT_FALSE(process->reconcile(world.entry(mended)).error);
    EXPECT_EQ(world.containers(), "shop-db-1 running\nshop-web-1 running\n");
}

}    // namespace
}    // namespace trueup::reconcile
