// SPDX-License-Identifier: Apache-2.0
#include "controller/source/checkout.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "api/v1alpha1/git_url.hpp"
#include "controller/source/libgit.hpp"

namespace trueup::source {
namespace {

namespace fs = std::filesystem;
using TreeEntry = libgit::Handle<git_tree_entry, git_tree_entry_free>;
using Config = libgit::Handle<git_config, git_config_free>;
using Reference = libgit::Handle<git_reference, git_reference_free>;
using References = libgit::Handle<git_reference_iterator, git_reference_iterator_free>;

// Where the path leads, as far as it is there.
std::string resolved(const std::string& path) {
    std::error_code code;
    const fs::path found = fs::weakly_canonical(path, code);
    std::string text = (code ? fs::path(path) : found).lexically_normal().string();
    while (text.size() > 1 && text.ends_with('/')) text.pop_back();
    return text;
}

// As it is written: an `insteadOf` is this user's, and the controller that reads the url has none of it.
// (Following it, libgit2 1.5 leaks at each setting.)
std::string url_of_origin(git_repository& repository) {
    git_config* found = nullptr;
    if (git_repository_config_snapshot(&found, &repository) != 0) return {};
    const Config config(found);
    const char* url = nullptr;
    if (git_config_get_string(&url, config.get(), "remote.origin.url") != 0) return {};
    // One with a password is nothing to repeat.
    return v1alpha1::parse_git_url(url) ? std::string(url) : std::string();
}

}    // namespace

struct Checkout::State {
    libgit::Repository repository;
    libgit::TreeObject tree;
    std::string root;
    std::string commit;
    std::string origin;
};

Checkout::Checkout(std::unique_ptr<State> state) : state_(std::move(state)) {}
Checkout::Checkout(Checkout&&) noexcept = default;
Checkout& Checkout::operator=(Checkout&&) noexcept = default;
Checkout::~Checkout() = default;

Result<Checkout> Checkout::find(const std::string& directory) {
    auto repository = libgit::open_around(directory);
    if (!repository) return repository.error();
    auto state = std::make_unique<State>();
    state->repository = std::move(*repository);
    git_repository* opened = state->repository.get();
    const char* root = git_repository_workdir(opened);
    if (root == nullptr)
        return Error(Errc::not_found, fmt::format("{} lies in a bare repository", directory));
    state->root = resolved(root);
    git_oid head;
    git_commit* commit = nullptr;
    if (git_reference_name_to_id(&head, opened, "HEAD") != 0 ||
        git_commit_lookup(&commit, opened, &head) != 0) {
        return Error(Errc::conflict, fmt::format("the repository {} has no commit", state->root));
    }
    const libgit::CommitObject holder(commit);
    git_tree* tree = nullptr;
    if (git_commit_tree(&tree, commit) != 0)
        return Error(Errc::unavailable, fmt::format("{}: {}", state->root, libgit::last_message()));
    state->tree.reset(tree);
    state->commit = libgit::to_hex(head);
    state->origin = url_of_origin(*opened);
    return Checkout(std::move(state));
}

const std::string& Checkout::root() const { return state_->root; }
const std::string& Checkout::commit() const { return state_->commit; }
const std::string& Checkout::origin() const { return state_->origin; }

bool Checkout::is_pushed() const {
    git_repository* repository = state_->repository.get();
    git_oid head;
    git_reference_iterator* found = nullptr;
    if (git_oid_fromstr(&head, state_->commit.c_str()) != 0 ||
        git_reference_iterator_glob_new(&found, repository, "refs/remotes/origin/*") != 0)
        return false;
    const References references(found);
    git_reference* next = nullptr;
    while (git_reference_next(&next, references.get()) == 0) {
        const Reference reference(next);
        git_oid tip;
        if (git_reference_name_to_id(&tip, repository, git_reference_name(next)) != 0) continue;
        if (git_oid_equal(&tip, &head) != 0 ||
            git_graph_descendant_of(repository, &tip, &head) == 1)
            return true;
    }
    return false;
}

Result<std::string> Checkout::relative(const std::string& path) const {
    const std::string full = resolved(path);
    if (full == state_->root) return std::string(".");
    if (full.starts_with(state_->root + "/")) return full.substr(state_->root.size() + 1);
    return Error(Errc::not_found, fmt::format("{} lies outside {}", path, state_->root));
}

bool Checkout::has(const std::string& path) const {
    const auto inside = relative(path);
    if (!inside) return false;
    if (*inside == ".") return true;
    git_tree_entry* found = nullptr;
    if (git_tree_entry_bypath(&found, state_->tree.get(), inside->c_str()) != 0) return false;
    const TreeEntry holder(found);
    return true;
}

bool Checkout::is_modified(const std::string& path) const {
    const auto inside = relative(path);
    git_tree_entry* found = nullptr;
    if (!inside || git_tree_entry_bypath(&found, state_->tree.get(), inside->c_str()) != 0)
        return false;
    const TreeEntry holder(found);
    if (git_tree_entry_type(found) != GIT_OBJECT_BLOB) return false;
    git_oid on_disk;
    const int code = git_repository_hashfile(&on_disk, state_->repository.get(), inside->c_str(),
                                             GIT_OBJECT_BLOB, nullptr);
    return code != 0 || git_oid_equal(&on_disk, git_tree_entry_id(found)) == 0;
}

}    // namespace trueup::source
