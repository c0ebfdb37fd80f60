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
// What the parts of a port may be, in either form.
bool is_ip_address(const std::string& text);
bool is_port_range(std::string_view text);    // "8000" or "8000-8010", within 0 to 65535
bool is_protocol(std::string_view text);
// "[SOURCE:]TARGET[:MODE]" -> {type, source, target, read_only}.
Result<yaml::Node> expand_volume(const yaml::Node& scalar);

}    // namespace trueup::compose
