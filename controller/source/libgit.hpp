// SPDX-License-Identifier: Apache-2.0
// libgit2's handles with owners, and its errors as ours. Included by source/'s own files only.
#pragma once

#include <git2.h>

#include <memory>
#include <string>
#include <string_view>

#include "controller/base/result.hpp"

namespace trueup::source::libgit {

template <class T, void (*free_handle)(T*)>
struct Release {
    void operator()(T* handle) const { free_handle(handle); }
};
template <class T, void (*free_handle)(T*)>
using Handle = std::unique_ptr<T, Release<T, free_handle>>;

using Repository = Handle<git_repository, git_repository_free>;
using Odb = Handle<git_odb, git_odb_free>;
using CommitObject = Handle<git_commit, git_commit_free>;
using TreeObject = Handle<git_tree, git_tree_free>;
using Blob = Handle<git_blob, git_blob_free>;
using Remote = Handle<git_remote, git_remote_free>;
using Walk = Handle<git_revwalk, git_revwalk_free>;
using PackBuilder = Handle<git_packbuilder, git_packbuilder_free>;

// Initialises the library once for the process. Repositories of other owners are read too: nothing
// out of them is ever executed (no hooks, no filters, no checkout), which is what git's owner check
// guards against, and a controller running as root reads its users' repositories. Nobody's git
// configuration is read either (insteadOf, credential helpers, proxies of whoever started it).
void init();

// libgit2's last message of this thread, without a final full stop or newline.
std::string last_message();
// Its class (GIT_ERROR_…), 0 when there was no error.
int last_class();

std::string to_hex(const git_oid& id);

// Opens the repository that this directory of the machine lies in: its work tree, a folder of it, or a
// bare one.
Result<Repository> open_around(const std::string& directory);

// Opens a bare repository that is exactly at this path.
Result<Repository> open_repository(const std::string& path);

}    // namespace trueup::source::libgit
