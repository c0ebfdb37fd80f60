// SPDX-License-Identifier: Apache-2.0
// libgit2's smart protocol over an SshProcess.
#pragma once

#include <git2.h>

#include <memory>
#include <optional>

#include "controller/source/git_ssh_process.hpp"

namespace trueup::source {

// What one remote's connection needs and leaves; outlives the remote.
struct SshLink {
    SshLink(const v1alpha1::GitUrl& its_url, const GitCredential& its_credential)
        : url(its_url), credential(its_credential) {}

    const v1alpha1::GitUrl& url;
    const GitCredential& credential;
    std::unique_ptr<SshProcess> process;
    std::optional<Error> error;    // why ssh ended, if not well
};

// Makes every connection with these options one of ssh; they name the link as payload.
void connect_over_ssh(git_remote_connect_options& options, SshLink& link);

}    // namespace trueup::source
