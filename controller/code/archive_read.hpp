// SPDX-License-Identifier: Apache-2.0
// Files of a container through the engine's archive API: of containers that do not run, and on other
// hosts.
#pragma once

#include <memory>
#include <string>

#include "controller/base/offload.hpp"
#include "controller/code/scan.hpp"
#include "controller/engine/engine.hpp"

namespace trueup::code {

// Every file below the expected directories.
Task<FoundFiles> read_archive(engine::Engine& engine, Pool& pool, std::string container_id,
                              std::shared_ptr<const ExpectedCode> expected);

}    // namespace trueup::code
