// SPDX-License-Identifier: Apache-2.0
// Step: what the schema cannot say of single resources: attributes that exclude each other, addresses,
// policies.
#pragma once

#include "controller/base/yaml.hpp"

namespace trueup::compose {

// A canonical file, before its paths are resolved.
void check_rules(const yaml::Node& file, Problems& problems);

}    // namespace trueup::compose
