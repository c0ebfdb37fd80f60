// SPDX-License-Identifier: Apache-2.0
#include "api/cli/doubt.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "api/cli/answer_reader.hpp"
#include "api/cli/table.hpp"
#include "controller/app/near_names.hpp"
#include "controller/base/text.hpp"

namespace trueup::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t most_names = 3;
constexpr std::string_view more = " (`trueup get sources` tells more)\n";

bool is_readable(const json::object& source) {
    return value_text(object_of(source, "status"), "readable") == "True";
}

std::string unreadable_text(const json::object& source) {
    const std::string location = text_of(object_of(source, "spec"), "location");
    const std::string error = text_of(object_of(source, "status"), "error");
    if (error.empty()) return fmt::format("the desired state {} was not read yet", location);
    const std::string_view first = base::split(error, '\n').front();
    return fmt::format("the desired state {} cannot be read: {}", location, first);
}

std::string invalid_text(const json::object& source) {
    const json::array& files = array_of(object_of(source, "status"), "invalidFiles");
    if (files.empty()) return "";
    std::vector<std::string> names;
    for (const json::value& file : files) {
        if (file.is_object() && names.size() < most_names)
            names.push_back(text_of(file.get_object(), "file"));
    }
    return fmt::format("{} of the desired state {} invalid, what was in force before stays: {}{}",
                       files.size() == 1 ? "a file" : std::to_string(files.size()) + " files",
                       files.size() == 1 ? "is" : "are", fmt::join(names, ", "),
                       files.size() > names.size() ? ", …" : "");
}

std::vector<const json::object*> sources_of(const json::value& answer) {
    auto sources = objects_of(answer, "Source");
    return sources ? std::move(*sources) : std::vector<const json::object*>();
}

}    // namespace

std::string doubt_of_sources(const json::value& sources) {
    std::string text;
    for (const json::object* source : sources_of(sources)) {
        if (!is_readable(*source)) text += printable(unreadable_text(*source)) + std::string(more);
        const std::string invalid = invalid_text(*source);
        if (!invalid.empty()) text += printable(invalid) + std::string(more);
    }
    return text;
}

bool all_readable(const json::value& sources) {
    const auto items = sources_of(sources);
    return std::all_of(items.begin(), items.end(),
                       [](const json::object* source) { return is_readable(*source); });
}

std::vector<std::string> stack_names(const json::value& stacks) {
    std::vector<std::string> names;
    for (const json::value* item : items_of(stacks)) {
        if (!item->is_object()) continue;
        std::string name = text_of(object_of(item->get_object(), "metadata"), "name");
        if (!name.empty()) names.push_back(std::move(name));
    }
    return names;
}

std::string suggest_stack(std::string_view name, const std::vector<std::string>& names) {
    if (std::find(names.begin(), names.end(), name) != names.end()) return "";
    return names.empty() ? "; there is no stack at all"
                         : app::suggest_names(name, names, "trueup get");
}

}    // namespace trueup::cli
