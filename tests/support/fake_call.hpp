// SPDX-License-Identifier: Apache-2.0
// What the source files of the fake engine share: the one way in, and reading bodies.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <utility>

#include "tests/support/fake_engine.hpp"

namespace trueup::test {

template <class T>
Task<T> FakeEngine::call(std::string what, std::function<Result<T>()> work) {
    const auto entered = co_await enter(std::move(what));
    if (!entered) co_return entered.error();
    auto result = work();
    if (loses_answer()) co_return Error(Errc::unavailable, "the connection was lost");
    co_return result;
}

inline model::StringMap string_map(const boost::json::object& body, const char* member) {
    model::StringMap map;
    const boost::json::value* found = body.if_contains(member);
    if (found == nullptr || !found->is_object()) return map;
    for (const auto& entry : found->as_object())
        map[std::string(entry.key())] = std::string(entry.value().as_string());
    return map;
}

inline std::string text(const boost::json::object& body, const char* member) {
    const boost::json::value* found = body.if_contains(member);
    return found != nullptr && found->is_string() ? std::string(found->as_string()) : "";
}

inline const boost::json::object& object(const boost::json::object& body, const char* member) {
    static const boost::json::object none;
    const boost::json::value* found = body.if_contains(member);
    return found != nullptr && found->is_object() ? found->as_object() : none;
}

// What HostConfig's Binds and Mounts ask for, by destination.
std::map<std::string, model::ObservedMount> fake_mounts(const boost::json::object& body);

inline std::string label(const model::StringMap& labels, const char* key) {
    const auto found = labels.find(key);
    return found == labels.end() ? "" : found->second;
}

}    // namespace trueup::test
