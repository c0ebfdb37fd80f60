// SPDX-License-Identifier: Apache-2.0
// Why a fetch failed, in the words of a person who runs the controller.
#pragma once

#include <string>
#include <vector>

#include "api/v1alpha1/git_url.hpp"
#include "controller/base/clock.hpp"
#include "controller/base/result.hpp"
#include "controller/source/git_credential.hpp"

namespace trueup::source {

// libgit2's last error of a fetch from `url` with this credential, with its return code.
Error fetch_error(const v1alpha1::GitUrl& url, const GitCredential& credential, int code);

// The branch is not among `branches`: names up to five that are, the closest first.
Error no_such_branch(const std::string& branch, std::vector<std::string> branches, bool is_tag);

// What the process's sockets, or its ssh, tell about a fetch that did not end in time.
Error fetch_timeout(const v1alpha1::GitUrl& url, base::Milliseconds deadline);

}    // namespace trueup::source
