// SPDX-License-Identifier: Apache-2.0
// JSON as Go's encoding/json writes it, byte by byte: what a Compose config hash is made of.
#pragma once

#include <boost/json/value.hpp>
#include <string>

namespace trueup::compose {

// On one line.
std::string to_go_json(const boost::json::value& value);
// Indented by two spaces, as `docker compose config --format json`.
std::string to_indented_json(const boost::json::value& value);

}    // namespace trueup::compose
