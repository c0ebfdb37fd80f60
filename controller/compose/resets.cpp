// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/resets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "controller/compose/nodes.hpp"

namespace trueup::compose {
namespace {

constexpr std::string_view reset = "!reset";
constexpr std::string_view override_tag = "!override";
constexpr std::string_view core = "tag:yaml.org,2002:";
constexpr std::string_view core_tags[] = {"str",  "int", "float", "bool",
                                          "null", "seq", "map",   "timestamp"};

bool is_known(std::string_view tag) {
    if (tag.empty() || tag == reset || tag == override_tag) return true;
    if (!tag.starts_with(core)) return false;
    return std::find(std::begin(core_tags), std::end(core_tags), tag.substr(core.size())) !=
           std::end(core_tags);
}

// `!!null ''`
bool is_null(const yaml::Node& node) {
    constexpr std::string_view words[] = {"", "~", "null", "Null", "NULL"};
    return node.is_scalar() && node.tag.starts_with(core) &&
           node.tag.substr(core.size()) == "null" &&
           std::find(std::begin(words), std::end(words), node.text) != std::end(words);
}

}    // namespace

Resets Resets::take(yaml::Node& document, Problems& problems) {
    Resets resets;
    visit(document, resets.root_, problems);
    return resets;
}

void Resets::visit(yaml::Node& node, Place& place, Problems& problems) {
    if (!is_known(node.tag)) {
        problems.push_back({node.position(), fmt::format("the tag '{}' is not supported", node.tag),
                            "!reset and !override are"});
    }
    if (is_null(node)) node = make(yaml::Kind::null, node);
    if (node.tag == override_tag) {
        place.forget = true;
        node.tag.clear();
    }
    for (yaml::Entry& entry : node.entries) {
        Place inner;
        if (entry.value.tag == reset)
            inner.forget = true;
        else
            visit(entry.value, inner, problems);
        if (inner.forget || !inner.inner.empty()) place.inner.emplace(entry.key, std::move(inner));
    }
    std::erase_if(node.entries, [](const yaml::Entry& entry) { return entry.value.tag == reset; });
    std::erase_if(node.items, [](const yaml::Node& item) { return item.tag == reset; });
    // Items of lists have no place of their own.
    Place nowhere;
    for (yaml::Node& item : node.items) visit(item, nowhere, problems);
}

void Resets::forget(yaml::Node& node, const Place& place) {
    std::erase_if(node.entries, [&](yaml::Entry& entry) {
        const auto found = place.inner.find(entry.key);
        if (found == place.inner.end()) return false;
        if (!found->second.forget) forget(entry.value, found->second);
        return found->second.forget;
    });
}

void Resets::apply(yaml::Node& document) const { forget(document, root_); }

void Resets::apply(yaml::Node& part, const std::vector<std::string>& path) const {
    const Place* place = &root_;
    for (const std::string& step : path) {
        const auto found = place->inner.find(step);
        if (found == place->inner.end()) return;
        place = &found->second;
    }
    forget(part, *place);
}

}    // namespace trueup::compose
