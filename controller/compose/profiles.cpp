// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/profiles.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "controller/base/text.hpp"
#include "controller/compose/nodes.hpp"

namespace trueup::compose {
namespace {

bool contains(const model::Strings& all, const std::string& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

bool is_enabled(const yaml::Node& service, const model::Strings& active) {
    const yaml::Node* profiles = service.find("profiles");
    if (profiles == nullptr || profiles->items.empty() || contains(active, "*")) return true;
    return std::any_of(profiles->items.begin(), profiles->items.end(),
                       [&](const yaml::Node& item) { return contains(active, item.text); });
}

}    // namespace

model::Strings drop_disabled(yaml::Node& file, const model::Strings& profiles,
                             const model::Strings& wanted) {
    model::Strings disabled;
    yaml::Node* services = file.find("services");
    if (services == nullptr) return disabled;
    std::erase_if(services->entries, [&](const yaml::Entry& entry) {
        if (is_enabled(entry.value, profiles) || contains(wanted, entry.key)) return false;
        disabled.push_back(entry.key);
        return true;
    });
    std::sort(disabled.begin(), disabled.end());
    return disabled;
}

void select_services(yaml::Node& file, const model::Strings& wanted, Problems& problems) {
    yaml::Node* services = file.find("services");
    if (wanted.empty() || services == nullptr) return;
    std::set<std::string> selected;
    model::Strings waiting = wanted;
    for (const std::string& name : wanted) {
        if (services->find(name) != nullptr) continue;
        std::vector<std::string_view> names;
        for (const yaml::Entry& entry : services->entries) names.push_back(entry.key);
        problems.push_back({Position(), fmt::format("there is no service '{}'", name),
                            base::suggest(name, names)});
    }
    while (!waiting.empty()) {
        const std::string name = std::move(waiting.back());
        waiting.pop_back();
        const yaml::Node* service = services->find(name);
        if (service == nullptr || !selected.insert(name).second) continue;
        for_each(service->find("depends_on"),
                 [&](const std::string& key, const yaml::Node&) { waiting.push_back(key); });
    }
    std::erase_if(services->entries,
                  [&](const yaml::Entry& entry) { return !selected.contains(entry.key); });
}

model::Strings profile_names(const yaml::Node& file) {
    std::set<std::string> names;
    for_each(file.find("services"), [&](const std::string&, const yaml::Node& service) {
        if (const yaml::Node* profiles = service.find("profiles")) {
            for (const yaml::Node& item : profiles->items) names.insert(item.text);
        }
    });
    return {names.begin(), names.end()};
}

}    // namespace trueup::compose
