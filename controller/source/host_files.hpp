// SPDX-License-Identifier: Apache-2.0
// Files and folders of the controller's host that a Stack may name: only what lies below one of the
// configuration's hostRoots, also after symbolic links were followed. All of it blocks. Messages name
// paths, never a content.
#pragma once

#include <string>
#include <vector>

#include "controller/base/result.hpp"

namespace trueup::source {

class HostFiles {
public:
    HostFiles() = default;    // no roots: everything is refused
    explicit HostFiles(std::vector<std::string> roots);

    // A regular file of at most 1 MiB. invalid: not below a root; unavailable: it cannot be read now
    // (it may come, or be put right, at any time).
    Result<std::string> read(const std::string& path) const;

    // Whether a path may be bound into a container: below a root as it is written. `here`: the engine
    // sees the same files, so links are followed as far as the path exists.
    Result<void> check(const std::string& path, bool here) const;

    // Changes whenever one of the files is replaced, written, comes or goes; cheap.
    static std::string fingerprint(const std::vector<std::string>& paths);

private:
    Error outside(const std::string& path) const;
    bool is_below_root(const std::string& path) const;           // as it is written
    bool is_really_below_root(const std::string& path) const;    // without links in it

    std::vector<std::string> roots_;
};

}    // namespace trueup::source
