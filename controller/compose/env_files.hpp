// SPDX-License-Identifier: Apache-2.0
// Step: the files a service takes its environment and labels from (Compose Specification, "env_file",
// "label_file"). Later files win over earlier ones, and what the service itself says over all of them.
#pragma once

#include <map>
#include <set>
#include <string>

#include "controller/base/yaml.hpp"
#include "controller/compose/session.hpp"

namespace trueup::compose {

// Where a service's variables come from.
struct VariableSources {
    model::Strings paths;           // in the tree
    std::set<std::string> names;    // of variables whose values stand there, and not in the service
};

// Reads them into `environment` and `labels` of every service, and takes the attributes out. By service,
// of those that have any.
std::map<std::string, VariableSources> read_service_files(yaml::Node& file,
                                                          const model::StringMap& variables,
                                                          Session& session);

}    // namespace trueup::compose
