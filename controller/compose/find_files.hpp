// SPDX-License-Identifier: Apache-2.0
// Step: which files of the commit make the project, and the variables they may use.
#pragma once

#include <string>
#include <string_view>

#include "controller/base/result.hpp"
#include "controller/compose/load.hpp"
#include "controller/model/tree.hpp"

namespace trueup::compose {

// The text of a file of up to 1 MiB. A folder or a symbolic link is none: following links could leave
// the commit, so they are refused by name.
Result<std::string> read_text(const model::Tree& tree, std::string_view path);

// Paths in the tree: the ones named, else compose.yaml or one of its old names, and the environment's
// file beside it. Warnings tell of files that plain Compose would read and trueup does not.
Result<model::Strings> find_compose_files(const model::Tree& tree, const LoadOptions& options,
                                          Problems& warnings);

// .env, then the variable files, then options.variables; later ones win.
Result<model::StringMap> read_variables(const model::Tree& tree, const LoadOptions& options);

}    // namespace trueup::compose
