// SPDX-License-Identifier: Apache-2.0
// A walk along the table of attributes, in the order of Compose's own types where it is not that of the
// alphabet.
#include "controller/compose/print.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/compose/attributes.hpp"
#include "controller/compose/fields.hpp"
#include "controller/compose/print_order.hpp"
#include "controller/compose/scalars.hpp"
#include "controller/compose/units.hpp"

namespace trueup::compose {
namespace {

namespace json = boost::json;

bool is_empty(const json::value& value) {
    if (value.is_null()) return true;
    if (value.is_object()) return value.get_object().empty();
    if (value.is_array()) return value.get_array().empty();
    if (value.is_string()) return value.get_string().empty();
    if (value.is_bool()) return !value.get_bool();
    return value.is_number() && value.to_number<double>() == 0;
}

json::value integer(const yaml::Node& node) {
    const auto value = integer_of(node);
    return value ? json::value(*value) : json::value(json::string(node.text));
}

// With the digits of a float32.
json::value real(const yaml::Node& node) {
    const auto value = real_of(node);
    if (!value) return json::string(node.text);
    const auto whole = static_cast<std::int64_t>(*value);
    if (static_cast<double>(whole) == *value) return whole;
    return parse_real(format_float(static_cast<float>(*value))).value_or(*value);
}

json::value bytes(const yaml::Node& node) {
    const bool text = type_of(node) == ScalarType::string;
    const auto parsed = text ? parse_bytes(node.text) : integer_of(node);
    if (!parsed) return json::string(node.text);
    return *parsed == 0 ? json::value() : json::value(json::string(std::to_string(*parsed)));
}

// The delays of an update are plain numbers in Go, which leaves out zero.
json::value duration(const yaml::Node& node, bool plain) {
    const auto parsed = parse_duration(node.text);
    if (plain && parsed && parsed->count() == 0) return nullptr;
    return json::string(parsed ? format_duration(*parsed) : node.text);
}

json::value flag(const yaml::Node& node) {
    const auto value = parse_flag(scalar_text(node));
    return value ? json::value(*value) : json::value(json::string(node.text));
}

json::array texts(const yaml::Node& node) {
    json::array array;
    for (const yaml::Node& item : node.items) array.emplace_back(scalar_text(item));
    return array;
}

using Members = std::vector<std::pair<std::string_view, json::value>>;

// In the order of the alphabet, as Go prints maps.
json::object sorted(Members members) {
    std::sort(members.begin(), members.end(),
              [](const auto& left, const auto& right) { return left.first < right.first; });
    json::object object;
    for (auto& [key, value] : members) object[key] = std::move(value);
    return object;
}

// Whatever it is: extensions, and what is told as it is written.
json::value any(const yaml::Node& node) {
    if (node.is_null()) return nullptr;
    if (node.is_sequence()) {
        json::array array;
        for (const yaml::Node& item : node.items) array.push_back(any(item));
        return array;
    }
    if (node.is_mapping()) {
        Members members;
        for (const yaml::Entry& entry : node.entries)
            members.emplace_back(entry.key, any(entry.value));
        return sorted(std::move(members));
    }
    switch (type_of(node)) {
        case ScalarType::string: return json::string(node.text);
        case ScalarType::boolean: return scalar_text(node) == "true";
        case ScalarType::integer:
            if (const auto integer = scalar_integer(node)) return *integer;
            return json::string(node.text);
        case ScalarType::real: return scalar_real(node).value_or(0);
    }
    return nullptr;
}

json::object text_map(const yaml::Node& node, bool keep_nothing) {
    Members members;
    for (const yaml::Entry& entry : node.entries) {
        const bool nothing = entry.value.is_null();
        members.emplace_back(
            entry.key, nothing && keep_nothing
                           ? json::value()
                           : json::value(json::string(nothing ? "" : scalar_text(entry.value))));
    }
    return sorted(std::move(members));
}

json::array ssh(const yaml::Node& node) {
    json::array array;
    for (const auto& [key, value] : text_map(node, false)) {
        const auto& path = value.get_string();
        array.emplace_back(
            path.empty() ? std::string(key)
                         : fmt::format("{}={}", std::string_view(key), std::string_view(path)));
    }
    return array;
}

json::object provider_options(const yaml::Node& node) {
    Members members;
    for (const yaml::Entry& entry : node.entries) {
        json::array array = texts(entry.value);
        if (entry.value.is_scalar()) array.emplace_back(scalar_text(entry.value));
        members.emplace_back(entry.key, std::move(array));
    }
    return sorted(std::move(members));
}

class Printer {
public:
    explicit Printer(PrintStyle style) : style_(style) {}

