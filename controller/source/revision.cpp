// SPDX-License-Identifier: Apache-2.0
#include "controller/source/revision.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "controller/source/libgit.hpp"

namespace trueup::source {
namespace {

using Object = libgit::Handle<git_object, git_object_free>;

Error no_commit(int code, const std::string& directory, const std::string& revision) {
    if (code == GIT_ENOTFOUND) {
        return Error(Errc::not_found,
                     fmt::format("no commit '{}' in the repository of {}", revision, directory));
    }
    const bool named_badly =
        code == GIT_EAMBIGUOUS || code == GIT_EINVALIDSPEC || code == GIT_EPEEL;
    return Error(named_badly ? Errc::invalid : Errc::unavailable,
                 fmt::format("'{}' in the repository of {}: {}", revision, directory,
                             libgit::last_message()));
}

std::string resolved(const char* path) {
    if (path == nullptr) return {};
    std::error_code code;
    std::string text = std::filesystem::weakly_canonical(path, code).string();
    while (text.size() > 1 && text.ends_with('/')) text.pop_back();
    return text;
}

}    // namespace

Result<LocalCommit> find_commit(const std::string& directory, const std::string& revision) {
    const auto repository = libgit::open_around(directory);
    if (!repository) return repository.error();
    git_repository* opened = repository->get();
    git_object* named = nullptr;
    if (const int found = git_revparse_single(&named, opened, revision.c_str()); found != 0)
        return no_commit(found, directory, revision);
    const Object name(named);
    git_object* peeled = nullptr;
    if (const int found = git_object_peel(&peeled, named, GIT_OBJECT_COMMIT); found != 0)
        return no_commit(found, directory, revision);
    const Object commit(peeled);
    auto read = open_commit(git_repository_path(opened), libgit::to_hex(*git_object_id(peeled)));
    if (!read) return read.error();
    LocalCommit local;
    local.commit = std::move(*read);
    local.root = resolved(git_repository_workdir(opened));
    return local;
}

}    // namespace trueup::source
