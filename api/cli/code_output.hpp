// SPDX-License-Identifier: Apache-2.0
// What `trueup code` prints. Pure. Names and contents from elsewhere are made safe for a terminal.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "controller/app/code_check.hpp"

namespace trueup::cli {

// {commit, path, kind: file|executable|symlink|directory|submodule, id}
boost::json::object to_json(const app::CodeHash& hash);

// {container, containerId, commit, proven, files, differenceCount, differences: [{path, change}],
//  bytecode: [text], bytecodeCount, ofImage: [path], ofImageCount, changedByBuild: [text],
//  changedByBuildCount, notFollowed: [text]}
boost::json::object to_json(const app::CodeCheck& check);
// The verdict in a line, then the files, one a line.
std::string verdict_text(const app::CodeCheck& check);

// One file's part of `code diff`: a unified diff, or a line that says why there is none.
std::string diff_text(const app::DifferingFile& file);
std::string diff_text(const app::CodeCheck& check);
// What no diff shows: the verdict where bytecode, what its image brought along, or nothing that could be
// told makes it. "" = the diff says all.
std::string beside_diff(const app::CodeCheck& check);
// As of `verify`, each difference with {binary, diff}.
boost::json::object to_diff_json(const app::CodeCheck& check);

}    // namespace trueup::cli
