// SPDX-License-Identifier: Apache-2.0
// Bare mirrors on disk. A repository has a folder below the cache directory, and in it generations
// g1, g2, …: bare repositories with the server's branches and tags under their own names, all in
// packed-refs. The highest is the mirror; a new one replaces a damaged one, under a new name
// because libgit2 shares the packs of one path in a process. A mirror is a cache: it may be
// deleted.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/source/git.hpp"
#include "controller/source/libgit.hpp"

namespace trueup::source {

inline constexpr std::string_view heads_prefix = "refs/heads/";
inline constexpr std::string_view tags_prefix = "refs/tags/";

// The folder of a repository as one credential sees it: something readable, and a hash of the url and
// the credential's name that keeps them apart.
std::string mirror_folder(const std::string& cache_directory, const std::string& url,
                          const std::string& credential_name = {});

// The mirror in a folder; nothing when there is none yet.
std::optional<std::string> current_mirror(const std::string& folder);

// A reader that finds objects damaged or missing says so here; the next fetch replaces the mirror.
void mark_damaged(const std::string& mirror);
bool is_damaged(const std::string& mirror);

// The commit id that a branch of the mirror had at the last fetch.
Result<std::string> mirrored_branch(const std::string& mirror, const std::string& branch);

// open_commit for a mirror: damage that it or its tree meets is marked.
Result<Commit> open_mirrored_commit(const std::string& mirror, const std::string& commit_id);

// The exclusive right to write into a folder, across processes, and all that needs it. The right
// ends with the process that holds it, however that ends.
class MirrorLock {
public:
    // Makes the folder; waits for the right; removes what a killed fetch left.
    static Result<MirrorLock> acquire(const std::string& folder);
    ~MirrorLock();
    MirrorLock(MirrorLock&& other) noexcept;
    MirrorLock& operator=(MirrorLock&&) = delete;

    // An empty mirror that nobody sees before adopt().
    Result<std::string> prepare() const;
    // The prepared one is the mirror from now on. Gives its path; older ones are removed.
    Result<std::string> adopt() const;

private:
    MirrorLock(std::string folder, int descriptor)
        : folder_(std::move(folder)), descriptor_(descriptor) {}
    void sweep() const;

    std::string folder_;
    int descriptor_;
};

struct MirrorRef {
    std::string name;    // refs/heads/main
    std::string id;
};
// Under the lock: these are all references of the mirror from now on, in one atomic step.
Result<void> publish_refs(const std::string& mirror, std::vector<MirrorRef> refs);

}    // namespace trueup::source
