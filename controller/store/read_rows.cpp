// SPDX-License-Identifier: Apache-2.0
// Reading. What a row holds that no version ever wrote there reads as the least that it can mean.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <algorithm>
#include <set>

#include "controller/store/rows.hpp"

namespace trueup::store {
namespace {

namespace json = boost::json;

json::array array_of(const std::string& text) {
    boost::system::error_code code;
    json::value value = json::parse(text, code);
    return code || !value.is_array() ? json::array() : std::move(value.get_array());
}

std::vector<std::string> texts_of(const std::string& text) {
    std::vector<std::string> texts;
    for (const json::value& each : array_of(text)) {
        if (each.is_string()) texts.emplace_back(each.get_string());
    }
    return texts;
}

std::string text_of(const json::object& object, std::string_view key) {
    const json::value* found = object.if_contains(key);
    return found != nullptr && found->is_string() ? std::string(found->get_string())
                                                  : std::string();
}

std::vector<ServiceIdentity> services_of(const std::string& text) {
    std::vector<ServiceIdentity> services;
    for (const json::value& each : array_of(text)) {
        if (!each.is_object()) continue;
        const json::object& object = each.get_object();
        ServiceIdentity service;
        service.service = text_of(object, "service");
        service.image_id = text_of(object, "image");
        service.config_hash = text_of(object, "config");
        service.code_id = text_of(object, "code");
        service.proof = text_of(object, "proof");
        const json::value* proven_at = object.if_contains("provenAt");
        if (proven_at != nullptr && proven_at->is_int64())
            service.proven_at = SystemTime(Milliseconds(proven_at->get_int64()));
        services.push_back(std::move(service));
    }
    return services;
}

template <class Value, std::size_t Count>
Value value_of(std::string_view text, const std::array<Value, Count>& values) {
    const auto found = std::find_if(values.begin(), values.end(),
                                    [&](Value value) { return to_string(value) == text; });
    return found == values.end() ? values.front() : *found;
}

Event event_of(const Statement& row) {
    constexpr std::array abouts{About::controller, About::stack, About::source, About::engine};
    constexpr std::array types{EventType::normal, EventType::warning};
    Event event;
    event.sequence = row.number(0);
    event.about = value_of(row.text(1), abouts);
    event.name = row.text(2);
    event.service = row.text(3);
    event.type = value_of(row.text(4), types);
    event.reason = row.text(5);
    event.message = row.text(6);
    event.actor = row.text(7);
    event.cause = row.text(8);
    event.first_time = row.time(9);
    event.last_time = row.time(10);
    event.count = static_cast<int>(row.number(11));
    return event;
}

Revision revision_of(const Statement& row) {
    constexpr std::array outcomes{Outcome::deployed, Outcome::proven, Outcome::failed,
                                  Outcome::rolled_back};
    Revision revision;
    revision.stack = row.text(0);
    revision.number = static_cast<int>(row.number(1));
    revision.commit = row.text(2);
    revision.spec_digest = row.text(3);
    revision.environment = row.text(4);
    revision.project = row.text(5);
    revision.time = row.time(6);
    revision.actor = row.text(7);
    revision.cause = row.text(8);
    revision.outcome = value_of(row.text(9), outcomes);
    revision.message = row.text(10);
    revision.services = services_of(row.text(11));
    revision.images = texts_of(row.text(12));
    return revision;
}

template <class Record>
Result<std::vector<Record>> all_rows(Statement& rows, Record (*read)(const Statement&)) {
    std::vector<Record> records;
    for (;;) {
        const auto row = rows.step();
        if (!row) return row.error();
        if (!*row) return records;
        records.push_back(read(rows));
    }
}

}    // namespace

Result<std::vector<Event>> read_events(Database& database, const EventQuery& query) {
    std::string text = "SELECT * FROM events WHERE sequence>?";
    if (query.about) text += " AND about=?";
    if (query.name) text += " AND name=?";
    auto rows = database.prepare(text + " ORDER BY sequence DESC LIMIT ?");
    if (!rows) return rows.error();
    rows->bind(query.after);
    if (query.about) rows->bind(to_string(*query.about));
    if (query.name) rows->bind(*query.name);
    rows->bind(static_cast<std::int64_t>(query.limit));
    auto events = all_rows(*rows, event_of);
    if (events) std::reverse(events->begin(), events->end());
    return events;
}

Result<std::vector<Revision>> read_revisions(Database& database, const std::string& stack) {
    auto rows = database.prepare("SELECT * FROM revisions WHERE stack=? ORDER BY number DESC");
    if (!rows) return rows.error();
    rows->bind(stack);
    return all_rows(*rows, revision_of);
}

Result<std::vector<std::string>> read_retained_images(Database& database) {
    auto rows = database.prepare("SELECT images FROM revisions");
    if (!rows) return rows.error();
    std::set<std::string> images;
    for (;;) {
        const auto row = rows->step();
        if (!row) return row.error();
        if (!*row) return std::vector<std::string>(images.begin(), images.end());
        for (std::string& image : texts_of(rows->text(0))) images.insert(std::move(image));
    }
}

}    // namespace trueup::store
