// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "controller/base/offload.hpp"
#include "controller/engine/cache.hpp"
#include "controller/engine/engine.hpp"
#include "controller/metrics/metrics.hpp"
#include "controller/source/git.hpp"
#include "controller/store/store.hpp"

namespace trueup::reconcile {

// What reconciling works with; all of it outlives whoever holds this.
struct Parts {
    engine::Engine& engine;
    engine::Cache& cache;
    source::GitRepositories& repositories;
    Pool& pool;
    const Clock& clock;
    metrics::Metrics& metrics;
    store::Store& store;
};

}    // namespace trueup::reconcile
