// SPDX-License-Identifier: Apache-2.0
// Step: what may stand where. Unknown names get a suggestion, known ones that trueup does not act on
// yet are refused as such: never ignored. `x-` extensions are free everywhere.
#pragma once

#include "controller/base/yaml.hpp"

namespace trueup::compose {

// The Compose Specification's objects, as far as we look into them.
enum class Object : std::uint8_t {
    file,
    service,
    build,
    healthcheck,
    deploy,
    port,
    mount,
    service_network,
    dependency,
    env_file,
    network,
    volume,
};

// Adds a problem for every entry of `node` that may not stand in that object. Not a mapping: no problem here.
void check_attributes(const yaml::Node& node, Object object, Problems& problems);

// YAML tags that say something trueup does not know.
void check_tags(const yaml::Node& node, Problems& problems);

// The whole of one compose file, after its short forms were made long. Names of services, networks
// and volumes too.
void check_file(const yaml::Node& file, Problems& problems);

}    // namespace trueup::compose
