// SPDX-License-Identifier: Apache-2.0
// Commits out of git repositories. The network part runs in a child process of this same binary
// with a deadline (libgit2 1.5 has no network timeout); what it fetched is read from a bare mirror
// in this process. Nothing is ever checked out.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "controller/base/offload.hpp"
#include "controller/base/task.hpp"
#include "controller/model/tree.hpp"
#include "controller/source/git_credential.hpp"

namespace trueup::source {

struct Revision {
    std::string commit;    // full id (40 hex), or
    std::string branch;    // a branch name; exactly one is set

    bool operator==(const Revision&) const = default;
};

struct Commit {
    std::string id;     // full id
    SystemTime time;    // committer time
    std::string subject;
    std::shared_ptr<const model::Tree> tree;    // its root; several threads may read it
};

struct GitOptions {
    std::string cache_directory;       // bare mirrors live here, one folder a repository
    std::string program;               // this binary, for the child; "" = /proc/self/exe
    Milliseconds deadline{120'000};    // of one fetch
    // Told of every network request, for metrics: "fetch", success, seconds.
    std::function<void(std::string_view operation, bool success, double seconds)> observe;
};

class GitRepositories {
public:
    GitRepositories(Executor executor, Pool& pool, GitOptions options);
    ~GitRepositories();

    // The commit. A full id that the mirror has costs no network; a branch asks the server each
    // time. Fetches of one repository run one after the other, and those that waited share what
    // they can.
    // `url`: https, http, ssh, file, or a path; an absolute one. Errors: invalid (not a url;
    // userinfo in it; a credential that does not fit it), not_found (no such commit or branch: says
    // which and what exists), unavailable, timeout ("accepted the connection and said nothing for
    // 120 s"), denied (the credential was refused, or is not meant for this host; a host key that is
    // unknown or has changed). Urls in messages carry no userinfo. Each credential's name has
    // mirrors of its own, so that nobody reads what somebody else's credential has fetched.
    Task<Commit> fetch(std::string url, Revision revision,
                       GitCredential credential = GitCredential());

    // Where blocking reads of files and objects run.
    Pool& pool();

private:
    struct State;
    std::unique_ptr<State> state_;
};

// A commit of a bare repository on disk, for the rest of source/ and for tests.
Result<Commit> open_commit(const std::string& repository, const std::string& commit_id);

// The first argument that makes the binary act as the child.
inline constexpr std::string_view git_child_argument = "__git-fetch";
// Whether this run of the binary is the child, or the helper that tells the child's ssh a passphrase.
bool is_git_child(std::string_view first_argument);
// Its whole life. The child: request as JSON on stdin, answer as JSON on stdout, exit code 0 or 1.
int run_git_child();

}    // namespace trueup::source
