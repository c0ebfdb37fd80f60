// SPDX-License-Identifier: Apache-2.0
#include "api/cli/output.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdlib>

#include "api/cli/answer_reader.hpp"
#include "api/cli/describe.hpp"
#include "api/cli/structured.hpp"
#include "api/cli/table.hpp"
#include "api/v1alpha1/codec.hpp"

namespace trueup::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t message_width = 80;

// A file that says it counts before anybody has looked.
bool is_suspended(const v1alpha1::Stack& stack) {
    return stack.spec.suspend || v1alpha1::find_condition(stack.status, "Suspended") != nullptr;
}

std::string message_of(const v1alpha1::Stack& stack, bool wide) {
    // What is happening now says more than the summary of before.
    const v1alpha1::Condition* condition = v1alpha1::find_condition(stack.status, "Reconciling");
    if (condition == nullptr) condition = v1alpha1::find_condition(stack.status, "Ready");
    std::string message = condition == nullptr ? "not looked at yet" : condition->message;
    // By whom and until when; where something is held back the summary begins with it already.
    const v1alpha1::Condition* suspended = v1alpha1::find_condition(stack.status, "Suspended");
    if (suspended != nullptr && message.find(suspended->message) == std::string::npos)
        message = suspended->message + "; " + message;
    message = wide ? printable(message) : shorten(message, message_width);
    const std::size_t warnings = stack.status.warnings.size();
    if (warnings > 0) message += fmt::format(" ({} warning{})", warnings, warnings == 1 ? "" : "s");
    return message;
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

std::string sources_table(const std::vector<const json::object*>& items, bool wide,
                          const Look& look) {
    Table table({"NAME", "READABLE", "STACKS", "INVALID", "REVISION", "READ", "LOCATION"});
    std::string problems;
    for (const json::object* item : items) {
        const json::object& source = *item;
        const json::object& status = object_of(source, "status");
        const std::string readable = value_text(status, "readable");
        const std::size_t invalid = array_of(status, "invalidFiles").size();
        table.add({printable(text_of(object_of(source, "metadata"), "name")),
                   Cell(readable, readable == "True" ? Colour::good : Colour::bad),
                   value_text(status, "stacks"),
                   Cell(std::to_string(invalid), invalid == 0 ? Colour::none : Colour::bad),
                   printable(text_of(status, "revision")).substr(0, wide ? 40 : 7),
                   printable(text_of(status, "lastReadTime")),
                   printable(text_of(object_of(source, "spec"), "location"))});
        const std::string error = text_of(status, "error");
        if (!error.empty()) {
            problems += fmt::format("\n{}\n{}\n",
                                    paint("It cannot be read; the last good state stays in force:",
                                          Colour::bad, look.coloured),
                                    indent_lines(printable(error, true), 2));
        } else if (readable != "True") {
            problems += "\nIt was not read yet.\n";
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
    if (text == "name") return Format::name;
    return std::nullopt;
}

std::optional<std::string> print_structured(const json::value& answer, Format format) {
    if (format == Format::json) return to_pretty_json(answer);
    if (format == Format::yaml) return to_yaml(answer);
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
    if (auto text = print_structured(answer, format)) return std::move(*text);
    if (format == Format::name) {
        std::string names;
        for (const v1alpha1::Stack& stack : stacks) names += printable(stack.metadata.name) + "\n";
        return names;
    }
    if (stacks.empty()) return std::string("No stacks.\n");
    return stacks_table(stacks, format == Format::wide, look);
}

Result<std::string> print_sources(const json::value& answer, Format format, const Look& look) {
    const auto items = objects_of(answer, "Source");
    if (!items) return items.error();
    if (auto text = print_structured(answer, format)) return std::move(*text);
    return sources_table(*items, format == Format::wide, look);
}

Result<std::string> print_description(const json::value& answer, const Look& look) {
    const auto stack = v1alpha1::from_json(answer);
    if (!stack) return stack.error().in("the controller's answer");
    return describe(*stack, look);
}

std::string stacks_table(const std::vector<v1alpha1::Stack>& stacks, bool wide, const Look& look) {
    std::vector<std::string> headings{"NAME",    "ENVIRONMENT", "COMMIT",    "READY", "SYNCED",
                                      "HEALTHY", "FRESH",       "SUSPENDED", "AGE"};
    if (wide) headings.insert(headings.end(), {"RUNNING", "PROJECT", "SERVICES"});
    headings.emplace_back("MESSAGE");
    Table table(std::move(headings));
    for (const v1alpha1::Stack& stack : stacks) {
        const v1alpha1::StackStatus& status = stack.status;
        std::vector<Cell> row{printable(stack.metadata.name), printable(stack.spec.environment),
                              short_commit(status.desired_commit)};
        for (const std::string_view type : {"Ready", "Synced", "Healthy", "Fresh"})
            row.push_back(condition_cell(status, type));
        row.push_back(is_suspended(stack) ? Cell("True", Colour::doubtful) : Cell("False"));
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
