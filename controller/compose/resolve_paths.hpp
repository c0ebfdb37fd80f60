// SPDX-License-Identifier: Apache-2.0
// Step: relative paths become absolute ones ("//x" in the commit, "/x" on a host), as seen from the
// folder that the file they stand in is for. URLs and images stay as they are.
#pragma once

#include <string>
#include <string_view>

#include "controller/base/yaml.hpp"
#include "controller/compose/session.hpp"

namespace trueup::compose {

// A canonical file, in place. The source of a bind that leaves the commit stays relative: it may be a
// folder of the host that the Stack names.
void resolve_paths(yaml::Node& file, const std::string& directory, Session& session);

// "https://…", "git@…", "github.com/…", "docker-image://…", "service:…": not a path.
bool is_remote(std::string_view path);

}    // namespace trueup::compose
