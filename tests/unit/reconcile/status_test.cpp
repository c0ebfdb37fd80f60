// SPDX-License-Identifier: Apache-2.0
// What users read off a stack after each kind of reconcile.
#include "controller/reconcile/status.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "controller/reconcile/claims.hpp"
#include "controller/reconcile/service_status.hpp"
#include "tests/unit/reconcile/status_world.hpp"

namespace trueup::reconcile {
namespace {

TEST(Status, ready_when_all_runs_and_is_proven) {
    const StackStatus status = make_status(entry_of_shop(), done(shop(), running_api()), now);
    for (const char* type : {"Ready", "Synced", "Healthy", "Fresh"})
        EXPECT_EQ(status_of(status, type), ConditionStatus::yes) << type;
    EXPECT_EQ(status.running_commit, commit_id);
    EXPECT_EQ(status.observed_generation, 3);
    EXPECT_EQ(status.services.at(0).proof, "files");
    EXPECT_EQ(status.services.at(0).fresh, "True");
    EXPECT_EQ(reason_of(status, "Stalled"), "absent");
    EXPECT_EQ(reason_of(status, "Reconciling"), "absent");
}

TEST(Status, fresh_is_unknown_where_nobody_looked) {
    auto container = running_api();
    container.code = model::CodeState();
    const StackStatus status = make_status(entry_of_shop(), done(shop(), container), now);
    EXPECT_EQ(status_of(status, "Fresh"), ConditionStatus::unknown);
    EXPECT_EQ(reason_of(status, "Fresh"), "NotProven");
    EXPECT_EQ(status_of(status, "Ready"), ConditionStatus::yes) << "unknown is not false";
}

TEST(Status, fresh_is_unknown_for_a_stack_without_code_of_the_commit) {
    auto desired = shop();
    desired->project.services["api"].build.reset();
    desired->expected.clear();
    const StackStatus status = make_status(entry_of_shop(), done(desired, running_api()), now);
    EXPECT_EQ(reason_of(status, "Fresh"), "NothingToCompare");
}

TEST(Status, an_image_built_from_exactly_the_context_is_proven_by_that) {
    const StackStatus status = make_status(entry_of_shop(), compiled("recipe"), now);
    EXPECT_EQ(status.services.at(0).proof, "build");
    EXPECT_EQ(status.services.at(0).fresh, "True");
    EXPECT_EQ(status_of(status, "Fresh"), ConditionStatus::yes);
    EXPECT_EQ(message_of(status, "Fresh"),
              "1 service is an image built from exactly commit 9f3c1e2's context");
}

TEST(Status, an_image_of_somebody_elses_build_is_not_proven_and_the_line_is_told) {
    for (const char* recipe : {"", "another"}) {
        const StackStatus status = make_status(entry_of_shop(), compiled(recipe), now);
        EXPECT_EQ(status.services.at(0).proof, "none");
        EXPECT_EQ(status_of(status, "Fresh"), ConditionStatus::unknown);
        EXPECT_EQ(message_of(status, "Fresh"),
                  "not compared: api (Dockerfile:7:1: COPY: '/out' was made in stage b)");
    }
}

TEST(Status, an_image_that_is_only_named_is_proven_by_its_id) {
    auto desired = compiled_shop();
    desired->project.services["api"].build.reset();
    desired->project.services["api"].image = "postgres:16";
    auto container = running_api();
    container.code = model::CodeState();
    container.image_id = "sha256:1";
    Findings findings = done(desired, container);
    EXPECT_EQ(make_status(entry_of_shop(), findings, now).services.at(0).proof, "none");
    findings.observed->image_of_reference["postgres:16"] = "sha256:2";
    EXPECT_EQ(message_of(make_status(entry_of_shop(), findings, now), "Fresh"),
              "service api: runs another image than postgres:16");
    findings.observed->containers.front().state = model::ContainerState::exited;
    EXPECT_EQ(make_status(entry_of_shop(), findings, now).services.at(0).proof, "none");
    findings.observed->containers.front().state = model::ContainerState::running;
    findings.observed->image_of_reference["postgres:16"] = "sha256:1";
    const StackStatus status = make_status(entry_of_shop(), findings, now);
    EXPECT_EQ(status.services.at(0).proof, "digest");
    EXPECT_EQ(message_of(status, "Fresh"), "1 service runs the image that the commit names");
}

TEST(Status, stale_code_names_the_file_and_is_not_ready) {
    auto container = running_api();
    container.code.status = model::CodeStatus::stale;
    container.code.differences.push_back({"app/main.py", model::FileChange::modified});
    container.code.difference_count = 3;
    const StackStatus status = make_status(entry_of_shop(), done(shop(), container), now);
    EXPECT_EQ(status_of(status, "Fresh"), ConditionStatus::no);
    EXPECT_EQ(status_of(status, "Ready"), ConditionStatus::no);
    EXPECT_EQ(v1alpha1::find_condition(status, "Fresh")->message,
              "service api: app/main.py modified and 2 more");
}

TEST(Status, what_is_to_be_adopted_is_what_runs) {
    auto container = running_api();
    container.owned = false;
    container.code.status = model::CodeStatus::stale;
    container.code.differences.push_back({"app/main.py", model::FileChange::modified});
    const auto of_strangers = make_status(entry_of_shop(), done(shop(), container), now);
    EXPECT_EQ(status_of(of_strangers, "Fresh"), ConditionStatus::unknown);
    container.comparison.emplace();
    const auto status = make_status(entry_of_shop(), done(shop(), container), now);
    EXPECT_EQ(status_of(status, "Fresh"), ConditionStatus::no);
    EXPECT_EQ(status_of(status, "Healthy"), ConditionStatus::yes);
    EXPECT_EQ(message_of(status, "Fresh"), "service api: app/main.py modified");
}

TEST(Status, synced_and_degraded_are_two_axes) {
    auto container = running_api();
    container.health = model::Health::unhealthy;
    const StackStatus status = make_status(entry_of_shop(), done(shop(), container), now);
    EXPECT_EQ(status_of(status, "Synced"), ConditionStatus::yes);
    EXPECT_EQ(reason_of(status, "Healthy"), "Degraded");
    EXPECT_EQ(status_of(status, "Ready"), ConditionStatus::no);
}

TEST(Status, a_starting_health_check_is_progressing) {
    auto container = running_api();
    container.health = model::Health::starting;
    const StackStatus status = make_status(entry_of_shop(), done(shop(), container), now);
    EXPECT_EQ(status_of(status, "Healthy"), ConditionStatus::unknown);
    EXPECT_EQ(reason_of(status, "Healthy"), "Progressing");
}

TEST(Status, a_container_that_docker_restarts_again_and_again_is_degraded_while_it_runs) {
    auto container = running_api();
    container.restart_count = 4;
    container.started_at = base::to_rfc3339(now - std::chrono::seconds(3));
    Findings findings = done(shop(), container);
    StackStatus status = make_status(entry_of_shop(), findings, now);
    EXPECT_EQ(reason_of(status, "Healthy"), "Degraded");
    EXPECT_EQ(v1alpha1::find_condition(status, "Healthy")->message,
              "service api is running 1/1, and Docker has restarted shop-api-1 4 times");
    EXPECT_EQ(crash_loop_ends(*findings.observed, now), now + std::chrono::seconds(57));
    const SystemTime later = now + std::chrono::seconds(57);
    EXPECT_EQ(reason_of(make_status(entry_of_shop(), findings, later), "Healthy"), "Succeeded");
    EXPECT_EQ(crash_loop_ends(*findings.observed, later), std::nullopt);
    findings.observed->containers.front().restart_count = 1;
    EXPECT_EQ(reason_of(make_status(entry_of_shop(), findings, now), "Healthy"), "Succeeded");
}

TEST(Status, a_finished_one_shot_is_healthy) {
    auto desired = shop();
    auto container = running_api();
    container.state = model::ContainerState::exited;
    container.ended.cause = model::EndCause::crash;
    EXPECT_EQ(health_condition(*desired, *done(desired, container).observed, now).status,
              ConditionStatus::yes);
    container.exit_code = 1;
    EXPECT_EQ(health_condition(*desired, *done(desired, container).observed, now).reason,
              "Degraded");
    container.exit_code = 0;
    container.ended = {model::EndCause::stopped, model::Actor::engine, now};
    EXPECT_EQ(health_condition(*desired, *done(desired, container).observed, now).reason,
              "Degraded");
}

TEST(Status, what_a_rollout_keeps_beside_does_not_count) {
    auto findings = done(shop(), running_api());
    auto previous = running_api();
    previous.name = "shop-api-1.previous";
    previous.state = model::ContainerState::exited;
    previous.exit_code = 137;
    findings.observed->containers.push_back(previous);
    EXPECT_EQ(status_of(make_status(entry_of_shop(), findings, now), "Healthy"),
              ConditionStatus::yes);
}

TEST(Status, engine_down_makes_everything_unknown) {
    Entry entry = entry_of_shop();
    entry.stack.status = make_status(entry, done(shop(), running_api()), now);
    auto findings = failed(Stage::observe, Error(Errc::unavailable, "cannot connect"));
    findings.desired = shop();
    const StackStatus status = make_status(entry, findings, now);
    for (const char* type : {"Ready", "Synced", "Healthy", "Fresh"}) {
        EXPECT_EQ(status_of(status, type), ConditionStatus::unknown) << type;
        EXPECT_EQ(reason_of(status, type), "EngineUnavailable") << type;
    }
    EXPECT_EQ(reason_of(status, "Stalled"), "absent");
    EXPECT_EQ(status.running_commit, commit_id) << "the last that was known";
}

TEST(Status, a_commit_that_cannot_be_fetched_leaves_health_and_freshness_as_seen) {
    Entry entry = entry_of_shop();
    entry.stack.status = make_status(entry, done(shop(), running_api()), now);
    const StackStatus status =
        make_status(entry, failed(Stage::fetch, Error(Errc::not_found, "no such commit")), now);
    EXPECT_EQ(status_of(status, "Ready"), ConditionStatus::no);
    EXPECT_EQ(reason_of(status, "Ready"), "RevisionNotFound");
    EXPECT_EQ(status_of(status, "Synced"), ConditionStatus::no);
    EXPECT_EQ(status_of(status, "Healthy"), ConditionStatus::yes);
    EXPECT_EQ(status_of(status, "Fresh"), ConditionStatus::yes);
}

TEST(Status, a_terminal_error_stalls) {
    const StackStatus status =
        make_status(entry_of_shop(), failed(Stage::load, Error(Errc::invalid, "bad")), now);
    EXPECT_EQ(status_of(status, "Stalled"), ConditionStatus::yes);
    EXPECT_EQ(reason_of(status, "Stalled"), "InvalidCompose");
}

TEST(Status, foreign_containers_await_adoption) {
    Findings findings = failed(Stage::diff, Error(Errc::conflict, "foreign"));
    findings.desired = shop();
    findings.observed.emplace();
    findings.plan.blocked = plan::Plan::Blocked{"AwaitingAdoption", "foreign"};
    findings.remaining = findings.plan;
    const StackStatus status = make_status(entry_of_shop(), findings, now);
    EXPECT_EQ(reason_of(status, "Stalled"), "AwaitingAdoption");
    EXPECT_EQ(reason_of(status, "Synced"), "AwaitingAdoption");
    EXPECT_EQ(status_of(status, "Ready"), ConditionStatus::no);
}

TEST(Status, transition_time_stays_while_the_status_does) {
    Entry entry = entry_of_shop();
    entry.stack.status = make_status(entry, done(shop(), running_api()), now);
    const StackStatus later =
        make_status(entry, done(shop(), running_api()), now + std::chrono::hours(1));
    EXPECT_EQ(v1alpha1::find_condition(later, "Ready")->last_transition_time, now);
}

TEST(Status, a_file_that_is_gone_or_invalid_is_told) {
    Entry entry = entry_of_shop();
    entry.file_gone = true;
    StackStatus status = make_status(entry, done(shop(), running_api()), now);
    ASSERT_EQ(status.warnings.size(), 1U);
    EXPECT_NE(status.warnings[0].find("/stacks/shop.yaml is gone"), std::string::npos);
    entry.file_gone = false;
    entry.file_error = Error(Errc::invalid, "shop.yaml:1:1: bad");
    status = make_status(entry, done(shop(), running_api()), now);
    ASSERT_EQ(status.warnings.size(), 1U);
    EXPECT_NE(status.warnings[0].find("shop.yaml:1:1"), std::string::npos);
    EXPECT_EQ(reason_of(status, "Ready"), "InvalidFile");
    EXPECT_EQ(v1alpha1::find_condition(status, "Ready")->message,
              "its file is invalid, the last good one is in force: shop.yaml:1:1: bad");
    EXPECT_EQ(status_of(status, "Ready"), ConditionStatus::no);
    EXPECT_EQ(status_of(status, "Synced"), ConditionStatus::yes);
    EXPECT_EQ(reason_of(status, "Stalled"), "absent");
    entry.stack.status = status;
    entry.file_error.reset();
    EXPECT_EQ(status_of(make_status(entry, done(shop(), running_api()), now), "Ready"),
              ConditionStatus::yes);
}

TEST(Status, what_is_wrong_with_what_runs_goes_before_an_invalid_file) {
    Entry entry = entry_of_shop();
    entry.file_error = Error(Errc::invalid, "shop.yaml:1:1: bad");
    auto container = running_api();
    container.health = model::Health::unhealthy;
    EXPECT_EQ(reason_of(make_status(entry, done(shop(), container), now), "Ready"), "Degraded");
    const auto findings = failed(Stage::load, Error(Errc::invalid, "bad"));
    EXPECT_EQ(reason_of(make_status(entry, findings, now), "Ready"), "InvalidCompose");
}

TEST(StatusMetrics, stale_since_is_kept_until_it_is_fresh) {
    auto container = running_api();
    container.code.status = model::CodeStatus::stale;
    container.code.differences.push_back({"app/main.py", model::FileChange::modified});
    container.code.difference_count = 1;
    const Findings findings = done(shop(), container);
    const Entry entry = entry_of_shop();
    const StackStatus status = make_status(entry, findings, now);
    const auto first = metrics_state(entry, status, findings, nullptr, now);
    const auto later =
        metrics_state(entry, status, findings, &first, now + std::chrono::minutes(5));
    ASSERT_EQ(later.code.size(), 1U);
    EXPECT_TRUE(later.code[0].stale);
    EXPECT_EQ(later.code[0].stale_since, 1'000'000);
    EXPECT_EQ(later.labels.environment, "production");
}

TEST(Status, OfAStackThatNoFileNamesSinceAnEarlierRun) {
    Entry entry = entry_of_shop();
    entry.file_gone = true;
    entry.remembered = true;
    const StackStatus status = make_status(entry, orphan_findings(entry, nullptr), now);
    const Condition* synced = v1alpha1::find_condition(status, "Synced");
    ASSERT_NE(synced, nullptr);
    EXPECT_EQ(synced->reason, "Orphaned");
    EXPECT_EQ(v1alpha1::find_condition(status, "Ready")->reason, "Orphaned");
    EXPECT_EQ(v1alpha1::find_condition(status, "Stalled"), nullptr);
    ASSERT_EQ(status.warnings.size(), 1U);
    EXPECT_NE(status.warnings.front().find("is gone"), std::string::npos);
    store::Suspension suspension;
    suspension.stack = "shop-production";
    suspension.actor = "person:ada";
    Entry again = entry;
    again.stack.status = status;
    const StackStatus held = make_status(again, orphan_findings(again, &suspension), now);
    EXPECT_EQ(v1alpha1::find_condition(held, "Synced")->reason, "Suspended");
    ASSERT_NE(v1alpha1::find_condition(held, "Suspended"), nullptr);
    EXPECT_NE(v1alpha1::find_condition(held, "Suspended")->message.find("person:ada"),
              std::string::npos);
}

}    // namespace
}    // namespace trueup::reconcile
