// SPDX-License-Identifier: Apache-2.0
// Every family of metrics, declared once: name, help text, and in the comment its labels. The names
// and buckets of controller_runtime_* and workqueue_* are those of controller-runtime
// (pkg/internal/controller/metrics, pkg/internal/metrics/workqueue.go), so stock dashboards work.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace trueup::metrics {

using Buckets = prometheus::Histogram::BucketBoundaries;
using Counters = prometheus::Family<prometheus::Counter>;
using Gauges = prometheus::Family<prometheus::Gauge>;
using Histograms = prometheus::Family<prometheus::Histogram>;

// plan::Drift, as plan::to_string writes it.
inline constexpr std::array<std::string_view, 10> drift_kinds{
    "revision", "config",  "image",   "code",  "bytecode",
    "process",  "content", "runtime", "state", "orphan"};
// plan::kind of every step.
inline constexpr std::array<std::string_view, 15> action_kinds{
    "create-network",    "remove-network",    "create-volume",     "pull-image",
    "build-image",       "prove-image",       "prepare-container", "start-container",
    "restart-container", "unpause-container", "replace-container", "adopt-container",
    "settle-container",  "remove-container",  "rename-container"};
inline constexpr std::array<std::string_view, 3> build_results{"built", "failed", "unproven"};
// model::distrust_reason
inline constexpr std::array<std::string_view, 5> distrust_reasons{"modified", "missing", "extra",
                                                                  "mode", "bytecode"};
inline constexpr std::array<std::string_view, 2> results{"success", "failure"};
inline constexpr std::array<std::string_view, 3> condition_statuses{"True", "False", "Unknown"};
inline constexpr std::array<std::string_view, 4> reconcile_results{"success", "error", "requeue",
                                                                   "requeue_after"};
inline constexpr std::array<std::string_view, 2> queue_priorities{"0", "-100"};

// Alerts must stay inside the highest finite bound: a quantile never exceeds it.
inline const Buckets request_buckets{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                     0.5,   1,      2.5,   5,    10,    30,   60};
inline const Buckets git_buckets{0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 90, 120, 180};
inline const Buckets action_buckets{0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1,   2.5,
                                    5,    10,    30,   60,  120,  300, 600, 1200};
inline const Buckets build_buckets{0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600};
inline const Buckets verification_buckets{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
                                          1,     2.5,  5,     10,   30,  60};
