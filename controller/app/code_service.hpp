// SPDX-License-Identifier: Apache-2.0
// Which service of a commit a container is of, by the labels that compose and trueup write. Pure but for
// reading the commit.
#pragma once

#include <string>

#include "controller/base/result.hpp"
#include "controller/code/code.hpp"
#include "controller/model/project.hpp"
#include "controller/source/revision.hpp"

namespace trueup::app {

// Where the labels say that its compose files are, and its service read from them. Errors: not_found
// (labels that name no service or no folder of this repository; no such service in the commit), and those
// of the compose files.
Result<model::Project> project_of_labels(const model::StringMap& labels,
                                         const source::LocalCommit& local);

// "app:/srv/app": from the commit, to an absolute path in the container. Errc::invalid.
Result<model::CodeMapping> parse_map(const std::string& text);

}    // namespace trueup::app
