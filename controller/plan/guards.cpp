// SPDX-License-Identifier: Apache-2.0
// A mount is known by where it is in the container. What counts is what the container there now may
// write to: a read-only source holds nothing that could be left behind.
#include "controller/plan/guards.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/digest.hpp"
#include "controller/base/text.hpp"
#include "controller/plan/guard_token.hpp"

namespace trueup::plan {
namespace {

using model::MountedKind;
using model::ObservedContainer;
using model::ObservedMount;

// The name that the engine gives to a volume without one.
bool is_anonymous(const ObservedMount& mount) {
    constexpr std::size_t digits = 64;
    return mount.kind == MountedKind::volume && mount.source.size() == digits &&
           mount.source.find_first_not_of("0123456789abcdef") == std::string::npos;
}

// Likewise one that is not made yet.
bool has_no_name(const ObservedMount& mount) {
    return is_anonymous(mount) || (mount.kind == MountedKind::volume && mount.source.empty());
}

// Nothing that is kept after the container has a name, or is not kept at all.
bool keeps_data(const ObservedMount& mount) {
    return mount.writable && (mount.kind == MountedKind::volume || mount.kind == MountedKind::bind);
}

bool is_same(const ObservedMount& before, const ObservedMount& after) {
    if (before.kind != after.kind) return false;
    return has_no_name(before) ? has_no_name(after) : before.source == after.source;
}

std::string describe(const ObservedMount& mount) {
    switch (mount.kind) {
        case MountedKind::volume:
            return has_no_name(mount) ? "a volume without a name" : "volume " + mount.source;
        case MountedKind::bind: return "the host's " + mount.source;
        case MountedKind::tmpfs: return "memory";
        case MountedKind::other: break;
    }
    return "something else";
}

// As the engine writes it: "/data/./x/" is "/data/x".
std::string tidy(const std::string& path) {
    const auto normal = path.starts_with('/') ? base::normal_path(path.substr(1)) : std::nullopt;
    return normal ? "/" + *normal : path;
}

// What the service asks for, as the engine would tell it; nothing where no data is kept.
std::optional<ObservedMount> wanted_mount(const model::Mount& mount, const Inputs& inputs) {
    ObservedMount wanted;
    wanted.writable = !mount.read_only;
    switch (mount.kind) {
        case model::MountKind::volume: {
            if (mount.source.empty()) return wanted;
            const auto volume = inputs.project.volumes.find(mount.source);
            if (volume == inputs.project.volumes.end()) return std::nullopt;
            wanted.source = volume->second.name;
            return wanted;
        }
        case model::MountKind::bind:
            wanted.kind = MountedKind::bind;
            wanted.source = mount.in_commit
                                ? "what commit " + short_commit(inputs.policy.identity.revision) +
                                      " has at " + mount.source
                                : tidy(mount.source);
            return wanted;
        case model::MountKind::tmpfs: wanted.kind = MountedKind::tmpfs; return wanted;
        case model::MountKind::image: wanted.kind = MountedKind::other; return wanted;
    }
    return std::nullopt;
}

bool exists(const std::string& volume, const model::Observed& observed) {
    return std::any_of(observed.volumes.begin(), observed.volumes.end(),
                       [&](const auto& each) { return each.name == volume; });
}

bool is_new(const ObservedMount& mount, const Inputs& inputs) {
    return mount.kind == MountedKind::volume && !exists(mount.source, inputs.observed);
}

GuardedChange changed(const Slot& slot, const std::string& target, const ObservedMount& before,
                      const ObservedMount& after, const Inputs& inputs) {
    const bool volumes = before.kind == MountedKind::volume && after.kind == MountedKind::volume;
    return {volumes && !is_anonymous(before) ? "VolumeRenamed" : "MountChanged",
            fmt::format("service {} would have {}{} at {} instead of {}, which stays as it is",
                        slot.service->name, describe(after),
                        is_new(after, inputs) ? ", new and empty," : "", target, describe(before))};
}

GuardedChange dropped(const Slot& slot, const std::string& target, const ObservedMount& before) {
    return {"MountChanged",
            fmt::format("service {} would no longer have {} at {}, which stays as it is",
                        slot.service->name, describe(before), target)};
}

// By target, where the engine would show it; nothing where another project's container gives it some.
struct WantedMounts {
    std::map<std::string, ObservedMount> by_target;
    bool complete = true;
};

void add_mounts(const model::Service& service, const Inputs& inputs, int depth,
                WantedMounts& wanted) {
    for (const model::Mount& mount : service.mounts) {
        if (auto each = wanted_mount(mount, inputs))
            wanted.by_target.emplace(tidy(mount.target), std::move(*each));
    }
    for (const std::string& text : service.tmpfs) {
        ObservedMount memory;
        memory.kind = MountedKind::tmpfs;
        wanted.by_target.emplace(tidy(text.substr(0, text.find(':'))), std::move(memory));
    }
    for (const std::string& text : service.volumes_from) {
        const auto other = inputs.project.services.find(text.substr(0, text.find(':')));
        // Who shares in a circle is refused elsewhere.
        if (other == inputs.project.services.end() || depth == 0)
            wanted.complete = false;
        else
            add_mounts(other->second, inputs, depth - 1, wanted);
    }
}

WantedMounts mounts_of(const model::Service& service, const Inputs& inputs) {
    constexpr int deep_enough = 16;
    WantedMounts wanted;
    add_mounts(service, inputs, deep_enough, wanted);
    return wanted;
}

// A service of the project has it, wherever.
bool is_wanted(const ObservedMount& mount, const Inputs& inputs) {
    const auto& services = inputs.project.services;
    return std::any_of(services.begin(), services.end(), [&](const auto& entry) {
        const auto& mounts = entry.second.mounts;
        return std::any_of(mounts.begin(), mounts.end(), [&](const model::Mount& each) {
            const auto wanted = wanted_mount(each, inputs);
            return wanted && is_same(mount, *wanted);
        });
    });
}

// A service that goes kept data there: it may have been called so before.
std::optional<GuardedChange> taken_from(const ObservedContainer& gone, const Slot& slot,
                                        const std::string& target, const ObservedMount& after,
                                        const Inputs& inputs) {
    const auto found = gone.mounts.find(target);
    if (found == gone.mounts.end()) return std::nullopt;
    const ObservedMount& before = found->second;
    if (!keeps_data(before) || has_no_name(before) || is_wanted(before, inputs))
        return std::nullopt;
    return GuardedChange{
        before.kind == MountedKind::volume && after.kind == MountedKind::volume ? "VolumeRenamed"
                                                                                : "MountChanged",
        fmt::format(
            "service {} would have {}{} at {}; service {}, which is not in {}, has {} there, "
            "which stays as it is",
            slot.service->name, describe(after), is_new(after, inputs) ? ", new and empty," : "",
            target, gone.service, short_commit(inputs.policy.identity.revision), describe(before))};
}

// Volumes of the project that no service has any more.
std::string unused_volumes(const Inputs& inputs) {
    std::string names;
    for (const model::ObservedVolume& volume : inputs.observed.volumes) {
        ObservedMount mount;
        mount.source = volume.name;
        if (volume.project != inputs.project.name || has_no_name(mount) || is_wanted(mount, inputs))
            continue;
        names += (names.empty() ? "" : ", ") + volume.name;
    }
    return names;
}

// Nothing stands in the place: what was there before can only be told by what is left of it.
std::vector<GuardedChange> new_mounts(const Slot& slot, const Slots& slots, const Inputs& inputs) {
    std::vector<GuardedChange> changes;
    const std::vector<Slot>& places = slots.of_service.at(slot.service->name);
    const bool any = std::any_of(places.begin(), places.end(), [](const Slot& each) {
        return each.current != nullptr || each.previous != nullptr;
    });
    if (any) return changes;
    const auto& applied = inputs.policy.applied;
    const bool ran = applied && applied->services.contains(slot.service->name);
    const std::string unused = ran ? unused_volumes(inputs) : std::string();
    for (const model::Mount& mount : slot.service->mounts) {
        const auto after = wanted_mount(mount, inputs);
        if (!after || !keeps_data(*after)) continue;
        const std::string target = tidy(mount.target);
        std::optional<GuardedChange> change;
        for (const ObservedContainer* gone : slots.orphans) {
            if (!change) change = taken_from(*gone, slot, target, *after, inputs);
        }
        if (!change && !unused.empty() && !has_no_name(*after) && is_new(*after, inputs)) {
            change = GuardedChange{
                "VolumeRenamed",
                fmt::format(
                    "service {}, which ran before and has no container any more, would have "
                    "{}, new and empty, at {}, while no service uses {} of the project, "
                    "which stays as it is",
                    slot.service->name, describe(*after), target, unused)};
        }
        if (change) changes.push_back(std::move(*change));
    }
    return changes;
}

std::string names(const std::vector<const ObservedContainer*>& containers) {
    std::string text;
    for (const ObservedContainer* each : containers)
        text += (text.empty() ? "" : ", ") + each->name;
    return text;
}

}    // namespace

std::optional<GuardedChange> renamed_project(const Slots& slots, const Inputs& inputs) {
    // Left to run on, they are asked about until the stack is there under its new name.
    if (slots.moved.empty() || (!inputs.policy.prune && !slots.ours.empty())) return std::nullopt;
    return GuardedChange{
        "ProjectRenamed",
        fmt::format("the stack runs as project {}, and would be made anew as project {}, with "
                    "volumes of that name: its containers ({}) {}, its volumes stay as they are",
                    slots.moved.front()->project, inputs.project.name, names(slots.moved),
                    inputs.policy.prune ? "would be removed" : "would run on")};
}

std::optional<GuardedChange> lost_volumes(const Slots& slots, const Inputs& inputs) {
    const bool any = !slots.ours.empty() || !slots.adoptable.empty() || !slots.moved.empty();
    if (!inputs.policy.applied || any) return std::nullopt;
    std::string lost;
    for (const auto& [key, volume] : inputs.project.volumes) {
        if (volume.external) continue;
        if (exists(volume.name, inputs.observed)) return std::nullopt;
        lost += (lost.empty() ? "" : ", ") + volume.name;
    }
    if (lost.empty()) return std::nullopt;
    return GuardedChange{
        "VolumesGone",
        fmt::format(
            "the engine has nothing of the stack any more, which ran commit {} there, and "
            "none of its volumes ({}): it would be made anew with new and empty ones. Where "
            "another engine answers, or this one was started with other data, bring back "
            "what was there",
            short_commit(inputs.policy.applied->commit), lost)};
}

std::vector<GuardedChange> changed_mounts(const Slot& slot, const Slots& slots,
                                          const Inputs& inputs) {
    const ObservedContainer* before = slot.current != nullptr ? slot.current : slot.previous;
    if (before == nullptr) return new_mounts(slot, slots, inputs);
    std::vector<GuardedChange> changes;
    const WantedMounts wanted = mounts_of(*slot.service, inputs);
    for (const auto& [target, now] : before->mounts) {
        if (!keeps_data(now)) continue;
        const auto after = wanted.by_target.find(target);
        if (after == wanted.by_target.end()) {
            // A volume without a name is the image's, or goes with the container.
            if (!has_no_name(now) && wanted.complete) changes.push_back(dropped(slot, target, now));
        } else if (!is_same(now, after->second)) {
            changes.push_back(changed(slot, target, now, after->second, inputs));
        }
    }
    return changes;
}

std::optional<Plan::Blocked> guard(std::vector<GuardedChange> changes, const Policy& policy) {
    std::string message;
    std::string reason;
    for (const GuardedChange& change : changes) {
        // Replicas of a service tell the same.
        if (message.find(change.message) != std::string::npos) continue;
        if (reason.empty()) reason = change.reason;
        message += (message.empty() ? "" : "; ") + change.message;
    }
    if (message.empty()) return std::nullopt;
    std::string token =
        std::string(guard_token) + base::sha256_hex(policy.identity.stack + "\n" + message);
    if (policy.confirmed.contains(token)) return std::nullopt;
    return Plan::Blocked{std::move(reason),
                         fmt::format("{}. `trueup confirm {}` lets exactly this through", message,
                                     policy.identity.stack),
                         std::move(token)};
}

}    // namespace trueup::plan
