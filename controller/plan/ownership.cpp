// SPDX-License-Identifier: Apache-2.0
#include "controller/plan/ownership.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/digest.hpp"
#include "controller/plan/slots.hpp"
#include "controller/render/seal.hpp"

namespace trueup::plan {
namespace {

using model::ObservedContainer;
using render::StackIdentity;

// Its own name, or one that a rollout or docker compose gives it meanwhile.
bool is_called(const std::string& found, const std::string& name) {
    const std::string own = own_name(found);
    return found == name || own == name || is_left_over(own, name);
}

// Of one that was sealed before there was a name in it: it stands where it was made for, or nobody
// else has its labels.
bool is_the_only_one(const ObservedContainer& container, const model::Observed& observed) {
    const std::string usual =
        fmt::format("{}-{}-{}", container.project, container.service, container.number);
    if (is_called(container.name, usual)) return true;
    const auto is_twin = [&](const ObservedContainer& other) {
        return other.seal == container.seal && other.made_as.empty() &&
               !is_called(other.name, own_name(container.name));
    };
    const auto has_twin = [&](const std::vector<ObservedContainer>& all) {
        return std::any_of(all.begin(), all.end(), is_twin);
    };
    return !has_twin(observed.containers) && !has_twin(observed.elsewhere);
}

// A name can be given once, so a copy of all labels has another one.
bool has_its_name(const ObservedContainer& container, const model::Observed& observed) {
    return container.made_as.empty() ? is_the_only_one(container, observed)
                                     : is_called(container.name, container.made_as);
}

bool is_sealed(const ObservedContainer& container, const StackIdentity& identity) {
    if (identity.key.empty()) return true;
    render::SealedContainer sealed;
    sealed.project = container.project;
    sealed.service = container.service;
    sealed.number = container.number;
    sealed.image_id = container.image_id;
    sealed.config_hash = container.config_hash;
    sealed.revision = container.revision;
    sealed.name = container.made_as;
    return base::equal_in_constant_time(render::seal(identity, sealed), container.seal);
}

// Without a key a container that trueup made from such an image looks the same: then nothing is said.
bool is_from_image(const ObservedContainer& container, const model::Observed& observed) {
    if (container.seal.empty()) return false;
    const auto image = observed.images.find(container.image_id);
    return image != observed.images.end() && !image->second.owner.empty() &&
           image->second.owner == container.owner && image->second.seal == container.seal;
}

template <class Resource>
bool is_ours(const Resource& resource, std::string_view kind, const std::string& project,
             const StackIdentity& identity) {
    if (!resource.owned || resource.stack != identity.stack || resource.project != project)
        return false;
    if (identity.key.empty()) return true;
    const render::SealedResource sealed{kind, project, resource.key, resource.name,
                                        resource.config_hash};
    return base::equal_in_constant_time(render::seal(identity, sealed), resource.seal);
}

}    // namespace

bool is_ours(const ObservedContainer& container, const model::Observed& observed,
             const StackIdentity& identity) {
    if (!container.owned || container.owner != identity.controller ||
        container.stack != identity.stack)
        return false;
    return container.adopted ||
           (is_sealed(container, identity) && !is_from_image(container, observed) &&
            (identity.key.empty() || has_its_name(container, observed)));
}

bool is_ours(const model::ObservedNetwork& network, const std::string& project,
             const StackIdentity& identity) {
    return is_ours(network, "network", project, identity);
}

bool is_ours(const model::ObservedVolume& volume, const std::string& project,
             const StackIdentity& identity) {
    return is_ours(volume, "volume", project, identity);
}

void take_over(ObservedContainer& container, const AdoptContainer& adopted,
               const StackIdentity& identity) {
    container.adopted = true;
    container.owned = true;
    container.owner = identity.controller;
    container.stack = identity.stack;
    container.service = adopted.service;
    container.number = adopted.number;
    container.config_hash = adopted.config_hash;
    container.recipe_id = adopted.recipe_id;
    container.revision = adopted.revision;
}

Claim claim_of(const ObservedContainer& container, const model::Observed& observed,
               const StackIdentity& identity) {
    if (!container.owned || is_from_image(container, observed)) return Claim::nobody;
    if (container.owner != identity.controller) return Claim::other_controller;
    return container.stack == identity.stack ? Claim::nobody : Claim::other_stack;
}

std::string why_foreign(const ObservedContainer& container, const model::Observed& observed,
                        const StackIdentity& identity) {
    if (!container.owned) return {};
    if (is_from_image(container, observed))
        return "it has trueup's labels from its image, which was made from a container of trueup";
    switch (claim_of(container, observed, identity)) {
        case Claim::other_controller:
            return fmt::format("controller {} created it", container.owner);
        case Claim::other_stack: return fmt::format("it belongs to stack {}", container.stack);
        case Claim::nobody: break;
    }
    if (is_sealed(container, identity)) {
        return container.made_as.empty()
                   ? "it has all labels of another container: one of them is a copy"
                   : fmt::format("it has the labels of {}: a copy of it, or somebody renamed it",
                                 container.made_as);
    }
    return "it has trueup's labels without the seal that this controller would have written";
}

}    // namespace trueup::plan
