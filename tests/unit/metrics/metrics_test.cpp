// SPDX-License-Identifier: Apache-2.0
#include "controller/metrics/metrics.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <regex>
#include <sstream>
#include <thread>

#include "tests/support/manual_clock.hpp"

namespace trueup::metrics {
namespace {

std::vector<std::string> lines(const std::string& text) {
    std::vector<std::string> result;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) result.push_back(line);
    return result;
}

class MetricsTest : public testing::Test {
protected:
    // The value of the series written exactly like this; "" when there is none.
    std::string value(const std::string& series) const {
        for (const std::string& line : lines(metrics.text())) {
            if (line.starts_with(series + " ")) return line.substr(series.size() + 1);
        }
        return "";
    }
    // All series of a family, without help and type.
    std::string family(const std::string& name) const {
        std::string found;
        for (const std::string& line : lines(metrics.text())) {
            if (line.starts_with(name + "{") || line.starts_with(name + " ")) found += line + "\n";
        }
        return found;
    }
    std::size_t count_naming(const std::string& word) const {
        const auto all = lines(metrics.text());
        return static_cast<std::size_t>(std::count_if(
            all.begin(), all.end(),
            [&word](const std::string& line) { return line.find(word) != std::string::npos; }));
    }

    support::ManualClock clock;
    Metrics metrics{clock};
    const StackLabels shop{"shop", "test"};
};

double unix_time(const Clock& clock) {
    return std::chrono::duration<double>(clock.now().time_since_epoch()).count();
}

StackState fresh_shop(const Clock& clock) {
    StackState state;
    state.labels = {"shop", "test"};
    state.desired_commit = "aaa";
    state.running_commit = "aaa";
    state.sync = "Synced";
    state.health = "Healthy";
    state.conditions = {{"Ready", "True"}, {"Reconciling", "True"}};
    state.code = {{"api", true, false, "files", unix_time(clock), 0},
                  {"db", false, false, "none", 0, 0}};
    return state;
}

// The rules of text format 0.0.4 that a scraper trips over, and the naming rules of promtool.
TEST_F(MetricsTest, TextIsWellFormed) {
    metrics.set_stack(fresh_shop(clock));
    metrics.action_done(shop, "build", true, 3);
    metrics.engine_request("default", "list containers", 200, 0.01);
    const std::regex sample(R"(([a-z_]+)(\{([a-z_]+="[^"]*",?)*\})? (-?[0-9.e+-]+|\+Inf|NaN))");
    const std::regex comment(R"(# (HELP [a-z_]+ .+|TYPE [a-z_]+ (counter|gauge|histogram)))");
    std::set<std::string> types;
    std::set<std::string> series;
    for (const std::string& line : lines(metrics.text())) {
        ASSERT_TRUE(std::regex_match(line, line.starts_with('#') ? comment : sample)) << line;
        if (line.starts_with("# TYPE ")) {
            const std::string name = line.substr(7, line.find(' ', 7) - 7);
            EXPECT_TRUE(types.insert(name).second) << name << " is declared twice";
            EXPECT_EQ(name.ends_with("_total"), line.ends_with(" counter")) << line;
        } else if (!line.starts_with('#')) {
            EXPECT_TRUE(series.insert(line.substr(0, line.rfind(' '))).second)
                << line << " stands twice";
        }
    }
}

TEST_F(MetricsTest, ControllerStartsAtZero) {
    EXPECT_EQ(
        family("controller_runtime_reconcile_total"),
        "controller_runtime_reconcile_total{controller=\"stack\",result=\"error\"} 0\n"
        "controller_runtime_reconcile_total{controller=\"stack\",result=\"requeue\"} 0\n"
        "controller_runtime_reconcile_total{controller=\"stack\",result=\"requeue_after\"} 0\n"
        "controller_runtime_reconcile_total{controller=\"stack\",result=\"success\"} 0\n");
    for (const std::string name :
         {"controller_runtime_reconcile_errors_total", "controller_runtime_reconcile_panics_total",
          "controller_runtime_terminal_reconcile_errors_total",
          "controller_runtime_reconcile_timeouts_total",
          "controller_runtime_max_concurrent_reconciles", "controller_runtime_active_workers",
          "controller_runtime_reconcile_time_seconds_count"}) {
        EXPECT_EQ(value(name + "{controller=\"stack\"}"), "0") << name;
    }
    for (const std::string name :
         {"workqueue_adds_total", "workqueue_retries_total", "workqueue_unfinished_work_seconds",
          "workqueue_longest_running_processor_seconds", "workqueue_queue_duration_seconds_count",
          "workqueue_work_duration_seconds_count"}) {
        EXPECT_EQ(value(name + "{controller=\"stack\",name=\"stack\"}"), "0") << name;
    }
    EXPECT_EQ(family("workqueue_depth"),
              "workqueue_depth{controller=\"stack\",name=\"stack\",priority=\"-100\"} 0\n"
              "workqueue_depth{controller=\"stack\",name=\"stack\",priority=\"0\"} 0\n");
    for (const std::string name :
         {"trueup_desired_state_readable", "trueup_desired_state_invalid_files",
          "trueup_http_panics_total"}) {
        EXPECT_EQ(value(name), "0") << name;
    }
    EXPECT_EQ(value("trueup_build_info{version=\"" TRUEUP_VERSION "\"}"), "1");
}

