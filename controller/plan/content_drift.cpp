// SPDX-License-Identifier: Apache-2.0
// A file of the commit is bound under the id of its content, so what a container has mounted tells which
// content it was made for. With those ids in place of the desired ones, the hash of the configuration is the
// container's where nothing else changed.
#include "controller/plan/content_drift.hpp"

#include <fmt/format.h>

#include <utility>

#include "controller/plan/draft.hpp"
#include "controller/render/render.hpp"

namespace trueup::plan {
namespace {

std::string last_part(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// The configs and secrets of a path have one content.
void put_back(std::map<std::string, model::FileObject>& objects, const std::string& path,
              const std::string& content_id) {
    for (auto& [key, object] : objects) {
        if (object.origin == model::FileOrigin::commit && object.path == path)
            object.content_id = content_id;
    }
}

}    // namespace

std::optional<Cause> content_difference(const model::ObservedContainer& container,
                                        const Wanted& wanted, const model::Project& project) {
    const model::Service& service = *wanted.service;
    model::Project before = project;
    model::Service& was = before.services.at(service.name);
    was.config_hash.clear();
    std::vector<std::string> changed;
    for (const auto& [target, mount] : render::mounts_by_target(project, service)) {
        if (!mount.in_commit) continue;
        const auto found = container.mounts.find(target);
        if (found == container.mounts.end()) return std::nullopt;
        const std::string content_id = last_part(found->second.source);
        if (content_id == mount.content_id) continue;
        changed.push_back(mount.source.empty() ? "." : mount.source);
        for (model::Mount& each : was.mounts) {
            if (each.target == target) each.content_id = content_id;
        }
        put_back(before.configs, mount.source, content_id);
        put_back(before.secrets, mount.source, content_id);
    }
    if (changed.empty()) return std::nullopt;
    const std::string hash = render::config_hash(before, was);
    if (!render::is_hash_of(container.config_hash, render::keyed_hash(wanted.key, hash), hash))
        return std::nullopt;
    const std::string more =
        changed.size() > 1 ? fmt::format(" and {} more", changed.size() - 1) : "";
    return Cause{Drift::content, fmt::format("{}{} {} from {}", changed.front(), more,
                                             changed.size() > 1 ? "differ" : "differs",
                                             short_commit(wanted.revision))};
}

}    // namespace trueup::plan
