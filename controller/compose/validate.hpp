// SPDX-License-Identifier: Apache-2.0
// Step: what the Compose Specification's schema says, along the table of attributes: names, types,
// required members, words, unique items, and whether sizes, durations and numbers can be read. Unknown
// names get a suggestion. Short and long forms; `x-` extensions are free everywhere.
#pragma once

#include "controller/base/yaml.hpp"

namespace trueup::compose {

// A merged file. With `interpolated` false, values that still hold a "$" are not looked at.
void validate(const yaml::Node& file, bool interpolated, Problems& problems);

}    // namespace trueup::compose
