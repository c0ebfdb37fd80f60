// SPDX-License-Identifier: Apache-2.0
// The container that this process runs in, if it does: the controller must not replace itself.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "controller/engine/engine.hpp"

namespace trueup::engine {

// Container ids that files of /proc/self and the host name speak of, the surest first. Pure.
//   mountinfo: the engine mounts /etc/hostname and its like out of .../containers/<id>/ (proc(5))
//   cgroup: version 1, and version 2 without a namespace of its own, end in the id
//   host name: 12 digits of the id unless another one was asked for
model::Strings own_container_ids(std::string_view mountinfo, std::string_view cgroup,
                                 std::string_view host_name);
// Of this process. Reads /proc.
model::Strings own_container_ids();

// The first of them that runs on this engine; nothing: this process is in none of its containers.
Task<std::optional<model::ObservedContainer>> find_own_container(Engine& engine,
                                                                 model::Strings ids);

// Where the container's `path` is on the engine's host; nothing when it is in the container only, or
// in a volume, whose place is the engine's own business.
std::optional<std::string> path_on_host(const model::ObservedContainer& container,
                                        const std::string& path);

}    // namespace trueup::engine
