// SPDX-License-Identifier: Apache-2.0
// A stack whose file names another engine than the one that it ran on.
#pragma once

#include <optional>

#include "controller/engine/cache.hpp"
#include "controller/reconcile/findings.hpp"
#include "controller/reconcile/registry.hpp"
#include "controller/store/store.hpp"

namespace trueup::reconcile {

// What it waits for, where the store knows that it was brought to run on another engine, `there` has
// nothing of it, and no person has said yes to the move; nothing where it may go on, with `changes` to be
// written first. A stack that no controller ever had is not known to the store.
std::optional<Findings> hold_move(const Entry& entry, const store::Store& store,
                                  const engine::Cache& there, SystemTime now,
                                  store::Changes& changes);

}    // namespace trueup::reconcile
