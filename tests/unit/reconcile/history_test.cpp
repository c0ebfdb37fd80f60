// SPDX-License-Identifier: Apache-2.0
// What is recorded of a stack's life, and that nothing of it decides what runs.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "controller/base/file.hpp"
#include "tests/unit/reconcile/loop_world.hpp"

namespace trueup::reconcile {
namespace {

using test::LoopWorld;
using test::Process;

std::vector<store::Event> events(LoopWorld& world, Process& process) {
    store::EventQuery query;
    query.limit = 1'000;
    auto found = trueup::test::run(world.io, process.store().events(std::move(query)));
    return found ? *found : std::vector<store::Event>();
}

std::vector<store::Revision> revisions(LoopWorld& world, Process& process) {
    auto found = trueup::test::run(world.io, process.store().revisions("shop"));
    return found ? *found : std::vector<store::Revision>();
}

// "reason by actor: cause", one a line.
std::string told(const std::vector<store::Event>& events, std::int64_t after = 0) {
    std::string text;
    for (const store::Event& event : events) {
        if (event.sequence > after)
            text += fmt::format("{} by {}: {}\n", event.reason, event.actor, event.cause);
    }
    return text;
}

model::StringMap& files_of(LoopWorld& world, const std::string& container) {
    for (auto& [id, each] : world.engine.containers)
        if (each.name == container) return each.files;
    throw std::runtime_error(container + " is not there");
}

std::string outcomes(const std::vector<store::Revision>& revisions) {
    std::string text;
    for (const store::Revision& each : revisions)
        text += fmt::format("{} {}; ", each.number, to_string(each.outcome));
    return text;
}

TEST(History, WhatDifferedInAHealedContainerIsKeptAndTold) {
    LoopWorld world;
    auto process = world.start();
    const std::string commit = world.commit("release = 1\n");
    ASSERT_FALSE(process->reconcile(world.entry(commit)).error);
    files_of(world, "shop-api-1")["/srv/app/main.py"] = "release = 'by hand'\n";
    process.reset();
    process = world.start();    // what it knew of the code is gone
    ASSERT_FALSE(process->reconcile(world.entry(commit)).error);
    const auto list = events(world, *process);
    const auto kept = std::find_if(list.begin(), list.end(), [](const store::Event& event) {
        return event.reason == "EvidenceKept";
    });
    ASSERT_NE(kept, list.end()) << told(list);
    EXPECT_EQ(kept->service, "api");
    const std::size_t begin = kept->message.find((world.directory / "state") + "/evidence/shop/");
    ASSERT_NE(begin, std::string::npos) << kept->message;
    EXPECT_NE(kept->message.find("app/main.py (modified); 1 of 1 copied"), std::string::npos)
        << kept->message;
    const std::string folder =
        kept->message.substr(begin, kept->message.find(": app/main.py") - begin);
    EXPECT_EQ(base::read_file(folder + "/files/srv/app/main.py").value(), "release = 'by hand'\n");
    const auto& lines = process->lines();
    EXPECT_EQ(std::count(lines.begin(), lines.end(), kept->message), 1)
        << "whoever applies by hand hears of it too";
}

// The replacement is another commit's doing, or another configuration's: the edit is gone all the same.
TEST(History, WhatDifferedIsKeptWhateverTheContainerIsReplacedFor) {
    for (const std::string code : {"release = 1\n", "release = 2\n"}) {
        LoopWorld world;
        auto process = world.start();
        const std::string commit = world.commit("release = 1\n");
        ASSERT_FALSE(process->reconcile(world.entry(commit)).error);
        files_of(world, "shop-api-1")["/srv/app/main.py"] = "release = 'by hand'\n";
        process.reset();
        process = world.start();
        Entry suspended = world.entry(commit);
        suspended.stack.spec.suspend = true;
        ASSERT_FALSE(process->reconcile(suspended).error);
        std::string compose = LoopWorld::compose("");
        compose.replace(compose.find("build: .\n"), 9, "build: .\n    environment: {STEP: '2'}\n");
        const std::string next = world.repository.commit_files(
            {{"app/main.py", code}, {"compose.yaml", compose}}, "change");
        ASSERT_FALSE(process->reconcile(world.entry(next)).error);
        const std::string text = told(events(world, *process));
        EXPECT_NE(text.find("EvidenceKept by trueup"), std::string::npos) << code << text;
        EXPECT_EQ(files_of(world, "shop-api-1")["/srv/app/main.py"], code);
    }
}

TEST(History, AnEvidenceThatCannotBeKeptIsToldAndHealsAllTheSame) {
    LoopWorld world;
    auto process = world.start();
    const std::string commit = world.commit("release = 1\n");
    ASSERT_FALSE(process->reconcile(world.entry(commit)).error);
    files_of(world, "shop-api-1")["/srv/app/main.py"] = "release = 'by hand'\n";
    std::ofstream((world.directory / "state") + "/evidence") << "in the way";
    process.reset();
    process = world.start();
    ASSERT_FALSE(process->reconcile(world.entry(commit)).error);
    EXPECT_EQ(files_of(world, "shop-api-1")["/srv/app/main.py"], "release = 1\n");
    const std::string text = told(events(world, *process));
    EXPECT_NE(text.find("EvidenceLost by trueup"), std::string::npos) << text;
}

TEST(History, ADeploymentBecomesARevision) {
    LoopWorld world;
    auto process = world.start();
    const std::string commit = world.commit("release = 1\n");
    ASSERT_FALSE(process->reconcile(world.entry(commit)).error);
    const auto list = revisions(world, *process);
    ASSERT_EQ(list.size(), 1U);
    const store::Revision& revision = list.front();
    EXPECT_EQ(revision.number, 1);
    EXPECT_EQ(revision.commit, commit);
    EXPECT_EQ(revision.environment, "test");
    EXPECT_EQ(revision.project, "shop");
    EXPECT_EQ(revision.outcome, store::Outcome::proven);
    EXPECT_EQ(revision.actor, "trueup");
    EXPECT_EQ(revision.spec_digest.size(), 64U);
    ASSERT_EQ(revision.services.size(), 3U);
    EXPECT_EQ(revision.services.front().service, "api");
    EXPECT_EQ(revision.services.front().proof, "files");
    EXPECT_TRUE(revision.services.front().proven_at);
    EXPECT_FALSE(revision.services.front().code_id.empty());
    EXPECT_FALSE(revision.services.front().config_hash.empty());
    EXPECT_EQ(revision.images.size(), 3U) << "api, db and migrate";
    ASSERT_NE(process->store().applied("shop"), nullptr);
    EXPECT_EQ(process->store().applied("shop")->commit, commit);
    EXPECT_EQ(process->store().applied("shop")->services.size(), 3U);

    const std::string text = told(events(world, *process));
    EXPECT_TRUE(text.starts_with("DeploymentStarted by trueup: state: missing\n")) << text;
    EXPECT_NE(text.find("ImageBuilt by trueup: state: missing\n"), std::string::npos) << text;
    EXPECT_NE(text.find("ContainerStarted by trueup: state: missing\n"), std::string::npos);
    EXPECT_TRUE(text.ends_with("Deployed by trueup: state: missing\n")) << text;
}

// The idle stack: not one request to the engine, not one write. The deployment's last events may
// still be read a moment after it (the cache makes one list of a burst), so the first rounds may
// see that.
TEST(History, NothingIsWrittenWhereNothingChanges) {
    LoopWorld world;
    auto process = world.start();
    const Entry entry = world.entry(world.commit("release = 1\n"));
    ASSERT_FALSE(process->reconcile(entry).error);
    ASSERT_FALSE(process->reconcile(entry).error);
    const auto before = events(world, *process);
    const auto log = std::filesystem::file_size(world.directory / "state/state.db-wal");
    std::size_t calls = 0;
    for (int burst = 0; burst < 20 && calls != world.engine.calls.size(); ++burst) {
        calls = world.engine.calls.size();
        for (int round = 0; round < 20; ++round) ASSERT_FALSE(process->reconcile(entry).error);
    }
    EXPECT_EQ(world.engine.calls.size(), calls);
    EXPECT_EQ(events(world, *process), before);
    EXPECT_EQ(std::filesystem::file_size(world.directory / "state/state.db-wal"), log);
}

TEST(History, AnUpdateAndItsCauseAreTold) {
    LoopWorld world;
    auto process = world.start();
    const std::string first = world.commit("release = 1\n");
    ASSERT_FALSE(process->reconcile(world.entry(first)).error);
    const std::int64_t last = events(world, *process).back().sequence;
    const std::string second = world.commit("release = 2\n");
    ASSERT_FALSE(process->reconcile(world.entry(second)).error);
    const std::string cause =
        fmt::format("revision: commit {} instead of {}", second.substr(0, 7), first.substr(0, 7));
    const std::string text = told(events(world, *process), last);
    EXPECT_EQ(text, fmt::format("DeploymentStarted by trueup: {0}\n"
                                "ImageBuilt by trueup: {0}\n"
                                "ContainerReplaced by trueup: {0}\n"
                                "ContainerReplaced by trueup: {0}\n"
                                "Deployed by trueup: {0}\n",
                                cause));
    EXPECT_EQ(outcomes(revisions(world, *process)), "2 proven; 1 proven; ");
    EXPECT_EQ(revisions(world, *process).front().cause, cause);
}

TEST(History, DriftIsToldCorrectedAndCountedForTheBreaker) {
    LoopWorld world;
    auto process = world.start();
    const Entry entry = world.entry(world.commit("release = 1\n"));
    ASSERT_FALSE(process->reconcile(entry).error);
    const std::int64_t last = events(world, *process).back().sequence;
    world.engine.kill("shop-db-1");
    ASSERT_TRUE(process->settled("shop-db-1", model::ContainerState::exited));
    ASSERT_FALSE(process->reconcile(entry).error);
    const std::string text = told(events(world, *process), last);
    EXPECT_NE(text.find("DriftDetected by "), std::string::npos) << text;
    EXPECT_NE(text.find("ContainerStarted by trueup: state: exited with code 137\n"),
              std::string::npos)
        << text;
    EXPECT_EQ(text.find("Deployed"), std::string::npos) << text;
    ASSERT_EQ(process->store().corrections("shop").size(), 1U);
    const store::Correction& correction = process->store().corrections("shop").front();
    EXPECT_EQ(correction.service, "db");
    EXPECT_EQ(correction.drift, "state");
    EXPECT_EQ(correction.applied_hash, process->store().applied("shop")->services.at("db"));
    EXPECT_EQ(revisions(world, *process).size(), 1U);
}

// Also where the controller was started anew between two of them.
TEST(History, ADriftThatComesBackIsNotCorrectedForEver) {
    LoopWorld world;
    const Entry entry = world.entry(world.commit("release = 1\n"));
    auto process = world.start();
    ASSERT_FALSE(process->reconcile(entry).error);
    for (int round = 1; round <= 3; ++round) {
        world.engine.kill("shop-db-1");
        process.reset();
        process = world.start();
        const Findings findings = process->reconcile(entry);
        ASSERT_FALSE(findings.error) << findings.error->message();
        EXPECT_EQ(world.engine.find("shop-db-1")->state, model::ContainerState::running) << round;
    }
    world.engine.kill("shop-db-1");
    ASSERT_TRUE(process->settled("shop-db-1", model::ContainerState::exited));
    const Findings held = process->reconcile(entry);
    EXPECT_TRUE(held.plan.actions.empty()) << plan::to_text(held.plan);
    EXPECT_EQ(world.engine.find("shop-db-1")->state, model::ContainerState::exited);
    ASSERT_TRUE(held.confirmation);
    EXPECT_NE(process->metrics().text().find("trueup_heal_suppressed_total{environment=\"test\","
                                             "kind=\"state\",stack=\"shop\"} 1"),
              std::string::npos);
    EXPECT_NE(told(events(world, *process)).find("DriftRecurs by trueup"), std::string::npos);

    // A person says yes: once more.
    store::Changes yes;
    yes.emplace_back(store::Confirmation{"shop", held.confirmation->token, store::person("ada"),
                                         base::machine_clock().now()});
    ASSERT_TRUE(trueup::test::run(world.io, process->store().write(std::move(yes))));
    const Findings confirmed = process->reconcile(entry);
    ASSERT_FALSE(confirmed.error) << confirmed.error->message();
    EXPECT_EQ(world.engine.find("shop-db-1")->state, model::ContainerState::running);
}

TEST(History, AFailedDeploymentIsARevisionOnce) {
    LoopWorld world;
    auto process = world.start();
    const std::string first = world.commit("release = 1\n");
    ASSERT_FALSE(process->reconcile(world.entry(first)).error);
    world.engine.behaviours["broken"].exits = 1;
    const std::string broken =
        world.repository.commit_files({{"behaviour", "broken\n"}}, "break it");
    for (int attempt = 0; attempt < 3; ++attempt)
        ASSERT_TRUE(process->reconcile(world.entry(broken)).error);
    EXPECT_EQ(outcomes(revisions(world, *process)), "2 failed; 1 proven; ");
    EXPECT_NE(revisions(world, *process).front().message.find("exited with code 1"),
              std::string::npos);
    const std::string text = told(events(world, *process));
    EXPECT_NE(text.find("PreviousRestored by trueup"), std::string::npos) << text;
    EXPECT_NE(text.find("HealthCheckFailed by trueup"), std::string::npos) << text;

    const std::string fixed = world.commit("release = 3\n");
    ASSERT_FALSE(process->reconcile(world.entry(fixed)).error);
    EXPECT_EQ(outcomes(revisions(world, *process)), "3 proven; 2 failed; 1 proven; ");
    EXPECT_NE(told(events(world, *process)).find("Recovered by trueup"), std::string::npos);
}

TEST(History, AFailureThatLastsIsOneEvent) {
    LoopWorld world;
    auto process = world.start();
    Entry entry = world.entry(std::string(40, 'a'));
    world.commit("release = 1\n");
    for (int attempt = 0; attempt < 4; ++attempt) ASSERT_TRUE(process->reconcile(entry).error);
    const auto list = events(world, *process);
    ASSERT_EQ(list.size(), 1U);
    EXPECT_EQ(list.front().reason, "RevisionNotFound");
    EXPECT_EQ(list.front().type, store::EventType::warning);
    EXPECT_EQ(list.front().count, 4);
}

TEST(History, LosingTheDatabaseChangesNothingThatRuns) {
    LoopWorld world;
    const Entry entry = world.entry(world.commit("release = 1\n"));
    ASSERT_FALSE(world.start()->reconcile(entry).error);
    const std::string before = world.containers();
    for (const char* name : {"state.db", "state.db-wal", "state.db-shm"})
        std::filesystem::remove(world.directory / (std::string("state/") + name));
    const auto ids = [&] {
        std::string text;
        for (const auto& [id, container] : world.engine.containers) text += id + " ";
        return text;
    };
    const std::string containers = ids();
    auto process = world.start();
    const Findings findings = process->reconcile(entry);
    ASSERT_FALSE(findings.error) << findings.error->message();
    EXPECT_EQ(plan::to_text(findings.plan), "");
    EXPECT_EQ(findings.actions_done, 0U);
    EXPECT_EQ(ids(), containers);
    EXPECT_EQ(world.containers(), before);
    // And its history begins again.
    ASSERT_EQ(revisions(world, *process).size(), 1U);
    EXPECT_EQ(revisions(world, *process).front().cause, "it ran as desired already");
    EXPECT_EQ(told(events(world, *process)), "Deployed by trueup: it ran as desired already\n");
}

}    // namespace
}    // namespace trueup::reconcile
