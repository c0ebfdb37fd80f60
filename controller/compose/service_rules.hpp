// SPDX-License-Identifier: Apache-2.0
// Part of consistency: what one service says must fit together.
#pragma once

#include "controller/base/yaml.hpp"
#include "controller/compose/problems.hpp"

namespace trueup::compose {

// An image, a build, or a provider.
void check_origin(const yaml::Entry& service, Reporter& reporter);

void check_service(const yaml::Node& service, Reporter& reporter);

}    // namespace trueup::compose
