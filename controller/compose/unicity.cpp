// SPDX-License-Identifier: Apache-2.0
// Within a list the last one of equal items wins, at the place of the first.
#include <fmt/format.h>

#include <string>
#include <unordered_map>
#include <utility>

#include "controller/compose/attributes.hpp"
#include "controller/compose/merge.hpp"
#include "controller/compose/nodes.hpp"
#include "controller/compose/scalars.hpp"
#include "controller/compose/short_forms.hpp"

namespace trueup::compose {
namespace {

std::string file_in_container(const yaml::Node& item, std::string_view directory) {
    if (item.is_scalar()) return fmt::format("{}/{}", directory, item.text);
    const yaml::Node* target = item.find("target");
    return target != nullptr ? target->text
                             : fmt::format("{}/{}", directory, member_text(item, "source"));
}

std::string device_in_container(const yaml::Node& item) {
    if (!item.is_scalar()) return member_text(item, "target");
    const std::size_t colon = item.text.find(':');
    if (colon == std::string::npos) return item.text;
    return item.text.substr(colon + 1, item.text.find(':', colon + 1) - colon - 1);
}

std::string port_key(const yaml::Node& item) {
    if (item.is_scalar()) return item.text;
    return fmt::format("{}:{}:{}/{}", member_text(item, "host_ip", "0.0.0.0"),
                       member_text(item, "published"), member_text(item, "target"),
                       member_text(item, "protocol", "tcp"));
}

std::string mount_target(const yaml::Node& item) {
    if (!item.is_scalar()) return member_text(item, "target");
    const auto volume = expand_volume(item);
    return volume ? member_text(*volume, "target") : item.text;
}

std::string identity(const yaml::Node& item, Unique rule) {
    switch (rule) {
        case Unique::key: return item.text.substr(0, item.text.find('='));
        case Unique::path: return item.is_scalar() ? item.text : member_text(item, "path");
        case Unique::port: return port_key(item);
        case Unique::target: return mount_target(item);
        case Unique::device: return device_in_container(item);
        case Unique::config: return file_in_container(item, "");
        case Unique::secret: return file_in_container(item, "/run/secrets");
        case Unique::value:
        case Unique::none: return item.is_scalar() ? scalar_text(item) : std::string();
    }
    return {};
}

void drop_replaced(yaml::Node& list, Unique rule) {
    std::unordered_map<std::string, std::size_t> places;
    std::vector<yaml::Node> kept;
    kept.reserve(list.items.size());
    const bool texts = rule == Unique::key || rule == Unique::value;
    for (yaml::Node& item : list.items) {
        if (texts && !item.is_scalar()) {
            kept.push_back(std::move(item));    // the schema tells of it
            continue;
        }
        const auto [place, is_new] = places.emplace(identity(item, rule), kept.size());
        if (is_new)
            kept.push_back(std::move(item));
        else
            kept[place->second] = std::move(item);
    }
    list.items = std::move(kept);
}

bool is_named(Kind kind) {
    return kind == Kind::named || kind == Kind::named_or_null ||
           kind == Kind::names_or_named_or_null;
}

// Only where the table knows of lists with unique items: services and networks, and what is in them.
void visit(yaml::Node& node, Object object) {
    for (yaml::Entry& entry : node.entries) {
        const Attribute* attribute = find_attribute(object, entry.key);
        if (attribute == nullptr) continue;
        const Extras& extras = attribute->extras;
        if (extras.unique != Unique::none && entry.value.is_sequence())
            drop_replaced(entry.value, extras.unique);
        else if (is_named(attribute->kind))
            for_each(&entry.value,
                     [&](const std::string&, yaml::Node& it) { visit(it, extras.inner); });
        else if (extras.inner != Object::none && entry.value.is_mapping())
            visit(entry.value, extras.inner);
    }
}

}    // namespace

void enforce_unicity(yaml::Node& node, Object object) { visit(node, object); }

}    // namespace trueup::compose
