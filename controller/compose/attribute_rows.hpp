// SPDX-License-Identifier: Apache-2.0
// The table of attributes in its parts. To support an attribute is to change one word here, once
// render/ sends it to the engine.
#pragma once

#include "controller/compose/attributes.hpp"

namespace trueup::compose {

std::span<const ObjectRules> service_rules();
std::span<const ObjectRules> build_rules();
std::span<const ObjectRules> deploy_rules();
std::span<const ObjectRules> file_rules();

}    // namespace trueup::compose
