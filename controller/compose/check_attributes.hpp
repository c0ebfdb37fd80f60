// SPDX-License-Identifier: Apache-2.0
// Step: what may stand where. Unknown names get a suggestion, known ones that trueup does not act on
// are refused as such: never ignored. `x-` extensions are free everywhere.
#pragma once

#include "controller/base/yaml.hpp"

namespace trueup::compose {

// YAML tags that say something trueup does not know.
void check_tags(const yaml::Node& node, Problems& problems);

// The whole of one compose file, after its short forms were made long. Names of services, networks
// and volumes too.
void check_file(const yaml::Node& file, Problems& problems);

}    // namespace trueup::compose
