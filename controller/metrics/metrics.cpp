// SPDX-License-Identifier: Apache-2.0
// The loop's thread alone adds and removes series; text() only collects. What belongs to a stack
// stands in stack_series.cpp.
#include "controller/metrics/metrics.hpp"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <map>
#include <utility>

#include "controller/metrics/catalogue.hpp"
#include "controller/metrics/process.hpp"
#include "controller/metrics/stack_series.hpp"

namespace trueup::metrics {
namespace {

using prometheus::Labels;

const Labels controller_labels{{"controller", "stack"}};
const Labels queue_labels{{"controller", "stack"}, {"name", "stack"}};

Labels with(Labels labels, const char* name, std::string_view value) {
    labels[name] = std::string(value);
    return labels;
}

std::string_view result_of(bool success) { return results[success ? 0 : 1]; }

void sort_series(prometheus::MetricFamily& family) {
    std::sort(family.metric.begin(), family.metric.end(),
              [](const auto& left, const auto& right) { return left.label < right.label; });
}

// Since -> age; 0 stays 0. A wall clock that was set back gives no negative age.
prometheus::MetricFamily to_ages(prometheus::MetricFamily family, double now) {
    for (prometheus::ClientMetric& metric : family.metric) {
        if (metric.gauge.value > 0) metric.gauge.value = std::max(0.0, now - metric.gauge.value);
    }
    return family;
}

}    // namespace

struct Metrics::State {
    explicit State(const Clock& time) : clock(time) {}

    const Clock& clock;
    Catalogue catalogue;
    std::map<std::string, StackSeries> stacks;

    // Its series, with the counters at 0 at the first call. Another environment is another stack.
    StackSeries& of(const StackLabels& labels) {
        const auto [found, fresh] = stacks.try_emplace(labels.stack);
        StackSeries& series = found->second;
        if (!fresh && series.environment == labels.environment) return series;
        series.clear();
        series.environment = labels.environment;
        series.start_at_zero(catalogue, labels);
        return series;
    }

