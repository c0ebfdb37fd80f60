// SPDX-License-Identifier: Apache-2.0
// Brings a mirror up to date with its server and finds a commit in it. Blocks, possibly for ever:
// runs in the git child only.
#pragma once

#include <atomic>
#include <string>

#include "api/v1alpha1/git_url.hpp"
#include "controller/source/fetch_protocol.hpp"

namespace trueup::source {

// The full id of the commit that was asked for, which the mirror has now. `locked` becomes true
// once it is this process's turn.
Result<std::string> fetch_into_mirror(const FetchRequest& request, const v1alpha1::GitUrl& url,
                                      std::atomic<bool>& locked);

}    // namespace trueup::source
