// SPDX-License-Identifier: Apache-2.0
// JSON values as text for people and programs: `-o json` and `-o yaml`. Pure.
#pragma once

#include <boost/json/value.hpp>
#include <string>

namespace trueup::cli {

// Indented by four spaces, as kubectl does, with a newline at the end.
std::string to_pretty_json(const boost::json::value& value);

// Block style, keys in their order, strings quoted wherever a YAML 1.1 or 1.2 reader could take
// them for something else; texts of several lines as literal blocks.
std::string to_yaml(const boost::json::value& value);

}    // namespace trueup::cli
