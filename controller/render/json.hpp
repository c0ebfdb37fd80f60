// SPDX-License-Identifier: Apache-2.0
// Writing JSON that says nothing where there is nothing to say: empty texts, lists and mappings,
// zeros and `false` are left to the engine. Inside render/ only.
#pragma once

#include <algorithm>
#include <boost/json.hpp>
#include <concepts>
#include <string>
#include <string_view>
#include <utility>

#include "controller/model/project.hpp"

namespace trueup::render {

inline boost::json::array to_array(const model::Strings& strings) {
    boost::json::array array;
    for (const std::string& text : strings) array.emplace_back(text);
    return array;
}

// For lists whose order means nothing.
inline boost::json::array to_sorted_array(model::Strings strings) {
    std::sort(strings.begin(), strings.end());
    return to_array(strings);
}

inline boost::json::object to_object(const model::StringMap& map) {
    boost::json::object object;
    for (const auto& [key, value] : map) object[key] = value;
    return object;
}

inline void set(boost::json::object& object, std::string_view key, const std::string& text) {
    if (!text.empty()) object[key] = text;
}
inline void set(boost::json::object& object, std::string_view key, boost::json::array array) {
    if (!array.empty()) object[key] = std::move(array);
}
inline void set(boost::json::object& object, std::string_view key, boost::json::object inner) {
    if (!inner.empty()) object[key] = std::move(inner);
}
inline void set(boost::json::object& object, std::string_view key, const model::StringMap& map) {
    set(object, key, to_object(map));
}
inline void set(boost::json::object& object, std::string_view key, std::same_as<bool> auto flag) {
    if (flag) object[key] = true;
}
template <std::integral Number>
    requires(!std::same_as<Number, bool>)
void set(boost::json::object& object, std::string_view key, Number number) {
    if (number != 0) object[key] = number;
}

}    // namespace trueup::render
