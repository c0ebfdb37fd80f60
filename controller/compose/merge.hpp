// SPDX-License-Identifier: Apache-2.0
// Step: a later file over an earlier one, and a service over the one it extends (Compose
// Specification, "Merge"). What each attribute does stands in the table of attributes. Works on short
// and long forms alike.
#pragma once

#include "controller/base/yaml.hpp"
#include "controller/compose/attributes.hpp"
#include "controller/compose/problems.hpp"

namespace trueup::compose {

// `over` laid over `base`, both what `object` is: a file, a service, a network… A mapping over a list, and
// the like, is a problem.
yaml::Node merge(yaml::Node base, yaml::Node over, Object object, Problems& problems);
// The same at the reporter's path.
yaml::Node merge(yaml::Node base, yaml::Node over, Object object, Reporter& reporter);

// Drops items that a later one of the same list replaces.
void enforce_unicity(yaml::Node& node, Object object);

}    // namespace trueup::compose
