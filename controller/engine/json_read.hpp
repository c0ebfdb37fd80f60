// SPDX-License-Identifier: Apache-2.0
// For engine/, and for who reads an answer that is handed on as it came (inspect_image_raw): reading JSON
// that may lack anything. What is missing, or of another kind, is
// empty; only of an answer's top the kind is asked.
#pragma once

#include <algorithm>
#include <boost/json.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "controller/engine/codec.hpp"

namespace trueup::engine::codec {

namespace json = boost::json;

// The member, or null: reading what is not there is never an error.
inline const json::value& at(const json::object& object, std::string_view key) {
    static const json::value null_value;
    const json::value* found = object.if_contains(key);
    return found == nullptr ? null_value : *found;
}
inline const json::value& at(const json::value& value, std::string_view key) {
    static const json::object none;
    const json::object* object = value.if_object();
    return at(object == nullptr ? none : *object, key);
}

inline std::string text(const json::value& value) {
    const json::string* string = value.if_string();
    return string == nullptr ? std::string() : std::string(*string);
}

inline std::string text(const json::value& value, std::string_view key) {
    return text(at(value, key));
}

inline bool truth(const json::value& value, std::string_view key) {
    const bool* found = at(value, key).if_bool();
    return found != nullptr && *found;
}

inline std::int64_t number(const json::value& value) {
    if (const std::int64_t* integer = value.if_int64()) return *integer;
    if (const std::uint64_t* natural = value.if_uint64())
        return *natural > INT64_MAX ? INT64_MAX : static_cast<std::int64_t>(*natural);
    return 0;
}

inline int to_int(std::int64_t value) {
    return static_cast<int>(std::clamp<std::int64_t>(value, INT32_MIN, INT32_MAX));
}

inline const json::array& array(const json::value& value) {
    static const json::array none;
    const json::array* found = value.if_array();
    return found == nullptr ? none : *found;
}

inline bool has(const json::value& object, std::string_view key) {
    return object.is_object() && object.as_object().contains(key);
}

inline Error no_object() {
    return Error(Errc::unavailable, "the engine's answer is not the object it should be");
}

// Only a list of objects is a list.
template <class T, class Read>
Result<std::vector<T>> list_of(std::string_view body, std::string_view member, Read read) {
    const auto parsed = parse(body);
    if (!parsed) return parsed.error();
    if (!member.empty() && !parsed->is_object()) return no_object();
    const json::value& list = member.empty() ? *parsed : at(*parsed, member);
    std::vector<T> items;
    if (list.is_null()) return items;    // Go writes an empty list as null
    if (!list.is_array())
        return Error(Errc::unavailable, "the engine's answer is not the list it should be");
    items.reserve(list.as_array().size());
    for (const json::value& entry : list.as_array()) items.push_back(read(entry));
    return items;
}

}    // namespace trueup::engine::codec
