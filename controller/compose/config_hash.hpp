// SPDX-License-Identifier: Apache-2.0
// The hash that docker compose 2.26.1 gives a service (`docker compose config --hash`, and the label
// com.docker.compose.config-hash of what it creates): SHA-256 of Go's JSON of the service without what
// does not need a new container. Other versions of compose hash other things.
#pragma once

#include <string>

#include "controller/base/yaml.hpp"

namespace trueup::compose {

// Of a service of a canonical project. 64 hexadecimal digits.
std::string compose_config_hash(const yaml::Node& service);

}    // namespace trueup::compose
