// SPDX-License-Identifier: Apache-2.0
#include "controller/metrics/stack_series.hpp"

namespace trueup::metrics {
namespace {

void set_code(Owned<prometheus::Gauge>& gauges, Catalogue& catalogue, const StackLabels& stack,
              const ServiceCode& code) {
    const Extra service{"service", code.service};
    const std::string_view method = code.proven ? std::string_view(code.method) : "none";
    gauges.get(catalogue.code_proof, stack, {service, {"method", method}}).Set(1);
    if (!code.proven) return;
    gauges.get(catalogue.code_stale, stack, {service}).Set(code.stale ? 1 : 0);
    gauges.get(catalogue.stale_since, stack, {service}).Set(code.stale ? code.stale_since : 0);
    if (code.proven_at > 0)
        gauges.get(catalogue.code_last_proven, stack, {service}).Set(code.proven_at);
}

void set_gauges(Owned<prometheus::Gauge>& gauges, Catalogue& catalogue, const StackState& state) {
    const StackLabels& stack = state.labels;
    gauges
        .get(catalogue.stack_info, stack,
             {{"engine", state.engine},
              {"desired_commit", state.desired_commit},
              {"running_commit", state.running_commit},
              {"sync", state.sync},
              {"health", state.health}})
        .Set(1);
    gauges.get(catalogue.stack_suspended, stack, {}).Set(state.suspended ? 1 : 0);
    for (const auto& [type, current] : state.conditions) {
        for (const std::string_view status : condition_statuses) {
            gauges.get(catalogue.stack_condition, stack, {{"type", type}, {"status", status}})
                .Set(status == current ? 1 : 0);
        }
    }
    for (const ServiceCode& code : state.code) set_code(gauges, catalogue, stack, code);
    for (const auto& [kind, count] : state.drift)
        gauges.get(catalogue.drift, stack, {{"kind", kind}}).Set(count);
}

}    // namespace

void StackSeries::start_at_zero(Catalogue& catalogue, const StackLabels& stack) {
    for (const std::string_view kind : drift_kinds) {
        counters.get(catalogue.drift_detected, stack, {{"kind", kind}});
        counters.get(catalogue.heal_suppressed, stack, {{"kind", kind}});
    }
    // Successes begin with the first one: only a failure has to be seen at once.
    for (const std::string_view action : action_kinds) {
        counters.get(catalogue.action, stack, {{"action", action}, {"result", "failure"}});
    }
    for (const std::string_view result : build_results)
        counters.get(catalogue.build, stack, {{"result", result}});
    for (const std::string_view reason : distrust_reasons)
        counters.get(catalogue.cache_distrusted, stack, {{"reason", reason}});
    for (const std::string_view result : results) {
        counters.get(catalogue.verification, stack, {{"method", "files"}, {"result", result}});
    }
    counters.get(catalogue.restored, stack, {});
    counters.get(catalogue.bytecode_purged, stack, {});
    histograms.get(catalogue.build_duration, stack, {}, build_buckets);
    histograms.get(catalogue.lead_time, stack, {}, lead_time_buckets);
}

void StackSeries::show(Catalogue& catalogue, const StackState& state) {
    if (shown == state) return;
    shown = state;
    gauges.begin();
    set_gauges(gauges, catalogue, state);
    gauges.sweep();
}

void StackSeries::clear() {
    shown.reset();
    gauges.clear();
    counters.clear();
    histograms.clear();
}

}    // namespace trueup::metrics
