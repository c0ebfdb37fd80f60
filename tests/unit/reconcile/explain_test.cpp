// SPDX-License-Identifier: Apache-2.0
// The six questions: each row is something that happened, and what is answered then.
#include "controller/reconcile/explain.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/manual_clock.hpp"

namespace trueup::reconcile {
namespace {

using model::Actor;
using model::EndCause;
using v1alpha1::ConditionStatus;

const SystemTime now = support::ManualClock().now();
const std::string wanted(40, 'b');
const std::string before(40, 'a');

class ExplainTest : public testing::Test {
protected:
    ExplainTest() {
        known.now = now;
        v1alpha1::Stack& stack = known.entry.stack;
        stack.metadata.name = "shop";
        stack.spec.git.url = "https://git.example.com/shop.git";
        stack.spec.git.commit = wanted;
        stack.spec.git.revision_position = {"/etc/stacks/shop.yaml", 6, 12};
        stack.status.desired_commit = wanted;
        stack.status.running_commit = wanted;
        known.entry.file = "/etc/stacks/shop.yaml";
        known.source.name = "/etc/stacks";
        known.source.readable = true;
        known.source.last_read = now - Seconds(20);
        be("Ready", ConditionStatus::yes, "ReconciliationSucceeded", "commit bbbbbbb runs, proven");
        be("Healthy", ConditionStatus::yes, "Succeeded", "every service runs and is healthy");
    }

    void be(const std::string& type, ConditionStatus status, const std::string& reason,
            const std::string& message) {
        v1alpha1::Condition condition;
        condition.type = type;
        condition.status = status;
        condition.reason = reason;
        condition.message = message;
        v1alpha1::set_condition(known.entry.stack.status, condition, now - Seconds(60));
    }

    // Looked at: service api with one proven container, service db with an image of somebody else.
    model::ObservedContainer& look() {
        auto desired = std::make_shared<Desired>();
        desired->commit.id = wanted;
        desired->project.name = "shop";
        desired->project.services["api"].name = "api";
        desired->project.services["db"].name = "db";
        desired->expected["api"] = std::make_shared<code::ExpectedCode>();
        Findings findings;
        findings.desired = desired;
        findings.observed.emplace();
        for (const std::string name : {"api", "db"}) {
            model::ObservedContainer container;
            container.id = name;
            container.name = "shop-" + name + "-1";
            container.project = "shop";
            container.service = name;
            container.number = 1;
            container.owned = true;
            container.state = model::ContainerState::running;
            container.started_at = "2026-11-24T09:00:00.5Z";
            container.last_start_by = Actor::trueup;
            findings.observed->containers.push_back(container);
        }
        model::ObservedContainer& api = findings.observed->containers.front();
        api.code.status = model::CodeStatus::fresh;
        api.code.files = 12;
        api.code.proven_at = now - Seconds(5);
        known.look = std::move(findings);
        return known.look->observed->containers.front();
    }

    void remember(int number, const std::string& commit, store::Outcome outcome,
                  std::vector<std::string> images) {
        store::Revision revision;
        revision.number = number;
        revision.commit = commit;
        revision.outcome = outcome;
        revision.images = std::move(images);
        revision.time = now - std::chrono::hours(10 - number);
        known.revisions.insert(known.revisions.begin(), revision);
    }

    Answer answer(const std::string& topic) const {
        for (Answer& each : explain(known).answers) {
            if (each.topic == topic) return each;
        }
        ADD_FAILURE() << "no answer about " << topic;
        return {};
    }
    std::string text(const std::string& topic) const { return answer(topic).text; }
    // "text [where, when]" of the newest, "" when there is none.
    std::string last_evidence(const std::string& topic) const {
        const auto evidence = answer(topic).evidence;
        if (evidence.empty()) return "";
        const Evidence& last = evidence.back();
        return last.text + " [" + last.seen_in +
               (last.time ? ", " + base::to_rfc3339(*last.time) : "") + "]";
    }

