// SPDX-License-Identifier: Apache-2.0
// A reader of files by path: a commit in a git object database, a folder in a test. Paths are
// relative, "/"-separated, normal ("a/b", "" is the root). Nothing is checked out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/result.hpp"

namespace trueup::model {

enum class EntryKind : std::uint8_t { file, executable, symlink, directory, submodule };

struct TreeEntry {
    std::string name;    // last part of the path
    EntryKind kind = EntryKind::file;
    std::string object_id;    // git object id (40 hex) of the blob or tree

    bool operator==(const TreeEntry&) const = default;
};

class Tree {
public:
    virtual ~Tree() = default;
    // Errc::not_found when there is no such path.
    virtual Result<TreeEntry> stat(std::string_view path) const = 0;
    // The entries of a directory, sorted by name.
    virtual Result<std::vector<TreeEntry>> list(std::string_view path) const = 0;
    // The entries of a directory by its object id, of whatever commit; Errc::not_found where that is not
    // known.
    virtual Result<std::vector<TreeEntry>> list_object(std::string_view object_id) const {
        return Error(Errc::not_found, "no directory " + std::string(object_id));
    }
    // Whether one of the commits before it, of the nearest few hundred that are at hand, had this content
    // at this path: git's id of a file.
    virtual bool had_before(std::string_view /*path*/, std::string_view /*object_id*/) const {
        return false;
    }
    // A file's content, or a symlink's target; Errc::invalid when it is longer than `limit` bytes.
    virtual Result<std::string> read(std::string_view path, std::size_t limit) const = 0;
};

}    // namespace trueup::model
