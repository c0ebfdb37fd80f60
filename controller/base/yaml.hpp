// SPDX-License-Identifier: Apache-2.0
// Our own YAML node tree, built from libyaml's events: exact positions, tags, quoted or plain,
// duplicate keys found, aliases expanded under a limit, merge keys (<<) applied, UTF-8 checked.
// Stack files and compose files share it. Scalars stay text: types are the codec's matter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/result.hpp"

namespace trueup::base::yaml {

enum class Kind : std::uint8_t { null, scalar, sequence, mapping };

struct Entry;

// A value: copyable, comparable by content (positions do not count).
struct Node {
    Kind kind = Kind::null;
    bool quoted = false;    // a scalar that was quoted or a block scalar: always a string
    std::string tag;     // "!reset", "!override", "tag:yaml.org,2002:str"…; "" when there is none
    std::string text;    // of a scalar; "" or "~" or "null" of a null
    std::vector<Node> items;       // of a sequence
    std::vector<Entry> entries;    // of a mapping, in the order of the file, keys unique
    std::shared_ptr<const std::string> file;
    std::uint32_t line = 0;
    std::uint32_t column = 0;

    Position position() const;
    bool is_null() const { return kind == Kind::null; }
    bool is_scalar() const { return kind == Kind::scalar; }
    bool is_sequence() const { return kind == Kind::sequence; }
    bool is_mapping() const { return kind == Kind::mapping; }
    // The value of `key` of a mapping; nullptr when absent or not a mapping.
    const Node* find(std::string_view key) const;
    Node* find(std::string_view key);
    // "a mapping", "a list", "a string"…: for messages.
    std::string_view describe() const;
};

struct Entry {
    std::string key;
    bool quoted = false;       // the key, like Node::quoted
    std::uint32_t line = 0;    // of the key
    std::uint32_t column = 0;
    Node value;

    Position position() const {
        return Position{value.file ? *value.file : std::string(), line, column};
    }
};

bool operator==(const Node& left, const Node& right);
bool operator==(const Entry& left, const Entry& right);

// Limits against hostile input; the defaults fit compose files.
struct Limits {
    std::size_t bytes = 1U << 20U;    // of the text
    std::size_t depth = 64;           // of nesting
    std::size_t nodes = 100'000;      // after aliases are expanded; four times `bytes` of text too
};

// All documents of a text. `file` names it in positions. Fails with every problem found (syntax
// errors end the parse, so there is one of those); tabs used for indentation get their own advice.
Result<std::vector<Node>> parse(std::string_view text, const std::string& file,
                                const Limits& limits = {});

}    // namespace trueup::base::yaml

namespace trueup {
namespace yaml = base::yaml;
}    // namespace trueup
