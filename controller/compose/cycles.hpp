// SPDX-License-Identifier: Apache-2.0
// Part of consistency: services that depend on each other in a circle.
#pragma once

#include "controller/base/yaml.hpp"

namespace trueup::compose {

void check_cycles(const yaml::Node& services, Problems& problems);

}    // namespace trueup::compose
