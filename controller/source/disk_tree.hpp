// SPDX-License-Identifier: Apache-2.0
// A folder of this machine as a Tree: for `trueup compose config`, which needs no git. Symbolic links are
// followed, as every program that opens a path does. Entries have no object ids.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "controller/model/tree.hpp"

namespace trueup::source {

class DiskTree final : public model::Tree {
public:
    // `root` is absolute: "/" makes every path of the machine readable.
    explicit DiskTree(std::string root);

    Result<model::TreeEntry> stat(std::string_view path) const override;
    Result<std::vector<model::TreeEntry>> list(std::string_view path) const override;
    Result<std::string> read(std::string_view path, std::size_t limit) const override;

private:
    std::string full(std::string_view path) const;

    std::string root_;
};

}    // namespace trueup::source
