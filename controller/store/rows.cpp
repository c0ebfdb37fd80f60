// SPDX-License-Identifier: Apache-2.0
// Writing. An event is folded into its last repetition by moving that row to a new sequence.
#include "controller/store/rows.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace trueup::store {
namespace {

namespace json = boost::json;

template <class... Values>
Result<void> run(Database& database, std::string_view text, const Values&... values) {
    auto statement = database.prepare(text);
    if (!statement) return statement.error();
    (statement->bind(values), ...);
    return statement->run();
}

json::array to_json(const std::vector<ServiceIdentity>& services) {
    json::array array;
    for (const ServiceIdentity& each : services) {
        json::object object;
        object["service"] = each.service;
        object["image"] = each.image_id;
        object["config"] = each.config_hash;
        object["code"] = each.code_id;
        object["proof"] = each.proof;
        if (each.proven_at) {
            object["provenAt"] =
                std::chrono::duration_cast<Milliseconds>(each.proven_at->time_since_epoch())
                    .count();
        }
        array.push_back(std::move(object));
    }
    return array;
}

struct Write {
    Database& database;

    Result<bool> fold(const Event& event, std::int64_t sequence) const {
        auto repeat = database.prepare(
            "UPDATE events SET sequence=?, last_time=max(last_time, ?), count=count+? WHERE "
            "sequence=(SELECT sequence FROM events WHERE about=? AND name=? AND reason=? AND "
            "message=? AND service=? AND type=? AND actor=? AND cause=? AND last_time>=? "
            "ORDER BY sequence DESC LIMIT 1)");
        if (!repeat) return repeat.error();
        repeat->bind(sequence).bind(event.last_time).bind(std::int64_t(event.count));
        repeat->bind(to_string(event.about)).bind(event.name).bind(event.reason);
        repeat->bind(event.message).bind(event.service).bind(to_string(event.type));
        repeat->bind(event.actor).bind(event.cause).bind(event.first_time - fold_within);
        const auto done = repeat->run();
        if (!done) return done.error();
        return database.changed_rows() > 0;
    }

    Result<void> operator()(const Event& event) const {
        const auto sequence = database.number("SELECT coalesce(max(sequence), 0) + 1 FROM events");
        if (!sequence) return sequence.error();
        const auto folded = fold(event, *sequence);
        if (!folded) return folded.error();
        if (*folded) return Result<void>();
        return run(database, "INSERT INTO events VALUES(?,?,?,?,?,?,?,?,?,?,?,?)", *sequence,
                   to_string(event.about), event.name, event.service, to_string(event.type),
                   event.reason, event.message, event.actor, event.cause, event.first_time,
                   event.last_time, std::int64_t(event.count));
    }

    Result<void> operator()(const Revision& revision) const {
        std::int64_t number = revision.number;
        if (number < 0) {
            auto next = database.prepare(
                "SELECT coalesce(max(number), 0) + 1 FROM revisions WHERE stack=?");
            if (!next) return next.error();
            const auto row = next->bind(revision.stack).step();
            if (!row) return row.error();
            number = next->number(0);
        }
        const json::array images(revision.images.begin(), revision.images.end());
        return run(database, "INSERT OR REPLACE INTO revisions VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)",
                   revision.stack, number, revision.commit, revision.spec_digest,
                   revision.environment, revision.project, revision.time, revision.actor,
                   revision.cause, to_string(revision.outcome), revision.message,
                   json::serialize(to_json(revision.services)), json::serialize(images));
    }

    Result<void> operator()(const Outcomes& later) const {
        return run(database, "UPDATE revisions SET outcome=?, message=? WHERE stack=? AND number=?",
                   to_string(later.outcome), later.message, later.stack,
                   std::int64_t(later.number));
    }

    Result<void> operator()(const HistoryLimit& limit) const {
        return run(database,
                   "DELETE FROM revisions WHERE stack=?1 AND number>0 AND number NOT IN (SELECT "
                   "number FROM revisions WHERE stack=?1 ORDER BY number DESC LIMIT max(?2, 1)) "
                   "AND number IS NOT (SELECT max(number) FROM revisions WHERE stack=?1 AND "
                   "outcome='proven')",
                   limit.stack, std::int64_t(limit.limit));
    }

    Result<void> operator()(const Suspension& each) const {
        return run(database, "INSERT OR REPLACE INTO suspensions VALUES(?,?,?,?,?)", each.stack,
                   each.until, each.reason, each.actor, each.since);
    }
    Result<void> operator()(const Resume& resume) const {
        return run(database, "DELETE FROM suspensions WHERE stack=?", resume.stack);
    }

    Result<void> operator()(const Confirmation& each) const {
        return run(database, "INSERT OR REPLACE INTO confirmations VALUES(?,?,?,?)", each.stack,
                   each.token, each.actor, each.time);
    }
    Result<void> operator()(const Unconfirm& done) const {
        return run(database, "DELETE FROM confirmations WHERE stack=? AND token=?", done.stack,
                   done.token);
    }

