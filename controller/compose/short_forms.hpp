// SPDX-License-Identifier: Apache-2.0
// Step: short forms become long ones, so that files of both styles merge: "8080:80" becomes a mapping,
// a list of networks a mapping, KEY=value a member.
#pragma once

#include "controller/base/yaml.hpp"

namespace trueup::compose {

// One compose file, in place.
void expand_short_forms(yaml::Node& file, Problems& problems);

// "[HOST_IP:][PUBLISHED:]TARGET[/PROTOCOL]" with ranges -> {target, published, host_ip, protocol} each.
Result<std::vector<yaml::Node>> expand_port(const yaml::Node& scalar);
// "[SOURCE:]TARGET[:MODE]" -> {type, source, target, read_only}.
Result<yaml::Node> expand_volume(const yaml::Node& scalar);

}    // namespace trueup::compose
