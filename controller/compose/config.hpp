// SPDX-License-Identifier: Apache-2.0
// A project on a disk, found and loaded as `docker compose config` does: discovery upward, override
// files, .env and the COMPOSE_* variables. Pure: the file system is a Tree, the environment an argument.
#pragma once

#include <string>

#include "controller/base/result.hpp"
#include "controller/compose/project_file.hpp"
#include "controller/model/tree.hpp"

namespace trueup::compose {

struct ConfigOptions {
    std::string working_directory;    // absolute; where relative paths of these options start
    model::StringMap environment;     // of the process
    model::Strings files;             // -f; none = COMPOSE_FILE, else discovery
    std::string project_directory;    // --project-directory; "" = that of the first file
    std::string project_name;         // -p
    model::Strings profiles;          // --profile; none = COMPOSE_PROFILES
    model::Strings variable_files;    // --env-file; none = COMPOSE_ENV_FILES, else .env
    model::Strings services;          // only these, with what they depend on
    bool interpolate = true;
    bool as_written = false;    // see Session; without interpolation only
};

struct Config {
    ProjectFile project;
    Problems warnings;
};

// Errc::invalid with every problem; Errc::not_found when there is no compose file.
Result<Config> load_config(const model::Tree& file_system, const ConfigOptions& options);

}    // namespace trueup::compose