    void start_controller() {
        catalogue.build_info.Add({{"version", TRUEUP_VERSION}}).Set(1);
        for (Gauges* gauge : {&catalogue.desired_stacks, &catalogue.desired_invalid_files,
                              &catalogue.desired_readable}) {
            gauge->Add({});
        }
        catalogue.http_panics.Add({});
        catalogue.store_errors.Add({});
        for (const std::string_view result : reconcile_results) {
            catalogue.reconcile.Add(with(controller_labels, "result", result));
        }
        for (Counters* counter : {&catalogue.reconcile_errors, &catalogue.terminal_errors,
                                  &catalogue.reconcile_panics, &catalogue.reconcile_timeouts}) {
            counter->Add(controller_labels);
        }
        catalogue.reconcile_time.Add(controller_labels, reconcile_buckets);
        for (Gauges* gauge : {&catalogue.max_workers, &catalogue.active_workers})
            gauge->Add(controller_labels);
        for (const std::string_view priority : queue_priorities) {
            catalogue.queue_depth.Add(with(queue_labels, "priority", priority));
        }
        for (Counters* counter : {&catalogue.queue_adds, &catalogue.queue_retries})
            counter->Add(queue_labels);
        for (Histograms* histogram : {&catalogue.queue_duration, &catalogue.work_duration}) {
            histogram->Add(queue_labels, queue_buckets);
        }
        for (Gauges* gauge : {&catalogue.queue_unfinished, &catalogue.queue_longest})
            gauge->Add(queue_labels);
    }
};

Metrics::Metrics(const Clock& clock) : state_(std::make_unique<State>(clock)) {
    state_->start_controller();
}
Metrics::~Metrics() = default;

void Metrics::add_stack(const StackLabels& labels) { state_->of(labels); }

void Metrics::set_stack(const StackState& state) {
    state_->of(state.labels).show(state_->catalogue, state);
}

void Metrics::remove_stack(const std::string& stack) {
    const auto found = state_->stacks.find(stack);
    if (found == state_->stacks.end()) return;
    found->second.clear();
    state_->stacks.erase(found);
}

void Metrics::drift_detected(const StackLabels& labels, std::string_view kind) {
    state_->of(labels)
        .counters.get(state_->catalogue.drift_detected, labels, {{"kind", kind}})
        .Increment();
}

void Metrics::heal_suppressed(const StackLabels& labels, std::string_view kind) {
    state_->of(labels)
        .counters.get(state_->catalogue.heal_suppressed, labels, {{"kind", kind}})
        .Increment();
}

void Metrics::action_done(const StackLabels& labels, std::string_view action, bool success,
                          double seconds) {
    const Extra result{"result", result_of(success)};
    state_->of(labels)
        .counters.get(state_->catalogue.action, labels, {{"action", action}, result})
        .Increment();
    state_->catalogue.action_duration.Add({{"action", std::string(action)}}, action_buckets)
        .Observe(seconds);
}

void Metrics::build_done(const StackLabels& labels, std::string_view result, double seconds) {
    StackSeries& series = state_->of(labels);
    series.counters.get(state_->catalogue.build, labels, {{"result", result}}).Increment();
    series.histograms.get(state_->catalogue.build_duration, labels, {}, build_buckets)
        .Observe(seconds);
}

void Metrics::cache_distrusted(const StackLabels& labels, std::string_view reason) {
    state_->of(labels)
        .counters.get(state_->catalogue.cache_distrusted, labels, {{"reason", reason}})
        .Increment();
}

void Metrics::bytecode_purged(const StackLabels& labels, std::size_t files) {
    state_->of(labels)
        .counters.get(state_->catalogue.bytecode_purged, labels, {})
        .Increment(static_cast<double>(files));
}

void Metrics::verification_done(const StackLabels& labels, std::string_view method, bool success,
                                double seconds) {
    const Extra result{"result", result_of(success)};
    state_->of(labels)
        .counters.get(state_->catalogue.verification, labels, {{"method", method}, result})
        .Increment();
    state_->catalogue.verification_duration
        .Add({{"method", std::string(method)}}, verification_buckets)
        .Observe(seconds);
}

void Metrics::restored(const StackLabels& labels) {
    state_->of(labels).counters.get(state_->catalogue.restored, labels, {}).Increment();
}

void Metrics::lead_time(const StackLabels& labels, double seconds) {
    state_->of(labels)
        .histograms.get(state_->catalogue.lead_time, labels, {}, lead_time_buckets)
        .Observe(seconds);
}

void Metrics::engine_request(std::string_view engine, std::string_view operation, unsigned status,
                             double seconds) {
    const Labels labels{{"engine", std::string(engine)}, {"operation", std::string(operation)}};
    const std::string code = status == 0 ? "error" : std::to_string(status);
    state_->catalogue.engine_request.Add(with(labels, "code", code)).Increment();
    state_->catalogue.engine_request_duration.Add(labels, request_buckets).Observe(seconds);
}

void Metrics::git_request(std::string_view operation, bool success, double seconds) {
    const Labels labels{{"operation", std::string(operation)}};
    for (const std::string_view result : results)
        state_->catalogue.git_request.Add(with(labels, "result", result));
    state_->catalogue.git_request.Add(with(labels, "result", result_of(success))).Increment();
    state_->catalogue.git_request_duration.Add(labels, git_buckets).Observe(seconds);
}

void Metrics::desired_state(std::size_t stacks, std::size_t invalid_files, bool readable) {
    state_->catalogue.desired_stacks.Add({}).Set(static_cast<double>(stacks));
    state_->catalogue.desired_invalid_files.Add({}).Set(static_cast<double>(invalid_files));
    state_->catalogue.desired_readable.Add({}).Set(readable ? 1 : 0);
}

void Metrics::engine_held(std::string_view engine, bool held) {
    state_->catalogue.engine_held.Add({{"name", std::string(engine)}}).Set(held ? 1 : 0);
}

void Metrics::engine_synced(std::string_view engine, bool synced) {
    state_->catalogue.engine_synced.Add({{"engine", std::string(engine)}}).Set(synced ? 1 : 0);
}
void Metrics::code_half_watched(std::string_view engine, std::size_t containers) {
    state_->catalogue.code_half_watched.Add({{"engine", std::string(engine)}})
        .Set(static_cast<double>(containers));
}

void Metrics::store_error() { state_->catalogue.store_errors.Add({}).Increment(); }
void Metrics::http_panic() { state_->catalogue.http_panics.Add({}).Increment(); }

void Metrics::reconcile_done(std::string_view result, double seconds) {
    state_->catalogue.reconcile.Add(with(controller_labels, "result", result)).Increment();
    state_->catalogue.reconcile_time.Add(controller_labels, reconcile_buckets).Observe(seconds);
    if (result == "error") state_->catalogue.reconcile_errors.Add(controller_labels).Increment();
}

void Metrics::reconcile_terminal_error() {
    state_->catalogue.terminal_errors.Add(controller_labels).Increment();
}
void Metrics::reconcile_panic() {
    state_->catalogue.reconcile_panics.Add(controller_labels).Increment();
}
void Metrics::active_workers(int count) {
    state_->catalogue.active_workers.Add(controller_labels).Set(count);
}
void Metrics::max_workers(int count) {
    state_->catalogue.max_workers.Add(controller_labels).Set(count);
}

void Metrics::queue_depth(std::string_view priority, std::size_t depth) {
    state_->catalogue.queue_depth.Add(with(queue_labels, "priority", priority))
        .Set(static_cast<double>(depth));
}

void Metrics::queue_add() { state_->catalogue.queue_adds.Add(queue_labels).Increment(); }
void Metrics::queue_retry() { state_->catalogue.queue_retries.Add(queue_labels).Increment(); }
void Metrics::queue_wait(double seconds) {
    state_->catalogue.queue_duration.Add(queue_labels, queue_buckets).Observe(seconds);
}
void Metrics::queue_work(double seconds) {
    state_->catalogue.work_duration.Add(queue_labels, queue_buckets).Observe(seconds);
}

void Metrics::queue_unfinished(double total_seconds, double longest_seconds) {
    state_->catalogue.queue_unfinished.Add(queue_labels).Set(total_seconds);
    state_->catalogue.queue_longest.Add(queue_labels).Set(longest_seconds);
}

std::string Metrics::text() const {
    const double now =
        std::chrono::duration<double>(state_->clock.now().time_since_epoch()).count();
    std::vector<prometheus::MetricFamily> families = state_->catalogue.registry.Collect();
    for (prometheus::MetricFamily& family : state_->catalogue.stale_since.Collect()) {
        families.push_back(to_ages(std::move(family), now));
    }
    for (prometheus::MetricFamily& family : collect_process())
        families.push_back(std::move(family));
    std::erase_if(families, [](const auto& family) { return family.metric.empty(); });
    for (prometheus::MetricFamily& family : families) sort_series(family);
    std::sort(families.begin(), families.end(),
              [](const auto& left, const auto& right) { return left.name < right.name; });
    return prometheus::TextSerializer().Serialize(families);
}

}    // namespace trueup::metrics
