// SPDX-License-Identifier: Apache-2.0
// Where the files of a project are. A path of the canonical model is absolute: "/srv/x" on a host, or
// "//x" for x in the commit, whose root is the tree's. A tree that is a host's file system has "/" as
// its root, and then every path is readable.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "controller/base/result.hpp"
#include "controller/model/tree.hpp"

namespace trueup::compose {

class Places {
public:
    // `home` stands for "~"; "" = there is none.
    Places(const model::Tree& tree, bool is_host, std::string home);

    // A path of the tree as an absolute one.
    std::string absolute(std::string_view tree_path) const;
    // `path` as written in a file whose relative paths start at `directory`; nothing when it leaves
    // the commit, or starts with "~" and there is no home. Absolute ones stay as they are.
    std::optional<std::string> resolve(std::string_view directory, std::string_view path) const;
    // The same, for a path that may be absolute only.
    std::optional<std::string> join(std::string_view directory, std::string_view path) const;

    bool is_in_tree(std::string_view absolute) const;
    // Of an absolute path in the tree.
    std::string tree_path(std::string_view absolute) const;
    // An absolute path as a person writes it: without the mark of a commit's root.
    std::string shown(std::string_view absolute) const;
    // "commit" or "host", for messages.
    std::string_view what() const { return is_host_ ? "host" : "commit"; }
    bool is_host() const { return is_host_; }

    struct Found {
        std::string path;    // in the tree
        model::TreeEntry entry;
    };
    // What an absolute path in the tree leads to, symbolic links followed. Errc::not_found: nothing is
    // there; Errc::invalid: a link leads out of the commit, or in a circle.
    Result<Found> find(std::string_view absolute) const;
    bool exists(std::string_view absolute) const;    // a link that may not be followed does
    bool is_directory(std::string_view absolute) const;
    // The text of a file of up to 1 MiB. A folder is none.
    Result<std::string> read(std::string_view absolute) const;

    const model::Tree& tree() const { return tree_; }

private:
    const model::Tree& tree_;
    bool is_host_;
    std::string home_;
};

// The folder a path stands in: "/a/b" of "/a/b/c".
std::string directory_of(std::string_view absolute);

}    // namespace trueup::compose
