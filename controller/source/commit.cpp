// SPDX-License-Identifier: Apache-2.0
// A commit of a repository on disk as a model::Tree. Each commit has a repository handle of its own.
// libgit2's handles must not be used by two threads at once, and two builds of one commit read it from
// two threads of the pool: so this one is locked, for one call at a time.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <mutex>

#include "controller/base/text.hpp"
#include "controller/source/ancestors.hpp"
#include "controller/source/git.hpp"
#include "controller/source/libgit.hpp"
#include "controller/source/mirror.hpp"

namespace trueup::source {
namespace {

using model::EntryKind;
using model::TreeEntry;

std::string short_id(const std::string& id) { return id.substr(0, 12); }

EntryKind to_kind(git_filemode_t mode) {
    switch (mode) {
        case GIT_FILEMODE_TREE: return EntryKind::directory;
        case GIT_FILEMODE_LINK: return EntryKind::symlink;
        case GIT_FILEMODE_COMMIT: return EntryKind::submodule;
        case GIT_FILEMODE_BLOB_EXECUTABLE: return EntryKind::executable;
        default: return EntryKind::file;
    }
}

// git itself refuses to check such names out; a tree made by hand may carry them, and they would
// lead out of whatever directory a reader writes them into.
bool is_hostile(std::string_view name) {
    if (name.empty() || name == "." || name == ".." || name.find('/') != name.npos) return true;
    constexpr std::string_view forbidden = ".git";
    return std::equal(
        name.begin(), name.end(), forbidden.begin(), forbidden.end(),
        [](char left, char right) { return left == right || left + ('a' - 'A') == right; });
}

class CommitTree final : public model::Tree {
public:
    CommitTree(libgit::Repository repository, std::string mirror, std::string commit_id,
               git_oid root)
        : repository_(std::move(repository)),
          mirror_(std::move(mirror)),
          commit_id_(std::move(commit_id)),
          root_(root) {}

    Result<TreeEntry> stat(std::string_view path) const override;
    Result<std::vector<TreeEntry>> list(std::string_view path) const override;
    Result<std::vector<TreeEntry>> list_object(std::string_view object_id) const override;
    Result<std::string> read(std::string_view path, std::size_t limit) const override;
    bool had_before(std::string_view path, std::string_view object_id) const override;

private:
    struct Found {
        TreeEntry entry;
        git_oid id;
    };
    Result<Found> find(std::string_view path) const;
    Result<libgit::TreeObject> lookup_tree(const git_oid& id) const;
    Result<std::vector<TreeEntry>> entries_of(const git_tree* tree, std::string_view path) const;
    Error missing(std::string_view path, std::string_view why = {}) const;
    Error damaged(std::string_view what) const;

