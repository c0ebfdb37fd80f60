// SPDX-License-Identifier: Apache-2.0
// Step: the merged tree becomes a Project. Wrong types are problems with their place; what needs the
// commit (binds, env files) is read through the Tree.
#pragma once

#include <set>

#include "controller/base/yaml.hpp"
#include "controller/compose/interpolate.hpp"
#include "controller/model/project.hpp"
#include "controller/model/tree.hpp"

namespace trueup::compose {

struct DecodeContext {
    const model::Tree& tree;
    std::string project_directory;     // in the tree
    const Lookup& lookup;              // values for `environment: {KEY: }`
    std::set<std::string> profiles;    // active ones; "*" = all
    Problems& problems;
    std::size_t& env_file_bytes;    // that may still be read, for all services together
};

model::Project decode(const yaml::Node& file, const std::string& project_name,
                      const DecodeContext& context);

// One service; decode() in its parts.
model::Service decode_service(const std::string& name, const yaml::Node& node,
                              const DecodeContext& context);
void decode_mounts(const yaml::Node& list, const DecodeContext& context, model::Service& service);
void decode_environment(const yaml::Node& node, const DecodeContext& context,
                        model::Service& service);

// `path` of a compose file, relative to the project directory, as a path in the tree; nothing when it
// leaves the commit.
std::optional<std::string> tree_path(const DecodeContext& context, std::string_view path);

}    // namespace trueup::compose
