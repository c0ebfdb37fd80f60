// SPDX-License-Identifier: Apache-2.0
// Step: what trueup does not act on is refused, with its place, the reason and what to use instead: never
// ignored. What says nothing to one engine is accepted and told.
#pragma once

#include "controller/base/yaml.hpp"

namespace trueup::compose {

// A canonical project with its enabled services.
void check_support(const yaml::Node& file, Problems& problems, Problems& warnings);

}    // namespace trueup::compose