    Known known;
};

TEST_F(ExplainTest, AnswersEachQuestionOnceInOrder) {
    const Explanation explanation = explain(known);
    EXPECT_EQ(explanation.stack, "shop");
    EXPECT_EQ(explanation.time, now);
    std::string topics;
    for (const Answer& each : explanation.answers) {
        topics += each.topic + " ";
        EXPECT_TRUE(each.question.ends_with("?"));
        EXPECT_FALSE(each.text.empty()) << each.topic;
    }
    EXPECT_EQ(topics, "running differs waits push restarts rollback ");
}

TEST_F(ExplainTest, WhatRunsAndHowMuchOfItIsProven) {
    look();
    const Answer running = answer("running");
    EXPECT_EQ(running.text,
              "Commit bbbbbbb runs; the code of 1 of 2 services is proven. Health: every service "
              "runs and is healthy.");
    ASSERT_EQ(running.evidence.size(), 2U);
    EXPECT_EQ(running.evidence[0],
              (Evidence{"service api: running 1/1; its code is commit bbbbbbb's, 12 files compared "
                        "one by one",
                        "engine", now - Seconds(5)}));
    EXPECT_EQ(running.evidence[1].text, "service db: running 1/1; its code is not proven");
}

TEST_F(ExplainTest, AnotherCommitRunsThanIsWanted) {
    model::ObservedContainer& api = look();
    known.entry.stack.status.running_commit = before;
    api.code.status = model::CodeStatus::stale;
    api.code.differences = {{"app/main.py", model::FileChange::modified}};
    api.code.difference_count = 1;
    EXPECT_TRUE(text("running").starts_with(
        "Commit aaaaaaa runs where bbbbbbb is wanted; the code of 0 of 2 services is proven."));
    EXPECT_NE(answer("running").evidence[0].text.find("its code differs: app/main.py modified"),
              std::string::npos);
}

TEST_F(ExplainTest, AnEngineThatIsNotFollowedIsToldFirst) {
    look();
    known.engine = Error(Errc::unavailable, "connection refused");
    EXPECT_TRUE(text("running").starts_with("Not known now: the engine is not followed."));
    EXPECT_EQ(last_evidence("running"), "connection refused [engine]");
    EXPECT_EQ(text("waits"), "For the engine, which is not followed.");
    known.engine.reset();
    known.seat = Error(Errc::conflict, "held by controller b");
    EXPECT_EQ(text("waits"),
              "For its turn on engine default, which comes by itself: held by controller b.");
}

TEST_F(ExplainTest, NothingDiffers) {
    look();
    EXPECT_EQ(text("differs"), "Nothing: what runs is what commit bbbbbbb says.");
    known.look.reset();
    EXPECT_EQ(text("differs"), "Not known: not looked at yet.");
}

TEST_F(ExplainTest, WhatDiffersAndWhatIsLeftAlone) {
    look();
    plan::Action action;
    action.number = 1;
    action.target = "service api";
    action.service = "api";
    action.step = plan::RemoveContainer();
    action.cause = {plan::Drift::code, "app/main.py differs from bbbbbbb"};
    known.look->remaining.actions = {action};
    EXPECT_EQ(text("differs"), "1 action to do, for 1 difference.");
    EXPECT_EQ(last_evidence("differs"), plan::to_text(action) + " [engine]");

    plan::Held held;
    held.target = "service db";
    held.service = "db";
    held.action = "start container shop-db-1";
    held.cause = {plan::Drift::state, "stopped by a person"};
    held.rule = "sync.grace";
    held.until = now + Seconds(40);
    known.look->remaining.actions.clear();
    known.look->remaining.held = {held};
    EXPECT_EQ(text("differs"),
              "Nothing will be done now. 1 difference left as it is, for the reasons below.");
    EXPECT_EQ(last_evidence("differs"), plan::to_text(held) + " [engine]");
    EXPECT_EQ(text("waits"),
              "For sync.grace: service db is left as it is, at 2026-11-24T10:00:40Z, in 40s.");
    EXPECT_EQ(last_evidence("waits"), "state: stopped by a person [engine]");

    known.look->remaining.held.clear();
    known.look->remaining.blocked = {"AwaitingAdoption", "shop-web-1 is not ours", ""};
    EXPECT_EQ(text("differs"), "Nothing will be done (AwaitingAdoption): shop-web-1 is not ours");
}

TEST_F(ExplainTest, WaitsForNothing) {
    EXPECT_EQ(text("waits"), "For nothing.");
    known.next_look = now + Seconds(90);
    EXPECT_EQ(text("waits"),
              "For nothing. It looks again at 2026-11-24T10:01:30Z, in 1m30s, and at once when "
              "something changes.");
}

TEST_F(ExplainTest, WaitsForTheEndOfASuspension) {
    store::Suspension suspension;
    suspension.stack = "shop";
    suspension.actor = store::person("ana@desk (claimed)");
    suspension.reason = "disk swap";
    suspension.since = now - Seconds(600);
    suspension.until = now + Seconds(3000);
    known.suspension = suspension;
    EXPECT_EQ(text("waits"), "For the end of its suspension, at 2026-11-24T10:50:00Z, in 50m.");
    EXPECT_EQ(last_evidence("waits"),
              "person:ana@desk (claimed) suspended it: disk swap [events, 2026-11-24T09:50:00Z]");
    known.suspension->until.reset();
    known.suspension->stack = store::every_stack;
    EXPECT_EQ(text("waits"),
              "For a person: it is suspended until somebody says trueup resume --all.");
    known.suspension.reset();
    known.entry.stack.spec.suspend = true;
    EXPECT_EQ(text("waits"), "For its file: /etc/stacks/shop.yaml says suspend: true.");
}

TEST_F(ExplainTest, WaitsForAPerson) {
    look();
    known.entry.stack.spec.sync.mode = v1alpha1::SyncMode::manual;
    EXPECT_EQ(text("waits"), "For nothing.");
    known.look->remaining.actions.emplace_back();
    EXPECT_EQ(text("waits"), "For a person: sync.mode is manual; trueup reconcile shop starts it.");
    known.entry.stack.spec.sync.mode = v1alpha1::SyncMode::automatic;
    known.entry.stack.status.confirmation = {"token", "3 stacks are to be removed"};
    EXPECT_EQ(text("waits"), "For a person's yes: trueup confirm shop.");
    EXPECT_EQ(last_evidence("waits"), "3 stacks are to be removed [status]");
}

TEST_F(ExplainTest, WaitsForTheNextAttempt) {
    known.failures = 3;
    known.next_look = now + Seconds(12);
    be("Ready", ConditionStatus::no, "BuildFailed", "step 3 failed");
    EXPECT_EQ(text("waits"),
              "For the next attempt, at 2026-11-24T10:00:12Z, in 12s: 3 in a row failed.");
    EXPECT_EQ(last_evidence("waits"), "BuildFailed: step 3 failed [status]")
        << "it is not ready since another failure, perhaps";
    be("Reconciling", ConditionStatus::yes, "Progressing", "2 actions; first: build");
    EXPECT_EQ(text("waits"), "For the attempt that runs now: 2 actions; first: build.");
}

TEST_F(ExplainTest, WaitsForALockThatAnotherHolds) {
    be("Stalled", ConditionStatus::yes, "Locked", "controller other of pid 7 holds the engine");
    EXPECT_EQ(text("waits"),
              "For somebody to mend this: Locked: controller other of pid 7 holds the engine.");
}

TEST_F(ExplainTest, ThePushIsHere) {
    EXPECT_EQ(text("push"),
              "Yes: commit bbbbbbb is what /etc/stacks/shop.yaml:6:12 names, and it is "
              "here.");
    const Answer push = answer("push");
    EXPECT_EQ(push.evidence[0],
              (Evidence{"desired state /etc/stacks was read", "source", now - Seconds(20)}));
    EXPECT_EQ(push.evidence[1].text, "/etc/stacks/shop.yaml:6:12 says commit bbbbbbb");
}

TEST_F(ExplainTest, AnUnseenPushOfABranch) {
    known.entry.stack.spec.git.commit.clear();
    known.entry.stack.spec.git.branch = "main";
    known.asked_at = now - Seconds(40);
    known.next_look = now + Seconds(20);
    EXPECT_EQ(text("push"),
              "Up to commit bbbbbbb: that was branch main 40s ago. A push after that is not seen "
              "yet; asked again at 2026-11-24T10:00:20Z, in 20s; trueup reconcile shop asks now.");
    EXPECT_EQ(last_evidence("push"),
              "https://git.example.com/shop.git has commit bbbbbbb [git, 2026-11-24T09:59:20Z]");
}

TEST_F(ExplainTest, APushThatCannotBeSeen) {
    be("Ready", ConditionStatus::no, "RevisionNotFound", "commit bbbbbbb is not in the repository");
    EXPECT_EQ(text("push"),
              "No: the commit could not be fetched: commit bbbbbbb is not in the repository");
    known.entry.file_error = Error(Problems{{{"/etc/stacks/shop.yaml", 3, 1}, "a tab", ""}});
    known.source.invalid_files.push_back(
        {"/etc/stacks/shop.yaml", *known.entry.file_error, now - Seconds(70)});
    EXPECT_EQ(text("push"),
              "No: /etc/stacks/shop.yaml is invalid; what it said before stays in force.");
    EXPECT_EQ(last_evidence("push"),
              "/etc/stacks/shop.yaml is invalid: /etc/stacks/shop.yaml:3:1: a tab [source, "
              "2026-11-24T09:58:50Z]");
    known.source.readable = false;
    known.source.error = Error(Errc::unavailable, "no such mount");
    EXPECT_EQ(text("push"),
              "No: the desired state cannot be read; the last good one stays in force.");
    EXPECT_EQ(answer("push").evidence[1].text, "no such mount");
}

TEST_F(ExplainTest, NobodyRestartedIt) {
    look();
    EXPECT_EQ(text("restarts"), "Nobody: each container runs since trueup started it.");
    EXPECT_EQ(answer("restarts").evidence.size(), 2U);
    look().last_start_by = Actor::unknown;
    EXPECT_EQ(text("restarts"),
              "Nobody, as far as is known: no run of a container was seen to end.");
}

struct Ended {
    EndCause cause;
    bool by_trueup;
    bool running;
    Actor starter;
    std::string text;
};

TEST_F(ExplainTest, WhoStoppedAndWhoStarted) {
    const std::vector<Ended> rows{
        {EndCause::crash, false, true, Actor::engine,
         "shop-api-1 ended by itself 2m ago and was started by Docker (its restart policy) 1m ago; "
         "Docker's restart policy has started it 4 times."},
        {EndCause::oom, false, true, Actor::engine,
         "shop-api-1 was ended by the kernel: out of memory 2m ago and was started by Docker (its "
         "restart policy) 1m ago; Docker's restart policy has started it 4 times."},
        {EndCause::stopped, false, true, Actor::trueup,
         "shop-api-1 was stopped by a person or another program 2m ago and was started by trueup "
         "1m "
         "ago, because of state: exited with code 137; Docker's restart policy has started it 4 "
         "times."},
        {EndCause::killed, false, true, Actor::person,
         "shop-api-1 was killed by a person or another program 2m ago and was started by a person "
         "or "
         "another program 1m ago; Docker's restart policy has started it 4 times."},
        {EndCause::stopped, true, false, Actor::trueup,
         "shop-api-1 was stopped by trueup 2m ago and is exited now; Docker's restart policy has "
         "started it 4 times."},
        {EndCause::crash, false, false, Actor::trueup,
         "shop-api-1 ended by itself with code 3 2m ago and is exited now; Docker's restart policy "
         "has started it 4 times."},
    };
    for (const Ended& row : rows) {
        model::ObservedContainer& api = look();
        api.ended.cause = row.cause;
        api.ended.by = row.by_trueup ? Actor::trueup : Actor::person;
        api.ended.at = now - Seconds(120);
        api.started_at = base::to_rfc3339(now - Seconds(60));
        api.last_start_by = row.starter;
        api.restart_count = 4;
        api.exit_code = 3;
        if (!row.running) api.state = model::ContainerState::exited;
        store::Event started;
        started.service = "api";
        started.reason = "ContainerStarted";
        started.message = "service api: start container shop-api-1";
        started.cause = "state: exited with code 137";
        started.last_time = now - Seconds(60);
        known.events = {started};
        EXPECT_EQ(text("restarts"), row.text);
        EXPECT_EQ(last_evidence("restarts"),
                  "ContainerStarted (trueup): service api: start container shop-api-1, because of "
                  "state: exited with code 137 [events, 2026-11-24T09:59:00Z]");
    }
}

TEST_F(ExplainTest, TheWayBack) {
    EXPECT_EQ(text("rollback"), "No: no earlier state of this stack is remembered.");
    remember(1, before, store::Outcome::proven, {"sha256:1", "sha256:2"});
    remember(2, std::string(40, 'c'), store::Outcome::failed, {});
    remember(3, wanted, store::Outcome::proven, {"sha256:3"});
    known.images = {"sha256:1", "sha256:2", "sha256:3"};
    EXPECT_EQ(text("rollback"),
              "Yes, to revision 1 (commit aaaaaaa, proven): everything it needs is "
              "there. Write commit: " +
                  before + " into /etc/stacks/shop.yaml:6:12.");
    EXPECT_EQ(last_evidence("rollback"),
              "revision 3: commit bbbbbbb, proven; all of 1 image there [history, "
              "2026-11-24T03:00:00Z]");
    EXPECT_EQ(answer("rollback").evidence[1].text,
              "revision 2: commit ccccccc, failed; no images are remembered");
}

TEST_F(ExplainTest, AMissingImageIsNoWayBackAtOnce) {
    remember(1, before, store::Outcome::proven, {"sha256:0123456789abcdef", "sha256:2"});
    remember(2, wanted, store::Outcome::deployed, {"sha256:3"});
    known.images = {"sha256:2", "sha256:3"};
    EXPECT_EQ(
        text("rollback"),
        "Not at once: no earlier good state has all its images on the engine. Going back to an "
        "older commit builds or pulls them again.");
    EXPECT_EQ(answer("rollback").evidence[0].text,
              "revision 1: commit aaaaaaa, proven; missing 1 image: 0123456789ab");
}

}    // namespace
}    // namespace trueup::reconcile