    json::object object(const yaml::Node& node, Object object) const {
        json::object printed;
        for (const Attribute* attribute : in_print_order(object)) {
            // Compose's JSON leaves them out.
            const bool models = object == Object::file && attribute->name == "models";
            if (models && style_ != PrintStyle::yaml) continue;
            if (attribute->name.starts_with("x-")) continue;    // as every extension, below
            const yaml::Node* member = node.find(attribute->name);
            json::value value = member == nullptr ? absent(object, *attribute)
                                                  : present(*member, object, *attribute);
            if (value.is_null() && !is_command(*attribute)) continue;
            printed[print_name(object, attribute->name, style_ != PrintStyle::yaml)] =
                std::move(value);
        }
        const bool extensions = style_ == PrintStyle::yaml || object == Object::file;
        for (const yaml::Entry& entry : node.entries) {
            if (extensions && entry.key.starts_with("x-")) printed[entry.key] = any(entry.value);
        }
        return printed;
    }

private:
    bool is_command(const Attribute& attribute) const {
        return attribute.kind == Kind::command && style_ != PrintStyle::yaml;
    }

    // What Go's structures print although nobody said it.
    json::value absent(Object object, const Attribute& attribute) const {
        const bool structure = (object == Object::deploy &&
                                (attribute.name == "resources" || attribute.name == "placement")) ||
                               (object == Object::network && attribute.name == "ipam");
        if (structure && style_ != PrintStyle::yaml) return json::object();
        const bool exec = object == Object::watch && attribute.name == "exec";
        if (!exec || style_ != PrintStyle::hash) return nullptr;
        json::object nothing;
        nothing["command"] = nullptr;
        return nothing;
    }

    json::value present(const yaml::Node& node, Object object, const Attribute& attribute) const {
        json::value value = convert(node, object, attribute);
        if (is_command(attribute)) return value;
        // Opt-out: Compose tells it where it is false, older ones where it is true.
        if (attribute.name == "create_host_path" && value.is_bool())
            return value.get_bool() == (style_ == PrintStyle::hash) ? value : json::value();
        const bool says_something =
            attribute.kind == Kind::optional_flag || attribute.kind == Kind::optional_integer ||
            attribute.kind == Kind::command || !is_empty(value) || is_pointer(attribute);
        return says_something ? value : json::value();
    }

    static bool is_pointer(const Attribute& attribute) {
        const bool structure =
            attribute.kind == Kind::object || attribute.kind == Kind::object_or_null;
        return structure || attribute.name == "count";
    }

