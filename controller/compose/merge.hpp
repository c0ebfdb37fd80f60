// SPDX-License-Identifier: Apache-2.0
// Step: a later file over an earlier one (Compose Specification, "Merge"). Mappings merge by key;
// command, entrypoint and healthcheck.test are replaced; ports and volumes merge by what they take;
// other lists are appended without repeats. !reset removes, !override replaces.
#pragma once

#include "controller/base/yaml.hpp"

namespace trueup::compose {

// Both in long form. Tags stay in the result, so that a file of several documents still resets what
// earlier files say.
yaml::Node merge(yaml::Node base, yaml::Node over);

// Once everything is merged: what was reset goes, and the tags with it.
void apply_resets(yaml::Node& node);

}    // namespace trueup::compose
