// SPDX-License-Identifier: Apache-2.0
#include "controller/plan/resources.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "controller/plan/ownership.hpp"

namespace trueup::plan {
namespace {

using model::ObservedNetwork;
using model::ObservedVolume;

template <class Resource>
bool is_ours(const Resource& resource, const Inputs& inputs) {
    return plan::is_ours(resource, inputs.project.name, inputs.policy.identity);
}

// Of several with one name (old engines allow it) ours.
template <class Resource>
const Resource* find(const std::vector<Resource>& resources, const std::string& name,
                     const Inputs& inputs) {
    const Resource* found = nullptr;
    for (const Resource& each : resources) {
        if (each.name != name) continue;
        if (found == nullptr || (is_ours(each, inputs) && !is_ours(*found, inputs))) found = &each;
    }
    return found;
}

std::string hash_of(const model::Network& network) { return render::network_hash(network); }
std::string hash_of(const model::Volume& volume) { return render::volume_hash(volume); }

template <class Resource, class Wanted>
bool changed(const Resource* resource, const Wanted& wanted, const Inputs& inputs) {
    if (resource == nullptr || !is_ours(*resource, inputs)) return false;
    const std::string hash = hash_of(wanted);
    return !render::is_hash_of(resource->config_hash,
                               render::keyed_hash(inputs.policy.identity.key, hash), hash);
}

bool is_used(const ObservedNetwork& network, const model::Observed& observed) {
    return !network.others.empty() ||
           std::any_of(observed.containers.begin(), observed.containers.end(),
                       [&](const model::ObservedContainer& each) {
                           return each.networks.contains(network.name);
                       });
}

Plan::Blocked missing(std::string_view kind, const std::string& name) {
    return {"ResourceMissing", fmt::format("the {0} {1} is external and the engine has none of "
                                           "that name: create it, or remove `external` "
                                           "from it in the compose file",
                                           kind, name)};
}

// What to do about containers of others that are on a network.
std::string advice_on_others(const ObservedNetwork& network) {
    return fmt::format(
        "{} {} not of this stack and would no longer start without it: `docker network "
        "disconnect {} CONTAINER` takes one off it",
        fmt::join(network.others, ", "), network.others.size() == 1 ? "is" : "are", network.name);
}

Plan::Blocked network_changed(const ObservedNetwork& network, const Inputs& inputs) {
    const std::string others =
        network.others.empty() ? "" : fmt::format("; on it {}", advice_on_others(network));
    return {"NetworkChanged",
            fmt::format("the network {} was made with other settings than commit {} asks for; "
                        "making it anew takes "
                        "every service on it down, which trueup does not do by itself: run `docker "
                        "compose -p {} down` "
                        "(volumes stay), and everything is made anew{}",
                        network.name, short_commit(inputs.policy.identity.revision),
                        inputs.project.name, others)};
}

Held kept_for_others(const ObservedNetwork& network, const Cause& cause) {
    Held told;
    told.target = "network " + network.name;
    told.action = describe(RemoveNetwork{});
    told.cause = cause;
    told.reason = HoldReason::foreign;
    told.rule = advice_on_others(network);
    return told;
}

Plan::Blocked volume_changed(const std::string& name, const Inputs& inputs) {
    return {"VolumeChanged", fmt::format("the volume {} was made with other settings than commit "
                                         "{} asks for, and trueup never removes a "
                                         "volume: give it another name in the compose file, or "
                                         "move its data and remove it yourself",
                                         name, short_commit(inputs.policy.identity.revision))};
}

}    // namespace

std::optional<Plan::Blocked> find_blocking_resource(const Inputs& inputs) {
    for (const auto& [key, network] : inputs.project.networks) {
        const ObservedNetwork* found = find(inputs.observed.networks, network.name, inputs);
        if (network.external) {
            if (found == nullptr) return missing("network", network.name);
        } else if (changed(found, network, inputs) && is_used(*found, inputs.observed)) {
            return network_changed(*found, inputs);
        }
    }
    for (const auto& [key, volume] : inputs.project.volumes) {
        const ObservedVolume* found = find(inputs.observed.volumes, volume.name, inputs);
        if (volume.external) {
            if (found == nullptr) return missing("volume", volume.name);
        } else if (changed(found, volume, inputs)) {
            return volume_changed(volume.name, inputs);
        }
    }
    return std::nullopt;
}

ResourceActions add_resources(const Inputs& inputs, Draft& draft) {
    ResourceActions actions;
    for (const auto& [key, network] : inputs.project.networks) {
        const ObservedNetwork* found = find(inputs.observed.networks, network.name, inputs);
        const bool anew = !network.external && changed(found, network, inputs);
        if (network.external || (found != nullptr && !anew)) continue;
        const std::string target = "network " + network.name;
        Cause cause{Drift::state, "missing"};
        Numbers after;
        if (anew) {
            cause = Cause{Drift::config, "its settings changed"};
            after.insert(draft.add(target, "", RemoveNetwork{found->id, found->name}, cause, {}));
        }
        actions.networks[key] =
            draft.add(target, "", CreateNetwork{key, network.name}, cause, after);
    }
    for (const auto& [key, volume] : inputs.project.volumes) {
        if (volume.external || find(inputs.observed.volumes, volume.name, inputs) != nullptr)
            continue;
        actions.volumes[key] =
            draft.add("volume " + volume.name, "", CreateVolume{key, volume.name},
                      Cause{Drift::state, "missing"}, {});
    }
    return actions;
}

std::vector<Held> prune_networks(const Inputs& inputs, const Cause& cause,
                                 const std::map<std::string, int>& removed_by, Draft& draft) {
    std::vector<Held> held;
    std::vector<const ObservedNetwork*> unwanted;
    for (const ObservedNetwork& each : inputs.observed.networks) {
        const auto& wanted = inputs.project.networks;
        const bool needed = std::any_of(wanted.begin(), wanted.end(), [&](const auto& entry) {
            return entry.second.name == each.name;
        });
        // Also of a project that the stack was before.
        if (!needed && plan::is_ours(each, each.project, inputs.policy.identity))
            unwanted.push_back(&each);
    }
    for (const ObservedNetwork* network : unwanted) {
        Numbers after;
        bool kept = false;
        for (const auto* containers : {&inputs.observed.containers, &inputs.observed.elsewhere}) {
            for (const model::ObservedContainer& container : *containers) {
                if (!container.networks.contains(network->name)) continue;
                const auto removed = removed_by.find(container.id);
                kept = kept || removed == removed_by.end();
                if (removed != removed_by.end()) after.insert(removed->second);
            }
        }
        if (kept) continue;
        if (!network->others.empty()) {
            held.push_back(kept_for_others(*network, cause));
            continue;
        }
        draft.add("network " + network->name, "", RemoveNetwork{network->id, network->name}, cause,
                  after);
    }
    return held;
}

}    // namespace trueup::plan