TEST_F(MetricsTest, StackStartsAtZero) {
    metrics.add_stack(shop);
    for (const std::string name : {"trueup_restored_total", "trueup_lead_time_seconds_count",
                                   "trueup_build_duration_seconds_count"}) {
        EXPECT_EQ(value(name + "{environment=\"test\",stack=\"shop\"}"), "0") << name;
    }
    EXPECT_EQ(
        value("trueup_drift_detected_total{environment=\"test\",kind=\"code\",stack=\"shop\"}"),
        "0");
    EXPECT_EQ(value("trueup_action_total{action=\"replace-container\",environment=\"test\",result="
                    "\"failure\",stack=\"shop\"}"),
              "0");
    EXPECT_EQ(value("trueup_build_total{environment=\"test\",result=\"unproven\",stack=\"shop\"}"),
              "0");
    EXPECT_EQ(value("trueup_verification_total{environment=\"test\",method=\"files\",result="
                    "\"failure\",stack=\"shop\"}"),
              "0");
}

TEST_F(MetricsTest, SaysWhatRuns) {
    metrics.set_stack(fresh_shop(clock));
    EXPECT_EQ(family("trueup_stack_info"),
              "trueup_stack_info{desired_commit=\"aaa\",engine=\"default\",environment=\"test\","
              "health=\"Healthy\","
              "running_commit=\"aaa\",stack=\"shop\",sync=\"Synced\"} 1\n");
    EXPECT_EQ(family("trueup_stack_condition"),
              "trueup_stack_condition{environment=\"test\",stack=\"shop\",status=\"False\",type="
              "\"Ready\"} 0\n"
              "trueup_stack_condition{environment=\"test\",stack=\"shop\",status=\"False\",type="
              "\"Reconciling\"} 0\n"
              "trueup_stack_condition{environment=\"test\",stack=\"shop\",status=\"True\",type="
              "\"Ready\"} 1\n"
              "trueup_stack_condition{environment=\"test\",stack=\"shop\",status=\"True\",type="
              "\"Reconciling\"} 1\n"
              "trueup_stack_condition{environment=\"test\",stack=\"shop\",status=\"Unknown\",type="
              "\"Ready\"} 0\n"
              "trueup_stack_condition{environment=\"test\",stack=\"shop\",status=\"Unknown\",type="
              "\"Reconciling\"} 0\n");
}

TEST_F(MetricsTest, NotStaleMeansLookedAt) {
    metrics.set_stack(fresh_shop(clock));
    EXPECT_EQ(family("trueup_code_stale"),
              "trueup_code_stale{environment=\"test\",service=\"api\",stack=\"shop\"} 0\n");
    EXPECT_EQ(family("trueup_code_proof"),
              "trueup_code_proof{environment=\"test\",method=\"files\",service=\"api\",stack="
              "\"shop\"} 1\n"
              "trueup_code_proof{environment=\"test\",method=\"none\",service=\"db\",stack="
              "\"shop\"} 1\n");
    EXPECT_EQ(family("trueup_code_last_proven_timestamp_seconds"),
              "trueup_code_last_proven_timestamp_seconds{environment=\"test\",service=\"api\","
              "stack=\"shop\"} 1795514400\n");
}

