// SPDX-License-Identifier: Apache-2.0
// Secrets that are files: the engine binds them, and only their paths are known elsewhere.
#pragma once

#include "controller/model/project.hpp"
#include "controller/model/tree.hpp"

namespace trueup::rollout {

// The contents of those of the service, as far as they can be read here, at most 64 KiB each; for a
// Mask. Reads the commit and this host: for the pool.
model::Strings bound_secrets(const model::Project& project, const model::Service& service,
                             const model::Tree& tree);

}    // namespace trueup::rollout
