// SPDX-License-Identifier: Apache-2.0
// Seccomp profiles: the engine wants their text where a compose file names a file.
#pragma once

#include <cstddef>
#include <string>

#include "controller/base/result.hpp"
#include "controller/model/project.hpp"
#include "controller/model/tree.hpp"

namespace trueup::render {

inline constexpr std::size_t profile_bytes = std::size_t{1} << 20U;

// Puts the profile, as compact JSON, in the place of every `seccomp=FILE` of security_opt; FILE is
// relative to `project_directory` in the tree. Errc::invalid with all problems, each at its option: a
// path outside of the commit, no such file, more than 1 MiB, not JSON.
Result<void> inline_profiles(model::Project& project, const model::Tree& tree,
                             const std::string& project_directory);

}    // namespace trueup::render
