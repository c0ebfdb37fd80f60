// SPDX-License-Identifier: Apache-2.0
// Step: short forms become long ones, so that what follows knows one spelling of everything. Lists of
// KEY=value become mappings, single texts lists, commands lists of words, ports and volumes mappings.
// Host lists stay as they are until the last file is merged: `extra_hosts` may say a host twice.
#pragma once

#include "controller/compose/session.hpp"

namespace trueup::compose {

// A merged and validated file, in place. Without interpolation, what cannot be read because of a variable
// stays as it is; as written, only what Compose itself needs in one form gets it.
void canonicalise(yaml::Node& file, Session& session);

}    // namespace trueup::compose
