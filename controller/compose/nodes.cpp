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
    yaml::Node node = make(yaml::Kind::scalar, like);
    node.quoted = true;
    node.text = std::move(text);
    return node;
}

void add(yaml::Node& mapping, std::string key, yaml::Node value) {
    yaml::Entry entry;
    entry.key = std::move(key);
    entry.line = value.line;
    entry.column = value.column;
    entry.value = std::move(value);
    mapping.entries.push_back(std::move(entry));
}

Error problem_error(const yaml::Node& node, std::string message, std::string advice) {
    return Error(Problems{{node.position(), std::move(message), std::move(advice)}});
}

}    // namespace trueup::compose
