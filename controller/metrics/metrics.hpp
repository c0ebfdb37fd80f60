// SPDX-License-Identifier: Apache-2.0
// What the program exports; the families stand in catalogue.hpp, each declared once. Counters start
// at 0. Labels are bounded: names of stacks, environments, services, kinds; never a path or a
// message. Values are set on the loop's thread; text() may run on the pool (prometheus-cpp locks
// inside).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/clock.hpp"

namespace trueup::metrics {

struct StackLabels {
    std::string stack;
    std::string environment;

    bool operator==(const StackLabels&) const = default;
};

// One service's code, as of the last look.
struct ServiceCode {
    std::string service;
    bool proven = false;    // compared, whatever the result; not proven: no trueup_code_stale at
                            // all, since not stale must mean looked at
    bool stale = false;
    std::string method = "none";    // files | build | digest | none
    double proven_at = 0;           // unix time of the last look; 0 = never
    double stale_since = 0;         // unix time; 0 = not stale

    bool operator==(const ServiceCode&) const = default;
};

// Everything that is exported of one stack; replaces what was exported before, and series of
// services and drift kinds that are gone disappear.
struct StackState {
    StackLabels labels;
    std::string engine = "default";
    std::string desired_commit;
    std::string running_commit;
    std::string sync;      // Synced | OutOfSync | Unknown
    std::string health;    // Healthy | Progressing | Degraded | Missing | Unknown
    bool suspended = false;
    std::vector<std::pair<std::string, std::string>> conditions;    // type, True|False|Unknown
    std::vector<ServiceCode> code;
    std::vector<std::pair<std::string, int>> drift;    // kind, how many things differ now

    bool operator==(const StackState&) const = default;
};

class Metrics {
public:
    explicit Metrics(const Clock& clock);
    ~Metrics();

    // The stack is known: its counters stand at 0 from now on, so that increase() sees the first
    // event. Everything below that names a stack does this too.
    void add_stack(const StackLabels& labels);
    void set_stack(const StackState& state);
    // No series names it any more.
    void remove_stack(const std::string& stack);
    // trueup_drift_detected_total
    void drift_detected(const StackLabels& labels, std::string_view kind);
    // trueup_heal_suppressed_total: once when it begins
    void heal_suppressed(const StackLabels& labels, std::string_view kind);
    void action_done(const StackLabels& labels, std::string_view action, bool success,
                     double seconds);
    // built | failed | unproven
    void build_done(const StackLabels& labels, std::string_view result, double seconds);
    // trueup_build_uncached_total
    void cache_distrusted(const StackLabels& labels, std::string_view reason);
    void bytecode_purged(const StackLabels& labels, std::size_t files);
    void verification_done(const StackLabels& labels, std::string_view method, bool success,
                           double seconds);
    void restored(const StackLabels& labels);    // a failed start, old container back
    void lead_time(const StackLabels& labels, double seconds);    // commit time -> proven running
    // status 0: no answer; `engine` is its name in the configuration
    void engine_request(std::string_view engine, std::string_view operation, unsigned status,
                        double seconds);
    void git_request(std::string_view operation, bool success, double seconds);
    void desired_state(std::size_t stacks, std::size_t invalid_files, bool readable);
    void engine_synced(std::string_view engine, bool synced);
    // This controller is the one that acts on it.
    void engine_held(std::string_view engine, bool held);
    // Containers of it of which not all code folders are watched.
    void code_half_watched(std::string_view engine, std::size_t containers);
    void store_error();
    void http_panic();    // a session of ours ended in an exception

    // controller_runtime_* and workqueue_*, with the names and labels of controller-runtime.
    // success | error | requeue | requeue_after
    void reconcile_done(std::string_view result, double seconds);
    void reconcile_terminal_error();
    void reconcile_panic();
    void active_workers(int count);
    void max_workers(int count);
    void queue_depth(std::string_view priority, std::size_t depth);
    void queue_add();
    void queue_retry();
    void queue_wait(double seconds);
    void queue_work(double seconds);
    void queue_unfinished(double total_seconds, double longest_seconds);

    // The Prometheus text format, version 0.0.4, sorted by name and labels, with process_* and the
    // ages of this moment.
    std::string text() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}    // namespace trueup::metrics
