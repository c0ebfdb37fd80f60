// SPDX-License-Identifier: Apache-2.0
// The short forms that have a grammar of their own: ports, volumes, devices.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "controller/base/result.hpp"
#include "controller/base/yaml.hpp"

namespace trueup::compose {

// "8080:80", "127.0.0.1:5000-5010:5000-5010/udp", "80" (Compose Specification, "ports"): one long form a
// port, in the order Compose prints them.
Result<std::vector<yaml::Node>> expand_port(const yaml::Node& node);
bool is_ip_address(const std::string& text);
bool is_port_range(std::string_view text);    // "80" or "80-90", 0 to 65535
bool is_protocol(std::string_view text);      // tcp, udp, sctp

// "name:/path", "./file:/path:ro", "/anonymous" (Compose Specification, "volumes"), Windows drives
// included. A "${…}" is one piece.
Result<yaml::Node> expand_volume(const yaml::Node& node);

// "/dev/a", "/dev/a:/dev/b", "/dev/a:/dev/b:rw".
Result<yaml::Node> expand_device(const yaml::Node& node);

}    // namespace trueup::compose