    Result<void> operator()(const AdoptedContainer& each) const {
        return run(database,
                   "INSERT OR REPLACE INTO adopted(container, stack, service, number, config_hash, "
                   "image_id, commit_id, recipe_id) VALUES(?,?,?,?,?,?,?,?)",
                   each.id, each.stack, each.service, std::int64_t(each.number), each.config_hash,
                   each.image_id, each.revision, each.recipe_id);
    }
    Result<void> operator()(const Release& release) const {
        return run(database, "DELETE FROM adopted WHERE container=?", release.container);
    }

    Result<void> operator()(const Correction& each) const {
        const auto old = run(database,
                             "DELETE FROM corrections WHERE stack=? AND service=? AND (drift=? OR "
                             "applied_hash<>?) AND time<?",
                             each.stack, each.service, each.drift, each.applied_hash,
                             each.time - corrections_kept);
        if (!old) return old;
        const auto written =
            run(database,
                "INSERT INTO corrections(stack, service, drift, applied_hash, time) "
                "VALUES(?,?,?,?,?)",
                each.stack, each.service, each.drift, each.applied_hash, each.time);
        if (!written) return written;
        return run(database,
                   "DELETE FROM corrections WHERE stack=?1 AND rowid NOT IN (SELECT rowid FROM "
                   "corrections WHERE stack=?1 ORDER BY rowid DESC LIMIT ?2)",
                   each.stack, static_cast<std::int64_t>(corrections_limit));
    }

    Result<void> operator()(const Applied& each) const {
        return run(database,
                   "INSERT OR REPLACE INTO applied(stack, commit_id, spec_digest, services, time) "
                   "VALUES(?,?,?,?,?)",
                   each.stack, each.commit, each.spec_digest, json_of_map(each.services),
                   each.time);
    }
    Result<void> operator()(const Pulled& each) const {
        return run(database, "INSERT OR REPLACE INTO pulls VALUES(?,?,?,?)", each.stack,
                   each.reference, each.commit, each.time);
    }
    Result<void> operator()(const Completed& each) const {
        return run(database, "INSERT OR REPLACE INTO completed VALUES(?,?,?,?,?)", each.stack,
                   each.service, std::int64_t(each.number), each.config_hash, each.image);
    }
    Result<void> operator()(const ProvenImage& each) const {
        return run(database, "INSERT OR REPLACE INTO proven VALUES(?,?,?,?,?)", each.stack,
                   each.service, each.image_id, each.code_id, json_of_map(each.manifest));
    }
    Result<void> operator()(const RequestHandled& handled) const {
        return run(database, "INSERT OR REPLACE INTO requests VALUES(?,?)", handled.stack,
                   handled.request);
    }

    Result<void> operator()(const KnownStack& each) const {
        return run(database, "INSERT OR REPLACE INTO stacks VALUES(?,?,?,?,?,?)", each.stack,
                   each.file, each.environment, each.project, each.engine, each.deletion_policy);
    }

    Result<void> operator()(const Forget& forget) const {
        for (const std::string_view table :
             {"suspensions", "confirmations", "adopted", "corrections", "applied", "pulls",
              "completed", "proven", "requests", "stacks"}) {
            const auto done =
                run(database, fmt::format("DELETE FROM {} WHERE stack=?", table), forget.stack);
            if (!done) return done;
        }
        // There is no way back to a stack that is gone: its images need not be kept.
        return run(database, "UPDATE revisions SET images='[]' WHERE stack=?", forget.stack);
    }
};

}    // namespace

Result<void> write_change(Database& database, const Change& change) {
    return std::visit(Write{database}, change);
}

Result<void> bound_events_of(Database& database, About about, const std::string& name,
                             std::size_t limit) {
    return run(database,
               "DELETE FROM events WHERE about=?1 AND name=?2 AND sequence<=(SELECT sequence FROM "
               "events WHERE about=?1 AND name=?2 ORDER BY sequence DESC LIMIT 1 OFFSET ?3)",
               to_string(about), name, static_cast<std::int64_t>(limit));
}

Result<void> bound_events(Database& database, std::size_t limit) {
    return run(database,
               "DELETE FROM events WHERE sequence<=(SELECT sequence FROM events ORDER BY sequence "
               "DESC LIMIT 1 OFFSET ?)",
               static_cast<std::int64_t>(limit));
}

std::string json_of_map(const std::map<std::string, std::string>& map) {
    json::object object;
    for (const auto& [key, value] : map) object[key] = value;
    return json::serialize(object);
}

std::map<std::string, std::string> map_of_json(const std::string& text) {
    std::map<std::string, std::string> map;
    boost::system::error_code code;
    const json::value value = json::parse(text, code);
    if (code || !value.is_object()) return map;
    for (const auto& [key, each] : value.get_object()) {
        if (each.is_string()) map.emplace(key, each.get_string());
    }
    return map;
}

}    // namespace trueup::store
