// SPDX-License-Identifier: Apache-2.0
// The build context as a tar (gnutar): files of the commit in path order, owner 0:0, modes 644 and
// 755, every mtime the commit's time. The same commit gives the same bytes.
#pragma once

#include <functional>
#include <string_view>

#include "controller/base/clock.hpp"
#include "controller/base/result.hpp"
#include "controller/dockerfile/context.hpp"
#include "controller/model/tree.hpp"

namespace trueup::build {

// Where the Dockerfile lies in the tar when the context does not have it.
inline constexpr std::string_view added_dockerfile = ".trueup.Dockerfile";

// Writes through `write`, which returns false to stop (the reader is gone). Blocking: runs on the
// pool.
Result<void> write_context_tar(const dockerfile::Context& context, const model::Tree& tree,
                               SystemTime commit_time,
                               const std::function<bool(std::string_view bytes)>& write);

// Path of the Dockerfile inside the tar.
std::string dockerfile_in_tar(const dockerfile::Context& context);

}    // namespace trueup::build
