// SPDX-License-Identifier: Apache-2.0
// Compose files of a commit -> Project. One file per load step; this header is the whole of them.
// Pure: files come through a Tree, the environment is an argument.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/base/result.hpp"
#include "controller/model/project.hpp"
#include "controller/model/tree.hpp"

namespace trueup::compose {

// A file of variables for interpolation.
struct VariableFile {
    std::string path;    // in the tree, relative to project_directory; or of a file on a host
    // Of a file on a host, which the caller read; nothing = it is in the tree.
    std::optional<std::string> host_content;
};

struct LoadOptions {
    std::string
        project_name;    // the Stack's; "" = Compose's rules: COMPOSE_PROJECT_NAME, the last
                         // `name:`, the project directory's name
    std::string project_directory;    // in the tree, "" = its root; relative paths start there
    model::Strings files;             // relative to project_directory; empty = COMPOSE_FILE of the
                                      // variables, else discovery below
    std::string environment;          // adds compose.<environment>.yaml to discovery when it exists
    model::Strings profiles;
    model::StringMap variables;    // for interpolation; they win over variable files
    std::string host_directory;    // absolute, on the engine's host: relative binds that are not in
                                   // the tree live there; "" = they are refused
    // In this order, later ones win; ".env" of the project directory is read first when it exists.
    std::vector<VariableFile> variable_files;
};

// The project, with warnings in it; or Errc::invalid with every problem found, each with its
// file:line:column and what to do. Errc::not_found only when the tree has no compose file at all.
// Attributes of the Compose Specification that are not supported yet are refused by name and place.
Result<model::Project> load(const model::Tree& tree, const LoadOptions& options);

}    // namespace trueup::compose
