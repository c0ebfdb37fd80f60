// SPDX-License-Identifier: Apache-2.0
// Files whose content alone changed. Inside plan/ only.
#pragma once

#include <optional>
#include <string>

#include "controller/model/observed.hpp"
#include "controller/model/project.hpp"
#include "controller/plan/plan.hpp"

namespace trueup::plan {

// Of a container whose configuration hash is another one: which files of the commit it has in another
// content, when that is all; nothing otherwise.
std::optional<Cause> content_difference(const model::ObservedContainer& container,
                                        const model::Service& service,
                                        const model::Project& project,
                                        const render::StackIdentity& identity);

}    // namespace trueup::plan
