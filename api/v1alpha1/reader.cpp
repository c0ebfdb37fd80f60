// SPDX-License-Identifier: Apache-2.0
#include "api/v1alpha1/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <array>
#include <span>

#include "controller/base/text.hpp"

namespace trueup::v1alpha1 {
namespace {

const yaml::Node absent;

std::optional<bool> to_boolean(const yaml::Node& node) {
    constexpr std::array<std::string_view, 3> yes{"true", "True", "TRUE"};
    constexpr std::array<std::string_view, 3> no{"false", "False", "FALSE"};
    if (!node.is_scalar() || node.quoted) return std::nullopt;
    if (std::find(yes.begin(), yes.end(), node.text) != yes.end()) return true;
    if (std::find(no.begin(), no.end(), node.text) != no.end()) return false;
    return std::nullopt;
}

// Long junk in a message helps nobody, and control characters harm the terminal it is read on.
std::string shorten(std::string_view text) {
    constexpr std::size_t longest = 80;
    std::size_t end = std::min(text.size(), longest);
    while (end < text.size() && end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
        --end;
    std::string shown;
    for (const char character : text.substr(0, end)) {
        const auto byte = static_cast<unsigned char>(character);
        if (byte < 0x20 || byte == 0x7F) {
            shown += fmt::format("\\x{:02x}", byte);
        } else {
            shown += character;
        }
    }
    return end < text.size() ? shown + "…" : shown;
}

}    // namespace

std::string in_quotes(std::string_view text) { return fmt::format("'{}'", shorten(text)); }

Reader::Reader(const yaml::Node& node, std::string path,
               std::initializer_list<std::string_view> known, Problems& problems)
    : node_(&node), path_(std::move(path)), problems_(&problems) {
    if (node.is_null()) return;
    if (!node.is_mapping()) {
        wrong_type(path_, "a mapping", node);
        node_ = &absent;
        return;
    }
    const std::span<const std::string_view> names(known.begin(), known.size());
    for (const yaml::Entry& entry : node.entries) {
        if (std::find(names.begin(), names.end(), entry.key) != names.end()) continue;
        std::string advice = base::suggest(entry.key, names);
        if (advice.empty()) advice = fmt::format("known here: {}", fmt::join(names, ", "));
        add(entry.position(), fmt::format("unknown field '{}'", path_of(shorten(entry.key))),
            std::move(advice));
    }
}

const yaml::Node* Reader::find(std::string_view name) const {
    const yaml::Node* found = node_->find(name);
    return found == nullptr || found->is_null() ? nullptr : found;
}

std::optional<Text> Reader::text(std::string_view name) {
    const yaml::Node* node = find(name);
    if (node == nullptr) return std::nullopt;
    if (node->is_scalar()) return Text{node->text, node->position()};
    wrong_type(path_of(name), "a string", *node);
    return std::nullopt;
}

std::optional<bool> Reader::boolean(std::string_view name) {
    const yaml::Node* node = find(name);
    if (node == nullptr) return std::nullopt;
    const std::optional<bool> value = to_boolean(*node);
    if (!value)
        wrong_type(path_of(name), "true or false", *node, "write true or false, without quotes");
    return value;
}

std::optional<std::chrono::nanoseconds> Reader::duration(std::string_view name,
                                                         std::chrono::nanoseconds least) {
    const std::optional<Text> written = text(name);
    if (!written) return std::nullopt;
    const auto value = base::parse_duration(written->value);
    if (!value) {
        add(written->position,
            fmt::format("{}: {} is not a duration", path_of(name), in_quotes(written->value)),
            "write a number and a unit, for example 30s, 5m or 1h30m");
        return std::nullopt;
    }
    if (*value >= least) return value;
    add(written->position,
        fmt::format("{}: {} is too short", path_of(name), shorten(written->value)),
        fmt::format("at least {}", base::format_duration(least)));
    return std::nullopt;
}

std::optional<int> Reader::integer(std::string_view name, int least, int most) {
    const std::optional<Text> written = text(name);
    if (!written) return std::nullopt;
    int value = 0;
    const char* end = written->value.data() + written->value.size();
    const auto read = std::from_chars(written->value.data(), end, value);
    if (read.ec == std::errc() && read.ptr == end && value >= least && value <= most) return value;
    add(written->position, fmt::format("{}: {} is not a whole number from {} to {}", path_of(name),
                                       in_quotes(written->value), least, most));
    return std::nullopt;
}

std::vector<Text> Reader::texts(std::string_view name) {
    std::vector<Text> values;
    const yaml::Node* node = find(name);
    if (node == nullptr) return values;
    if (!node->is_sequence()) {
        wrong_type(path_of(name), "a list of strings", *node, "write [a, b], or one '- a' a line");
        return values;
    }
    for (std::size_t index = 0; index < node->items.size(); ++index) {
        const yaml::Node& item = node->items[index];
        if (item.is_scalar()) {
            values.push_back(Text{item.text, item.position()});
        } else {
            wrong_type(fmt::format("{}[{}]", path_of(name), index), "a string", item);
        }
    }
    return values;
}

std::map<std::string, Text> Reader::text_map(std::string_view name) {
    std::map<std::string, Text> values;
    const yaml::Node* node = find(name);
    if (node == nullptr) return values;
    if (!node->is_mapping()) {
        wrong_type(path_of(name), "a mapping", *node);
        return values;
    }
    for (const yaml::Entry& entry : node->entries) {
        if (entry.value.is_scalar()) {
            values.emplace(entry.key, Text{entry.value.text, entry.position()});
        } else {
            wrong_type(fmt::format("{}.{}", path_of(name), shorten(entry.key)), "a string",
                       entry.value, entry.value.is_null() ? "write \"\" for an empty string" : "");
        }
    }
    return values;
}

Reader Reader::section(std::string_view name, std::initializer_list<std::string_view> known) {
    const yaml::Node* node = find(name);
    return Reader(node == nullptr ? absent : *node, path_of(name), known, *problems_);
}

std::vector<const yaml::Node*> Reader::list(std::string_view name) {
    std::vector<const yaml::Node*> nodes;
    const yaml::Node* node = find(name);
    if (node == nullptr) return nodes;
    if (!node->is_sequence()) {
        wrong_type(path_of(name), "a list", *node);
        return nodes;
    }
    for (const yaml::Node& item : node->items) nodes.push_back(&item);
    return nodes;
}

void Reader::only_default(std::string_view name, std::string_view meaning) {
    const yaml::Node* node = find(name);
    if (node == nullptr || (node->is_scalar() && node->text == meaning)) return;
    if (const auto given = node->is_scalar() ? base::parse_duration(node->text) : std::nullopt;
        given && given == base::parse_duration(meaning)) {
        return;
    }
    const std::string value =
        node->is_scalar() ? shorten(node->text) : std::string(node->describe());
    add(node->position(),
        fmt::format("{}: {} is not supported yet by this version", path_of(name), value),
        fmt::format("leave the field out or write {}", meaning));
}

void Reader::only_empty(std::string_view name) {
    const yaml::Node* node = find(name);
    if (node == nullptr) return;
    if (node->is_sequence() && node->items.empty()) return;
    if (node->is_mapping() && node->entries.empty()) return;
    not_yet(name);
}

void Reader::not_yet(std::string_view name) {
    const yaml::Node* node = find(name);
    if (node == nullptr) return;
    add(node->position(), fmt::format("{} is not supported yet by this version", path_of(name)),
        "leave the field out");
}

void Reader::require(std::string_view name, std::string_view advice) {
    if (node_ == &absent || find(name) != nullptr) return;
    add(node_->position(), fmt::format("{} is missing", path_of(name)), std::string(advice));
}

void Reader::add(const Position& position, std::string message, std::string advice) {
    problems_->push_back(Problem{position, std::move(message), std::move(advice)});
}

std::string Reader::path_of(std::string_view name) const {
    if (name.empty()) return path_;
    return path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name);
}

void Reader::wrong_type(std::string_view where, std::string_view expected, const yaml::Node& got,
                        std::string advice) {
    add(got.position(),
        fmt::format("{}: expected {}, got {}", where.empty() ? "document" : where, expected,
                    got.describe()),
        std::move(advice));
}

}    // namespace trueup::v1alpha1
