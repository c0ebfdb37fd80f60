// SPDX-License-Identifier: Apache-2.0
// A project with one small service, and what its body says beyond that of the small service.
#pragma once

#include <functional>
#include <string>

#include "tests/unit/render/pretty.hpp"
#include "tests/unit/render/rich_project.hpp"

namespace trueup::render::test {

inline model::Project small_project() {
    model::Project project;
    project.name = "shop";
    project.networks = {{"default", network("default")}};
    model::Service api;
    api.name = "api";
    api.image = "x";
    api.networks = {{"default", model::ServiceNetwork()}};
    project.services = {{"api", api}};
    return project;
}

inline Creation on_version(int api_minor) {
    Creation creation = created_from("i");
    creation.capability.api_minor = api_minor;
    return creation;
}

inline json::object body_of(const model::Project& project,
                            const Creation& creation = on_version(41)) {
    return container_body(project, project.services.at("api"), 1, identity(), creation);
}

// The members of HostConfig that a small service does not have.
inline std::string host_of(const model::Project& project,
                           const Creation& creation = on_version(41)) {
    const json::object host = body_of(project, creation).at("HostConfig").as_object();
    const json::object usual = body_of(small_project()).at("HostConfig").as_object();
    json::object own;
    for (const auto& [key, value] : host) {
        const json::value* same = usual.if_contains(key);
        if (same == nullptr || *same != value) own[key] = value;
    }
    return pretty(own);
}

inline std::string host_with(const std::function<void(model::Service&)>& change) {
    model::Project project = small_project();
    change(project.services.at("api"));
    return host_of(project);
}

}    // namespace trueup::render::test
