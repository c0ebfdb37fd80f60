// SPDX-License-Identifier: Apache-2.0
// A Tree out of a map.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "controller/model/tree.hpp"

namespace trueup::rollout::test {

class MemoryTree final : public model::Tree {
public:
    struct Node {
        model::EntryKind kind = model::EntryKind::file;
        std::string content;
        std::size_t size = 0;    // said to be this long, where that is more than the content
    };
    std::map<std::string, Node> nodes;    // directories follow from the paths of files

    Result<model::TreeEntry> stat(std::string_view path) const override {
        const std::string wanted(path);
        model::TreeEntry entry;
        entry.name = wanted.substr(wanted.rfind('/') + 1);
        entry.object_id = "id-of-" + wanted;
        const auto found = nodes.find(wanted);
        if (found != nodes.end()) {
            entry.kind = found->second.kind;
            return entry;
        }
        const auto below = nodes.lower_bound(wanted + "/");
        if (below == nodes.end() || !below->first.starts_with(wanted + "/"))
            return Error(Errc::not_found, "no " + wanted);
        entry.kind = model::EntryKind::directory;
        return entry;
    }

    Result<std::vector<model::TreeEntry>> list(std::string_view path) const override {
        const std::string prefix = path.empty() ? "" : std::string(path) + "/";
        std::set<std::string> names;
        for (const auto& [name, node] : nodes) {
            if (name.starts_with(prefix))
                names.insert(
                    name.substr(prefix.size(), name.find('/', prefix.size()) - prefix.size()));
        }
        std::vector<model::TreeEntry> entries;
        for (const std::string& name : names) entries.push_back(*stat(prefix + name));
        return entries;
    }

    Result<std::string> read(std::string_view path, std::size_t limit) const override {
        const auto found = nodes.find(std::string(path));
        if (found == nodes.end()) return Error(Errc::not_found, fmt::format("no {}", path));
        if (std::max(found->second.content.size(), found->second.size) > limit)
            return Error(Errc::invalid, fmt::format("{} is too long", path));
        return found->second.content;
    }
};

}    // namespace trueup::rollout::test
