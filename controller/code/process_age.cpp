// SPDX-License-Identifier: Apache-2.0
#include "controller/code/process_age.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

namespace trueup::code {
namespace {

namespace json = boost::json;

std::int64_t nanoseconds(SystemTime time) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

SystemTime time_of(std::int64_t nanoseconds) {
    return SystemTime(
        std::chrono::duration_cast<SystemTime::duration>(std::chrono::nanoseconds(nanoseconds)));
}

bool is_left_out(const std::string& path, const BoundFiles& found) {
    return std::any_of(found.left_out.begin(), found.left_out.end(),
                       [&](const std::string& target) {
                           return path == target || path.starts_with(target + "/");
                       });
}

class Judge {
public:
    Judge(const ProcessRecord& record, const BoundFiles& found, SystemTime now)
        : record_(record), found_(found), now_(nanoseconds(now)) {
        started_ = nanoseconds(base::parse_rfc3339(record.started_at).value_or(SystemTime()));
        judgement_.settled = !found.changing;
        judgement_.age.unseen = found.unseen;
    }

    ProcessJudgement run() {
        for (const auto& [path, file] : found_.files) {
            const auto known = record_.contents.find(path);
            const auto late = record_.late.find(path);
            if (known == record_.contents.end() || known->second != file.content)
                differs(path, file.changed);
            else if (late != record_.late.end())
                differs(path, late->second);
        }
        for (const auto& [path, content] : record_.contents) {
            if (found_.files.contains(path) || is_left_out(path, found_)) continue;
            note_time(found_.moved);
            count(path).removed = true;
        }
        if (judgement_.settled) return std::move(judgement_);
        // Half of what is being written would be read by a process that starts now.
        model::ProcessAge none;
        none.unseen = found_.unseen;
        judgement_.age = std::move(none);
        return std::move(judgement_);
    }

private:
    // The first one by its path stands for all.
    model::ProcessAge& count(const std::string& path) {
        model::ProcessAge& age = judgement_.age;
        if (age.count++ > 0 && age.path < path) return other_;
        age.path = path;
        age.changed.reset();
        age.removed = false;
        return age;
    }

    void differs(const std::string& path, std::int64_t changed) {
        note_time(changed);
        model::ProcessAge& age = count(path);
        if (changed > started_ && changed <= now_) age.changed = time_of(changed);
    }

    void note_time(std::int64_t changed) {
        const auto moment = std::chrono::nanoseconds(settle).count();
        if (changed > now_ - moment && changed <= now_) judgement_.settled = false;
    }

    const ProcessRecord& record_;
    const BoundFiles& found_;
    std::int64_t now_;
    std::int64_t started_ = 0;
    ProcessJudgement judgement_;
    model::ProcessAge other_;    // what is said of the others
};

template <class Value, class Read>
bool read_map(const json::object& object, std::string_view key,
              std::map<std::string, Value>& target, Read read) {
    const json::value* value = object.if_contains(key);
    if (value == nullptr || !value->is_object()) return false;
    for (const auto& member : value->get_object()) {
        if (!read(member.value(), target[std::string(member.key())])) return false;
    }
    return true;
}

}    // namespace

ProcessRecord first_look(std::string started_at, const BoundFiles& found, SystemTime now) {
    ProcessRecord record;
    record.started_at = std::move(started_at);
    const auto time = base::parse_rfc3339(record.started_at);
    const std::int64_t started = nanoseconds(time.value_or(now));
    for (const auto& [path, file] : found.files) {
        record.contents.emplace(path, file.content);
        const std::int64_t both = std::min(file.changed, file.modified);
        const bool in_future = std::max(file.changed, file.modified) > nanoseconds(now);
        if (both > started && !in_future) record.late.emplace(path, file.changed);
    }
    return record;
}

ProcessJudgement judge(const ProcessRecord& record, const BoundFiles& found, SystemTime now) {
    return Judge(record, found, now).run();
}

std::string to_text(const ProcessRecord& record) {
    json::object contents;
    for (const auto& [path, content] : record.contents) contents[path] = content;
    json::object late;
    for (const auto& [path, changed] : record.late) late[path] = changed;
    json::object object;
    object["startedAt"] = record.started_at;
    object["contents"] = std::move(contents);
    object["late"] = std::move(late);
    return json::serialize(object);
}

std::optional<ProcessRecord> parse_process_record(std::string_view text) {
    boost::system::error_code code;
    const json::value value = json::parse(json::string_view(text.data(), text.size()), code);
    if (code || !value.is_object()) return std::nullopt;
    const json::object& object = value.get_object();
    const json::value* started = object.if_contains("startedAt");
    if (started == nullptr || !started->is_string()) return std::nullopt;
    ProcessRecord record;
    record.started_at = started->get_string();
    const auto text_of = [](const json::value& from, std::string& to) {
        if (from.is_string()) to = from.get_string();
        return from.is_string();
    };
    const auto number_of = [](const json::value& from, std::int64_t& to) {
        if (from.is_int64()) to = from.get_int64();
        return from.is_int64();
    };
    const bool whole = read_map(object, "contents", record.contents, text_of) &&
                       read_map(object, "late", record.late, number_of);
    return whole ? std::optional(std::move(record)) : std::nullopt;
}

}    // namespace trueup::code
