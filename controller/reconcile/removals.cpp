// SPDX-License-Identifier: Apache-2.0
#include "controller/reconcile/removals.hpp"

#include <fmt/format.h>

#include "controller/base/digest.hpp"
#include "controller/reconcile/registry.hpp"

namespace trueup::reconcile {
namespace {

bool is_to_be_removed(const Entry& entry) {
    return entry.file_gone && entry.moved_to.empty() && !entry.refused &&
           entry.stack.spec.sync.deletion_policy == v1alpha1::DeletionPolicy::remove;
}

std::string question(const std::vector<std::string>& names, std::size_t known) {
    const bool all = names.size() == known;
    return fmt::format(
        "the {} of {} {} gone{}; sync.deletionPolicy: delete would remove {} containers and "
        "networks "
        "(never volumes), {} of {} stacks: `trueup confirm {}` if that is meant",
        names.size() == 1 ? "file" : "files", fmt::join(names, ", "),
        names.size() == 1 ? "is" : "are",
        all ? ", and the desired state names no stack any more" : "",
        names.size() == 1 ? "its" : "their", names.size(), known, names.front());
}

}    // namespace

void mark_removals(std::map<std::string, Entry>& entries, SteadyTime now) {
    std::vector<std::string> names;
    for (auto& [name, entry] : entries) {
        if (is_to_be_removed(entry)) {
            names.push_back(name);
        } else {
            entry.removal.reset();
        }
    }
    // Those whose files went before, and that stay, make none of these fewer.
    std::size_t known = names.size();
    for (const auto& [name, entry] : entries) known += entry.file_gone ? 0 : 1;
    const bool waits = names.size() > 1 || names.size() * 5 > known;
    for (const std::string& name : names) {
        Entry& entry = entries.at(name);
        Removal removal;
        removal.since = entry.removal ? entry.removal->since : now;
        removal.together = names;
        if (waits) {
            removal.token = base::sha256_hex(fmt::format("remove\n{}", fmt::join(names, "\n")));
            removal.question = question(names, known);
        }
        entry.removal = std::move(removal);
    }
}

}    // namespace trueup::reconcile
