// SPDX-License-Identifier: Apache-2.0
// Steps, for each document of each file in turn: resets and overrides are noted -> variables -> include ->
// what is to be reset is forgotten -> extends -> merge -> unicity -> schema -> canonical form. After the
// last file: defaults, rules, paths, variables of the environment. Included files go the same way by
// themselves; an extended file stops at its canonical form.
#pragma once

#include <string>
#include <vector>

#include "controller/base/yaml.hpp"
#include "controller/compose/session.hpp"

namespace trueup::compose {

// Where a set of files is loaded.
struct FileSet {
    model::Strings paths;     // absolute, in the order of merging
    std::string directory;    // absolute; relative paths start there
    const model::StringMap& variables;
    std::vector<std::string> including;    // files that led here, outermost first
    Place from;                            // what names them
};

// One canonical file of them all; what is wrong is told in the session.
yaml::Node load_files(const FileSet& files, Session& session);

// Reads include's and --env-file's files: later ones win, `known` wins over all of them.
model::StringMap read_variable_files(const model::Strings& paths, const model::StringMap& known,
                                     const Place& from, Session& session);

}    // namespace trueup::compose
