// SPDX-License-Identifier: Apache-2.0
// Step: which files make the project, and the variables they may use. All paths here are absolute ones
// of Places.
#pragma once

#include <string>

#include "controller/base/result.hpp"
#include "controller/compose/load.hpp"
#include "controller/compose/session.hpp"

namespace trueup::compose {

// For a Stack: the files it names, else those of COMPOSE_FILE, else compose.yaml or one of its old names in
// `directory`, and the environment's file beside it. Warnings tell of files that plain Compose would read
// and trueup does not.
Result<model::Strings> find_stack_files(const Places& places, const std::string& directory,
                                        const LoadOptions& options,
                                        const model::StringMap& variables, Problems& warnings);

// What COMPOSE_FILE names, as it is written; none where it is not set.
model::Strings files_in_variable(const model::StringMap& variables);

// As Compose itself: compose.yaml or one of its old names in `directory` or the nearest folder above,
// and its override file. Errc::not_found when there is none.
Result<model::Strings> discover(const Places& places, const std::string& directory,
                                Problems& warnings);

// .env of `directory`, then the variable files, then options.variables; later ones win.
Result<model::StringMap> read_variables(const Places& places, const std::string& directory,
                                        const LoadOptions& options);

}    // namespace trueup::compose
