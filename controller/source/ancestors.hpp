// SPDX-License-Identifier: Apache-2.0
// The commits before one, newest first, as far as a repository has them: a shallow clone, or one that
// lost some, knows of less. Each is read when it is its turn; a sorted git_revwalk reads the whole
// history before it gives the first, and nothing at all where one of it is missing. Blocking.
#pragma once

#include <map>
#include <set>
#include <string>

#include "controller/source/libgit.hpp"

namespace trueup::source {

class Ancestors {
public:
    // None of a commit that is not there.
    Ancestors(git_repository* repository, const git_oid& commit);

    // Good until the next one is asked for; nullptr at the end.
    const git_commit* next();

private:
    void add_parents(const git_commit* commit);

    git_repository* repository_;
    std::multimap<git_time_t, libgit::CommitObject> waiting_;    // by their times
    std::set<std::string> seen_;
    libgit::CommitObject last_;
};

}    // namespace trueup::source
