// SPDX-License-Identifier: Apache-2.0
// All files of a project as one canonical file: what `docker compose config` shows. After the files are
// loaded: name -> normal form -> profiles -> consistency -> variable and label files -> unused resources
// are dropped.
#pragma once

#include <map>
#include <string>

#include "controller/base/yaml.hpp"
#include "controller/compose/env_files.hpp"
#include "controller/compose/session.hpp"

namespace trueup::compose {

struct ProjectFileOptions {
    std::string name;         // "" = COMPOSE_PROJECT_NAME, the last `name:`, the folder's name
    std::string directory;    // absolute
    model::Strings files;     // absolute, in the order of merging
    model::StringMap variables;
    model::Strings profiles;    // none = COMPOSE_PROFILES
    model::Strings services;    // only these, with what they depend on; none = all
};

struct ProjectFile {
    yaml::Node file;    // a mapping, even when nothing could be loaded
    std::string name;
    model::Strings disabled;                             // services, by profile
    model::Strings profiles;                             // every profile that is named
    std::map<std::string, VariableSources> variables;    // by service
};

// Problems and warnings are in the session. As written (Session), the project ends with its normal form:
// every service and resource is in it.
ProjectFile load_project_file(const ProjectFileOptions& options, Session& session);

}    // namespace trueup::compose
