// SPDX-License-Identifier: Apache-2.0
#include "controller/render/compare.hpp"

#include <boost/json.hpp>
#include <algorithm>

#include "controller/render/compare_parts.hpp"

namespace trueup::render {

namespace json = boost::json;

const json::value& member(const json::object& object, std::string_view key) {
    static const json::value nothing;
    const json::value* found = object.if_contains(key);
    return found == nullptr ? nothing : *found;
}

const json::object& object_at(const json::object& object, std::string_view key) {
    static const json::object nothing;
    const json::object* found = member(object, key).if_object();
    return found == nullptr ? nothing : *found;
}

const json::array& array_at(const json::object& object, std::string_view key) {
    static const json::array nothing;
    const json::array* found = member(object, key).if_array();
    return found == nullptr ? nothing : *found;
}

std::string text_of(const json::value& value) {
    const json::string* text = value.if_string();
    return text == nullptr ? std::string() : std::string(*text);
}

std::int64_t number_of(const json::value& value) {
    if (const std::int64_t* whole = value.if_int64()) return *whole;
    if (const std::uint64_t* natural = value.if_uint64())
        return static_cast<std::int64_t>(std::min<std::uint64_t>(*natural, INT64_MAX));
    return 0;
}

std::string text_at(const json::object& object, std::string_view key) {
    return text_of(member(object, key));
}

bool is_nothing(const json::value& value) {
    switch (value.kind()) {
        case json::kind::null: return true;
        case json::kind::bool_: return !value.get_bool();
        case json::kind::int64: return value.get_int64() == 0;
        case json::kind::uint64: return value.get_uint64() == 0;
        case json::kind::double_: return value.get_double() == 0;
        case json::kind::string: return value.get_string().empty();
        case json::kind::array: return value.get_array().empty();
        case json::kind::object: {
            const json::object& members = value.get_object();
            return std::all_of(members.begin(), members.end(),
                               [](const auto& each) { return is_nothing(each.value()); });
        }
    }
    return false;
}

bool is_same(const json::value& left, const json::value& right) {
    if (is_nothing(left) || is_nothing(right)) return is_nothing(left) && is_nothing(right);
    if (left.is_number() && right.is_number())
        return left.to_number<double>() == right.to_number<double>();
    if (left.is_array() && right.is_array()) {
        return std::equal(left.get_array().begin(), left.get_array().end(),
                          right.get_array().begin(), right.get_array().end(), is_same);
    }
    if (!left.is_object() || !right.is_object()) return left == right;
    const auto has_all = [](const json::object& these, const json::object& others) {
        return std::all_of(these.begin(), these.end(), [&](const auto& each) {
            return is_same(each.value(), member(others, each.key()));
        });
    };
    return has_all(left.get_object(), right.get_object()) &&
           has_all(right.get_object(), left.get_object());
}

std::vector<std::string> differences(const WantedContainer& wanted, const json::object& inspect,
                                     const json::object& image) {
    Names names;
    compare_config(wanted, inspect, image, names);
    compare_host(wanted, inspect, names);
    compare_mounts(wanted, inspect, image, names);
    compare_networks(wanted, inspect, names);
    return {names.begin(), names.end()};
}

}    // namespace trueup::render
