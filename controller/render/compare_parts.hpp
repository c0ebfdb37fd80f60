// SPDX-License-Identifier: Apache-2.0
// Inside render/ only: the parts of a comparison, and reading JSON that may lack anything.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "controller/render/compare.hpp"

namespace trueup::render {

// What differs.
using Names = std::set<std::string>;

// The member, or what is empty of its kind: what is missing is nowhere an error.
const boost::json::value& member(const boost::json::object& object, std::string_view key);
const boost::json::object& object_at(const boost::json::object& object, std::string_view key);
const boost::json::array& array_at(const boost::json::object& object, std::string_view key);
std::string text_at(const boost::json::object& object, std::string_view key);
std::string text_of(const boost::json::value& value);
// 0 for what is no whole number.
std::int64_t number_of(const boost::json::value& value);

// null, false, 0, "", [] and {}: what an engine writes for "not set".
bool is_nothing(const boost::json::value& value);
// Equal, or both nothing; numbers by value; members of objects likewise.
bool is_same(const boost::json::value& left, const boost::json::value& right);

// compare_config.cpp: everything beside HostConfig and networks.
void compare_config(const WantedContainer& wanted, const boost::json::object& inspect,
                    const boost::json::object& image, Names& names);
// compare_host.cpp
void compare_host(const WantedContainer& wanted, const boost::json::object& inspect, Names& names);
void compare_mounts(const WantedContainer& wanted, const boost::json::object& inspect,
                    const boost::json::object& image, Names& names);
void compare_networks(const WantedContainer& wanted, const boost::json::object& inspect,
                      Names& names);

}    // namespace trueup::render
