// SPDX-License-Identifier: Apache-2.0
// The pre_stop hooks that a container was made with, kept in the state directory for when it is stopped:
// by then its service may be gone from the commit, or the commit with its stack. A file for each
// configuration, <directory>/<ConfigHash>. Hooks may hold secrets, so they are in no label, and the file
// is encrypted with the key of the engine's owner labels. Blocking: for the pool.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "controller/base/result.hpp"
#include "controller/model/service.hpp"

namespace trueup::rollout {

struct HooksPlace {
    std::string directory;    // of one stack on one engine; "" = none are kept
    std::string key;          // "" = none are kept

    bool exists() const { return !directory.empty() && !key.empty(); }
};

// What is kept already stays as it is: the same hash is the same hooks.
Result<void> keep_hooks(const HooksPlace& place, const std::string& config_hash,
                        const std::vector<model::Hook>& hooks);

// Errc::not_found: none were kept; invalid: the file is no such file, or was written with another key.
Result<std::vector<model::Hook>> kept_hooks(const HooksPlace& place,
                                            const std::string& config_hash);

// Removes those of configurations that no container has any more. What cannot be removed stays.
void drop_hooks(const HooksPlace& place, const std::set<std::string>& config_hashes_in_use);

}    // namespace trueup::rollout
