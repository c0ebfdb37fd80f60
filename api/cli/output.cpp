// SPDX-License-Identifier: Apache-2.0
#include "api/cli/output.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdlib>

#include "api/cli/describe.hpp"
#include "api/cli/structured.hpp"
#include "api/cli/table.hpp"
#include "api/v1alpha1/codec.hpp"

namespace trueup::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t message_width = 80;

// The items of a list, or the one object itself.
std::vector<const json::value*> items_of(const json::value& answer) {
    std::vector<const json::value*> items;
    const json::object* object = answer.if_object();
    const json::value* list = object == nullptr ? nullptr : object->if_contains("items");
    if (list == nullptr || !list->is_array()) return {&answer};
    for (const json::value& item : list->get_array()) items.push_back(&item);
    return items;
}

std::string structured(const json::value& answer, Format format) {
    return format == Format::json ? to_pretty_json(answer) : to_yaml(answer);
}

std::string message_of(const v1alpha1::Stack& stack, bool wide) {
    // What is happening now says more than the summary of before.
    const v1alpha1::Condition* condition = v1alpha1::find_condition(stack.status, "Reconciling");
    if (condition == nullptr) condition = v1alpha1::find_condition(stack.status, "Ready");
    std::string message = condition == nullptr ? "not looked at yet" : condition->message;
    message = wide ? printable(message) : shorten(message, message_width);
    const std::size_t warnings = stack.status.warnings.size();
    if (warnings > 0) message += fmt::format(" ({} warning{})", warnings, warnings == 1 ? "" : "s");
    return message;
}

std::string text_of(const json::object& object, std::string_view key) {
    const json::value* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string())
                                                  : std::string();
}

std::string value_text(const json::object& object, std::string_view key) {
    const json::value* value = object.if_contains(key);
    if (value == nullptr) return "";
    if (value->is_bool()) return value->get_bool() ? "True" : "False";
    if (value->is_int64()) return std::to_string(value->get_int64());
    return value->is_uint64() ? std::to_string(value->get_uint64()) : text_of(object, key);
}

const json::object& object_of(const json::object& object, std::string_view key) {
    static const json::object none;
    const json::value* value = object.if_contains(key);
    return value != nullptr && value->is_object() ? value->get_object() : none;
}

const json::array& array_of(const json::object& object, std::string_view key) {
    static const json::array none;
    const json::value* value = object.if_contains(key);
    return value != nullptr && value->is_array() ? value->get_array() : none;
}

std::string invalid_files_text(const json::object& status, const Look& look) {
    std::string out;
    for (const json::value& file : array_of(status, "invalidFiles")) {
        if (!file.is_object()) continue;
        const json::object& object = file.get_object();
        const std::string heading =
            fmt::format("{} is invalid since {}; what it said before stays in force:",
                        printable(text_of(object, "file")), printable(text_of(object, "since")));
        out += fmt::format("\n{}\n{}\n", paint(heading, Colour::bad, look.coloured),
                           indent_lines(printable(text_of(object, "message"), true), 2));
    }
    return out;
}

// Stacks that are none of this controller's business, so that nobody misses them.
std::string other_engines_text(const json::object& status) {
    std::string out;
    for (const auto& [engine, names] : object_of(status, "otherEngines")) {
        std::vector<std::string> stacks;
        if (!names.is_array()) continue;
        for (const json::value& name : names.get_array()) {
            if (name.is_string()) stacks.push_back(printable(std::string(name.get_string())));
        }
        out += fmt::format("  {}: {}\n", printable(std::string(engine)), fmt::join(stacks, ", "));
    }
    return out.empty() ? out : "\nStacks of engines that are other controllers':\n" + out;
}

std::string sources_table(const std::vector<const json::value*>& items, const Look& look) {
    Table table({"NAME", "READABLE", "STACKS", "INVALID", "REVISION", "READ", "LOCATION"});
    std::string problems;
    for (const json::value* item : items) {
        const json::object& source = item->get_object();
        const json::object& status = object_of(source, "status");
        const std::string readable = value_text(status, "readable");
        const std::size_t invalid = array_of(status, "invalidFiles").size();
        table.add({printable(text_of(object_of(source, "metadata"), "name")),
                   Cell(readable, readable == "True" ? Colour::good : Colour::bad),
                   value_text(status, "stacks"),
                   Cell(std::to_string(invalid), invalid == 0 ? Colour::none : Colour::bad),
                   printable(text_of(status, "revision")).substr(0, 7),
                   printable(text_of(status, "lastReadTime")),
                   printable(text_of(object_of(source, "spec"), "location"))});
        const std::string error = text_of(status, "error");
        if (!error.empty()) {
            problems += fmt::format("\n{}\n{}\n",
                                    paint("It cannot be read; the last good state stays in force:",
                                          Colour::bad, look.coloured),
                                    indent_lines(printable(error, true), 2));
        }
        problems += invalid_files_text(status, look);
        problems += other_engines_text(status);
    }
    return table.text(look.coloured) + problems;
}

}    // namespace

