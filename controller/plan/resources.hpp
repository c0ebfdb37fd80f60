// SPDX-License-Identifier: Apache-2.0
// Networks and volumes. Inside plan/ only.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "controller/plan/draft.hpp"

namespace trueup::plan {

struct Inputs {
    const model::Project& project;
    const model::Observed& observed;
    const Policy& policy;
};

// Why networks or volumes forbid any change.
std::optional<Plan::Blocked> find_blocking_resource(const Inputs& inputs);

// Creates what is missing, and makes anew a network of ours that changed while nobody was on it.
// By key: the action after which it is there; no entry where it is there already.
struct ResourceActions {
    std::map<std::string, int> networks;
    std::map<std::string, int> volumes;
};
ResourceActions add_resources(const Inputs& inputs, Draft& draft);

// Removes networks of ours that are not desired, each after the actions that remove its containers
// (container id -> action); one that keeps a container stays. What stays for the containers of others
// is returned.
std::vector<Held> prune_networks(const Inputs& inputs, const Cause& cause,
                                 const std::map<std::string, int>& removed_by, Draft& draft);

}    // namespace trueup::plan
