// SPDX-License-Identifier: Apache-2.0
// Where the answer to what a stack waits for stands among the others, and that it says each thing once.
#include <gtest/gtest.h>

#include "controller/reconcile/explain.hpp"

namespace trueup::reconcile {
namespace {

std::string topics(const Known& known) {
    std::string text;
    for (const Answer& each : explain(known).answers) text += each.topic + " ";
    return text;
}

std::string waits(const Known& known) {
    for (Answer& each : explain(known).answers) {
        if (each.topic == "waits") return each.text;
    }
    return {};
}

TEST(ExplainWaits, FirstWhereItWaits) {
    Known known;
    EXPECT_EQ(topics(known), "running differs waits push restarts rollback ");
    known.entry.stack.spec.suspend = true;
    EXPECT_EQ(topics(known), "waits running differs push restarts rollback ");
}

TEST(ExplainWaits, WhatRecursIsToldOnce) {
    Known known;
    plan::Held held;
    held.target = "service api";
    held.reason = plan::HoldReason::drift_recurs;
    held.rule = "it came back";
    Findings findings;
    findings.remaining.held.push_back(held);
    known.look = findings;
    EXPECT_EQ(waits(known),
              "For it came back: service api is left as it is, until something changes.");
    v1alpha1::Condition stalled;
    stalled.type = "Stalled";
    stalled.status = v1alpha1::ConditionStatus::yes;
    stalled.reason = "DriftRecurs";
    stalled.message = "held: service api";
    v1alpha1::set_condition(known.entry.stack.status, stalled, known.now);
    EXPECT_EQ(waits(known), "For somebody to mend this: DriftRecurs: held: service api.");
}

TEST(ExplainWaits, AFailureHasTheTimeOfItsEvent) {
    Known known;
    known.now = SystemTime(std::chrono::hours(1000));
    known.failures = 1;
    known.next_look = known.now + Seconds(5);
    v1alpha1::Condition ready;
    ready.type = "Ready";
    ready.status = v1alpha1::ConditionStatus::no;
    ready.reason = "BuildFailed";
    ready.message = "step 3 failed";
    v1alpha1::set_condition(known.entry.stack.status, ready, known.now - Seconds(60));
    const auto evidence = [&] { return explain(known).answers.front().evidence.back(); };
    EXPECT_EQ(evidence(), (Evidence{"BuildFailed: step 3 failed", "status", std::nullopt}));
    for (const int seconds : {40, 20}) {
        store::Event failure;
        failure.reason = "BuildFailed";
        failure.last_time = known.now - Seconds(seconds);
        known.events.push_back(failure);
    }
    store::Event other;
    other.reason = "Suspended";
    other.last_time = known.now;
    known.events.push_back(other);
    EXPECT_EQ(evidence(),
              (Evidence{"BuildFailed: step 3 failed", "events", known.now - Seconds(20)}));
}

}    // namespace
}    // namespace trueup::reconcile