TEST_F(MetricsTest, WhatIsNotProvenHasNoMethod) {
    StackState state = fresh_shop(clock);
    state.code[0].proven = false;
    metrics.set_stack(state);
    EXPECT_EQ(family("trueup_code_proof").find("files"), std::string::npos)
        << family("trueup_code_proof");
    EXPECT_EQ(family("trueup_code_stale"), "");
}

TEST_F(MetricsTest, StaleSecondsGrowByThemselves) {
    StackState state = fresh_shop(clock);
    const std::string series =
        "trueup_code_stale_seconds{environment=\"test\",service=\"api\",stack=\"shop\"}";
    metrics.set_stack(state);
    clock.advance(Seconds(30));
    EXPECT_EQ(value(series), "0");
    state.code[0].stale = true;
    state.code[0].stale_since = unix_time(clock);
    metrics.set_stack(state);
    clock.advance(Seconds(90));
    EXPECT_EQ(value(series), "90");
    clock.advance(Seconds(-600));
    EXPECT_EQ(value(series), "0") << "the wall clock was set back";
}

TEST_F(MetricsTest, SeriesOfWhatIsGoneDisappear) {
    StackState state = fresh_shop(clock);
    state.drift = {{"code", 2}, {"state", 1}};
    metrics.set_stack(state);
    EXPECT_EQ(value("trueup_drift{environment=\"test\",kind=\"code\",stack=\"shop\"}"), "2");
    state.conditions.pop_back();
    state.code.erase(state.code.begin());
    state.drift.erase(state.drift.begin());
    state.running_commit = "bbb";
    metrics.set_stack(state);
    EXPECT_EQ(family("trueup_drift"),
              "trueup_drift{environment=\"test\",kind=\"state\",stack=\"shop\"} 1\n");
    EXPECT_EQ(count_naming("service=\"api\""), 0U);
    EXPECT_EQ(count_naming("Reconciling"), 0U);
    EXPECT_EQ(count_naming("running_commit="), 1U);
}

TEST_F(MetricsTest, RemovedStackIsNamedNowhere) {
    StackState state = fresh_shop(clock);
    metrics.set_stack(state);
    metrics.drift_detected(shop, "code");
    metrics.action_done(shop, "build", true, 1);
    metrics.build_done(shop, "built", 1);
    metrics.lead_time(shop, 60);
    state.labels.stack = "blog";
    metrics.set_stack(state);
    const std::size_t of_blog = count_naming("stack=\"blog\"");
    metrics.remove_stack("shop");
    metrics.remove_stack("unknown");
    EXPECT_EQ(count_naming("stack=\"shop\""), 0U);
    EXPECT_EQ(count_naming("stack=\"blog\""), of_blog);
}

TEST_F(MetricsTest, StackThatChangesItsEnvironmentIsAnother) {
    metrics.set_stack(fresh_shop(clock));
    metrics.drift_detected(shop, "code");
    StackState moved = fresh_shop(clock);
    moved.labels.environment = "production";
    metrics.set_stack(moved);
    EXPECT_EQ(count_naming("environment=\"test\""), 0U);
    EXPECT_EQ(
        value(
            "trueup_drift_detected_total{environment=\"production\",kind=\"code\",stack=\"shop\"}"),
        "0");
}

