// SPDX-License-Identifier: Apache-2.0
// A rejected file keeps the stacks that it gave before, which may be others than it names now: so it
// goes round until no further file is rejected.
#include "controller/reconcile/file_names.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

#include "controller/reconcile/registry.hpp"

namespace trueup::reconcile {
namespace {

using Claims = std::map<std::string, std::set<std::string>>;    // stack -> files

Claims claims_of(const FileStacks& named, const std::map<std::string, Entry>& before,
                 const std::map<std::string, Error>& rejected) {
    Claims claims;
    for (const auto& [file, stacks] : named) {
        for (const v1alpha1::Stack* stack : stacks) claims[stack->metadata.name].insert(file);
    }
    for (const auto& [name, entry] : before) {
        const std::string& file = entry.file;
        const bool stays = std::any_of(rejected.begin(), rejected.end(), [&](const auto& each) {
            return speaks_for(each.first, file);
        });
        if (stays) claims[name].insert(file);
    }
    return claims;
}

Problems contested(const std::string& file, const std::vector<const v1alpha1::Stack*>& stacks,
                   const Claims& claims) {
    Problems problems;
    std::set<std::string> seen;
    for (const v1alpha1::Stack* stack : stacks) {
        std::set<std::string> others = claims.at(stack->metadata.name);
        if (seen.insert(stack->metadata.name).second) others.erase(file);
        if (others.empty()) continue;
        problems.push_back(
            Problem{stack->position,
                    fmt::format("Stack '{}' is also that of {}: none of these files is taken, and "
                                "what was in force stays",
                                stack->metadata.name, fmt::join(others, " and ")),
                    "rename or remove one of them"});
    }
    return problems;
}

}    // namespace

bool speaks_for(const std::string& path, const std::string& file) {
    if (path == file) return true;
    return file.size() > path.size() && file.starts_with(path) &&
           (path.ends_with('/') || file[path.size()] == '/');
}

void reject_contested(const FileStacks& named, const std::map<std::string, Entry>& before,
                      std::map<std::string, Error>& rejected) {
    for (bool grown = true; grown;) {
        grown = false;
        const Claims claims = claims_of(named, before, rejected);
        for (const auto& [file, stacks] : named) {
            if (rejected.contains(file)) continue;
            Problems problems = contested(file, stacks, claims);
            if (problems.empty()) continue;
            rejected.emplace(file, Error(std::move(problems)));
            grown = true;
        }
    }
}

}    // namespace trueup::reconcile
