// SPDX-License-Identifier: Apache-2.0
// Bodies as Compose recorded them and as trueup renders them, in one spelling: what both write
// differently on purpose, or what means the same, is written one way.
#pragma once

#include <boost/json.hpp>
#include <string>

#include "controller/model/project.hpp"

namespace trueup::conformance {

// The folder below which trueup's bodies bind files of the commit.
inline constexpr const char* bind_root = "<binds>";

// Of a container, without what is zero.
boost::json::value comparable_container(boost::json::object body, const model::Project& project);
// Of a network or a volume.
boost::json::value comparable_resource(boost::json::object body);

}    // namespace trueup::conformance
