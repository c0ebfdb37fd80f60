// SPDX-License-Identifier: Apache-2.0
// Configs and secrets whose content is not a file: what the engine is given to unpack into a container.
#pragma once

#include <string>
#include <vector>

#include "controller/base/result.hpp"
#include "controller/render/render.hpp"

namespace trueup::rollout {

// A tar to be unpacked at "/". Holds secrets: never in an error or a log.
Result<std::string> tar_of(const std::vector<render::WrittenFile>& files);

}    // namespace trueup::rollout
