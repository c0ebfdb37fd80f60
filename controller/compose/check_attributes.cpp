// SPDX-License-Identifier: Apache-2.0
// A walk over the tree along the table of attributes. What is of the wrong type is decode's matter.
#include "controller/compose/check_attributes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string_view>
#include <vector>

#include "controller/base/text.hpp"
#include "controller/compose/attributes.hpp"

namespace trueup::compose {
namespace {

constexpr std::size_t most_advice = 200;

constexpr std::string_view known_tags[] = {"!reset", "!override"};
constexpr std::string_view core_tags[] = {"str", "int", "float", "bool", "null", "seq", "map"};

bool is_in(std::string_view name, std::span<const std::string_view> names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_resource_name(std::string_view name) {
    constexpr std::string_view others = "._-";
    return !name.empty() && std::all_of(name.begin(), name.end(), [&](char letter) {
        const bool plain = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                           (letter >= '0' && letter <= '9');
        return plain || others.find(letter) != others.npos;
    });
}

// Services, networks and volumes have names the engine accepts.
void check_names(const yaml::Node* mapping, Problems& problems) {
    if (mapping == nullptr) return;
    for (const yaml::Entry& entry : mapping->entries) {
        if (is_resource_name(entry.key)) continue;
        problems.push_back({entry.position(), fmt::format("'{}' is no name", entry.key),
                            "letters, digits, '.', '_' and '-'"});
    }
}

void check_object(const yaml::Node& node, Object object, Problems& problems);

bool is_named(Kind kind) {
    return kind == Kind::named || kind == Kind::named_or_null || kind == Kind::names_or_named ||
           kind == Kind::names_or_named_or_null || kind == Kind::ulimits;
}

void check_inside(const yaml::Node& node, const Attribute& attribute, Problems& problems) {
    if (attribute.extras.inner == Object::none) return;
    if (!is_named(attribute.kind)) check_object(node, attribute.extras.inner, problems);
    for (const yaml::Node& item : node.items) check_object(item, attribute.extras.inner, problems);
    if (!is_named(attribute.kind)) return;
    for (const yaml::Entry& entry : node.entries)
        check_object(entry.value, attribute.extras.inner, problems);
}

void tell_unknown(const yaml::Entry& entry, const ObjectRules& rules, Problems& problems) {
    // Advice is dear, and nobody reads the thousandth.
    std::string advice;
    if (problems.size() < most_advice) {
        std::vector<std::string_view> names;
        for (const Attribute& attribute : rules.attributes) names.push_back(attribute.name);
        advice = base::suggest(entry.key, names);
    }
    problems.push_back({entry.position(),
                        fmt::format("unknown field '{}' in {}", entry.key, rules.what),
                        std::move(advice)});
}

void check_entry(const yaml::Entry& entry, Object object, Problems& problems) {
    const ObjectRules& rules = rules_of(object);
    if (rules.extensible && entry.key.starts_with("x-")) return;
    const Attribute* attribute = find_attribute(object, entry.key);
    if (attribute == nullptr) return tell_unknown(entry, rules, problems);
    switch (attribute->support) {
        case Support::supported: return check_inside(entry.value, *attribute, problems);
        case Support::no_effect: return;
        case Support::pending:
            problems.push_back({entry.position(),
                                fmt::format("'{}' of {} is not supported yet by this version",
                                            entry.key, rules.what),
                                "remove it; nothing is ever silently ignored"});
            return;
        case Support::refused:
            problems.push_back({entry.position(),
                                fmt::format("'{}' of {} is not supported", entry.key, rules.what),
                                std::string(attribute->note)});
    }
}

void check_object(const yaml::Node& node, Object object, Problems& problems) {
    if (!node.is_mapping()) return;
    for (const yaml::Entry& entry : node.entries) check_entry(entry, object, problems);
}

}    // namespace

void check_tags(const yaml::Node& node, Problems& problems) {
    constexpr std::string_view core = "tag:yaml.org,2002:";
    const bool known = node.tag.empty() || is_in(node.tag, known_tags) ||
                       (node.tag.starts_with(core) &&
                        is_in(std::string_view(node.tag).substr(core.size()), core_tags));
    if (!known) {
        problems.push_back({node.position(), fmt::format("the tag '{}' is not supported", node.tag),
                            "!reset and !override are"});
    }
    for (const yaml::Node& item : node.items) check_tags(item, problems);
    for (const yaml::Entry& entry : node.entries) check_tags(entry.value, problems);
}

void check_file(const yaml::Node& file, Problems& problems) {
    check_object(file, Object::file, problems);
    for (const std::string_view kind : {"services", "networks", "volumes"})
        check_names(file.find(kind), problems);
}

}    // namespace trueup::compose
