// SPDX-License-Identifier: Apache-2.0
// What RUN --mount=type=bind shows to a step: `from` a stage or an image, else from the build context.
// Reference: Dockerfile reference, RUN --mount. Pure.
#pragma once

#include <string>
#include <vector>

#include "controller/dockerfile/parse.hpp"

namespace trueup::dockerfile {

struct BindMount {
    std::string from;      // "" = the build context
    std::string source;    // "" = all of it
};
// In the order of the flags; mounts of other types are left out.
std::vector<BindMount> bind_mounts(const Instruction& run);

}    // namespace trueup::dockerfile