    json::value convert(const yaml::Node& node, Object object, const Attribute& attribute) const {
        const Object inner = attribute.extras.inner;
        switch (attribute.kind) {
            case Kind::text: return text(node);
            case Kind::flag:
            case Kind::optional_flag:
            case Kind::external: return node.is_scalar() ? flag(node) : json::value();
            case Kind::integer:
            case Kind::optional_integer: return integer(node);
            case Kind::real:
            case Kind::cpus: return real(node);
            case Kind::bytes: return bytes(node);
            case Kind::duration: return duration(node, object == Object::update);
            case Kind::mode:
                return mode(node, object != Object::mount_tmpfs && style_ != PrintStyle::hash);
            case Kind::count: return node.text == "all" ? json::value(-1) : integer(node);
            case Kind::command:
            case Kind::test:
            case Kind::texts:
            case Kind::unique_texts:
            case Kind::texts_or_numbers:
            case Kind::text_or_texts:
            case Kind::label_file:
            case Kind::hosts: return node.is_null() ? json::value() : json::value(texts(node));
            case Kind::variables: return variables(node, object, attribute);
            case Kind::options:
            case Kind::driver_options:
            case Kind::text_map:
            case Kind::free_map: return text_map(node, false);
            case Kind::provider_options: return provider_options(node);
            case Kind::object:
            case Kind::object_or_null:
            case Kind::text_or_object:
                return node.is_null() ? json::value() : json::value(this->object(node, inner));
            case Kind::objects:
            case Kind::texts_or_objects:
            case Kind::ports:
            case Kind::env_files:
            case Kind::gpus: return list(node, inner);
            case Kind::named:
            case Kind::named_or_null:
            case Kind::names_or_named:
            case Kind::names_or_named_or_null: return named(node, inner);
            case Kind::ulimits: return ulimits(node);
        }
        return nullptr;
    }

    static json::value text(const yaml::Node& node) {
        return node.is_scalar() ? json::value(json::string(scalar_text(node))) : json::value();
    }

    static json::value mode(const yaml::Node& node, bool octal) {
        const auto mode = mode_of(node);
        if (!mode) return json::string(node.text);
        if (!octal) return *mode;
        return json::string(fmt::format("0{:o}", *mode));
    }

    static json::value variables(const yaml::Node& node, Object object,
                                 const Attribute& attribute) {
        if (attribute.name == "ssh") return ssh(node);
        const bool environment = attribute.name == "environment" ||
                                 (object == Object::build && attribute.name == "args");
        return text_map(node, environment);
    }

    json::value list(const yaml::Node& node, Object inner) const {
        json::array array;
        for (const yaml::Node& item : node.items)
            array.push_back(item.is_scalar() ? text(item) : json::value(object(item, inner)));
        return array;
    }

    json::value named(const yaml::Node& node, Object inner) const {
        Members members;
        for (const yaml::Entry& entry : node.entries)
            members.emplace_back(entry.key, entry.value.is_null()
                                                ? json::value()
                                                : json::value(object(entry.value, inner)));
        return sorted(std::move(members));
    }

    json::value ulimits(const yaml::Node& node) const {
        Members members;
        for (const yaml::Entry& entry : node.entries)
            members.emplace_back(entry.key, ulimit(entry.value));
        return sorted(std::move(members));
    }

    // In Go a single limit of 0 is no single limit; its JSON leaves out zeros, its YAML does not.
    json::value ulimit(const yaml::Node& node) const {
        if (!node.is_mapping()) {
            json::value single = integer(node);
            if (!is_empty(single)) return single;
        }
        json::object limits = object(node, Object::ulimit);
        if (style_ != PrintStyle::yaml) return limits;
        json::object all{{"soft", 0}, {"hard", 0}};
        for (auto& [name, value] : limits) all[name] = std::move(value);
        return all;
    }

    PrintStyle style_;
};

}    // namespace

json::object to_json(const yaml::Node& file, PrintStyle style) {
    json::object printed = Printer(style).object(file, Object::file);
    if (!printed.contains("services")) printed["services"] = json::object();
    return printed;
}

json::object as_written_to_json(const yaml::Node& file) { return any(file).get_object(); }

json::object service_to_json(const yaml::Node& service, PrintStyle style) {
    return Printer(style).object(service, Object::service);
}

void double_dollars(json::value& value) {
    if (value.is_string()) {
        const std::string text(value.get_string());
        std::string doubled;
        for (const char letter : text) doubled.append(letter == '$' ? 2 : 1, letter);
        value = json::string(doubled);
    } else if (value.is_array()) {
        for (json::value& item : value.get_array()) double_dollars(item);
    } else if (value.is_object()) {
        for (auto& entry : value.get_object()) double_dollars(entry.value());
    }
}

}    // namespace trueup::compose