std::optional<Format> parse_format(std::string_view text) {
    if (text == "table") return Format::table;
    if (text == "wide") return Format::wide;
    if (text == "json") return Format::json;
    if (text == "yaml") return Format::yaml;
    return std::nullopt;
}

Look look_at(int file_descriptor, SystemTime now) {
    const char* no_colour = std::getenv("NO_COLOR");
    const char* terminal = std::getenv("TERM");
    Look look;
    look.now = now;
    look.coloured = ::isatty(file_descriptor) == 1 &&
                    (no_colour == nullptr || *no_colour == '\0') && terminal != nullptr &&
                    std::string_view(terminal) != "dumb";
    return look;
}

Result<std::string> print_stacks(const json::value& answer, Format format, const Look& look) {
    std::vector<v1alpha1::Stack> stacks;
    for (const json::value* item : items_of(answer)) {
        auto stack = v1alpha1::from_json(*item);
        if (!stack) return stack.error().in("the controller's answer");
        stacks.push_back(std::move(*stack));
    }
    if (format == Format::json || format == Format::yaml) return structured(answer, format);
    if (stacks.empty()) return std::string("No stacks.\n");
    return stacks_table(stacks, format == Format::wide, look);
}

Result<std::string> print_sources(const json::value& answer, Format format, const Look& look) {
    const auto items = items_of(answer);
    for (const json::value* item : items) {
        if (!item->is_object() || text_of(item->get_object(), "kind") != "Source") {
            return Error(Errc::invalid, "the controller's answer: the JSON object is not a Source");
        }
    }
    if (format == Format::json || format == Format::yaml) return structured(answer, format);
    return sources_table(items, look);
}

Result<std::string> print_description(const json::value& answer, const Look& look) {
    const auto stack = v1alpha1::from_json(answer);
    if (!stack) return stack.error().in("the controller's answer");
    return describe(*stack, look);
}

std::string stacks_table(const std::vector<v1alpha1::Stack>& stacks, bool wide, const Look& look) {
    std::vector<std::string> headings{"NAME",   "ENVIRONMENT", "COMMIT", "READY",
                                      "SYNCED", "HEALTHY",     "FRESH",  "AGE"};
    if (wide) headings.insert(headings.end(), {"RUNNING", "PROJECT", "SERVICES"});
    headings.emplace_back("MESSAGE");
    Table table(std::move(headings));
    for (const v1alpha1::Stack& stack : stacks) {
        const v1alpha1::StackStatus& status = stack.status;
        std::vector<Cell> row{printable(stack.metadata.name), printable(stack.spec.environment),
                              short_commit(status.desired_commit)};
        for (const std::string_view type : {"Ready", "Synced", "Healthy", "Fresh"})
            row.push_back(condition_cell(status, type));
        row.emplace_back(format_age(age_of(stack.metadata.creation_timestamp, look)));
        if (wide) {
            row.emplace_back(short_commit(status.running_commit));
            row.emplace_back(printable(stack.project_name()));
            row.emplace_back(std::to_string(status.services.size()));
        }
        row.emplace_back(message_of(stack, wide));
        table.add(std::move(row));
    }
    return table.text(look.coloured);
}

// k8s.io/apimachinery/pkg/util/duration, HumanDuration: two units while they say something.
std::string format_age(Seconds age) {
    const auto seconds = std::max<std::int64_t>(age.count(), 0);
    const auto two = [](std::int64_t large, char large_unit, std::int64_t small, char small_unit) {
        return small == 0 ? fmt::format("{}{}", large, large_unit)
                          : fmt::format("{}{}{}{}", large, large_unit, small, small_unit);
    };
    const std::int64_t minutes = seconds / 60;
    const std::int64_t hours = minutes / 60;
    const std::int64_t days = hours / 24;
    if (seconds < 120) return fmt::format("{}s", seconds);
    if (minutes < 10) return two(minutes, 'm', seconds % 60, 's');
    if (hours < 3) return fmt::format("{}m", minutes);
    if (hours < 8) return two(hours, 'h', minutes % 60, 'm');
    if (hours < 48) return fmt::format("{}h", hours);
    if (days < 8) return two(days, 'd', hours % 24, 'h');
    if (days < 730) return fmt::format("{}d", days);
    return two(days / 365, 'y', days % 365, 'd');
}

}    // namespace trueup::cli
