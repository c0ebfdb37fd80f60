// SPDX-License-Identifier: Apache-2.0
// PRAGMA user_version holds the version, application_id says that it is ours. Times are milliseconds
// since 1970; lists and maps are JSON.
#include "controller/store/schema.hpp"

#include <fmt/format.h>

#include <array>

namespace trueup::store {
namespace {

constexpr std::int64_t application_id = 0x74727570;    // "trup"

constexpr std::array<std::string_view, 5> steps{R"(
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
)",
                                                R"(
ALTER TABLE corrections ADD COLUMN applied_hash TEXT NOT NULL DEFAULT '';
-- What was applied is told by another hash now: old ones say nothing.
DELETE FROM applied;
ALTER TABLE applied RENAME COLUMN config_hashes TO services;
ALTER TABLE applied DROP COLUMN image_ids;
CREATE TABLE stacks(
  stack TEXT PRIMARY KEY, file TEXT NOT NULL, environment TEXT NOT NULL, project TEXT NOT NULL,
  engine TEXT NOT NULL, deletion_policy TEXT NOT NULL) WITHOUT ROWID;
)",
                                                R"(
ALTER TABLE adopted ADD COLUMN recipe_id TEXT NOT NULL DEFAULT '';
)",
                                                R"(
CREATE TABLE pulls(
  stack TEXT NOT NULL, reference TEXT NOT NULL, commit_id TEXT NOT NULL, time INTEGER NOT NULL,
  PRIMARY KEY(stack, reference)) WITHOUT ROWID;
CREATE TABLE completed(
  stack TEXT NOT NULL, service TEXT NOT NULL, number INTEGER NOT NULL, config_hash TEXT NOT NULL,
  image TEXT NOT NULL, PRIMARY KEY(stack, service, number)) WITHOUT ROWID;
)",
                                                R"(
CREATE TABLE proven(
  stack TEXT NOT NULL, service TEXT NOT NULL, image_id TEXT NOT NULL, code_id TEXT NOT NULL,
  manifest TEXT NOT NULL, PRIMARY KEY(stack, service)) WITHOUT ROWID;
)"};

// 0 for an empty file.
Result<std::int64_t> version_of(Database& database) {
    const auto application = database.number("PRAGMA application_id");
    if (!application) return application.error();
    const auto version = database.number("PRAGMA user_version");
    if (!version) return version.error();
    const auto tables = database.number("SELECT count(*) FROM sqlite_schema");
    if (!tables) return tables.error();
    const bool empty = *application == 0 && *version == 0 && *tables == 0;
    if (!empty && *application != application_id) {
        return Error(Errc::invalid,
                     "it is a database of another program; move it away, or choose another "
                     "--state-dir");
    }
    const auto current = static_cast<std::int64_t>(steps.size());
    if (*version > current) {
        return Error(Errc::invalid,
                     fmt::format("it was written by a newer trueup (schema {}, this one knows {}); "
                                 "run that version again, or restore a backup of before",
                                 *version, current));
    }
    return *version;
}

}    // namespace

std::span<const std::string_view> schema_steps() { return steps; }

Result<void> migrate(Database& database) {
    auto transaction = Transaction::begin(database);
    if (!transaction) return transaction.error();
    const auto version = version_of(database);
    if (!version) return version.error();
    if (*version == static_cast<std::int64_t>(steps.size())) return Result<void>();
    for (auto step = static_cast<std::size_t>(*version); step < steps.size(); ++step) {
        const auto done = database.execute(std::string(steps.at(step)));
        if (!done) return done.error().in(fmt::format("migrate to schema {}", step + 1));
    }
    const auto stamped = database.execute(fmt::format(
        "PRAGMA application_id={}; PRAGMA user_version={}", application_id, steps.size()));
    if (!stamped) return stamped.error();
    return transaction->commit();
}

Result<void> check_version(Database& database) {
    const auto version = version_of(database);
    if (!version) return version.error();
    if (*version == static_cast<std::int64_t>(steps.size())) return Result<void>();
    return Error(Errc::conflict,
                 fmt::format("the controller that runs here is an older trueup (schema {}, this "
                             "command needs {}); stop it, or use its version of the command",
                             *version, steps.size()));
}

}    // namespace trueup::store
