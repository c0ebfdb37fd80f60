// SPDX-License-Identifier: Apache-2.0
// Step: what only the whole project shows: references to nothing, attributes that contradict each other,
// targets mounted twice, circles, names taken twice.
#pragma once

#include "controller/base/yaml.hpp"
#include "controller/model/project.hpp"

namespace trueup::compose {

// A normalised project with its enabled services; `disabled` are the names of the others.
void check_consistency(const yaml::Node& file, const model::Strings& disabled, Problems& problems);

}    // namespace trueup::compose
