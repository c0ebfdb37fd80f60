// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/differences.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <algorithm>
#include <set>

namespace trueup::conformance {
namespace {

namespace json = boost::json;

constexpr std::size_t most = 10;

bool is_empty(const json::value& value, std::string_view name) {
    if (value.is_null()) return true;
    if (value.is_object()) {
        const auto& members = value.get_object();
        return std::all_of(members.begin(), members.end(),
                           [](const auto& it) { return is_empty(it.value(), it.key()); });
    }
    if (value.is_array())
        return value.get_array().empty() && name != "command" && name != "entrypoint";
    if (value.is_string()) return value.get_string().empty();
    // The default, which newer versions leave out.
    return name == "create_host_path" && value.is_bool() && value.get_bool();
}

class Comparison {
public:
    std::vector<std::string> found;

    void compare(const json::value& actual, const json::value& wanted, const std::string& path,
                 std::string_view name) {
        if (found.size() >= most) return;
        if (is_empty(actual, name) && is_empty(wanted, name)) return;
        if (actual.is_object() && wanted.is_object())
            return objects(actual.get_object(), wanted.get_object(), path);
        if (actual.is_array() && wanted.is_array())
            return arrays(actual.get_array(), wanted.get_array(), path);
        const bool equal = actual.is_number() && wanted.is_number()
                               ? actual.to_number<double>() == wanted.to_number<double>()
                               : actual == wanted;
        if (!equal)
            found.push_back(fmt::format("{}: {}, wanted {}", path, json::serialize(actual),
                                        json::serialize(wanted)));
    }

private:
    void objects(const json::object& actual, const json::object& wanted, const std::string& path) {
        std::set<std::string> keys;
        for (const auto& entry : actual) keys.insert(std::string(entry.key()));
        for (const auto& entry : wanted) keys.insert(std::string(entry.key()));
        for (const std::string& key : keys) {
            const json::value* left = actual.if_contains(key);
            const json::value* right = wanted.if_contains(key);
            compare(left == nullptr ? json::value() : *left,
                    right == nullptr ? json::value() : *right,
                    path.empty() ? key : path + "." + key, key);
        }
    }

    void arrays(const json::array& actual, const json::array& wanted, const std::string& path) {
        for (std::size_t index = 0; index < std::max(actual.size(), wanted.size()); ++index) {
            compare(index < actual.size() ? actual[index] : json::value(),
                    index < wanted.size() ? wanted[index] : json::value(),
                    fmt::format("{}[{}]", path, index), "");
        }
    }
};

}    // namespace

std::vector<std::string> differences(const json::value& actual, const json::value& wanted) {
    Comparison comparison;
    comparison.compare(actual, wanted, "", "");
    return std::move(comparison.found);
}

}    // namespace trueup::conformance