TEST_F(MetricsTest, CountsEvents) {
    metrics.drift_detected(shop, "code");
    metrics.action_done(shop, "start-container", false, 2);
    metrics.action_done(shop, "start-container", true, 1);
    metrics.build_done(shop, "unproven", 2);
    metrics.verification_done(shop, "files", true, 0.2);
    metrics.restored(shop);
    metrics.lead_time(shop, 90);
    metrics.engine_request("default", "list containers", 200, 0.01);
    metrics.engine_request("default", "list containers", 0, 1);
    metrics.git_request("fetch", false, 120);
    metrics.reconcile_done("error", 1);
    metrics.reconcile_terminal_error();
    metrics.http_panic();
    EXPECT_EQ(
        value("trueup_drift_detected_total{environment=\"test\",kind=\"code\",stack=\"shop\"}"),
        "1");
    EXPECT_EQ(value("trueup_action_total{action=\"start-container\",environment=\"test\",result="
                    "\"failure\",stack=\"shop\"}"),
              "1");
    EXPECT_EQ(value("trueup_action_total{action=\"start-container\",environment=\"test\",result="
                    "\"success\",stack=\"shop\"}"),
              "1");
    EXPECT_EQ(value("trueup_action_duration_seconds_sum{action=\"start-container\"}"), "3");
    EXPECT_EQ(value("trueup_build_total{environment=\"test\",result=\"unproven\",stack=\"shop\"}"),
              "1");
    EXPECT_EQ(value("trueup_verification_total{environment=\"test\",method=\"files\",result="
                    "\"success\",stack=\"shop\"}"),
              "1");
    EXPECT_EQ(value("trueup_restored_total{environment=\"test\",stack=\"shop\"}"), "1");
    EXPECT_EQ(
        value("trueup_lead_time_seconds_bucket{environment=\"test\",stack=\"shop\",le=\"120\"}"),
        "1");
    EXPECT_EQ(
        value("trueup_lead_time_seconds_bucket{environment=\"test\",stack=\"shop\",le=\"60\"}"),
        "0");
    EXPECT_EQ(value("trueup_engine_request_total{code=\"200\",engine=\"default\",operation=\"list "
                    "containers\"}"),
              "1");
    EXPECT_EQ(value("trueup_engine_request_total{code=\"error\",engine=\"default\",operation="
                    "\"list containers\"}"),
              "1");
    EXPECT_EQ(value("trueup_engine_request_duration_seconds_count{engine=\"default\",operation="
                    "\"list containers\"}"),
              "2");
    EXPECT_EQ(value("trueup_git_request_total{operation=\"fetch\",result=\"failure\"}"), "1");
    EXPECT_EQ(value("trueup_git_request_total{operation=\"fetch\",result=\"success\"}"), "0");
    EXPECT_EQ(value("controller_runtime_reconcile_total{controller=\"stack\",result=\"error\"}"),
              "1");
    EXPECT_EQ(value("controller_runtime_reconcile_errors_total{controller=\"stack\"}"), "1");
    EXPECT_EQ(value("controller_runtime_terminal_reconcile_errors_total{controller=\"stack\"}"),
              "1");
    EXPECT_EQ(value("trueup_http_panics_total"), "1");
}

TEST_F(MetricsTest, ContainersThatAreWatchedInPartAreCountedByEngine) {
    metrics.code_half_watched("east", 0);
    EXPECT_EQ(value("trueup_code_half_watched_containers{engine=\"east\"}"), "0");
    metrics.code_half_watched("east", 2);
    EXPECT_EQ(value("trueup_code_half_watched_containers{engine=\"east\"}"), "2");
}

TEST_F(MetricsTest, ReconcileTimeHasTheBucketsOfControllerRuntime) {
    EXPECT_EQ(count_naming("controller_runtime_reconcile_time_seconds_bucket"), 41U);
    EXPECT_EQ(count_naming("workqueue_queue_duration_seconds_bucket"), 13U);
    EXPECT_EQ(value("workqueue_queue_duration_seconds_bucket{controller=\"stack\",name=\"stack\","
                    "le=\"1e-08\"}"),
              "0");
}

TEST_F(MetricsTest, ProcessIsMeasured) {
    const auto number = [this](const std::string& name) { return std::stod("0" + value(name)); };
    EXPECT_GT(number("process_resident_memory_bytes"), 1e6);
    EXPECT_GT(number("process_virtual_memory_bytes"), number("process_resident_memory_bytes"));
    EXPECT_GE(number("process_open_fds"), 3);
    EXPECT_GT(number("process_max_fds"), number("process_open_fds"));
    const double now = unix_time(base::machine_clock());
    EXPECT_LT(number("process_start_time_seconds"), now + 2);
    EXPECT_GT(number("process_start_time_seconds"), now - 3600);
    EXPECT_NE(value("process_cpu_seconds_total"), "");
}

// For ThreadSanitizer: the pool scrapes while the loop sets, adds and removes.
TEST_F(MetricsTest, ScrapesWhileValuesChange) {
    std::atomic<bool> stop = false;
    std::thread scraper([&] {
        while (!stop) metrics.text();
    });
    for (int round = 0; round < 200; ++round) {
        StackState state = fresh_shop(clock);
        state.labels.stack = "shop-" + std::to_string(round % 5);
        state.running_commit = std::to_string(round);
        state.code[0].stale = round % 2 == 0;
        metrics.set_stack(state);
        metrics.lead_time(state.labels, round);
        if (round % 3 == 0) metrics.remove_stack("shop-" + std::to_string(round % 4));
    }
    stop = true;
    scraper.join();
}

}    // namespace
}    // namespace trueup::metrics
