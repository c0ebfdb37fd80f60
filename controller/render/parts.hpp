// SPDX-License-Identifier: Apache-2.0
// The members of a container's body, one function for each group of attributes. Lists whose order
// means nothing are sorted, so that moving a line in a compose file replaces no container. Inside
// render/ only.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <utility>
#include <vector>

#include "controller/model/project.hpp"
#include "controller/render/capability.hpp"
#include "controller/render/render.hpp"

namespace trueup::render {

// What else a body is made from. With nothing in it (the ConfigHash) the body says only what the
// compose files say.
struct Surroundings {
    Capability capability;
    std::string bind_root;
    // service -> id of the container whose namespace or volumes are shared
    model::StringMap containers;
    model::StringMap inherited;    // target -> name of an anonymous volume
    int number = 0;                // of the replica; 0 = none
    bool content = true;           // false: leave out what tells content from content
};

// config.cpp: the members beside HostConfig and NetworkingConfig; without Image and Labels.
boost::json::object config(const model::Service& service, const Surroundings& around);

// host.cpp
boost::json::object host_config(const model::Project& project, const model::Service& service,
                                const Surroundings& around);

// mounts.cpp: Binds, Mounts, Tmpfs and VolumesFrom.
void add_mounts(const model::Project& project, const model::Service& service,
                const Surroundings& around, boost::json::object& host);

// resources.cpp
void add_resources(const model::Service& service, boost::json::object& host);

// networks.cpp
using NetworkEntry = std::pair<const std::string, model::ServiceNetwork>;

// By priority, highest first, then by name; the first is the container's network mode.
std::vector<const NetworkEntry*> ordered_networks(const model::Service& service);

// "" where the service has networks of its own, which decide.
std::string network_mode(const model::Service& service, const Surroundings& around);

// "service:NAME" of any namespace as the engine knows it.
std::string shared(const std::string& mode, const Surroundings& around);

// "container:alias" for every container of the linked services.
model::Strings links(const model::Project& project, const model::Service& service);

boost::json::object endpoint(const model::Project& project, const model::Service& service,
                             const NetworkEntry& entry, const Surroundings& around);

}    // namespace trueup::render
