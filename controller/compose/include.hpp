// SPDX-License-Identifier: Apache-2.0
// Step: include (Compose Specification, "Include"). Each entry is a project of its own: its relative
// paths start at its own folder, its variables come from its own .env below those of the including one.
// What both say is merged, the including file over the included one. Cycles are refused.
#pragma once

#include <string>

#include "controller/base/yaml.hpp"
#include "controller/compose/load_files.hpp"
#include "controller/compose/resets.hpp"

namespace trueup::compose {

// Takes `include` out of a document of the file `path`, and puts what it brings in.
void apply_include(yaml::Node& document, const FileSet& files, const std::string& path,
                   const Resets& resets, Session& session);

}    // namespace trueup::compose
