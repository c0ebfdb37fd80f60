// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "api/cli/answer_reader.hpp"
#include "api/cli/table.hpp"
#include "api/cli/volumes.hpp"
#include "controller/app/near_names.hpp"
#include "controller/model/labels.hpp"

namespace trueup::cli {
namespace {

namespace json = boost::json;
namespace labels = model::labels;

std::string container_name(const json::object& container) {
    const json::array& names = array_of(container, "Names");
    if (names.empty() || !names.front().is_string()) return text_of(container, "Id").substr(0, 12);
    std::string name(names.front().get_string());
    if (name.starts_with('/')) name.erase(0, 1);
    return name;
}

bool mounts(const json::object& container, const std::string& volume) {
    const json::array& mounted = array_of(container, "Mounts");
    return std::any_of(mounted.begin(), mounted.end(), [&volume](const json::value& each) {
        return each.is_object() && text_of(each.get_object(), "Type") == "volume" &&
               text_of(each.get_object(), "Name") == volume;
    });
}

Error of_another(const VolumeFacts& facts, const RemoveVolumesChoice& choice) {
    if (facts.of_stack) {
        return Error(Errc::conflict,
                     fmt::format("volume {}: it belongs to stack {}, not to {}: say --stack {} if "
                                 "it is meant",
                                 facts.name, facts.belongs_to, choice.stack, facts.belongs_to));
    }
    return Error(
        Errc::conflict,
        fmt::format("volume {0}: it belongs to compose project {1}, which is not known to "
                    "be that of stack {2}: say --project {1} if it is, or else --stack {1}",
                    facts.name, facts.belongs_to, choice.stack));
}

// Whoever only removes the container has it back at once, where a controller keeps the stack true.
Error in_use(const VolumeFacts& facts, const RemoveVolumesChoice& choice) {
    return Error(
        Errc::conflict,
        fmt::format("volume {0}: it is in use by {1}. If that may go too:\n"
                    "  trueup suspend {2}    # where a controller would bring the container back\n"
                    "  docker rm -f {3}    # on this engine\n"
                    "  {4}\n"
                    "  trueup resume {2}    # it starts anew without the data, perhaps after "
                    "`trueup confirm {2}`",
                    facts.name, fmt::join(facts.used_by, ", "), choice.stack,
                    fmt::join(facts.used_by, " "), command_text(facts.name, choice)));
}

std::optional<std::int64_t> size_of(const json::value* usage, const std::string& volume) {
    if (usage == nullptr || !usage->is_object()) return std::nullopt;
    for (const json::value& each : array_of(usage->get_object(), "Volumes")) {
        if (!each.is_object() || text_of(each.get_object(), "Name") != volume) continue;
        const json::value* size = object_of(each.get_object(), "UsageData").if_contains("Size");
        if (size != nullptr && size->is_int64() && size->get_int64() >= 0) return size->get_int64();
    }
    return std::nullopt;
}

}    // namespace

Result<VolumeFacts> volume_facts(const json::value& volume, const json::value& containers,
                                 const json::value* usage, const RemoveVolumesChoice& choice) {
    if (!volume.is_object() || !containers.is_array())
        return Error(Errc::invalid, "what answers is no Docker Engine");
    const json::object& object = volume.get_object();
    VolumeFacts facts;
    facts.name = text_of(object, "Name");
    facts.created = text_of(object, "CreatedAt");
    facts.size = size_of(usage, facts.name);
    const json::object& its_labels = object_of(object, "Labels");
    const std::string project = choice.project.empty() ? choice.stack : choice.project;
    const std::string stack = text_of(its_labels, labels::stack);
    const std::string of_project = text_of(its_labels, labels::compose_project);
    // Our own label says it better than the project's name.
    facts.belongs_to = stack.empty() ? of_project : stack;
    facts.of_stack = !stack.empty();
    if (stack.empty() && of_project == project) facts.belongs_to = choice.stack;
    for (const json::value& each : containers.get_array()) {
        if (each.is_object() && mounts(each.get_object(), facts.name))
            facts.used_by.push_back(container_name(each.get_object()));
    }
    return facts;
}

Error missing_volume(const std::string& name, const json::value& volumes,
                     const RemoveVolumesChoice& choice) {
    const std::string project = choice.project.empty() ? choice.stack : choice.project;
    model::Strings all;
    model::Strings its_own;
    const json::object none;
    const json::object& answer = volumes.is_object() ? volumes.get_object() : none;
    for (const json::value& each : array_of(answer, "Volumes")) {
        if (!each.is_object()) continue;
        const json::object& of = object_of(each.get_object(), "Labels");
        all.push_back(text_of(each.get_object(), "Name"));
        const bool own = text_of(of, labels::stack) == choice.stack ||
                         text_of(of, labels::compose_project) == project;
        if (own) its_own.push_back(all.back());
    }
    if (its_own.empty()) {
        return Error(
            Errc::not_found,
            fmt::format("there is no volume '{}' on this engine (--engine names another){}", name,
                        app::suggest_names(name, all, "docker volume ls")));
    }
    return Error(Errc::not_found, fmt::format("there is no volume '{}' on this engine (--engine "
                                              "names another); those of stack {}: {}",
                                              name, choice.stack, fmt::join(its_own, ", ")));
}

std::string command_text(const std::string& volume, const RemoveVolumesChoice& choice) {
    std::string text = fmt::format("trueup volumes remove {} --stack {}", volume, choice.stack);
    if (!choice.project.empty()) text += " --project " + choice.project;
    if (!choice.engine.empty()) text += " --engine " + choice.engine;
    if (!choice.config_file.empty()) text += " --config " + choice.config_file;
    return text + " --yes";
}

std::optional<Error> refuse_removal(const VolumeFacts& facts, const RemoveVolumesChoice& choice) {
    if (facts.belongs_to.empty()) {
        return Error(Errc::denied,
                     fmt::format("volume {}: neither trueup nor compose made it, its labels say; "
                                 "remove it with docker volume rm if it is yours",
                                 facts.name));
    }
    if (facts.belongs_to != choice.stack) return of_another(facts, choice);
    if (facts.used_by.empty()) return std::nullopt;
    return in_use(facts, choice);
}

std::string size_text(std::optional<std::int64_t> bytes) {
    if (!bytes) return "size not known";
    constexpr std::array<std::string_view, 5> units{"B", "KiB", "MiB", "GiB", "TiB"};
    auto value = static_cast<double>(*bytes);
    std::size_t unit = 0;
    for (; value >= 1024 && unit + 1 < units.size(); ++unit) value /= 1024;
    return unit == 0 ? fmt::format("{} B", *bytes) : fmt::format("{:.1f} {}", value, units[unit]);
}

std::string facts_text(const VolumeFacts& facts) {
    const std::string users = facts.used_by.empty()
                                  ? std::string("nobody")
                                  : fmt::format("{}", fmt::join(facts.used_by, ", "));
    return printable(
        fmt::format("{}   {}   of {}, made {}, used by {}", facts.name, size_text(facts.size),
                    facts.belongs_to.empty() ? "nobody we know" : facts.belongs_to,
                    facts.created.empty() ? "at an unknown time" : facts.created, users));
}

}    // namespace trueup::cli
