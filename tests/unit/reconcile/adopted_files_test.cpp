// SPDX-License-Identifier: Apache-2.0
// Configs and secrets that docker compose wrote into a container are compared by their content before it is
// taken over: nothing else tells that they are those of the commit.
#include <boost/json.hpp>

#include "tests/unit/reconcile/loop_world.hpp"

namespace trueup::reconcile {
namespace {

using test::LoopWorld;

class AdoptedFiles : public testing::Test {
protected:
    AdoptedFiles() : entry_(world_.entry(commit())) {
        const Findings deployed = world_.start()->reconcile(entry_);
        EXPECT_FALSE(deployed.error) << deployed.error->message();
        entry_.stack.spec.adopt = true;
    }
    std::string commit() {
        return world_.repository.commit_files(
            {{"compose.yaml",
              "services:\n"
              "  db: {image: 'db:1', network_mode: none, configs: [settings]}\n"
              "configs: {settings: {content: 'level high'}}\n"}},
            "settings");
    }
    trueup::test::FakeContainer& db() { return *world_.engine.find("shop-db-1"); }

    // What taking it over would do, had another tool made it.
    std::string plan_of_adoption() {
        std::erase_if(db().labels,
                      [](const auto& label) { return label.first.starts_with("dev.trueup."); });
        const Findings findings = world_.start()->reconcile(entry_);
        EXPECT_FALSE(findings.error) << findings.error->message();
        return plan::to_text(findings.plan);
    }

    LoopWorld world_;
    Entry entry_;
};

TEST_F(AdoptedFiles, ThoseOfTheCommitAreNoDifference) {
    ASSERT_EQ(db().files.at("/settings"), "level high");
    const std::string text = plan_of_adoption();
    EXPECT_NE(text.find("container shop-db-1"), std::string::npos) << text;
    EXPECT_EQ(text.find("/settings"), std::string::npos) << text;
}

TEST_F(AdoptedFiles, AnotherContentIsNamedAndNotRepeated) {
    db().files.at("/settings") = "level low!";
    const std::string text = plan_of_adoption();
    EXPECT_NE(text.find("file /settings"), std::string::npos) << text;
    EXPECT_EQ(text.find("level"), std::string::npos) << text;
    EXPECT_EQ(db().files.at("/settings"), "level high");
}

TEST_F(AdoptedFiles, OneThatIsLongerOrGoneIsADifference) {
    db().files.at("/settings") = "level high and more";
    EXPECT_NE(plan_of_adoption().find("file /settings"), std::string::npos);
    db().files.erase("/settings");
    EXPECT_NE(plan_of_adoption().find("file /settings"), std::string::npos);
}

}    // namespace
}    // namespace trueup::reconcile