    mutable std::mutex turn_;
    libgit::Repository repository_;
    std::string mirror_;    // to be marked when damage is met; "" = the repository is no mirror
    std::string commit_id_;
    git_oid root_;
};

Error CommitTree::missing(std::string_view path, std::string_view why) const {
    return Error(Errc::not_found,
                 fmt::format("no '{}' in commit {}{}", path, short_id(commit_id_), why));
}

Error CommitTree::damaged(std::string_view what) const {
    const std::string message = libgit::last_message();
    if (!mirror_.empty()) mark_damaged(mirror_);
    return Error(Errc::unavailable,
                 fmt::format("the repository lacks {} of commit {} or has it damaged: {}{}", what,
                             short_id(commit_id_), message,
                             mirror_.empty() ? "" : "; the mirror is made anew by the next fetch"));
}

Result<libgit::TreeObject> CommitTree::lookup_tree(const git_oid& id) const {
    git_tree* tree = nullptr;
    if (git_tree_lookup(&tree, repository_.get(), &id) != 0) return damaged("a tree");
    return libgit::TreeObject(tree);
}

Result<CommitTree::Found> CommitTree::find(std::string_view path) const {
    const auto normal = base::normal_path(path);
    if (!normal) return missing(path, ": the path leaves it");
    Found found{TreeEntry{"", EntryKind::directory, libgit::to_hex(root_)}, root_};
    if (normal->empty()) return found;
    for (const std::string_view part : base::split(*normal, '/')) {
        if (found.entry.kind == EntryKind::submodule) {
            return missing(path,
                           fmt::format(": '{}' is a submodule, and submodules are not fetched",
                                       found.entry.name));
        }
        if (found.entry.kind != EntryKind::directory) return missing(path);
        auto tree = lookup_tree(found.id);
        if (!tree) return tree.error();
        const git_tree_entry* entry = git_tree_entry_byname(tree->get(), std::string(part).c_str());
        if (entry == nullptr) return missing(path);
        found.id = *git_tree_entry_id(entry);
        found.entry = TreeEntry{std::string(part), to_kind(git_tree_entry_filemode(entry)),
                                libgit::to_hex(found.id)};
    }
    return found;
}

Result<TreeEntry> CommitTree::stat(std::string_view path) const {
    const std::lock_guard turn(turn_);
    auto found = find(path);
    if (!found) return found.error();
    return std::move(found->entry);
}

Result<std::vector<TreeEntry>> CommitTree::list(std::string_view path) const {
    const std::lock_guard turn(turn_);
    const auto found = find(path);
    if (!found) return found.error();
    if (found->entry.kind == EntryKind::submodule) {
        return Error(Errc::invalid,
                     fmt::format("'{}' in commit {} is a submodule, and submodules are not fetched",
                                 path, short_id(commit_id_)));
    }
    if (found->entry.kind != EntryKind::directory) {
        return Error(Errc::invalid,
                     fmt::format("'{}' in commit {} is no directory", path, short_id(commit_id_)));
    }
    const auto tree = lookup_tree(found->id);
    if (!tree) return tree.error();
    return entries_of(tree->get(), path);
}

// That it is not there is no damage: it may be another commit's.
Result<std::vector<TreeEntry>> CommitTree::list_object(std::string_view object_id) const {
    const std::lock_guard turn(turn_);
    git_oid id;
    git_tree* found = nullptr;
    if (git_oid_fromstrn(&id, object_id.data(), object_id.size()) != 0 ||
        object_id.size() != GIT_OID_HEXSZ || git_tree_lookup(&found, repository_.get(), &id) != 0)
        return Error(Errc::not_found, fmt::format("no directory {}", object_id));
    const libgit::TreeObject tree(found);
    return entries_of(tree.get(), object_id);
}

Result<std::vector<TreeEntry>> CommitTree::entries_of(const git_tree* tree,
                                                      std::string_view path) const {
    std::vector<TreeEntry> entries;
    const std::size_t count = git_tree_entrycount(tree);
    entries.reserve(count);
    for (std::size_t index = 0; index < count; ++index) {
        const git_tree_entry* entry = git_tree_entry_byindex(tree, index);
        const std::string name = git_tree_entry_name(entry);
        if (is_hostile(name)) {
            return Error(
                Errc::invalid,
                fmt::format("commit {} has an entry named '{}' in '{}', which git does not allow",
                            short_id(commit_id_), name, path));
        }
        entries.push_back(TreeEntry{name, to_kind(git_tree_entry_filemode(entry)),
                                    libgit::to_hex(*git_tree_entry_id(entry))});
    }
    // git sorts directories as if their names ended in "/".
    std::sort(entries.begin(), entries.end(),
              [](const TreeEntry& left, const TreeEntry& right) { return left.name < right.name; });
    return entries;
}

Result<std::string> CommitTree::read(std::string_view path, std::size_t limit) const {
    const std::lock_guard turn(turn_);
    const auto found = find(path);
    if (!found) return found.error();
    if (found->entry.kind == EntryKind::directory || found->entry.kind == EntryKind::submodule) {
        const char* what = found->entry.kind == EntryKind::directory ? "directory" : "submodule";
        return Error(Errc::invalid, fmt::format("'{}' in commit {} is a {}, not a file", path,
                                                short_id(commit_id_), what));
    }
    git_odb* opened = nullptr;
    if (git_repository_odb(&opened, repository_.get()) != 0) return damaged("its objects");
    const libgit::Odb odb(opened);
    std::size_t size = 0;
    git_object_t type = GIT_OBJECT_INVALID;
    // The header first: a hostile file must not be inflated only to be refused.
    if (git_odb_read_header(&size, &type, odb.get(), &found->id) != 0)
        return damaged(fmt::format("'{}'", path));
    if (size > limit) {
        return Error(Errc::invalid,
                     fmt::format("'{}' in commit {} has {} bytes; at most {} are allowed", path,
                                 short_id(commit_id_), size, limit));
    }
    git_blob* read = nullptr;
    if (git_blob_lookup(&read, repository_.get(), &found->id) != 0)
        return damaged(fmt::format("'{}'", path));
    const libgit::Blob blob(read);
    return std::string(static_cast<const char*>(git_blob_rawcontent(blob.get())),
                       static_cast<std::size_t>(git_blob_rawsize(blob.get())));
}

// By a handle of its own: a sweep asks while a build reads.
bool CommitTree::had_before(std::string_view path, std::string_view object_id) const {
    constexpr int most_commits = 200;
    const auto handle = libgit::open_repository(git_repository_path(repository_.get()));
    git_oid id;
    if (!handle || git_oid_fromstr(&id, commit_id_.c_str()) != 0) return false;
    Ancestors ancestors(handle->get(), id);
    const std::string name(path);
    for (int count = 0; count < most_commits; ++count) {
        const git_commit* commit = ancestors.next();
        if (commit == nullptr) return false;
        git_tree* root = nullptr;
        if (git_commit_tree(&root, commit) != 0) continue;
        const libgit::TreeObject tree(root);
        git_tree_entry* entry = nullptr;
        if (git_tree_entry_bypath(&entry, tree.get(), name.c_str()) != 0) continue;
        const bool same = libgit::to_hex(*git_tree_entry_id(entry)) == object_id;
        git_tree_entry_free(entry);
        if (same) return true;
    }
    return false;
}

// GIT_ENOTFOUND is an answer; everything else means that the repository is broken.
Error lookup_error(const std::string& mirror, const std::string& commit_id, int code) {
    if (code == GIT_ENOTFOUND)
        return Error(Errc::not_found, fmt::format("no commit {}", commit_id));
    const std::string message = libgit::last_message();
    if (!mirror.empty()) mark_damaged(mirror);
    return Error(Errc::unavailable, fmt::format("read commit {}: {}", commit_id, message));
}

std::string subject_of(git_commit* commit) {
    const char* summary = git_commit_summary(commit);
    std::string text = summary == nullptr ? "" : summary;
    // Messages may be in any encoding; what leaves here goes into JSON and labels.
    while (const auto bad = base::find_invalid_utf8(text)) text[*bad] = '?';
    return text;
}

Result<Commit> open(const std::string& repository, const std::string& mirror,
                    const std::string& commit_id) {
    libgit::init();
    git_oid id;
    if (commit_id.size() != GIT_OID_HEXSZ || git_oid_fromstr(&id, commit_id.c_str()) != 0) {
        return Error(Errc::invalid, fmt::format("'{}' is no full commit id", commit_id));
    }
    auto handle = libgit::open_repository(repository);
    if (!handle) return handle.error();
    git_commit* found = nullptr;
    if (const int code = git_commit_lookup(&found, handle->get(), &id); code != 0) {
        return lookup_error(mirror, commit_id, code);
    }
    const libgit::CommitObject object(found);
    const git_oid root = *git_commit_tree_id(object.get());
    git_tree* tree = nullptr;
    if (git_tree_lookup(&tree, handle->get(), &root) != 0) {
        return lookup_error(mirror, commit_id, GIT_ERROR);
    }
    git_tree_free(tree);
    Commit commit;
    commit.id = commit_id;
    commit.time = std::chrono::system_clock::from_time_t(
        static_cast<std::time_t>(git_commit_time(object.get())));
    commit.subject = subject_of(object.get());
    commit.tree = std::make_shared<CommitTree>(std::move(*handle), mirror, commit_id, root);
    return commit;
}

}    // namespace

Result<Commit> open_commit(const std::string& repository, const std::string& commit_id) {
    return open(repository, "", commit_id);
}

Result<Commit> open_mirrored_commit(const std::string& mirror, const std::string& commit_id) {
    return open(mirror, mirror, commit_id);
}

}    // namespace trueup::source
