// SPDX-License-Identifier: Apache-2.0
// Step: the implicit default network, what is not used is dropped, and everything that is named must
// exist.
#pragma once

#include "controller/base/yaml.hpp"
#include "controller/model/project.hpp"

namespace trueup::compose {

void complete(model::Project& project);
// With the places of the services. A service without image is only told of when nothing else is
// wrong: its image may be what was misspelt.
void check_consistency(model::Project& project, Problems& problems);

}    // namespace trueup::compose
