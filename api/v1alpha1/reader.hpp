// SPDX-License-Identifier: Apache-2.0
// Reads one mapping of a Stack file field by field, and collects problems instead of stopping.
#pragma once

#include <chrono>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/yaml.hpp"

namespace trueup::v1alpha1 {

struct Text {
    std::string value;
    Position position;
};

// The text in quotes for a message: shortened, control characters as \x0a.
std::string in_quotes(std::string_view text);

class Reader {
public:
    // Reports a node that is no mapping, and every key that is not in `known`. `path` is what
    // messages call the mapping: "spec.source.git". `node` must outlive the reader.
    Reader(const yaml::Node& node, std::string path, std::initializer_list<std::string_view> known,
           Problems& problems);

    // A field that is absent or null counts as not set, as in Kubernetes. A wrong type is reported
    // and counts as not set too. Plain scalars are taken as strings exactly as written (8000,
    // true).
    const yaml::Node* find(std::string_view name) const;
    bool has(std::string_view name) const { return find(name) != nullptr; }
    std::optional<Text> text(std::string_view name);
    std::optional<bool> boolean(std::string_view name);
    std::optional<std::chrono::nanoseconds> duration(std::string_view name,
                                                     std::chrono::nanoseconds least);
    // A whole number from `least` to `most`.
    std::optional<int> integer(std::string_view name, int least, int most);
    std::vector<Text> texts(std::string_view name);
    std::map<std::string, Text> text_map(std::string_view name);
    // A nested mapping; one without fields when it is absent.
    Reader section(std::string_view name, std::initializer_list<std::string_view> known);
    // The elements of a list of mappings; messages call them "spec.code[0]".
    std::vector<const yaml::Node*> list(std::string_view name);

    // Fields of the design that this version knows and does not act on: fine where they say what
    // happens anyway, refused otherwise. `meaning` is the default.
    void only_default(std::string_view name, std::string_view meaning);
    void only_empty(std::string_view name);
    void not_yet(std::string_view name);
    // A field that has to be there.
    void require(std::string_view name, std::string_view advice);

    void add(const Position& position, std::string message, std::string advice = {});
    std::string path_of(std::string_view name) const;
    Position position() const { return node_->position(); }
    Problems& problems() { return *problems_; }

private:
    void wrong_type(std::string_view where, std::string_view expected, const yaml::Node& got,
                    std::string advice = {});

    const yaml::Node* node_;
    std::string path_;
    Problems* problems_;
};

}    // namespace trueup::v1alpha1
