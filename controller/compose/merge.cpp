// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/merge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

namespace trueup::compose {
namespace {

enum class Lists { replace, append, by_port, by_target, by_path };

Lists rule_of(const std::string& key) {
    if (key == "command" || key == "entrypoint" || key == "test") return Lists::replace;
    if (key == "ports") return Lists::by_port;
    if (key == "volumes") return Lists::by_target;
    if (key == "env_file") return Lists::by_path;
    return Lists::append;
}

std::string member_text(const yaml::Node& node, std::string_view key) {
    const yaml::Node* found = node.find(key);
    return found == nullptr ? std::string() : found->text;
}

// What makes two items of a list the same thing.
std::string identity(const yaml::Node& item, Lists rule) {
    switch (rule) {
        case Lists::by_port:
            return fmt::format("{}:{}:{}/{}", member_text(item, "host_ip"),
                               member_text(item, "published"), member_text(item, "target"),
                               member_text(item, "protocol"));
        case Lists::by_target: return member_text(item, "target");
        case Lists::by_path: return member_text(item, "path");
        case Lists::append:
        case Lists::replace: return item.text;
    }
    return {};
}

void merge_lists(yaml::Node& base, yaml::Node over, Lists rule) {
    for (yaml::Node& item : over.items) {
        const std::string id = identity(item, rule);
        const auto same = [&](const yaml::Node& other) { return identity(other, rule) == id; };
        const auto found = std::find_if(base.items.begin(), base.items.end(), same);
        if (found == base.items.end())
            base.items.push_back(std::move(item));
        else
            *found = std::move(item);
    }
}

void merge_into(yaml::Node& base, yaml::Node over, const std::string& key);

void merge_mappings(yaml::Node& base, yaml::Node over) {
    for (yaml::Entry& entry : over.entries) {
        yaml::Node* found = base.find(entry.key);
        if (entry.value.tag == "!reset") {
            std::erase_if(base.entries,
                          [&](const yaml::Entry& existing) { return existing.key == entry.key; });
        } else if (found == nullptr) {
            strip_tags(entry.value);
            base.entries.push_back(std::move(entry));
        } else {
            merge_into(*found, std::move(entry.value), entry.key);
        }
    }
}

void merge_into(yaml::Node& base, yaml::Node over, const std::string& key) {
    if (over.tag == "!override") {
        strip_tags(over);
        base = std::move(over);
        return;
    }
    const bool collection = base.is_mapping() || base.is_sequence();
    if (over.is_null() && collection) return;
    if (base.is_mapping() && over.is_mapping()) {
        merge_mappings(base, std::move(over));
    } else if (base.is_sequence() && over.is_sequence() && rule_of(key) != Lists::replace) {
        merge_lists(base, std::move(over), rule_of(key));
    } else {
        strip_tags(over);
        base = std::move(over);
    }
}

}    // namespace

void strip_tags(yaml::Node& node) {
    std::erase_if(node.entries,
                  [](const yaml::Entry& entry) { return entry.value.tag == "!reset"; });
    std::erase_if(node.items, [](const yaml::Node& item) { return item.tag == "!reset"; });
    if (node.tag == "!override") node.tag.clear();
    for (yaml::Node& item : node.items) strip_tags(item);
    for (yaml::Entry& entry : node.entries) strip_tags(entry.value);
}

yaml::Node merge(yaml::Node base, yaml::Node over) {
    merge_into(base, std::move(over), "");
    return base;
}

}    // namespace trueup::compose
