// SPDX-License-Identifier: Apache-2.0
// A reset leaves its node behind as a mark until the last file is merged; what is put over such a
// mark becomes an override, since what lies below stays hidden. Keys and items are found by index:
// files may have many thousand.
#include "controller/compose/merge.hpp"

#include <fmt/format.h>

#include <string>
#include <unordered_map>
#include <utility>

namespace trueup::compose {
namespace {

constexpr std::string_view reset = "!reset";
constexpr std::string_view override_tag = "!override";

enum class Lists { replace, append, by_port, by_target, by_path };

Lists rule_of(const std::string& key) {
    if (key == "command" || key == "entrypoint" || key == "test") return Lists::replace;
    if (key == "ports") return Lists::by_port;
    if (key == "volumes") return Lists::by_target;
    if (key == "env_file") return Lists::by_path;
    return Lists::append;
}

std::string member_text(const yaml::Node& node, std::string_view key, std::string_view absent) {
    const yaml::Node* found = node.find(key);
    return found == nullptr ? std::string(absent) : found->text;
}

// What makes two items of a list the same thing.
std::string identity(const yaml::Node& item, Lists rule) {
    switch (rule) {
        case Lists::by_port:
            return fmt::format("{}:{}:{}/{}", member_text(item, "host_ip", ""),
                               member_text(item, "published", ""), member_text(item, "target", ""),
                               member_text(item, "protocol", "tcp"));
        case Lists::by_target: return member_text(item, "target", "");
        case Lists::by_path: return member_text(item, "path", "");
        case Lists::append:
        case Lists::replace: return item.text;
    }
    return {};
}

void merge_lists(yaml::Node& base, yaml::Node over, Lists rule) {
    std::unordered_map<std::string, std::size_t> places;
    for (std::size_t index = 0; index < base.items.size(); ++index)
        places.emplace(identity(base.items[index], rule), index);
    for (yaml::Node& item : over.items) {
        const bool plain = rule != Lists::append || item.is_scalar();
        const auto [place, is_new] = places.emplace(identity(item, rule), base.items.size());
        if (is_new || !plain)
            base.items.push_back(std::move(item));
        else
            base.items[place->second] = std::move(item);
    }
}

void merge_into(yaml::Node& base, yaml::Node over, const std::string& key);

void merge_mappings(yaml::Node& base, yaml::Node over) {
    std::unordered_map<std::string, std::size_t> places;
    for (std::size_t index = 0; index < base.entries.size(); ++index)
        places.emplace(base.entries[index].key, index);
    for (yaml::Entry& entry : over.entries) {
        const auto place = places.find(entry.key);
        if (place == places.end())
            base.entries.push_back(std::move(entry));
        else
            merge_into(base.entries[place->second].value, std::move(entry.value), entry.key);
    }
}

void replace(yaml::Node& base, yaml::Node over) {
    const bool hides = base.tag == reset || base.tag == override_tag;
    base = std::move(over);
    if (hides && base.tag.empty()) base.tag = override_tag;
}

void merge_into(yaml::Node& base, yaml::Node over, const std::string& key) {
    if (over.tag == reset || over.tag == override_tag || base.tag == reset)
        return replace(base, std::move(over));
    const bool collection = base.is_mapping() || base.is_sequence();
    if (over.is_null() && collection) return;
    if (base.is_mapping() && over.is_mapping())
        merge_mappings(base, std::move(over));
    else if (base.is_sequence() && over.is_sequence() && rule_of(key) != Lists::replace)
        merge_lists(base, std::move(over), rule_of(key));
    else
        replace(base, std::move(over));
}

}    // namespace

void apply_resets(yaml::Node& node) {
    std::erase_if(node.entries, [](const yaml::Entry& entry) { return entry.value.tag == reset; });
    std::erase_if(node.items, [](const yaml::Node& item) { return item.tag == reset; });
    if (node.tag == override_tag) node.tag.clear();
    for (yaml::Node& item : node.items) apply_resets(item);
    for (yaml::Entry& entry : node.entries) apply_resets(entry.value);
}

yaml::Node merge(yaml::Node base, yaml::Node over) {
    merge_into(base, std::move(over), "");
    return base;
}

}    // namespace trueup::compose
