// SPDX-License-Identifier: Apache-2.0
// The pre_stop hooks that a container was made with, kept in the state directory for when it is stopped:
// by then its service may be gone from the commit, or the commit with its stack. A file for each
// configuration, <directory>/<ConfigHash>, for the controller's user only: hooks may hold secrets, so they
// are in no label. Blocking: for the pool.
#pragma once

#include <string>
#include <vector>

#include "controller/base/result.hpp"
#include "controller/model/service.hpp"

namespace trueup::rollout {

// What is kept already stays as it is: the same hash is the same hooks.
Result<void> keep_hooks(const std::string& directory, const std::string& config_hash,
                        const std::vector<model::Hook>& hooks);

// Errc::not_found: none were kept; invalid: the file is no such file.
Result<std::vector<model::Hook>> kept_hooks(const std::string& directory,
                                            const std::string& config_hash);

}    // namespace trueup::rollout
