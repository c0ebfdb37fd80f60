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

std::string describe(const ObservedMount& mount) {
    switch (mount.kind) {
        case MountedKind::volume:
            return is_anonymous(mount) ? "a volume without a name" : "volume " + mount.source;
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
            if (mount.source.empty()) return std::nullopt;
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

GuardedChange changed(const Slot& slot, const std::string& target, const ObservedMount& before,
                      const ObservedMount& after, const Inputs& inputs) {
    const bool volumes = before.kind == MountedKind::volume && after.kind == MountedKind::volume;
    const bool empty = after.kind == MountedKind::volume && !exists(after.source, inputs.observed);
    return {volumes && !is_anonymous(before) ? "VolumeRenamed" : "MountChanged",
            fmt::format("service {} would have {}{} at {} instead of {}, which stays as it is",
                        slot.service->name, describe(after), empty ? ", new and empty," : "",
                        target, describe(before))};
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

std::vector<GuardedChange> changed_mounts(const Slot& slot, const Inputs& inputs) {
    const ObservedContainer* before = slot.current != nullptr ? slot.current : slot.previous;
    std::vector<GuardedChange> changes;
    if (before == nullptr) return changes;
    for (const model::Mount& mount : slot.service->mounts) {
        const auto found = before->mounts.find(mount.target);
        if (found == before->mounts.end() || !found->second.writable) continue;
        const auto after = wanted_mount(mount, inputs);
        const ObservedMount& now = found->second;
        if (!after || now.kind == MountedKind::tmpfs || now.kind == MountedKind::other) continue;
        if (after->kind != now.kind || after->source != now.source)
            changes.push_back(changed(slot, mount.target, now, *after, inputs));
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
