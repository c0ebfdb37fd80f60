// SPDX-License-Identifier: Apache-2.0
// What is written is what is read, at once and after a restart.
#include "tests/unit/store/opened.hpp"

namespace trueup::store {
namespace {

using test::event;
using test::Opened;
using test::suspension;

SystemTime at(int seconds) { return SystemTime(Seconds(1'795'514'400 + seconds)); }

Revision revision(const std::string& stack, const std::string& commit, Outcome outcome) {
    Revision made;
    made.stack = stack;
    made.commit = commit;
    made.spec_digest = "spec";
    made.environment = "production";
    made.project = "shop";
    made.time = at(1);
    made.cause = "the branch moved";
    made.outcome = outcome;
    made.services = {{"api", "sha256:1", "config", "code", "files", at(2)},
                     {"db", "sha256:2", "other", "", "none", std::nullopt}};
    made.images = {"sha256:1", "sha256:2"};
    return made;
}

TEST(Store, KeepsRevisionsWhole) {
    Opened opened;
    ASSERT_TRUE(opened.write(revision("shop", "a", Outcome::proven)));
    auto expected = revision("shop", "a", Outcome::proven);
    expected.number = 1;
    EXPECT_EQ(opened.revisions("shop"), std::vector{expected});
    EXPECT_TRUE(opened.revisions("other").empty());
}

TEST(Store, NumbersRevisionsFromOneAndKeepsZeroForWhatWasFound) {
    Opened opened;
    auto found = revision("shop", "", Outcome::deployed);
    found.number = 0;
    ASSERT_TRUE(opened.write({found, revision("shop", "a", Outcome::proven),
                              revision("shop", "b", Outcome::failed),
                              revision("other", "c", Outcome::proven)}));
    std::string text;
    for (const Revision& each : opened.revisions("shop"))
        text += fmt::format("{} {} {}\n", each.number, each.commit, to_string(each.outcome));
    EXPECT_EQ(text, "2 b failed\n1 a proven\n0  deployed\n");
}

TEST(Store, TellsWhatBecameOfARevisionLater) {
    Opened opened;
    ASSERT_TRUE(opened.write({revision("shop", "a", Outcome::proven),
                              Outcomes{"shop", 1, Outcome::rolled_back, "errors"}}));
    EXPECT_EQ(opened.revisions("shop").front().outcome, Outcome::rolled_back);
    EXPECT_EQ(opened.revisions("shop").front().message, "errors");
}

TEST(Store, KeepsAWayBackWhenHistoryIsBounded) {
    Opened opened;
    auto found = revision("shop", "", Outcome::deployed);
    found.number = 0;
    Changes changes{found, revision("shop", "good", Outcome::proven)};
    for (int index = 0; index < 5; ++index)
        changes.emplace_back(revision("shop", "bad", Outcome::failed));
    changes.emplace_back(HistoryLimit{"shop", 2});
    ASSERT_TRUE(opened.write(std::move(changes)));
    std::vector<int> numbers;
    for (const Revision& each : opened.revisions("shop")) numbers.push_back(each.number);
    EXPECT_EQ(numbers, (std::vector{6, 5, 1, 0}));
}

TEST(Store, NamesTheImagesThatAnyRevisionRetains) {
    Opened opened;
    auto other = revision("other", "b", Outcome::proven);
    other.images = {"sha256:3", "sha256:1"};
    ASSERT_TRUE(opened.write({revision("shop", "a", Outcome::proven), other}));
    const auto images = trueup::test::run(opened.io, opened.store->retained_images());
    ASSERT_TRUE(images);
    EXPECT_EQ(*images, (std::vector<std::string>{"sha256:1", "sha256:2", "sha256:3"}));
}

TEST(Store, TellsEventsInOrderAndByWhatTheyAreAbout) {
    Opened opened;
    Event full;
    full.about = About::engine;
    full.name = "default";
    full.service = "api";
    full.type = EventType::warning;
    full.reason = "EngineLost";
    full.message = "the connection ended";
    full.actor = std::string(actor_engine);
    full.cause = "dockerd stopped";
    ASSERT_TRUE(opened.write({event("shop", "Deployed"), full, event("shop", "Corrected")}));
    full.sequence = 2;
    full.first_time = full.last_time = opened.clock.now();
    EXPECT_EQ(opened.events({About::engine, "default"}), std::vector{full});
    const auto of_shop = opened.events({About::stack, "shop"});
    ASSERT_EQ(of_shop.size(), 2U);
    EXPECT_EQ(of_shop.front().reason, "Deployed");
    EXPECT_EQ(of_shop.back().reason, "Corrected");
    EXPECT_EQ(opened.events({.after = 2}).size(), 1U);
    EXPECT_EQ(opened.events({.limit = 1}).front().reason, "Corrected");
}

TEST(Store, FoldsARepeatedEvent) {
    Opened opened;
    ASSERT_TRUE(opened.write({event("shop", "FetchFailed"), event("shop", "Suspended")}));
    opened.clock.advance(Milliseconds(30 * 60 * 1000));
    ASSERT_TRUE(opened.write(event("shop", "FetchFailed")));
    auto events = opened.events();
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events.back().reason, "FetchFailed");
    EXPECT_EQ(events.back().count, 2);
    EXPECT_EQ(events.back().sequence, 3);
    EXPECT_EQ(events.back().last_time - events.back().first_time, std::chrono::minutes(30));
    // An hour after the last one it is news.
    opened.clock.advance(Milliseconds(61 * 60 * 1000));
    ASSERT_TRUE(opened.write(event("shop", "FetchFailed")));
    EXPECT_EQ(opened.events().size(), 3U);
}

TEST(Store, DoesNotFoldWhatDiffersInAnything) {
    Opened opened;
    Changes changes{event("shop", "A"), event("other", "A"), event("shop", "B"),
                    event("shop", "A", "another message")};
    for (int index = 0; index < 4; ++index) {
        Event made = event("shop", "A");
        if (index == 0) made.type = EventType::warning;
        if (index == 1) made.actor = person("ada");
        if (index == 2) made.cause = "a cause";
        if (index == 3) made.service = "api";
        changes.emplace_back(std::move(made));
    }
    const std::size_t count = changes.size();
    ASSERT_TRUE(opened.write(std::move(changes)));
    EXPECT_EQ(opened.events().size(), count);
}

TEST(Store, BoundsEventsByStackAndInAll) {
    StoreOptions options;
    options.events_per_stack = 10;
    options.events = 100;
    Opened opened("", Use::controller, options);
    for (int round = 0; round < 30; ++round) {
        Changes changes;
        for (int stack = 0; stack < 20; ++stack) {
            changes.emplace_back(
                event(fmt::format("stack-{}", stack), "Deployed", fmt::format("round {}", round)));
        }
        ASSERT_TRUE(opened.write(std::move(changes)));
    }
    const auto of_one = opened.events({About::stack, "stack-7"});
    EXPECT_LE(of_one.size(), 10U);
    EXPECT_EQ(of_one.back().message, "round 29");
    // All of them are counted now and then only.
    EXPECT_LE(opened.events({.limit = 10'000}).size(), 100U + 256U);
    EXPECT_GE(opened.events({.limit = 10'000}).size(), 100U);
}

TEST(Store, KnowsWhoIsSuspended) {
    Opened opened;
    const SystemTime now = opened.clock.now();
    EXPECT_EQ(opened.store->suspension("shop", now), nullptr);
    Suspension all = suspension(std::string(every_stack));
    all.until = now + Seconds(60);
    ASSERT_TRUE(opened.write({suspension("shop"), all}));
    ASSERT_NE(opened.store->suspension("shop", now), nullptr);
    EXPECT_EQ(opened.store->suspension("shop", now)->stack, "shop");
    EXPECT_EQ(opened.store->suspension("other", now)->stack, every_stack);
    EXPECT_EQ(opened.store->suspension("other", now + Seconds(60)), nullptr);
    ASSERT_TRUE(opened.write(Resume{"shop"}));
    EXPECT_EQ(opened.store->suspension("shop", now)->stack, every_stack);
}

TEST(Store, ConfirmsExactlyWhatWasAsked) {
    Opened opened;
    ASSERT_TRUE(opened.write(Confirmation{"shop", "remove 1", person("ada"), at(1)}));
    EXPECT_EQ(opened.store->confirmation("shop", "remove 2"), nullptr);
    EXPECT_EQ(opened.store->confirmation("other", "remove 1"), nullptr);
    ASSERT_NE(opened.store->confirmation("shop", "remove 1"), nullptr);
    EXPECT_EQ(opened.store->confirmation("shop", "remove 1")->actor, "person:ada");
    ASSERT_TRUE(opened.write(Unconfirm{"shop", "remove 1"}));
    EXPECT_EQ(opened.store->confirmation("shop", "remove 1"), nullptr);
}

std::string corrections_of(const Opened& opened, const std::string& stack) {
    std::string text;
    for (const Correction& each : opened.store->corrections(stack)) {
        text += each.service + " " + each.drift + " " + each.applied_hash + " " +
                std::to_string(std::chrono::duration_cast<Seconds>(each.time - at(0)).count()) +
                "; ";
    }
    return text;
}

TEST(Store, KeepsCorrectionsOfTheLastHour) {
    support::TempDirectory directory;
    const std::string kept = "api code hash 1800; api code hash 3601; ";
    {
        Opened opened(directory.path());
        ASSERT_TRUE(opened.write({Correction{"shop", "api", "code", "hash", at(0)},
                                  Correction{"shop", "api", "code", "hash", at(1800)},
                                  Correction{"other", "api", "code", "hash", at(0)},
                                  Correction{"shop", "api", "code", "hash", at(3601)}}));
        EXPECT_EQ(corrections_of(opened, "shop"), kept);
        EXPECT_EQ(corrections_of(opened, "other"), "api code hash 0; ");
        EXPECT_TRUE(opened.store->corrections("nobody").empty());
    }
    Opened again(directory.path());
    EXPECT_EQ(corrections_of(again, "shop"), kept);
}

// A drift is held for what was counted of it: what else is put right days later does not begin it anew.
TEST(Store, KeepsCorrectionsOfADriftWhileOthersArePutRight) {
    support::TempDirectory directory;
    const std::string kept = "api code hash 0; api state hash 90000; db code hash 90000; ";
    {
        Opened opened(directory.path());
        ASSERT_TRUE(opened.write({Correction{"shop", "api", "code", "hash", at(0)},
                                  Correction{"shop", "api", "state", "hash", at(90'000)},
                                  Correction{"shop", "db", "code", "hash", at(90'000)}}));
        EXPECT_EQ(corrections_of(opened, "shop"), kept);
    }
    Opened again(directory.path());
    EXPECT_EQ(corrections_of(again, "shop"), kept);
    ASSERT_TRUE(again.write(Correction{"shop", "api", "state", "next", at(90'001)}));
    EXPECT_EQ(corrections_of(again, "shop"),
              "api state hash 90000; db code hash 90000; api state next 90001; ")
        << "the service is wanted otherwise";
}

// Everything that steers the controller is there again after a restart.
TEST(Store, RemembersAcrossARestart) {
    support::TempDirectory directory;
    const Suspension suspended = suspension("shop");
    const Confirmation confirmed{"shop", "token", person("ada"), at(1)};
    const AdoptedContainer adopted{"id",     "shop",     "api",    2,
                                   "config", "sha256:1", "commit", "recipe"};
    const Applied applied{"shop", "commit", "spec", {{"api", "hash"}}, at(3)};
    const KnownStack known{"shop", "/stacks/shop.yaml", "production", "shop", "default", "delete"};
    const Pulled pulled{"shop", "nginx:1", "commit", at(4)};
    const Completed completed{"shop", "migrate", 2, "config", "recipe"};
    const ProvenImage proven{"shop", "api", "sha256:2", "code", {{"/srv/built.js", "abc x"}}};
    {
        Opened opened(directory.path());
        ASSERT_TRUE(opened.store) << opened.error->message();
        ASSERT_TRUE(opened.write({suspended, confirmed, adopted, applied, known, completed, proven,
                                  Pulled{"shop", "nginx:1", "earlier", at(1)}, pulled,
                                  Correction{"shop", "api", "code", "hash", at(2)},
                                  RequestHandled{"shop", "now"}, event("shop", "Deployed"),
                                  revision("shop", "a", Outcome::proven)}));
    }
    Opened again(directory.path());
    ASSERT_TRUE(again.store) << again.error->message();
    const Store& store = *again.store;
    EXPECT_EQ(store.suspensions().at("shop"), suspended);
    ASSERT_NE(store.confirmation("shop", "token"), nullptr);
    EXPECT_EQ(*store.confirmation("shop", "token"), confirmed);
    EXPECT_EQ(store.adopted().at("id"), adopted);
    ASSERT_NE(store.applied("shop"), nullptr);
    EXPECT_EQ(*store.applied("shop"), applied);
    ASSERT_EQ(store.corrections("shop").size(), 1U);
    EXPECT_EQ(store.corrections("shop").front(),
              (Correction{"shop", "api", "code", "hash", at(2)}));
    EXPECT_EQ(store.known_stacks().at("shop"), known);
    EXPECT_EQ(store.pulls("shop"), (std::map<std::string, Pulled>{{"nginx:1", pulled}}));
    ASSERT_EQ(store.completed("shop").size(), 1U);
    EXPECT_EQ(store.completed("shop").at({"migrate", 2}), completed);
    ASSERT_NE(store.proven("shop", "api"), nullptr);
    EXPECT_EQ(*store.proven("shop", "api"), proven);
    EXPECT_EQ(store.proven("shop", "db"), nullptr);
    EXPECT_EQ(store.confirmed("shop"), std::set<std::string>{"token"});
    EXPECT_EQ(store.handled_request("shop"), "now");
    EXPECT_EQ(again.events().size(), 1U);
    EXPECT_EQ(again.revisions("shop").size(), 1U);
}

TEST(Store, ForgetsAStackButNotWhatHappenedToIt) {
    support::TempDirectory directory;
    for (const bool restarted : {false, true}) {
        Opened opened(directory.path());
        ASSERT_TRUE(opened.store) << opened.error->message();
        if (!restarted) {
            ASSERT_TRUE(opened.write(
                {suspension("shop"), suspension("other"), RequestHandled{"shop", "now"},
                 AdoptedContainer{"id", "shop", "api", 1, "", "", ""}, event("shop", "Removed"),
                 Applied{"shop", "commit", "", {}, at(1)}, KnownStack{"shop", "", "", "", "", ""},
                 Confirmation{"shop", "t", "", at(1)}, Pulled{"shop", "nginx:1", "", at(1)},
                 Completed{"shop", "migrate", 1, "", ""}, ProvenImage{"shop", "api", "", "", {}},
                 Correction{"shop", "api", "code", "hash", at(2)},
                 revision("shop", "a", Outcome::proven)}));
            ASSERT_TRUE(opened.write(Forget{"shop"}));
        }
        const Store& store = *opened.store;
        EXPECT_EQ(store.suspensions().size(), 1U);
        EXPECT_TRUE(store.adopted().empty());
        EXPECT_EQ(store.applied("shop"), nullptr);
        EXPECT_EQ(store.confirmation("shop", "t"), nullptr);
        EXPECT_TRUE(store.corrections("shop").empty());
        EXPECT_TRUE(store.pulls("shop").empty());
        EXPECT_TRUE(store.completed("shop").empty());
        EXPECT_EQ(store.proven("shop", "api"), nullptr);
        EXPECT_EQ(store.handled_request("shop"), "");
        EXPECT_TRUE(store.known_stacks().empty());
        EXPECT_EQ(opened.events().size(), 1U);
        ASSERT_EQ(opened.revisions("shop").size(), 1U);
        EXPECT_TRUE(opened.revisions("shop").front().images.empty());
    }
}

TEST(Store, ReleasesAnAdoptedContainer) {
    Opened opened;
    ASSERT_TRUE(opened.write(AdoptedContainer{"id", "shop", "api", 1, "", "", ""}));
    ASSERT_TRUE(opened.write(Release{"id"}));
    EXPECT_TRUE(opened.store->adopted().empty());
}

}    // namespace
}    // namespace trueup::store
