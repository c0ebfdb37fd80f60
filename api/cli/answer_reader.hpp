// SPDX-License-Identifier: Apache-2.0
// Fields of an answer of the API: what is missing or of another type is empty. Pure.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/clock.hpp"
#include "controller/base/result.hpp"

namespace trueup::cli {

std::string text_of(const boost::json::object& object, std::string_view key);
// Strings, numbers and booleans ("True", "False") as text.
std::string value_text(const boost::json::object& object, std::string_view key);
const boost::json::object& object_of(const boost::json::object& object, std::string_view key);
const boost::json::array& array_of(const boost::json::object& object, std::string_view key);
std::optional<SystemTime> time_of(const boost::json::object& object, std::string_view key);

// The items of a list, or the one object itself.
std::vector<const boost::json::value*> items_of(const boost::json::value& answer);
// Each an object of that kind, else Errc::invalid: something else answered.
Result<std::vector<const boost::json::object*>> objects_of(const boost::json::value& answer,
                                                           std::string_view kind);

}    // namespace trueup::cli
