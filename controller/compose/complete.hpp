// SPDX-License-Identifier: Apache-2.0
// Steps that fill in what the files leave to defaults.
#pragma once

#include <string>

#include "controller/base/yaml.hpp"
#include "controller/model/project.hpp"

namespace trueup::compose {

// After the last of a set of files: the context of a build, where secrets land, protocol and mode of
// ports, all devices where neither a count nor names are given.
void add_defaults(yaml::Node& file);

// Variables without a value take the environment's; secrets and configs out of the environment keep
// theirs as the member below, which is never printed. Its tag is one that no file can write, and names
// the variable: an included set of files has resolved what the including one may name otherwise.
void resolve_environment(yaml::Node& file, const model::StringMap& variables);
inline constexpr const char* value_member = "#value";
bool is_resolved(const yaml::Entry& entry);

// Once, on the whole project: its name, the implicit network, what a service depends on without saying
// so, the names of resources on the engine, clean targets, arguments of builds.
void normalise(yaml::Node& file, const std::string& project_name,
               const model::StringMap& variables);

// A path in a container: "/d/../e/" is "/e"; a relative one that climbs stays as it is.
std::string clean_target(const std::string& target);

// Drops networks, volumes, secrets, configs and models that no service of `users`, a file too, uses.
void drop_unused(yaml::Node& file, const yaml::Node& users);

// Host lists in one form, "host=address", sorted.
void settle_hosts(yaml::Node& file);

}    // namespace trueup::compose
