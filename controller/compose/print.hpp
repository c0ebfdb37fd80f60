// SPDX-License-Identifier: Apache-2.0
// A canonical project as `docker compose config` prints it: typed values, in Compose's order.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "controller/base/yaml.hpp"

namespace trueup::compose {

enum class PrintStyle : unsigned char {
    json,    // as Go marshals Compose's types: absent commands as null, empty structures, no inner x-*
    yaml,    // without anything that says nothing, with every x-*
    hash,    // json as docker compose 2.26.1 has it: modes as numbers, create_host_path told
};

boost::json::object to_json(const yaml::Node& file, PrintStyle style);

// A file whose values are as written (Session::as_written).
boost::json::object as_written_to_json(const yaml::Node& file);

// One service, for hashes.
boost::json::object service_to_json(const yaml::Node& service, PrintStyle style);

// Every "$" of a text doubled, so that what is printed can be loaded again.
void double_dollars(boost::json::value& value);

}    // namespace trueup::compose
