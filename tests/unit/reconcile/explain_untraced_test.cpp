// SPDX-License-Identifier: Apache-2.0
// `trueup explain` names the lines of a Dockerfile that could not be followed, and how else a service is
// proven.
#include <gtest/gtest.h>

#include "controller/reconcile/explain.hpp"

namespace trueup::reconcile {
namespace {

// Looked at: a compiled program, whose image has `recipe`.
Known known_with(const std::string& recipe, std::uint32_t lines) {
    auto desired = std::make_shared<Desired>();
    desired->commit.id = std::string(40, 'b');
    desired->project.name = "shop";
    model::Service& service = desired->project.services["api"];
    service.name = "api";
    service.build.emplace();
    service.build->recipe_id = "recipe";
    for (std::uint32_t line = 1; line <= lines; ++line)
        desired->untraced["api"].push_back(
            {{"api/Dockerfile", line, 1}, "COPY: it is not known", ""});
    Findings findings;
    findings.desired = desired;
    findings.observed.emplace();
    model::ObservedContainer container;
    container.name = "shop-api-1";
    container.project = "shop";
    container.service = "api";
    container.number = 1;
    container.owned = true;
    container.state = model::ContainerState::running;
    container.image_id = "sha256:1";
    findings.observed->containers.push_back(container);
    findings.observed->images["sha256:1"].recipe_id = recipe;
    Known known;
    known.look = std::move(findings);
    return known;
}

TEST(ExplainUntraced, TheLinesThatWereNotFollowedAreNamed) {
    const auto evidence = explain(known_with("", 12)).answers.at(0).evidence;
    ASSERT_EQ(evidence.size(), 12U);
    EXPECT_EQ(evidence[0].text, "service api: running 1/1; its code is not proven");
    EXPECT_EQ(
        evidence[1].text,
        "service api: not followed into the image: api/Dockerfile:1:1: COPY: it is not known");
    EXPECT_EQ(evidence[1].seen_in, "git");
    EXPECT_EQ(evidence[11].text, "service api: and 2 more (spec.code says where its code lies)");
}

TEST(ExplainHalfWatched, TheContainerIsNamedWithWhatToDo) {
    Known known = known_with("recipe", 0);
    known.look->observed->containers.front().id = "c1";
    known.look->half_watched = {"another"};
    EXPECT_EQ(explain(known).answers.at(0).evidence.size(), 1U);
    known.look->half_watched = {"c1"};
    const auto evidence = explain(known).answers.at(0).evidence;
    ASSERT_EQ(evidence.size(), 2U);
    EXPECT_EQ(evidence[1].text,
              "service api: shop-api-1 has more folders of code than may be watched, so a change "
              "in some of them is found only by looking from time to time (raise "
              "fs.inotify.max_user_watches)");
}

TEST(ExplainUntraced, ABuildProvesWhatHasNoFileOfTheCommit) {
    const auto evidence = explain(known_with("recipe", 0)).answers.at(0).evidence;
    ASSERT_EQ(evidence.size(), 1U);
    EXPECT_EQ(
        evidence[0].text,
        "service api: running 1/1; its image was built from exactly the commit's context, and has "
        "no file of it to compare");
}

}    // namespace
}    // namespace trueup::reconcile
