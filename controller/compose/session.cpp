// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace trueup::compose {
namespace {

std::size_t count_values(const yaml::Node& node) {
    std::size_t count = 1;
    for (const yaml::Node& item : node.items) count += count_values(item);
    for (const yaml::Entry& entry : node.entries) count += count_values(entry.value);
    return count;
}

}    // namespace

void Place::tell(std::string_view message, std::string advice, Problems& problems) const {
    problems.push_back(
        {position,
         attribute.empty() ? std::string(message) : fmt::format("{}: {}", attribute, message),
         std::move(advice)});
}

void Session::tell(const yaml::Node& node, std::string message, std::string advice) {
    problems.push_back({node.position(), std::move(message), std::move(advice)});
}

void Session::take(const Error& error) {
    const Problems found = error.problems();
    problems.insert(problems.end(), found.begin(), found.end());
}

void Session::drop_consequences(std::size_t before) {
    std::set<Position> known;
    for (std::size_t index = 0; index < before; ++index) known.insert(problems[index].position);
    const auto first = problems.begin() + static_cast<std::ptrdiff_t>(before);
    problems.erase(std::remove_if(first, problems.end(),
                                  [&](const Problem& it) { return known.contains(it.position); }),
                   problems.end());
}

bool Session::afford(const yaml::Node& node) {
    const std::size_t count = count_values(node);
    if (count > left.values) {
        if (left.values != 0)
            tell(node,
                 fmt::format("the project has more than {} values, with what extends and include "
                             "bring",
                             Limits().values),
                 "split it");
        left.values = 0;
        return false;
    }
    left.values -= count;
    return true;
}

void Session::interpolate_tree(yaml::Node& node, const Lookup& lookup) {
    if (!interpolate) return;
    compose::interpolate(node, lookup,
                         places.is_host()
                             ? "set it in the environment, in .env or in a file of --env-file"
                             : "set it in spec.compose.variables or a variable file",
                         failed, warnings);
}

const std::vector<yaml::Node>* Session::documents(const std::string& path, const Place& from) {
    if (left.files == 0) {
        incomplete = true;
        from.tell(fmt::format("the project has more than {} files", Limits().files), "split it",
                  problems);
        return nullptr;
    }
    --left.files;
    const auto known = parsed.find(path);
    if (known != parsed.end()) return &known->second;
    if (unparsed.contains(path)) return nullptr;
    const auto content = places.read(path);
    const std::string shown = places.shown(path);
    if (!content) {
        incomplete = true;
        Place at = from;
        if (at.position.file.empty()) at.position.file = shown;
        at.tell(content.error().message(), "is this the right file?", problems);
        return nullptr;
    }
    auto documents = yaml::parse(*content, shown);
    if (!documents) {
        incomplete = true;
        unparsed.insert(path);
        take(documents.error());
        return nullptr;
    }
    std::erase_if(*documents, [](const yaml::Node& document) { return document.is_null(); });
    for (const yaml::Node& document : *documents) {
        if (!document.is_mapping())
            tell(document,
                 fmt::format("a compose file is a mapping, this is {}", document.describe()));
    }
    std::erase_if(*documents, [](const yaml::Node& document) { return !document.is_mapping(); });
    return &parsed.emplace(path, std::move(*documents)).first->second;
}

Lookup look_in(const model::StringMap& values) {
    return [&values](const std::string& name) -> std::optional<std::string> {
        const auto found = values.find(name);
        return found == values.end() ? std::nullopt : std::optional(found->second);
    };
}

}    // namespace trueup::compose
