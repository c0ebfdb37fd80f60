// SPDX-License-Identifier: Apache-2.0
// A database of any earlier version is taken over; a later one is refused and left alone.
#include <sqlite3.h>

#include "controller/store/schema.hpp"
#include "tests/unit/store/opened.hpp"

namespace trueup::store {
namespace {

using test::Opened;

// As the first version wrote it, in SQL that never changes.
constexpr const char* version_1 = R"(
PRAGMA journal_mode=WAL;
CREATE TABLE events(
  sequence INTEGER PRIMARY KEY, about TEXT NOT NULL, name TEXT NOT NULL, service TEXT NOT NULL,
  type TEXT NOT NULL, reason TEXT NOT NULL, message TEXT NOT NULL, actor TEXT NOT NULL,
  cause TEXT NOT NULL, first_time INTEGER NOT NULL, last_time INTEGER NOT NULL,
  count INTEGER NOT NULL);
CREATE INDEX events_of ON events(about, name, sequence);
CREATE TABLE revisions(
  stack TEXT NOT NULL, number INTEGER NOT NULL, commit_id TEXT NOT NULL, spec_digest TEXT NOT NULL,
  environment TEXT NOT NULL, project TEXT NOT NULL, time INTEGER NOT NULL, actor TEXT NOT NULL,
  cause TEXT NOT NULL, outcome TEXT NOT NULL, message TEXT NOT NULL, services TEXT NOT NULL,
  images TEXT NOT NULL, PRIMARY KEY(stack, number)) WITHOUT ROWID;
CREATE TABLE suspensions(
  stack TEXT PRIMARY KEY, until INTEGER, reason TEXT NOT NULL, actor TEXT NOT NULL,
  since INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE confirmations(
  stack TEXT NOT NULL, token TEXT NOT NULL, actor TEXT NOT NULL, time INTEGER NOT NULL,
  PRIMARY KEY(stack, token)) WITHOUT ROWID;
CREATE TABLE adopted(
  container TEXT PRIMARY KEY, stack TEXT NOT NULL, service TEXT NOT NULL, number INTEGER NOT NULL,
  config_hash TEXT NOT NULL, image_id TEXT NOT NULL, commit_id TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE corrections(
  stack TEXT NOT NULL, service TEXT NOT NULL, drift TEXT NOT NULL, time INTEGER NOT NULL);
CREATE INDEX corrections_of ON corrections(stack, time);
CREATE TABLE applied(
  stack TEXT PRIMARY KEY, commit_id TEXT NOT NULL, spec_digest TEXT NOT NULL,
  config_hashes TEXT NOT NULL, image_ids TEXT NOT NULL, time INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE requests(
  stack TEXT PRIMARY KEY, request TEXT NOT NULL) WITHOUT ROWID;
PRAGMA application_id=1953658224;
PRAGMA user_version=1;
INSERT INTO events VALUES(7,'stack','shop','api','Warning','Died','it died','engine','',1000,2000,3);
INSERT INTO revisions VALUES('shop',4,'abc','digest','production','shop',1000,'trueup','pushed',
  'proven','','[{"service":"api","image":"sha256:1","config":"c","code":"t","proof":"files",
  "provenAt":1500}]','["sha256:1"]');
INSERT INTO suspensions VALUES('shop',9000,'why','person:ada',1000);
INSERT INTO confirmations VALUES('shop','token','person:ada',1000);
INSERT INTO adopted VALUES('id','shop','api',1,'c','sha256:1','abc');
INSERT INTO corrections VALUES('shop','api','code',1000);
INSERT INTO applied VALUES('shop','abc','digest','{"api":"c"}','{"api":"sha256:1"}',1000);
INSERT INTO requests VALUES('shop','then');
)";

void execute(const std::string& file, const std::string& text) {
    sqlite3* connection = nullptr;
    ASSERT_EQ(sqlite3_open(file.c_str(), &connection), SQLITE_OK);
    char* message = nullptr;
    EXPECT_EQ(sqlite3_exec(connection, text.c_str(), nullptr, nullptr, &message), SQLITE_OK)
        << message;
    sqlite3_free(message);
    sqlite3_close(connection);
}

TEST(Schema, TakesOverADatabaseOfTheFirstVersion) {
    support::TempDirectory directory;
    execute(directory / "state.db", version_1);
    Opened opened(directory.path());
    ASSERT_TRUE(opened.store) << opened.error->message();
    const Store& store = *opened.store;
    ASSERT_TRUE(store.suspensions().contains("shop"));
    EXPECT_EQ(store.suspensions().at("shop").until, SystemTime(Seconds(9)));
    EXPECT_NE(store.confirmation("shop", "token"), nullptr);
    EXPECT_EQ(store.adopted().at("id").service, "api");
    EXPECT_EQ(store.corrections("shop").size(), 1U);
    // What it called applied was another hash.
    EXPECT_EQ(store.applied("shop"), nullptr);
    EXPECT_EQ(store.handled_request("shop"), "then");
    const auto revisions = opened.revisions("shop");
    ASSERT_EQ(revisions.size(), 1U);
    EXPECT_EQ(revisions.front().number, 4);
    ASSERT_EQ(revisions.front().services.size(), 1U);
    EXPECT_EQ(revisions.front().services.front().proven_at, SystemTime(Milliseconds(1500)));
    const auto events = opened.events();
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events.front().count, 3);
    // And goes on from there.
    ASSERT_TRUE(opened.write(test::event("shop", "Deployed")));
    EXPECT_EQ(opened.events().back().sequence, 8);
}

// Each step by itself, so that a database of any version in between is taken over too.
TEST(Schema, EveryVersionLeadsToTheCurrentOne) {
    const auto steps = schema_steps();
    for (std::size_t version = 0; version <= steps.size(); ++version) {
        support::TempDirectory directory;
        std::string text;
        for (std::size_t step = 0; step < version; ++step) text += std::string(steps[step]);
        if (version > 0)
            text +=
                fmt::format("PRAGMA application_id=1953658224; PRAGMA user_version={};", version);
        execute(directory / "state.db", text);
        Opened opened(directory.path());
        ASSERT_TRUE(opened.store) << "version " << version << ": " << opened.error->message();
        EXPECT_TRUE(opened.write({test::event("shop", "Deployed"), test::suspension("shop")}));
    }
}

TEST(Schema, RefusesANewerDatabaseAndLeavesIt) {
    support::TempDirectory directory;
    execute(directory / "state.db", version_1);
    execute(directory / "state.db", "PRAGMA user_version=999");
    const std::string before = support::read_file(directory / "state.db");
    for (const Use use : {Use::controller, Use::beside}) {
        Opened opened(directory.path(), use);
        ASSERT_FALSE(opened.store);
        EXPECT_EQ(opened.error->code(), Errc::invalid);
        EXPECT_NE(opened.error->message().find("newer trueup (schema 999"), std::string::npos)
            << opened.error->message();
        EXPECT_NE(opened.error->message().find("run that version again"), std::string::npos);
    }
    EXPECT_EQ(support::read_file(directory / "state.db"), before);
}

TEST(Schema, RefusesTheDatabaseOfAnotherProgram) {
    support::TempDirectory directory;
    execute(directory / "state.db", "CREATE TABLE songs(title TEXT)");
    Opened opened(directory.path());
    ASSERT_FALSE(opened.store);
    EXPECT_NE(opened.error->message().find("another program"), std::string::npos);
    EXPECT_TRUE(std::filesystem::exists(directory / "state.db"));
}

}    // namespace
}    // namespace trueup::store
