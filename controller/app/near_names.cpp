// SPDX-License-Identifier: Apache-2.0
#include "controller/app/near_names.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/text.hpp"

namespace trueup::app {

model::Strings near_names(std::string_view word, const model::Strings& names) {
    constexpr std::size_t most_names = 3;
    const std::vector<std::string_view> all(names.begin(), names.end());
    model::Strings near;
    if (word.empty()) return near;
    if (const auto closest = base::closest(word, all)) near.emplace_back(*closest);
    for (const std::string_view each : all) {
        const bool part = each.find(word) != each.npos || word.find(each) != word.npos;
        const bool known = std::find(near.begin(), near.end(), each) != near.end();
        if (part && !each.empty() && !known && near.size() < most_names) near.emplace_back(each);
    }
    return near;
}

std::string suggest_names(std::string_view word, const model::Strings& names,
                          std::string_view lists_all) {
    const model::Strings near = near_names(word, names);
    if (near.empty()) return fmt::format("; `{}` lists all", lists_all);
    return fmt::format("; did you mean '{}'? `{}` lists all", fmt::join(near, "', or '"),
                       lists_all);
}

}    // namespace trueup::app
