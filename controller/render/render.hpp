// SPDX-License-Identifier: Apache-2.0
// A Project in the words of the Engine API (1.41): request bodies, names, labels and hashes. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "controller/model/project.hpp"

namespace trueup::render {

// Who deploys what: goes into labels, but for the key.
struct StackIdentity {
    std::string controller = "trueup";    // owner label
    std::string stack;
    std::string environment;
    std::string revision;       // full commit id
    std::string bind_root;      // absolute folder on the engine's host that holds materialised
                                // binds as <bind_root>/<content_id>
    std::string working_dir;    // for com.docker.compose.project.working_dir
    std::string key;            // of seals, a secret: see seal.hpp; "" = none are written

    bool operator==(const StackIdentity&) const = default;
};

// "<project>-<service>-<number>", or the service's container_name.
std::string container_name(const std::string& project_name, const model::Service& service,
                           int number);
// What the service's image is called on the engine: its `image`, or "<project>-<service>" when built.
std::string image_reference(const std::string& project_name, const model::Service& service);

// ConfigHash: changes exactly when the rendered service does. Not part of it: the image's id, the
// revision, labels that carry them, the container's number and name suffix. Service::config_hash, once
// filled, is returned as it is.
std::string config_hash(const model::Project& project, const model::Service& service);
std::string network_hash(const model::Network& network);
std::string volume_hash(const model::Volume& volume);

// POST /containers/create. `image_id` is what is run (an id, so a moved tag cannot change it).
boost::json::object container_body(const model::Project& project, const model::Service& service,
                                   int number, const StackIdentity& identity,
                                   const std::string& image_id);

// Networks after the first (API < 1.44 accepts one at create): POST /networks/{name}/connect bodies
// without the "Container" field.
struct NetworkAttachment {
    std::string network_name;
    boost::json::object endpoint_config;
};
std::vector<NetworkAttachment> further_networks(const model::Project& project,
                                                const model::Service& service, int number);

boost::json::object network_body(const model::Project& project, const model::Network& network,
                                 const StackIdentity& identity);
boost::json::object volume_body(const model::Project& project, const model::Volume& volume,
                                const StackIdentity& identity);

}    // namespace trueup::render
