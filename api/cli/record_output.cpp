// SPDX-License-Identifier: Apache-2.0
#include "api/cli/record_output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "api/cli/answer_reader.hpp"
#include "api/cli/describe.hpp"
#include "api/cli/table.hpp"
#include "controller/base/text.hpp"

namespace trueup::cli {
namespace {

namespace json = boost::json;
using Objects = std::vector<const json::object*>;

std::string shown(const json::object& object, std::string_view key) {
    return printable(text_of(object, key));
}

std::string age_text(const json::object& object, std::string_view key, const Look& look) {
    const auto time = time_of(object, key);
    return time ? format_age(age_of(*time, look)) : std::string();
}

// "what happened (why)"
std::string message_and_cause(const json::object& event) {
    const std::string cause = shown(event, "cause");
    return shown(event, "message") + (cause.empty() ? "" : " (" + cause + ")");
}

// A stack's name; "engine default" of anything else.
std::string subject(const json::object& event) {
    const std::string about = shown(event, "about");
    const std::string name = shown(event, "name");
    if (about == "stack") return name;
    return name.empty() ? about : about + " " + name;
}

Cell type_cell(const json::object& event) {
    const std::string type = shown(event, "type");
    return Cell(type, type == "Warning" ? Colour::doubtful : Colour::none);
}

Cell outcome_cell(const json::object& revision) {
    const std::string outcome = shown(revision, "outcome");
    if (outcome == "proven") return Cell(outcome, Colour::good);
    return Cell(outcome, outcome == "failed" ? Colour::bad : Colour::none);
}

std::string events_table(const Objects& events, bool wide, const Look& look) {
    Table table(
        wide ? std::vector<std::string>{"FIRST", "LAST", "COUNT", "TYPE", "STACK", "SERVICE",
                                        "REASON", "ACTOR", "MESSAGE"}
             : std::vector<std::string>{"LAST", "TYPE", "STACK", "REASON", "ACTOR", "MESSAGE"});
    for (const json::object* event : events) {
        if (wide) {
            table.add({shown(*event, "firstTimestamp"), shown(*event, "lastTimestamp"),
                       value_text(*event, "count"), type_cell(*event), subject(*event),
                       shown(*event, "service"), shown(*event, "reason"), shown(*event, "actor"),
                       message_and_cause(*event)});
        } else {
            table.add({age_text(*event, "lastTimestamp", look), type_cell(*event), subject(*event),
                       shown(*event, "reason"), shown(*event, "actor"), message_and_cause(*event)});
        }
    }
    return table.text(look.coloured);
}

// "2/3", coloured when it is not all.
Cell share(std::size_t part, std::size_t whole) {
    if (whole == 0) return Cell("-");
    return Cell(fmt::format("{}/{}", part, whole), part == whole ? Colour::good : Colour::doubtful);
}

Cell proven_cell(const json::object& revision) {
    const json::array& services = array_of(revision, "services");
    const auto proven =
        std::count_if(services.begin(), services.end(), [](const json::value& each) {
            return each.is_object() && text_of(each.get_object(), "proof") != "none";
        });
    return share(static_cast<std::size_t>(proven), services.size());
}

Cell images_cell(const json::object& revision) {
    const json::array& images = array_of(revision, "images");
    const auto present = std::count_if(images.begin(), images.end(), [](const json::value& each) {
        return each.is_object() && value_text(each.get_object(), "present") == "True";
    });
    return share(static_cast<std::size_t>(present), images.size());
}

std::string history_table(const Objects& revisions, bool wide, const Look& look) {
    std::vector<std::string> headings{"REVISION", "COMMIT", "OUTCOME", wide ? "TIME" : "AGE",
                                      "PROVEN",   "IMAGES", "ACTOR",   "CAUSE"};
    if (wide) headings.emplace_back("MESSAGE");
    Table table(std::move(headings));
    for (const json::object* revision : revisions) {
        const std::string commit = shown(*revision, "commit");
        std::vector<Cell> row{value_text(*revision, "number"),
                              wide ? commit : short_commit(commit),
                              outcome_cell(*revision),
                              wide ? shown(*revision, "time") : age_text(*revision, "time", look),
                              proven_cell(*revision),
                              images_cell(*revision),
                              shown(*revision, "actor"),
                              shown(*revision, "cause")};
        if (wide) row.emplace_back(shown(*revision, "message"));
        table.add(std::move(row));
    }
    return table.text(look.coloured);
}

std::string evidence_text(const json::object& evidence, const Look& look) {
    const auto time = time_of(evidence, "time");
    const std::string when =
        time ? fmt::format("{} ({} ago)", base::to_rfc3339(*time), format_age(age_of(*time, look)))
             : std::string("now");
    const std::string text = indent_lines(printable(text_of(evidence, "text"), true), 6);
    return fmt::format("    - {}\n      [{}, {}]\n", text.substr(6), shown(evidence, "seenIn"),
                       when);
}

std::string answer_text(const json::object& answer, const Look& look) {
    std::string out =
        fmt::format("\n{}\n{}\n", paint(shown(answer, "question"), Colour::bold, look.coloured),
                    indent_lines(printable(text_of(answer, "answer"), true), 2));
    for (const json::value& each : array_of(answer, "evidence")) {
        if (each.is_object()) out += evidence_text(each.get_object(), look);
    }
    return out;
}

}    // namespace

json::value since_only(const json::value& answer, SystemTime since) {
    json::value recent = answer;
    json::object* list = recent.if_object();
    json::value* items = list == nullptr ? nullptr : list->if_contains("items");
    if (items == nullptr || !items->is_array()) return recent;
    json::array kept;
    for (const json::value& item : items->get_array()) {
        const auto last = item.is_object() ? time_of(item.get_object(), "lastTimestamp")
                                           : std::optional<SystemTime>();
        if (!last || *last >= since) kept.push_back(item);
    }
    *items = std::move(kept);
    return recent;
}

Result<std::string> print_events(const json::value& answer, Format format, const Look& look) {
    const auto events = objects_of(answer, "Event");
    if (!events) return events.error();
    if (auto text = print_structured(answer, format)) return std::move(*text);
    if (events->empty()) return std::string("No events.\n");
    return events_table(*events, format == Format::wide, look);
}

Result<std::string> print_event_lines(const json::value& answer, Format format) {
    const auto events = objects_of(answer, "Event");
    if (!events) return events.error();
    std::string out;
    for (const json::object* event : *events) {
        if (format == Format::json) {
            out += json::serialize(*event) + "\n";
            continue;
        }
        if (format == Format::yaml) {
            out += "---\n" + *print_structured(*event, format);
            continue;
        }
        out += fmt::format("{} {} {} {} {}: {}\n", shown(*event, "lastTimestamp"),
                           shown(*event, "type"), subject(*event), shown(*event, "reason"),
                           shown(*event, "actor"), message_and_cause(*event));
    }
    return out;
}

Result<std::string> print_history(const json::value& answer, Format format, const Look& look) {
    const auto revisions = objects_of(answer, "Revision");
    if (!revisions) return revisions.error();
    if (auto text = print_structured(answer, format)) return std::move(*text);
    if (revisions->empty()) return std::string("No revisions.\n");
    return history_table(*revisions, format == Format::wide, look);
}

std::string revision_line(const json::value& answer, const Look& look) {
    const auto revisions = objects_of(answer, "Revision");
    if (!revisions || revisions->empty()) return "";
    const json::object& newest = *revisions->front();
    return fmt::format("Revision:     {} ({}, {} ago)\n", value_text(newest, "number"),
                       shown(newest, "outcome"), age_text(newest, "time", look));
}

bool is_waiting(const json::value& answer) {
    const auto explanation = objects_of(answer, "Explanation");
    if (!explanation || explanation->empty()) return false;
    const json::array& answers = array_of(object_of(*explanation->front(), "status"), "answers");
    return !answers.empty() && answers.front().is_object() &&
           text_of(answers.front().get_object(), "topic") == "waits";
}

std::string waiting_line(const json::value& answer) {
    const auto explanation = objects_of(answer, "Explanation");
    if (!explanation || explanation->empty()) return "";
    for (const json::value& each :
         array_of(object_of(*explanation->front(), "status"), "answers")) {
        if (each.is_object() && text_of(each.get_object(), "topic") == "waits")
            return fmt::format("Waits:        {}\n", shown(each.get_object(), "answer"));
    }
    return "";
}

Result<std::string> print_explanation(const json::value& answer, Format format, const Look& look) {
    const auto explanation = objects_of(answer, "Explanation");
    if (!explanation) return explanation.error();
    if (auto text = print_structured(answer, format)) return std::move(*text);
    const json::object& object = *explanation->front();
    const json::object& status = object_of(object, "status");
    std::string out = fmt::format("Stack {}, {}\n", shown(object_of(object, "metadata"), "name"),
                                  shown(status, "time"));
    for (const json::value& each : array_of(status, "answers")) {
        if (each.is_object()) out += answer_text(each.get_object(), look);
    }
    return out;
}

}    // namespace trueup::cli
