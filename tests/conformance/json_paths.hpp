// SPDX-License-Identifier: Apache-2.0
// Where two JSON values differ, as paths: "/HostConfig/Binds/0: is "a", wanted "b"".
#pragma once

#include <boost/json.hpp>
#include <set>
#include <string>

#include "controller/model/project.hpp"

namespace trueup::conformance {

inline void differences(const std::string& path, const boost::json::value* is,
                        const boost::json::value* wanted, model::Strings& found) {
    const auto shown = [](const boost::json::value* value) {
        return value == nullptr ? std::string("nothing") : boost::json::serialize(*value);
    };
    if (is != nullptr && wanted != nullptr && *is == *wanted) return;
    if (is != nullptr && wanted != nullptr && is->is_object() && wanted->is_object()) {
        std::set<std::string> keys;
        for (const auto& [key, member] : is->as_object()) keys.emplace(key);
        for (const auto& [key, member] : wanted->as_object()) keys.emplace(key);
        for (const std::string& key : keys)
            differences(path + "/" + key, is->as_object().if_contains(key),
                        wanted->as_object().if_contains(key), found);
        return;
    }
    if (is != nullptr && wanted != nullptr && is->is_array() && wanted->is_array()) {
        const auto& left = is->as_array();
        const auto& right = wanted->as_array();
        for (std::size_t index = 0; index < std::max(left.size(), right.size()); ++index)
            differences(path + "/" + std::to_string(index), left.if_contains(index),
                        right.if_contains(index), found);
        return;
    }
    found.push_back(path + ": is " + shown(is) + ", wanted " + shown(wanted));
}

}    // namespace trueup::conformance
