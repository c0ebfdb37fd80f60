// SPDX-License-Identifier: Apache-2.0
#include "controller/source/ancestors.hpp"

#include <iterator>
#include <utility>

namespace trueup::source {

Ancestors::Ancestors(git_repository* repository, const git_oid& commit) : repository_(repository) {
    git_commit* found = nullptr;
    if (git_commit_lookup(&found, repository, &commit) != 0) return;
    last_.reset(found);
    add_parents(found);
}

const git_commit* Ancestors::next() {
    if (waiting_.empty()) return nullptr;
    last_ = std::move(waiting_.extract(std::prev(waiting_.end())).mapped());
    add_parents(last_.get());
    return last_.get();
}

void Ancestors::add_parents(const git_commit* commit) {
    for (unsigned int at = 0; at < git_commit_parentcount(commit); ++at) {
        const git_oid* id = git_commit_parent_id(commit, at);
        git_commit* found = nullptr;
        if (!seen_.insert(libgit::to_hex(*id)).second ||
            git_commit_lookup(&found, repository_, id) != 0)
            continue;
        waiting_.emplace(git_commit_time(found), libgit::CommitObject(found));
    }
}

}    // namespace trueup::source
