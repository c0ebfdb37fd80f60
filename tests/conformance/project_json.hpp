// SPDX-License-Identifier: Apache-2.0
// A Project as `docker compose config --format json` prints it, as far as trueup supports it, and the
// comparison of two such values: null, {}, [] and "" equal an absent member, except for command and
// entrypoint, where [] clears what the image says.
#pragma once

#include <boost/json/value.hpp>
#include <string>

#include "controller/model/project.hpp"

namespace trueup::conformance {

// `directory` of the tree, and everything below it, is shown below ${WORKDIR}.
boost::json::value to_json(const model::Project& project, const std::string& directory);

// Without what is empty, what has no effect on one engine, and what is a default.
boost::json::value normalised(const boost::json::value& value);

}    // namespace trueup::conformance
