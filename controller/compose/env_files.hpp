// SPDX-License-Identifier: Apache-2.0
// Step: the files a service takes its environment and labels from (Compose Specification, "env_file",
// "label_file"). Later files win over earlier ones, and what the service itself says over all of them.
#pragma once

#include "controller/base/yaml.hpp"
#include "controller/compose/session.hpp"

namespace trueup::compose {

// Reads them into `environment` and `labels` of every service, and takes the attributes out.
void read_service_files(yaml::Node& file, const model::StringMap& variables, Session& session);

}    // namespace trueup::compose
