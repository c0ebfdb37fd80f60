// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/nodes.hpp"

#include <utility>

namespace trueup::compose {

yaml::Node make(yaml::Kind kind, const yaml::Node& like) {
    yaml::Node node;
    node.kind = kind;
    node.file = like.file;
    node.line = like.line;
    node.column = like.column;
    return node;
}

yaml::Node scalar(std::string text, const yaml::Node& like) {
    yaml::Node node = plain(std::move(text), like);
    node.quoted = true;
    return node;
}

yaml::Node plain(std::string text, const yaml::Node& like) {
    yaml::Node node = make(yaml::Kind::scalar, like);
    node.text = std::move(text);
    return node;
}

void add(yaml::Node& mapping, std::string key, yaml::Node value) {
    yaml::Entry entry;
    entry.key = std::move(key);
    entry.quoted = true;
    entry.line = value.line;
    entry.column = value.column;
    entry.value = std::move(value);
    mapping.entries.push_back(std::move(entry));
}

void set(yaml::Node& mapping, std::string_view key, yaml::Node value) {
    if (yaml::Node* found = mapping.find(key))
        *found = std::move(value);
    else
        add(mapping, std::string(key), std::move(value));
}

void erase(yaml::Node& mapping, std::string_view key) {
    std::erase_if(mapping.entries, [&](const yaml::Entry& entry) { return entry.key == key; });
}

std::string member_text(const yaml::Node& mapping, std::string_view key, std::string_view absent) {
    const yaml::Node* found = mapping.find(key);
    return found == nullptr || !found->is_scalar() ? std::string(absent) : found->text;
}

void for_each(const yaml::Node* mapping,
              const std::function<void(const std::string&, const yaml::Node&)>& visit) {
    if (mapping == nullptr) return;
    for (const yaml::Entry& entry : mapping->entries) visit(entry.key, entry.value);
}

void for_each(yaml::Node* mapping,
              const std::function<void(const std::string&, yaml::Node&)>& visit) {
    if (mapping == nullptr) return;
    for (yaml::Entry& entry : mapping->entries) visit(entry.key, entry.value);
}

Error problem_error(const yaml::Node& node, std::string message, std::string advice) {
    return Error(Problems{{node.position(), std::move(message), std::move(advice)}});
}

}    // namespace trueup::compose
