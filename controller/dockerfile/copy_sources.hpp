// SPDX-License-Identifier: Apache-2.0
// What the words of a COPY or ADD name. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "controller/dockerfile/copy.hpp"

namespace trueup::dockerfile {

// The paths that a source names, links not followed: itself, or what its wildcards match, in order.
std::vector<std::string> match_sources(const StageFiles& files, const std::string& word,
                                       Budget& budget);

// What ADD may find to be a tar inside, by its name.
bool is_archive(std::string_view path);
// What ADD fetches.
bool is_remote(std::string_view word);
// `target` can only be meant as a file, not as a folder for it: the same name, or the same ending.
bool names_a_file(std::string_view source, std::string_view target);

}    // namespace trueup::dockerfile
