// SPDX-License-Identifier: Apache-2.0
// A project with one service that builds, and the commit behind it.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "controller/code/code.hpp"
#include "tests/support/memory_tree.hpp"

namespace trueup::model {

// What a failed comparison prints.
inline void PrintTo(const CodeMapping& mapping, std::ostream* out) {
    *out << mapping.from << " -> " << mapping.to;
    for (const std::string& glob : mapping.ignore) *out << " without " << glob;
}

}    // namespace trueup::model

namespace trueup::code {

inline model::Service building_service(const std::string& context = "") {
    model::Service service;
    service.name = "api";
    service.build.emplace();
    service.build->context = context;
    return service;
}

inline model::Project project_of(model::Service service) {
    model::Project project;
    project.name = "shop";
    project.services.emplace(service.name, std::move(service));
    return project;
}

}    // namespace trueup::code
