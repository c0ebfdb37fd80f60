// SPDX-License-Identifier: Apache-2.0
// Step: which services take part (Compose Specification, "Profiles").
#pragma once

#include "controller/base/yaml.hpp"
#include "controller/model/project.hpp"

namespace trueup::compose {

// Takes services out that no active profile enables, and returns their names. A service without
// profiles always takes part; "*" is every profile.
model::Strings drop_disabled(yaml::Node& file, const model::Strings& profiles,
                             const model::Strings& wanted);

// Leaves only the services named, with what they depend on; none named = all. A name that is no service
// is a problem.
void select_services(yaml::Node& file, const model::Strings& wanted, Problems& problems);

// Every profile that a service names, sorted.
model::Strings profile_names(const yaml::Node& file);

}    // namespace trueup::compose
