// SPDX-License-Identifier: Apache-2.0
// Step: the canonical file becomes a Project. What needs the commit (binds, build contexts, files of
// configs and secrets) is looked up in the Tree; what one engine cannot do with a value is a problem.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "controller/compose/places.hpp"
#include "controller/compose/problems.hpp"
#include "controller/compose/project_file.hpp"
#include "controller/model/project.hpp"

namespace trueup::compose {

struct DecodeContext {
    const Places& places;
    std::string directory;    // of the project, absolute
    std::string
        host_directory;    // on the engine's host: relative binds that are not in the commit;
                           // "" = there is none
    Reporter& reporter;
};

model::Project decode(const ProjectFile& file, const DecodeContext& context);

// What cannot be although each part of it can.
void check_project(const model::Project& project, const yaml::Node& file,
                   const DecodeContext& context);

// A path that is not in the commit, as one of the engine's host: at or below hostDirectory, which stands
// for the project's folder. Nothing: there is no such place, which is told at `node`; `advice` is for
// where there is no hostDirectory.
std::optional<std::string> host_path(const std::string& source, const yaml::Node& node,
                                     std::string advice, const DecodeContext& context);

model::FileObject decode_config(const yaml::Entry& entry, const DecodeContext& context);
// Like a config, but nobody is told to commit it.
model::FileObject decode_secret(const yaml::Entry& entry, const DecodeContext& context);
// Once the services are decoded: reads the files of the commit that a service wants with an owner or a mode,
// and forgets and tells those where a file can only be mounted as it is.
void settle_files(const yaml::Node& file, const DecodeContext& context, model::Project& project);

// One service; decode() in its parts.
model::Service decode_service(const std::string& name, const yaml::Node& node,
                              const DecodeContext& context);
std::vector<model::Port> decode_ports(const yaml::Node& list, const DecodeContext& context);
model::Strings decode_expose(const yaml::Node& list, const DecodeContext& context);
// Dependencies, health check, restarts, replicas, pulls.
void decode_life(const yaml::Node& service, const DecodeContext& context, model::Service& result);
model::Build decode_build(const yaml::Node& node, const DecodeContext& context);
std::vector<model::Mount> decode_mounts(const yaml::Node& list, const DecodeContext& context);
void decode_resources(const yaml::Node& service, model::Service& result);
// Whether deploy.restart_policy.condition may say this.
bool is_restart_condition(std::string_view text);
std::vector<model::DeviceRequest> decode_device_requests(const yaml::Node& list);
std::map<std::string, model::Ulimit> decode_ulimits(const yaml::Node& mapping);
std::map<std::string, model::ServiceNetwork> decode_networks(const yaml::Node& mapping);
std::vector<model::Hook> decode_hooks(const yaml::Node& list);

}    // namespace trueup::compose
