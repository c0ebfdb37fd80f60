// SPDX-License-Identifier: Apache-2.0
// Files of the commit that are bound into containers, written down on the engine's host by content:
// <bind_root>/<content id>, read-only. Another commit with the same content finds them there; one
// with other content makes another path, so a container never sees a file change under it.
#pragma once

#include <string>

#include "controller/base/result.hpp"
#include "controller/model/project.hpp"
#include "controller/model/tree.hpp"

namespace trueup::rollout {

// Writes what `mount` (a bind in the commit) binds, if it is not there yet: under another name
// first, then renamed, so it is there whole or not at all. Blocking: for the pool.
// Errc::invalid: a symbolic link or a submodule at its root, more than 1 GiB; denied: the folder
// cannot be written.
Result<void> materialise(const model::Tree& tree, const model::Mount& mount,
                         const std::string& bind_root);

}    // namespace trueup::rollout
