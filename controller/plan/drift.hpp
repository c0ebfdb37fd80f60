// SPDX-License-Identifier: Apache-2.0
// In what a container differs from what its service should be, state aside. Inside plan/ only.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "controller/model/observed.hpp"
#include "controller/plan/images.hpp"
#include "controller/plan/plan.hpp"

namespace trueup::plan {

struct Wanted {
    const model::Service* service = nullptr;
    std::string config_hash;
    bool ignores = false;    // some attributes take no part in config_hash
    ImageChoice image;
    const render::StackIdentity* identity = nullptr;    // with the commit that is desired
    const std::set<const model::ObservedContainer*>* adoptable = nullptr;    // of Slots
    // Recurs in the place, and is told already: what else differs there counts all the same.
    std::set<Drift> overlooked{};

    // Made for this very configuration.
    bool is_made_for(const model::ObservedContainer& container) const {
        return render::is_hash_of(container.config_hash, config_hash, service->unkeyed_hash);
    }
    // Another tool created it.
    bool is_adoptable(const model::ObservedContainer& container) const {
        return adoptable->contains(&container);
    }
};

// Why the container must be replaced; nothing when it is right, what is overlooked aside. A container made for an older
// commit that is equal in configuration, image and code is right.
std::optional<Cause> difference(const model::ObservedContainer& container, const Wanted& wanted,
                                const model::Project& project, const model::Observed& observed,
                                const Images& images);

}    // namespace trueup::plan
