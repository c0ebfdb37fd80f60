// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/fields.hpp"

#include <charconv>

#include "controller/compose/scalars.hpp"
#include "controller/compose/units.hpp"

namespace trueup::compose {
namespace {

const yaml::Node nothing;

}    // namespace

Fields Fields::inside(std::string_view key) const {
    const yaml::Node* found = find(key);
    return Fields(found == nullptr ? nothing : *found);
}

const yaml::Node* Fields::find(std::string_view key) const {
    const yaml::Node* found = node_.find(key);
    return found == nullptr || found->is_null() ? nullptr : found;
}

void Fields::text(std::string_view key, std::string& target) const {
    const yaml::Node* found = find(key);
    if (found != nullptr && found->is_scalar()) target = scalar_text(*found);
}

void Fields::flag(std::string_view key, bool& target) const {
    const yaml::Node* found = find(key);
    if (found != nullptr && found->is_scalar())
        target = parse_flag(scalar_text(*found)).value_or(target);
}

void Fields::flag(std::string_view key, std::optional<bool>& target) const {
    if (find(key) == nullptr) return;
    bool value = target.value_or(false);
    flag(key, value);
    target = value;
}

std::optional<std::int64_t> Fields::integer(std::string_view key) const {
    const yaml::Node* found = find(key);
    return found == nullptr ? std::nullopt : integer_of(*found);
}

void Fields::real(std::string_view key, double& target) const {
    const yaml::Node* found = find(key);
    if (found != nullptr) target = real_of(*found).value_or(target);
}

void Fields::bytes(std::string_view key, std::int64_t& target) const {
    const yaml::Node* found = find(key);
    if (found == nullptr || !found->is_scalar()) return;
    if (type_of(*found) == ScalarType::string)
        target = parse_bytes(found->text).value_or(target);
    else
        target = static_cast<std::int64_t>(real_of(*found).value_or(static_cast<double>(target)));
}

void Fields::duration(std::string_view key, std::optional<model::Duration>& target) const {
    const yaml::Node* found = find(key);
    if (found != nullptr && found->is_scalar()) target = parse_duration(found->text);
}

void Fields::strings(std::string_view key, model::Strings& target) const {
    items(key, [&](const yaml::Node& item) { target.push_back(scalar_text(item)); });
}

void Fields::map(std::string_view key, model::StringMap& target) const {
    members(key, [&](const yaml::Entry& entry) { target[entry.key] = scalar_text(entry.value); });
}

void Fields::environment(std::string_view key, model::Environment& target) const {
    members(key, [&](const yaml::Entry& entry) {
        target[entry.key] =
            entry.value.is_scalar() ? std::optional(scalar_text(entry.value)) : std::nullopt;
    });
}

std::optional<std::int64_t> integer_of(const yaml::Node& node) {
    if (!node.is_scalar()) return std::nullopt;
    if (type_of(node) == ScalarType::string) return parse_integer(node.text);
    if (const auto integer = scalar_integer(node)) return integer;
    const auto real = scalar_real(node);
    const bool fits = real && *real < 9e15 && *real > -9e15;
    return fits ? std::optional(static_cast<std::int64_t>(*real)) : std::nullopt;
}

std::optional<double> real_of(const yaml::Node& node) {
    if (!node.is_scalar()) return std::nullopt;
    return type_of(node) == ScalarType::string ? parse_real(node.text) : scalar_real(node);
}

std::optional<std::uint32_t> mode_of(const yaml::Node& node) {
    if (!node.is_scalar()) return std::nullopt;
    if (const auto number = scalar_integer(node))
        return *number < 0 || *number > UINT32_MAX
                   ? std::nullopt
                   : std::optional(static_cast<std::uint32_t>(*number));
    std::uint32_t mode = 0;
    const char* end = node.text.data() + node.text.size();
    const auto [stopped, code] = std::from_chars(node.text.data(), end, mode, 8);
    return code == std::errc() && stopped == end ? std::optional(mode) : std::nullopt;
}

}    // namespace trueup::compose
