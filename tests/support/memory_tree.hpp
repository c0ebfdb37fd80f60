// SPDX-License-Identifier: Apache-2.0
// A commit in memory: files by path, directories follow from them. Object ids are git's for files;
// a directory's covers the names and ids below it, so that it changes when they do.
#pragma once

#include <fmt/format.h>

#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/base/digest.hpp"
#include "controller/model/tree.hpp"

namespace trueup::test {

class MemoryTree final : public model::Tree {
public:
    MemoryTree() = default;
    MemoryTree(std::initializer_list<std::pair<std::string, std::string>> files) {
        for (const auto& [path, content] : files) add(path, content);
    }

    void add(const std::string& path, std::string content,
             model::EntryKind kind = model::EntryKind::file) {
        nodes_[path] = Node{kind, std::move(content)};
    }

    Result<model::TreeEntry> stat(std::string_view path) const override {
        model::TreeEntry entry;
        entry.name = std::string(path.substr(path.rfind('/') + 1));
        const auto found = nodes_.find(path);
        if (found != nodes_.end()) {
            entry.kind = found->second.kind;
            entry.object_id = base::git_blob_id(found->second.content);
            return entry;
        }
        const std::string prefix = path.empty() ? "" : std::string(path) + "/";
        std::string below;
        for (auto node = nodes_.lower_bound(prefix);
             node != nodes_.end() && node->first.starts_with(prefix); ++node) {
            below += fmt::format("{} {}\n", node->first.substr(prefix.size()),
                                 base::git_blob_id(node->second.content));
        }
        if (below.empty() && !path.empty())
            return Error(Errc::not_found, fmt::format("there is no {} in the commit", path));
        entry.kind = model::EntryKind::directory;
        entry.object_id = base::sha1_hex(below);
        return entry;
    }

    Result<std::vector<model::TreeEntry>> list(std::string_view path) const override {
        const std::string prefix = path.empty() ? "" : std::string(path) + "/";
        std::set<std::string> names;
        for (auto node = nodes_.lower_bound(prefix);
             node != nodes_.end() && node->first.starts_with(prefix); ++node) {
            const std::string rest = node->first.substr(prefix.size());
            names.insert(rest.substr(0, rest.find('/')));
        }
        std::vector<model::TreeEntry> entries;
        for (const std::string& name : names) entries.push_back(*stat(prefix + name));
        return entries;
    }

    Result<std::string> read(std::string_view path, std::size_t limit) const override {
        const auto found = nodes_.find(path);
        if (found == nodes_.end())
            return Error(Errc::not_found, fmt::format("there is no {} in the commit", path));
        if (found->second.content.size() > limit)
            return Error(Errc::invalid, fmt::format("{} is longer than {} bytes", path, limit));
        return found->second.content;
    }

private:
    struct Node {
        model::EntryKind kind = model::EntryKind::file;
        std::string content;
    };
    std::map<std::string, Node, std::less<>> nodes_;
};

}    // namespace trueup::test
