// SPDX-License-Identifier: Apache-2.0
// Which commit runs while something differs, and what is said of a stack that waits for its new name.
#include "controller/reconcile/running.hpp"

#include <gtest/gtest.h>

#include "controller/reconcile/explain.hpp"
#include "tests/unit/reconcile/status_world.hpp"

namespace trueup::reconcile {
namespace {

const std::string old_commit(40, 'a');
const std::string older_commit(40, 'b');

model::ObservedContainer container_of(const std::string& service, const std::string& commit) {
    model::ObservedContainer container = running_api();
    container.id = service;
    container.name = "shop-" + service + "-1";
    container.service = service;
    container.revision = commit;
    return container;
}

plan::Held left_alone(const std::string& service, plan::Drift drift) {
    plan::Held held;
    held.target = "service " + service;
    held.service = service;
    held.cause = {drift, "it differs"};
    return held;
}

TEST(RunningCommit, OneThatIsStoppedOrMissingLeavesTheRestOfTheCommit) {
    model::Observed observed;
    observed.containers = {container_of("api", commit_id), container_of("db", older_commit)};
    plan::Plan remaining;
    remaining.held = {left_alone("web", plan::Drift::state)};
    EXPECT_EQ(running_commit(*shop(), observed, remaining), commit_id)
        << "db is as the commit wants it, though an older one made it";
    observed.containers.clear();
    EXPECT_EQ(running_commit(*shop(), observed, remaining), "") << "nothing runs";
}

TEST(RunningCommit, WhatNoCommitChangedAgreesWithTheOthers) {
    model::Observed observed;
    observed.containers = {container_of("api", old_commit), container_of("db", older_commit)};
    plan::Plan remaining;
    remaining.held = {left_alone("api", plan::Drift::revision)};
    EXPECT_EQ(running_commit(*shop(), observed, remaining), old_commit);
    observed.containers.push_back(container_of("web", commit_id));
    EXPECT_EQ(running_commit(*shop(), observed, remaining), "") << "half of the commit is there";
}

TEST(RunningCommit, ABlockedPlanSaysNothingOfWhatDiffers) {
    model::Observed observed;
    observed.containers = {container_of("api", old_commit)};
    plan::Plan remaining;
    remaining.blocked = plan::Plan::Blocked{"MountChanged", "another folder", "token"};
    EXPECT_EQ(running_commit(*shop(), observed, remaining), old_commit);
    observed.containers.push_back(container_of("db", older_commit));
    EXPECT_EQ(running_commit(*shop(), observed, remaining), "");
}

std::string told_of_running(const Known& known) {
    for (Answer& each : explain(known).answers) {
        if (each.topic == "running") return each.text.substr(0, each.text.find(';'));
    }
    return {};
}

TEST(RunningCommit, IsExplainedAlsoWhereThereIsNone) {
    Known known;
    known.entry = entry_of_shop();
    known.entry.stack.status.desired_commit = commit_id;
    known.look = done(shop(), container_of("api", ""));
    EXPECT_EQ(told_of_running(known),
              "What runs is of no commit that is known where 9f3c1e2 is wanted");
    auto& containers = known.look->observed->containers;
    containers = {container_of("api", commit_id), container_of("db", old_commit)};
    EXPECT_EQ(told_of_running(known), "What runs is of no single commit where 9f3c1e2 is wanted");
    containers.front().state = model::ContainerState::exited;
    EXPECT_EQ(told_of_running(known), "Commit aaaaaaa runs where 9f3c1e2 is wanted");
    containers.back().state = model::ContainerState::exited;
    EXPECT_EQ(told_of_running(known), "Nothing of it runs where 9f3c1e2 is wanted");
    containers.clear();
    EXPECT_EQ(told_of_running(known), "Nothing of it runs where 9f3c1e2 is wanted");
    known.entry.stack.status.running_commit = old_commit;
    known.entry.stack.spec.git.commit = std::string(40, 'd');
    EXPECT_EQ(told_of_running(known), "Commit aaaaaaa runs where ddddddd is wanted")
        << "what cannot be fetched is wanted all the same";
}

// It runs as project shop, and its file names project other.
Findings waiting(const std::string& reason) {
    auto desired = shop();
    desired->project.name = "other";
    Findings findings = done(desired, running_api());
    findings.stage = Stage::diff;
    findings.observed->elsewhere = std::move(findings.observed->containers);
    findings.observed->containers.clear();
    findings.plan.blocked = plan::Plan::Blocked{reason, "it waits", "token"};
    findings.remaining = findings.plan;
    findings.error = Error(Errc::conflict, "it waits");
    return findings;
}

TEST(RenamedProject, IsAsHealthyAsWhatRunsUnderTheOldName) {
    const StackStatus status = make_status(entry_of_shop(), waiting("ProjectRenamed"), now);
    EXPECT_EQ(reason_of(status, "Ready"), "ProjectRenamed");
    EXPECT_EQ(status_of(status, "Ready"), ConditionStatus::no);
    EXPECT_EQ(message_of(status, "Healthy"), "every service runs and is healthy");
    EXPECT_EQ(status_of(status, "Healthy"), ConditionStatus::yes);
    EXPECT_EQ(status.services.at(0).state, "running 1/1");
    EXPECT_EQ(status.running_commit, commit_id);
    Findings stopped = waiting("ProjectRenamed");
    stopped.observed->elsewhere.at(0).state = model::ContainerState::exited;
    stopped.observed->elsewhere.at(0).exit_code = 1;
    EXPECT_EQ(message_of(make_status(entry_of_shop(), stopped, now), "Healthy"),
              "service api is exited (1)");
}

TEST(RenamedProject, OnlyWhileItWaitsForTheYesToThat) {
    const StackStatus status = make_status(entry_of_shop(), waiting("VolumesGone"), now);
    EXPECT_EQ(message_of(status, "Healthy"), "service api is missing");
    Findings both = waiting("ProjectRenamed");
    model::ObservedContainer made = running_api();
    made.project = "other";
    both.observed->containers.push_back(made);
    EXPECT_FALSE(under_old_name(both)) << "it is there under its new name";
    both.observed->containers.back().owned = false;
    EXPECT_TRUE(under_old_name(both)) << "that one is somebody else's";
    both.observed->elsewhere.at(0).owned = false;
    EXPECT_FALSE(under_old_name(both));
}

TEST(RenamedProject, IsExplainedAsWhatRuns) {
    Known known;
    known.now = now;
    known.entry = entry_of_shop();
    known.look = waiting("ProjectRenamed");
    known.entry.stack.status = make_status(known.entry, *known.look, now);
    store::Revision revision;
    revision.number = 4;
    revision.commit = commit_id;
    revision.outcome = store::Outcome::proven;
    known.revisions = {revision};
    std::map<std::string, Answer> answers;
    for (Answer& each : explain(known).answers) answers[each.topic] = each;
    EXPECT_EQ(answers["running"].text,
              "Commit 9f3c1e2 runs, as project shop; the code of 1 of 1 service is proven. Health: "
              "every service runs and is healthy.");
    ASSERT_FALSE(answers["restarts"].evidence.empty());
    EXPECT_TRUE(answers["restarts"].evidence.front().text.starts_with("shop-api-1 "));
    EXPECT_EQ(answers["differs"].text, "Nothing will be done (ProjectRenamed): it waits");
    EXPECT_EQ(answers["rollback"].text,
              "Yes, to revision 4 (commit 9f3c1e2, proven): the commit is the same, only the spec "
              "changed. Undo that change in /stacks/shop.yaml.");
}

}    // namespace
}    // namespace trueup::reconcile
