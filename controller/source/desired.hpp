// SPDX-License-Identifier: Apache-2.0
// Where the desired state comes from: a directory, one file, or a git repository of Stack files.
// A source that cannot be read gives an error and never an empty snapshot, so that nothing is ever
// removed because a disk, a mount or a server was away.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "controller/source/git.hpp"

namespace trueup::source {

struct DesiredFile {
    std::string name;    // for messages: "/etc/trueup/stacks/shop.yaml", "git+…//stacks/shop.yaml"
    std::string directory;    // relative source urls are relative to this; "" for git sources
    std::string content;

    bool operator==(const DesiredFile&) const = default;
};

struct DesiredSnapshot {
    std::vector<DesiredFile> files;    // *.yaml and *.yml, not hidden, recursive, by name
    Problems unreadable;               // files that exist and could not be read (too large, denied)
    std::string revision;              // commit of a git source, "" else

    bool operator==(const DesiredSnapshot&) const = default;
};

class DesiredSource {
public:
    virtual ~DesiredSource() = default;
    // What it is, for status and messages: the argument of --desired without userinfo.
    virtual const std::string& name() const = 0;
    // Reads everything now; one read() at a time, while changed() may wait. Files: waits until they
    // are quiet, so that the snapshot is one state of them.
    virtual Task<DesiredSnapshot> read() = 0;
    // Resumes when something may have changed since the last read() began (files: inotify, settled
    // for a moment so that a half-written file is seen whole; git: the jittered poll interval is
    // over). Spurious wake-ups are fine. Errors only when cancelled.
    virtual Task<void> changed() = 0;
};

struct DesiredOptions {
    // git: asked before each fetch, on the pool; empty = a public repository
    std::function<Result<GitCredential>()> credential;
    Milliseconds poll_interval{60'000};    // git; +- 10 % jitter
    Milliseconds settle{200};              // files: quiet time after the last event
    Milliseconds rescan_interval{
        30'000};    // files: safety net where inotify cannot see (network mounts)
};

// `spec`: a directory, a file, or git+URL//path?ref=branch (path and ref optional; ref may be a
// full commit id; default branch main). Errc::invalid when it is none of these. The path need not
// exist yet: read() then says so, and changed() waits for it. Symlinks of files and directories are
// followed on disk, and refused in git. At most 10,000 files of at most 1 MiB, 64 MiB together.
Result<std::unique_ptr<DesiredSource>> make_desired_source(Executor executor, std::string spec,
                                                           GitRepositories& repositories,
                                                           DesiredOptions options);

}    // namespace trueup::source
