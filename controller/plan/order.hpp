// SPDX-License-Identifier: Apache-2.0
// Services in the order of their dependencies. Inside plan/ only.
#pragma once

#include <vector>

#include "controller/model/project.hpp"

namespace trueup::plan {

// Every service once, after those it depends on, by name where that leaves a choice. A cycle (the
// loader refuses it) is cut where it is met.
std::vector<const model::Service*> in_dependency_order(const model::Project& project);

}    // namespace trueup::plan
