// SPDX-License-Identifier: Apache-2.0
// A commit of a repository on this machine, by whatever name git knows it. Read only, nothing over the
// network. Blocking: on the loop's thread only before it runs.
#pragma once

#include <string>

#include "controller/source/git.hpp"

namespace trueup::source {

struct LocalCommit {
    Commit commit;
    std::string root;    // of the work tree, absolute, links resolved; "" = the repository is bare
};

// `directory` lies in a work tree, or is a bare repository; `revision` is an id or its beginning, a branch,
// a tag, HEAD~1, …. Errors: not_found (no repository, no such commit), invalid (it names no commit, or
// more than one), unavailable (the repository cannot be read).
Result<LocalCommit> find_commit(const std::string& directory, const std::string& revision);

}    // namespace trueup::source
