// SPDX-License-Identifier: Apache-2.0
// The way back of a stack that was taken over.
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

}    // namespace
}    // namespace trueup::reconcile
