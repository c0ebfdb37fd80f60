// SPDX-License-Identifier: Apache-2.0
// What a service says to the engine, and nothing that varies by revision, replica or host. Lists whose
// order means nothing are sorted, so that moving a line in a compose file replaces no container.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <utility>
#include <vector>

#include "controller/model/project.hpp"

namespace trueup::render {

// The members of the body beside HostConfig.
boost::json::object rendered_config(const model::Service& service);

// Binds of the commit lie below `bind_root` under their content's id.
boost::json::object host_config(const model::Project& project, const model::Service& service,
                                const std::string& bind_root);

using NetworkEntry = std::pair<const std::string, model::ServiceNetwork>;

// By priority, highest first, then by name; the first is the container's network mode.
std::vector<const NetworkEntry*> ordered_networks(const model::Service& service);

// `container` is the container's name, "" for none.
boost::json::object endpoint(const model::ServiceNetwork& network, const model::Service& service,
                             const std::string& container);

}    // namespace trueup::render
