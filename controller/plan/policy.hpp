// SPDX-License-Identifier: Apache-2.0
// What decides beside the project and the world: whose it is, what the Stack says about drift, and
// what is remembered of earlier runs. Losing the memory never harms a stack: then the containers'
// own labels tell what was applied.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "api/v1alpha1/stack.hpp"
#include "controller/base/clock.hpp"
#include "controller/model/project.hpp"
#include "controller/plan/cause.hpp"
#include "controller/render/render.hpp"

namespace trueup::plan {

// What was brought to run last, and held.
struct Applied {
    std::string commit;
    std::map<std::string, std::string> services;    // name -> applied_hash()

    bool operator==(const Applied&) const = default;
};

// Changes exactly when what is wanted of the service does: its configuration, what its image is
// built from, how many there are, and the commit where its code comes from elsewhere.
std::string applied_hash(const model::Project& project, const model::Service& service,
                         const std::string& commit);

// One time that something was put right which had changed by itself.
struct Correction {
    std::string service;
    Drift drift = Drift::state;
    SystemTime time;
    std::string applied_hash;    // of the service, as it was put right

    bool operator==(const Correction&) const = default;
};

// The last time that an image was pulled for the stack.
struct Pull {
    std::string commit;    // that was desired then
    SystemTime time;

    bool operator==(const Pull&) const = default;
};

inline constexpr std::size_t corrections_allowed = 3;
inline constexpr std::chrono::minutes correction_window{10};

struct Policy {
    render::StackIdentity identity;
    bool prune = true;    // remove containers and networks of ours that are not desired

    // What changed by itself is put right, told and left, or left. What the operator wants anew is
    // done whatever this says.
    v1alpha1::DriftCorrection drift_correction = v1alpha1::DriftCorrection::enabled;
    std::chrono::nanoseconds grace = std::chrono::minutes(1);
    bool adopt = false;    // take over containers of the project that another tool created
    std::vector<std::string> ignore;    // JSON pointers: see ignore.hpp

    // remembered
    std::optional<Applied> applied;
    std::vector<Correction> corrections;    // oldest first
    std::set<std::string> confirmed;        // tokens that a person said yes to
    std::map<std::string, Pull> pulls;      // by reference
    std::string self_container_id;          // the controller's own container; "" = it is in none

    bool operator==(const Policy&) const = default;
};

// The token of "put it right once more" when the same drift of a service was put right
// corrections_allowed times within correction_window; nothing when it was not, when the desired
// state of the service changed since, or when a person confirmed that token.
std::optional<std::string> recurs(const Policy& policy, const std::string& service, Drift drift,
                                  const std::string& applied_hash);

}    // namespace trueup::plan
