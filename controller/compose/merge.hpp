// SPDX-License-Identifier: Apache-2.0
// Step: a later file over an earlier one (Compose Specification, "Merge"). Mappings merge by key;
// command, entrypoint and healthcheck.test are replaced; ports and volumes merge by what they take;
// other lists are appended without repeats. !reset removes, !override replaces.
#pragma once

#include "controller/base/yaml.hpp"

namespace trueup::compose {

// Both in long form.
yaml::Node merge(yaml::Node base, yaml::Node over);

// Of the only or last file: tags that have nothing to act on any more.
void strip_tags(yaml::Node& node);

}    // namespace trueup::compose
