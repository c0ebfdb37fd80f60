// SPDX-License-Identifier: Apache-2.0
// sync.ignore: attributes of which a difference alone is no drift, as JSON pointers (RFC 6901) into
// the canonical compose model: "/services/api/environment/DEBUG", "/services/api/labels".
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/model/project.hpp"

namespace trueup::plan {

// The service's ConfigHash without what the pointers name of it.
std::string config_hash(const model::Project& project, const model::Service& service,
                        const std::vector<std::string>& pointers);

// Why a pointer cannot be honoured: what is wrong with it and what may stand there; nothing when it
// can. A service that the project does not have is no error: it may have been in another commit.
std::optional<std::string> refuse_pointer(const std::string& pointer);

// Of those that can: the ones that name no service of the project.
std::vector<std::string> idle_pointers(const model::Project& project,
                                       const std::vector<std::string>& pointers);

}    // namespace trueup::plan
