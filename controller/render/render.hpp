// SPDX-License-Identifier: Apache-2.0
// A Project in the words of the Engine API: request bodies, names, labels and hashes. Pure. How each
// attribute is written was taken from docker compose 2.26.1, so that both bring up the same.
#pragma once

#include <boost/json/object.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "controller/model/project.hpp"
#include "controller/render/capability.hpp"

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
// It covers secrets and options of drivers, which may have few values that could be tried: so what is
// written down anywhere is made with the identity's key. Without a key it is the hash itself.
std::string keyed_hash(const std::string& key, const std::string& config_hash);
// What a container, network or volume carries is this hash: with the key, or as it was written before
// there were keys in it.
bool is_hash_of(const std::string& carried, const std::string& config_hash,
                const std::string& unkeyed_hash);
std::string network_hash(const model::Network& network);
std::string volume_hash(const model::Volume& volume);

// With deploy.restart_policy, which decides over `restart`.
model::RestartPolicy restart_policy(const model::Service& service);

// A name of the Container Device Interface, not a path: "vendor.com/class=device".
bool is_qualified_device(const model::Device& device);

// What a service has mounted, by target: its volumes, and its configs and secrets that are files.
std::map<std::string, model::Mount> mounts_by_target(const model::Project& project,
                                                     const model::Service& service);

// A config or secret whose content the compose file or a variable has, or a file of the commit that is to
// have an owner or mode: it is written into the container before that is started.
struct WrittenFile {
    std::string target;     // absolute
    std::string content;    // may be a secret
    std::uint32_t mode = 0;
    std::int64_t user = 0;
    std::int64_t group = 0;
};
bool is_written(const model::FileObject& object, const model::FileReference& reference);
std::vector<WrittenFile> written_files(const model::Project& project,
                                       const model::Service& service);

// The services whose network, IPC or process namespace, or volumes, the service shares: a container
// of theirs must be there before one of its own is created, and is named by its id.
std::set<std::string> shared_services(const model::Service& service);

// What only the moment of creation knows.
struct Creation {
    std::string image_id;    // what is run (an id, so a moved tag cannot change it)
    Capability capability;
    // service -> id of the container whose namespace or volumes the new one shares
    model::StringMap containers;
    // target -> name of the anonymous volume that the replaced container has there
    model::StringMap inherited;
};

// POST /containers/create; the engine takes Platform in the query.
boost::json::object container_body(const model::Project& project, const model::Service& service,
                                   int number, const StackIdentity& identity,
                                   const Creation& creation);

// Networks that the engine does not take at create: POST /networks/{name}/connect bodies without the
// "Container" field.
struct NetworkAttachment {
    std::string network_name;
    boost::json::object endpoint_config;
};
std::vector<NetworkAttachment> further_networks(const model::Project& project,
                                                const model::Service& service, int number,
                                                Capability capability);

// POST /networks/create and /volumes/create without name and labels.
boost::json::object network_settings(const model::Network& network);
boost::json::object volume_settings(const model::Volume& volume);

boost::json::object network_body(const model::Project& project, const model::Network& network,
                                 const StackIdentity& identity);
boost::json::object volume_body(const model::Project& project, const model::Volume& volume,
                                const StackIdentity& identity);

}    // namespace trueup::render
