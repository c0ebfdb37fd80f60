// SPDX-License-Identifier: Apache-2.0
#include "controller/reconcile/changed_folders.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <vector>

namespace trueup::reconcile {
namespace {

using model::TreeEntry;

constexpr int deepest = 64;
constexpr std::size_t most_known = 1'000;    // a stack has a few; the rest is of long ago

// Of a folder whose content the container has otherwise.
struct Changed {
    model::ObservedContainer* container = nullptr;
    const model::Mount* mount = nullptr;
    std::string before;
};

std::vector<Changed> changed_folders(const Desired& desired, model::Observed& observed) {
    const std::string root = desired.policy.identity.bind_root + "/";
    std::vector<Changed> all;
    for (model::ObservedContainer& container : observed.containers) {
        const auto service = desired.project.services.find(container.service);
        if (service == desired.project.services.end()) continue;
        for (const model::Mount& mount : service->second.mounts) {
            if (!mount.in_commit) continue;
            const auto found = container.mounts.find(mount.target);
            if (found == container.mounts.end() || !found->second.source.starts_with(root))
                continue;
            std::string before = found->second.source.substr(root.size());
            if (before != mount.content_id) all.push_back({&container, &mount, std::move(before)});
        }
    }
    return all;
}

std::string first_difference(const model::Tree& tree, const std::string& before,
                             const std::string& now, int depth) {
    const auto old_entries = tree.list_object(before);
    const auto new_entries = tree.list_object(now);
    if (!old_entries || !new_entries || depth > deepest) return {};
    auto left = old_entries->begin();
    auto right = new_entries->begin();
    while (left != old_entries->end() && right != new_entries->end() && *left == *right) {
        ++left;
        ++right;
    }
    const bool gone =
        right == new_entries->end() || (left != old_entries->end() && left->name < right->name);
    if (gone) return left == old_entries->end() ? std::string() : left->name;
    const bool both_folders = left != old_entries->end() && left->name == right->name &&
                              left->kind == model::EntryKind::directory &&
                              right->kind == model::EntryKind::directory;
    if (!both_folders) return right->name;
    const std::string inner = first_difference(tree, left->object_id, right->object_id, depth + 1);
    return inner.empty() ? right->name : fmt::format("{}/{}", right->name, inner);
}

}    // namespace

std::string first_difference(const model::Tree& tree, const std::string& before,
                             const std::string& now) {
    return first_difference(tree, before, now, 0);
}

void ChangedFolders::fill(const Desired& desired, model::Observed& observed) const {
    if (known_.empty()) return;
    for (const Changed& changed : changed_folders(desired, observed)) {
        const auto found = known_.find({changed.before, changed.mount->content_id});
        if (found == known_.end() || found->second.empty()) continue;
        const std::string& folder = changed.mount->source;
        if (folder.empty())
            changed.container->first_changes["."] = found->second;
        else
            changed.container->first_changes[folder] = fmt::format("{}/{}", folder, found->second);
    }
}

Task<void> ChangedFolders::look(Pool& pool, std::shared_ptr<const Desired> desired,
                                model::Observed& observed) {
    std::map<std::pair<std::string, std::string>, std::string> unknown;
    for (const Changed& changed : changed_folders(*desired, observed)) {
        std::pair<std::string, std::string> both(changed.before, changed.mount->content_id);
        if (!known_.contains(both)) unknown.emplace(std::move(both), "");
    }
    if (unknown.empty()) co_return Result<void>();
    std::function<void()> read = [&unknown, &desired] {
        for (auto& [both, first] : unknown)
            first = first_difference(*desired->commit.tree, both.first, both.second);
    };
    co_await base::offload(pool, std::move(read));
    if (known_.size() > most_known) known_.clear();
    known_.merge(unknown);
    fill(*desired, observed);
    co_return Result<void>();
}

}    // namespace trueup::reconcile
