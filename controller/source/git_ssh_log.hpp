// SPDX-License-Identifier: Apache-2.0
// What ssh's log (LogLevel=DEBUG2) tells of a fetch: base/ssh.hpp, and what follows for git.
#pragma once

#include <string_view>

#include "api/v1alpha1/git_url.hpp"
#include "controller/base/ssh.hpp"
#include "controller/source/git_credential.hpp"

namespace trueup::source {

using base::ssh_stage;
using base::SshStage;

// Why a connection failed and what to do. An unknown host key and a changed one are two errors; both
// are `denied`, as is a refused key.
Error ssh_error(const v1alpha1::GitUrl& url, const std::string& user,
                const GitCredential& credential, std::string_view log);

}    // namespace trueup::source
