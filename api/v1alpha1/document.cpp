// SPDX-License-Identifier: Apache-2.0
#include "api/v1alpha1/document.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "api/v1alpha1/stack.hpp"
#include "controller/base/text.hpp"

namespace trueup::v1alpha1 {
namespace {

constexpr std::size_t most_problems = 100;

struct Kind {
    std::string_view name;
    std::string_view message;    // for whoever puts it into the wrong file
    std::string_view advice;
};
constexpr std::array<Kind, 3> others{
    {{stack_kind, "a Stack is no part of the controller's configuration",
      "put it into the desired state: a file of its own"},
     {configuration_kind, "the controller's configuration is no desired state",
      "move it out of here: trueup controller --config FILE"},
     {"StackDefaults", "StackDefaults is not supported yet by this version",
      "write the fields into each Stack"}}};

}    // namespace

void check_type(Reader& document, std::string_view kind) {
    document.require("apiVersion", fmt::format("add apiVersion: {}", api_version));
    document.require("kind", fmt::format("add kind: {}", kind));
    if (const auto version = document.text("apiVersion");
        version && version->value != api_version) {
        document.add(version->position,
                     fmt::format("apiVersion: {} is not known", in_quotes(version->value)),
                     fmt::format("write {}", api_version));
    }
    const auto given = document.text("kind");
    if (!given || given->value == kind) return;
    for (const Kind& other : others) {
        if (other.name != given->value) continue;
        document.add(given->position, fmt::format("kind: {}", other.message),
                     std::string(other.advice));
        return;
    }
    const std::array<std::string_view, 1> kinds{kind};
    const std::string hint = base::suggest(given->value, kinds);
    document.add(given->position, fmt::format("kind: {} is not known", in_quotes(given->value)),
                 hint.empty() ? fmt::format("write {}", kind) : hint);
}

void refuse_tags(const yaml::Node& node, Problems& problems) {
    if (!node.tag.empty() && !node.tag.starts_with("tag:yaml.org,2002:")) {
        problems.push_back(Problem{node.position(),
                                   fmt::format("the tag {} has no meaning in this file", node.tag),
                                   "remove it"});
    }
    for (const yaml::Node& item : node.items) refuse_tags(item, problems);
    for (const yaml::Entry& entry : node.entries) refuse_tags(entry.value, problems);
}

Error to_error(Problems problems) {
    std::sort(problems.begin(), problems.end());
    if (problems.size() > most_problems) {
        const std::size_t more = problems.size() - most_problems;
        problems.resize(most_problems);
        Position file;
        file.file = problems.front().position.file;
        problems.push_back(Problem{file, fmt::format("and {} more problems", more), ""});
    }
    return Error(std::move(problems));
}

Problem to_problem(const Position& position, std::string_view where, std::string_view text) {
    const std::size_t open = text.find(" (");
    Problem problem;
    problem.position = position;
    problem.message = fmt::format("{}: {}", where, text.substr(0, open));
    if (open != text.npos && text.ends_with(')')) {
        problem.advice = std::string(text.substr(open + 2, text.size() - open - 3));
    }
    return problem;
}

}    // namespace trueup::v1alpha1
