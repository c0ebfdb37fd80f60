// SPDX-License-Identifier: Apache-2.0
// A repository, a user's key and a known_hosts file for tests against OpenSSH's own server.
#pragma once

#include <gtest/gtest.h>

#include "tests/engine/git_fetcher.hpp"
#include "tests/support/git_repository.hpp"
#include "tests/support/ssh_server.hpp"

namespace trueup::source {

using support::GitRepository;
using support::make_ssh_key;
using support::SshServer;
using support::TempDirectory;

class GitSshTest : public testing::Test {
protected:
    TempDirectory directory_;
    GitRepository repository_{directory_ / "shop"};
    std::string first_ = repository_.commit_files({{"app/main.py", "1"}}, "first");
    std::string key_ = make_ssh_key(directory_ / "key");
    std::string known_hosts_ = directory_ / "known hosts 100%";
    Fetcher fetcher_{directory_ / "cache"};

    GitCredential credential(const SshServer& server) const {
        GitCredential made;
        made.kind = GitCredential::Kind::ssh_key;
        made.name = "shop-git";
        made.hosts = {server.host()};
        made.private_key = key_;
        made.known_hosts = known_hosts_;
        return made;
    }
    // A server that knows our key, and that we know.
    void introduce(const SshServer& server, const std::string& type = "ed25519") const {
        server.authorize(key_);
        know(server.known_hosts_line(type));
    }
    void know(const std::string& lines) const { support::write_file(known_hosts_, lines); }

    Result<Commit> fetch(const SshServer& server, GitCredential used, Revision revision) {
        return fetcher_.fetch(server.url(repository_.path()), std::move(revision), std::move(used));
    }
    Result<Commit> fetch(const SshServer& server, GitCredential used) {
        return fetch(server, std::move(used), Revision{"", "main"});
    }
    Result<Commit> fetch(const SshServer& server) { return fetch(server, credential(server)); }
};

}    // namespace trueup::source