inline const Buckets lead_time_buckets{10,   30,   60,     120,    300,    600,     1800,
                                       3600, 7200, 21'600, 43'200, 86'400, 172'800, 604'800};
// controller-runtime's
inline const Buckets reconcile_buckets{0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3,  0.35,
                                       0.4,   0.45, 0.5,   0.6,  0.7, 0.8,  0.9, 1.0,  1.25, 1.5,
                                       1.75,  2.0,  2.5,   3.0,  3.5, 4.0,  4.5, 5,    6,    7,
                                       8,     9,    10,    15,   20,  25,   30,  40,   50,   60};
inline const Buckets queue_buckets{1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3,
                                   1e-2, 1e-1, 1,    10,   100,  1000};

struct Catalogue {
    prometheus::Registry registry;

    // --- stacks: {stack, environment} and what stands behind the name ---
    Gauges& stack_info = gauge(    // engine, desired_commit, running_commit, sync, health
        "trueup_stack_info", "A stack: its engine, commits, sync and health; always 1.");
    Gauges& stack_condition = gauge(    // type, status
        "trueup_stack_condition", "1 for the status a condition has, 0 for those it has not.");
    Gauges& code_stale = gauge(    // service
        "trueup_code_stale",
        "1 if the code that runs is not the commit's, 0 if it is; absent where nobody looked.");
    Gauges& code_proof = gauge(    // service, method
        "trueup_code_proof",
        "How the running code was compared with the commit: files, build or digest; none where not "
        "all of it was; always 1.");
    Gauges& code_last_proven = gauge(    // service
        "trueup_code_last_proven_timestamp_seconds",
        "When the running code was compared with the commit last.");
    Gauges& drift = gauge(    // kind
        "trueup_drift", "Things that differ from the desired state now, by kind of drift.");
    Counters& drift_detected = counter(    // kind
        "trueup_drift_detected_total",
        "Differences from the desired state that were found, by kind of drift.");
    Counters& action = counter(    // action, result
        "trueup_action_total", "Actions of plans that were carried out.");
    Counters& build = counter(    // result
        "trueup_build_total", "Image builds: built and proven, failed, or built and not proven.");
    Counters& cache_distrusted = counter(    // reason
        "trueup_build_uncached_total",
        "Images that were built again without cache, since they did not hold the commit's code, by "
        "how it differed.");
    Counters& bytecode_purged =
        counter("trueup_bytecode_purged_total",
                "Bytecode files that were not the commit's and were taken out of built images.");
    Histograms& build_duration =
        histogram("trueup_build_duration_seconds", "Duration of image builds.");
    Counters& verification = counter(    // method, result
        "trueup_verification_total",
        "Comparisons of code with the commit; failure: it is other code.");
    Counters& restored = counter("trueup_restored_total",
                                 "Failed starts after which the old container was put back.");
    Gauges& stack_suspended =
        gauge("trueup_stack_suspended", "1 while the stack is looked at and not changed.");
    Counters& heal_suppressed = counter(    // kind
        "trueup_heal_suppressed_total",
        "Drifts that are no longer put right, since they came back each time, by kind of drift.");
    Histograms& lead_time = histogram("trueup_lead_time_seconds",
                                      "From the time of a commit until it was proven to run.");

    // --- the controller ---
    Histograms& action_duration = histogram(    // action
        "trueup_action_duration_seconds", "Duration of the actions of plans.");
    Histograms& verification_duration = histogram(    // method
        "trueup_verification_duration_seconds", "Duration of comparisons of code with the commit.");
    Counters& engine_request = counter(    // engine, operation, code
        "trueup_engine_request_total",
        "Requests to the Docker Engine; code is HTTP's, or error without an answer.");
    Histograms& engine_request_duration = histogram(    // engine, operation
        "trueup_engine_request_duration_seconds", "Duration of requests to the Docker Engine.");
    Counters& git_request = counter(    // operation, result
        "trueup_git_request_total", "Requests to git servers.");
    Histograms& git_request_duration = histogram(    // operation
        "trueup_git_request_duration_seconds", "Duration of requests to git servers.");
    Gauges& desired_stacks = gauge("trueup_desired_state_stacks", "Stacks that are known.");
    Gauges& desired_invalid_files =
        gauge("trueup_desired_state_invalid_files", "Desired-state files that cannot be used.");
    Gauges& desired_readable =
        gauge("trueup_desired_state_readable", "1 if the last read of the desired state worked.");
    Gauges& engine_held = gauge(    // name: the engine's
        "leader_election_master_status",
        "1 while this controller is the one that acts on the engine.");
    Gauges& engine_synced = gauge(    // engine
        "trueup_engine_synced", "1 while the events of the Docker Engine are followed.");
    Gauges& code_half_watched = gauge(    // engine
        "trueup_code_half_watched_containers",
        "Containers with more code folders than may be watched: changes in some of them are found "
        "by looking from time to time.");
    Counters& store_errors =
        counter("trueup_store_errors_total",
                "Accesses to the database that failed; what could not be written is tried again.");
    Counters& http_panics =
        counter("trueup_http_panics_total", "HTTP sessions that ended in an exception, a bug.");
    Gauges& build_info = gauge(    // version
        "trueup_build_info", "The version that runs; always 1.");

    // --- controller-runtime's: {controller} ---
    Counters& reconcile = counter(    // result
        "controller_runtime_reconcile_total", "Total number of reconciliations per controller");
    Counters& reconcile_errors = counter("controller_runtime_reconcile_errors_total",
                                         "Total number of reconciliation errors per controller");
    Counters& terminal_errors =
        counter("controller_runtime_terminal_reconcile_errors_total",
                "Total number of terminal reconciliation errors per controller");
    Counters& reconcile_panics = counter("controller_runtime_reconcile_panics_total",
                                         "Total number of reconciliation panics per controller");
    Counters& reconcile_timeouts =
        counter("controller_runtime_reconcile_timeouts_total",
                "Total number of reconciliation timeouts per controller");
    Histograms& reconcile_time = histogram("controller_runtime_reconcile_time_seconds",
                                           "Length of time per reconciliation per controller");
    Gauges& max_workers = gauge("controller_runtime_max_concurrent_reconciles",
                                "Maximum number of concurrent reconciles per controller");
    Gauges& active_workers = gauge("controller_runtime_active_workers",
                                   "Number of currently used workers per controller");

    // --- client-go's work queue: {name, controller} ---
    Gauges& queue_depth = gauge(    // priority
        "workqueue_depth", "Current depth of workqueue by workqueue and priority");
    Counters& queue_adds =
        counter("workqueue_adds_total", "Total number of adds handled by workqueue");
    Counters& queue_retries =
        counter("workqueue_retries_total", "Total number of retries handled by workqueue");
    Histograms& queue_duration =
        histogram("workqueue_queue_duration_seconds",
                  "How long in seconds an item stays in workqueue before being requested");
    Histograms& work_duration =
        histogram("workqueue_work_duration_seconds",
                  "How long in seconds processing an item from workqueue takes.");
    Gauges& queue_unfinished =
        gauge("workqueue_unfinished_work_seconds",
              "How many seconds of work has been done that is in progress and hasn't been "
              "observed by work_duration. Large values indicate stuck threads.");
    Gauges& queue_longest =
        gauge("workqueue_longest_running_processor_seconds",
              "How many seconds has the longest running processor for workqueue been running.");

    // Not in the registry: holds since when code is stale (unix time, 0 = it is not), {stack,
    // environment, service}; text() makes ages of it.
    Gauges stale_since{"trueup_code_stale_seconds",
                       "For how long the running code has been stale; 0 if it is not.",
                       {}};

private:
    Gauges& gauge(const char* name, const char* help) {
        return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
    }
    Counters& counter(const char* name, const char* help) {
        return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
    }
    Histograms& histogram(const char* name, const char* help) {
        return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
    }
};

}    // namespace trueup::metrics
