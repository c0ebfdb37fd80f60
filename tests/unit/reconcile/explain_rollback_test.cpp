// SPDX-License-Identifier: Apache-2.0
// The way back: of a stack that was taken over, from a bad commit, from a bad spec.
#include <gtest/gtest.h>

#include "controller/reconcile/explain.hpp"

namespace trueup::reconcile {
namespace {

store::Revision revision(int number, const std::string& commit) {
    store::Revision made;
    made.number = number;
    made.commit = commit;
    made.outcome = store::Outcome::deployed;
    made.cause = commit.empty() ? "found running when the stack was adopted" : "a new commit";
    made.images = {"sha256:" + std::to_string(number)};
    return made;
}

Answer way_back(const Known& known) {
    for (Answer& each : explain(known).answers) {
        if (each.topic == "rollback") return each;
    }
    ADD_FAILURE() << "no answer";
    return {};
}

TEST(ExplainRollback, WhatWasAdoptedGoesBackToComposeAndToNoCommit) {
    Known known;
    known.entry.file = "/etc/stacks/shop.yaml";
    known.images = {"sha256:0", "sha256:1", "sha256:2"};
    known.revisions = {revision(1, std::string(40, 'b')), revision(0, "")};
    EXPECT_EQ(
        way_back(known).text,
        "To no earlier commit at once. What ran before trueup took it over (revision 0, its "
        "images are there) is docker compose's: `trueup detach -f /etc/stacks/shop.yaml` gives "
        "the stack back to it.");
    EXPECT_EQ(way_back(known).evidence.at(0).text,
              "revision 0: found running when the stack was adopted; all of 1 image there");
    known.images.erase("sha256:0");
    EXPECT_NE(way_back(known).text.find("not all of its images are there any more"),
              std::string::npos);
    known.revisions.insert(known.revisions.begin(), revision(2, std::string(40, 'c')));
    EXPECT_TRUE(way_back(known).text.starts_with("Yes, to revision 1 (commit bbbbbbb"))
        << way_back(known).text;
}

const std::string first(40, 'a');
const std::string second(40, 'b');

// Revision 2 runs, as revision 1 did before.
Known known_of(const std::string& wanted) {
    Known known;
    known.entry.file = "shop.yaml";
    known.entry.stack.spec.git.commit = wanted;
    known.entry.stack.spec.git.revision_position = {"shop.yaml", 6, 50};
    known.entry.stack.status.desired_commit = second;
    known.entry.stack.status.running_commit = second;
    known.images = {"sha256:1", "sha256:2", "sha256:3", "sha256:4"};
    known.revisions = {revision(2, second), revision(1, first)};
    return known;
}

store::Revision failed(int number, const std::string& commit, const std::string& cause) {
    store::Revision made = revision(number, commit);
    made.outcome = store::Outcome::failed;
    made.images.clear();
    made.cause = cause;
    return made;
}

store::Revision configured(store::Revision revision, const std::string& hash) {
    store::ServiceIdentity service;
    service.service = "api";
    service.config_hash = hash;
    revision.services = {service};
    return revision;
}

TEST(ExplainRollback, FromACommitThatNeverRanTheWayIsToWhatRuns) {
    const std::string bad(40, 'd');
    Known known = known_of(bad);
    const std::string runs =
        "Yes, to revision 2 (commit bbbbbbb, deployed): it runs already. Write commit: " + second +
        " into shop.yaml:6:50.";
    EXPECT_EQ(way_back(known).text, runs) << "it cannot be fetched";
    known.entry.stack.status.desired_commit = bad;
    known.revisions.insert(known.revisions.begin(), failed(3, bad, "revision: it is new"));
    EXPECT_EQ(way_back(known).text, runs) << "it crashed";
    known.entry.stack.status.running_commit.clear();
    EXPECT_EQ(way_back(known).text,
              "Yes, to revision 2 (commit bbbbbbb, deployed): everything it needs is there. Write "
              "commit: " +
                  second + " into shop.yaml:6:50.");
    known.entry.stack.spec.git.commit.clear();    // a branch: what was read of it is wanted
    EXPECT_TRUE(way_back(known).text.starts_with("Yes, to revision 2 (commit bbbbbbb"));
}

TEST(ExplainRollback, FromAnotherSpecOfTheSameCommit) {
    Known known = known_of(second);
    known.revisions = {configured(revision(3, second), "new"),
                       configured(revision(2, second), "old"), revision(1, first)};
    EXPECT_EQ(
        way_back(known).text,
        "Yes, to revision 2 (commit bbbbbbb, deployed): the commit is the same, only the spec "
        "changed. Undo that change in shop.yaml. Or to revision 1 (commit aaaaaaa, deployed): "
        "everything it needs is there. Write commit: " +
            first + " into shop.yaml:6:50.");
    known.revisions.front() = failed(3, second, "config: the configuration changed");
    EXPECT_TRUE(way_back(known).text.starts_with(
        "Yes, to revision 2 (commit bbbbbbb, deployed): the commit is the same"))
        << way_back(known).text;
    known.revisions.front() = failed(3, second, "state: stopped by a person");
    EXPECT_TRUE(way_back(known).text.starts_with("Yes, to revision 1 (commit aaaaaaa"))
        << way_back(known).text;
}

TEST(ExplainRollback, TheSameStateOnceMoreIsNoWayBack) {
    Known known = known_of(second);
    known.revisions = {configured(revision(4, second), "old"), failed(3, first, "revision"),
                       configured(revision(2, second), "old")};
    EXPECT_EQ(way_back(known).text, "No: no earlier state of this stack is remembered.");
    known.revisions.push_back(revision(1, first));
    EXPECT_TRUE(way_back(known).text.starts_with("Yes, to revision 1 (commit aaaaaaa"));
}

}    // namespace
}    // namespace trueup::reconcile
