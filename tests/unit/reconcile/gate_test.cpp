// SPDX-License-Identifier: Apache-2.0
// The off switches, as a table.
#include "controller/reconcile/gate.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace trueup::reconcile {
namespace {

using v1alpha1::SyncMode;

store::Suspension by_ada() {
    store::Suspension suspension;
    suspension.stack = "shop";
    suspension.actor = store::person("ada");
    suspension.reason = "maintenance";
    suspension.since = SystemTime(std::chrono::seconds(1'795'510'000));
    return suspension;
}

// What holds, in the order in which it is told.
TEST(Gate, HoldsOrphansAndWhatAwaitsAYes) {
    const store::Suspension suspension = by_ada();
    GateInputs inputs;
    inputs.has_actions = true;
    inputs.mode = SyncMode::manual;
    EXPECT_EQ(decide_gate(inputs).reason, "ManualSync");
    inputs.awaits = "really?";
    EXPECT_EQ(decide_gate(inputs).reason, "AwaitingConfirmation");
    EXPECT_EQ(decide_gate(inputs).message, "really?");
    inputs.requested = true;
    EXPECT_EQ(decide_gate(inputs).reason, "AwaitingConfirmation");
    inputs.orphaned = true;
    EXPECT_EQ(decide_gate(inputs).reason, "Orphaned");
    inputs.suspension = &suspension;
    EXPECT_EQ(decide_gate(inputs).reason, "Suspended");
}

struct Row {
    bool suspended_by_file;
    bool suspended;
    SyncMode mode;
    bool requested;
    bool has_actions;
    bool apply;
    std::string reason;
};

TEST(Gate, IsThisTable) {
    const SyncMode automatic = SyncMode::automatic;
    const SyncMode manual = SyncMode::manual;
    const Row rows[] = {
        {false, false, automatic, false, true, true, ""},
        {false, false, automatic, true, true, true, ""},
        {false, false, automatic, false, false, true, ""},
        {false, false, manual, false, true, false, "ManualSync"},
        {false, false, manual, true, true, true, ""},
        {false, false, manual, false, false, true, ""},
        {true, false, automatic, false, true, false, "Suspended"},
        {true, false, automatic, true, true, false, "Suspended"},
        {true, false, manual, true, false, false, "Suspended"},
        {false, true, automatic, false, true, false, "Suspended"},
        {false, true, automatic, true, true, false, "Suspended"},
        {false, true, manual, false, false, false, "Suspended"},
        {true, true, manual, true, true, false, "Suspended"},
    };
    const store::Suspension suspension = by_ada();
    for (const Row& row : rows) {
        SCOPED_TRACE(&row - rows);
        GateInputs inputs;
        inputs.suspended_by_file = row.suspended_by_file;
        inputs.suspension = row.suspended ? &suspension : nullptr;
        inputs.mode = row.mode;
        inputs.requested = row.requested;
        inputs.has_actions = row.has_actions;
        const Gate gate = decide_gate(inputs);
        EXPECT_EQ(gate.apply, row.apply);
        EXPECT_EQ(gate.reason, row.reason);
        EXPECT_EQ(gate.suspension.has_value(), row.reason == "Suspended");
        EXPECT_EQ(gate.message.empty(), row.apply);
    }
}

TEST(Gate, TellsWhoSuspendedItUntilWhenAndWhy) {
    store::Suspension suspension = by_ada();
    suspension.until = SystemTime(std::chrono::seconds(1'795'514'400));
    GateInputs inputs;
    inputs.suspension = &suspension;
    const Gate gate = decide_gate(inputs);
    EXPECT_EQ(gate.message, "suspended by person:ada until 2026-11-24T10:00:00Z: maintenance");
    EXPECT_EQ(gate.until, suspension.until);
    ASSERT_TRUE(gate.suspension);
    EXPECT_EQ(gate.suspension->actor, "person:ada");
    EXPECT_EQ(gate.suspension->reason, "maintenance");
    EXPECT_EQ(gate.suspension->since, suspension.since);
    EXPECT_EQ(gate.suspension->until, suspension.until);
}

TEST(Gate, TellsThatEveryStackIsSuspended) {
    store::Suspension suspension = by_ada();
    suspension.stack = store::every_stack;
    GateInputs inputs;
    inputs.suspension = &suspension;
    EXPECT_EQ(decide_gate(inputs).message, "every stack is suspended by person:ada: maintenance");
}

// The file is what lifts it, so the file is what is named.
TEST(Gate, NamesTheFileBeforeAnOperator) {
    const store::Suspension suspension = by_ada();
    GateInputs inputs;
    inputs.suspended_by_file = true;
    inputs.suspension = &suspension;
    EXPECT_EQ(decide_gate(inputs).message, "suspended by spec.suspend of its file");
}

}    // namespace
}    // namespace trueup::reconcile
