// SPDX-License-Identifier: Apache-2.0
// Builds a service's image from a commit: context straight from the git tree (no checkout),
// .dockerignore applied, byte code left out, every mtime the commit's time, so that the same commit
// gives the same context to the byte. Bases are pulled first; BuildKit builds.
#pragma once

#include <memory>
#include <string>

#include "controller/base/offload.hpp"
#include "controller/engine/engine.hpp"
#include "controller/model/project.hpp"
#include "controller/model/tree.hpp"

namespace trueup::build {

// Fills Build::context_id and recipe_id of every service that builds, and the problems of their
// Dockerfiles and contexts (no such context, no Dockerfile, …) as Errc::invalid with positions.
Result<model::Project> identify(model::Project project, const model::Tree& tree);

struct BuildInputs {
    std::string project_name;
    model::Service service;    // with ids filled by identify()
    std::shared_ptr<const model::Tree> tree;
    std::string revision;      // commit id, for labels
    SystemTime commit_time;    // mtime of every file of the context
    bool no_cache = false;
};

struct BuildOutcome {
    std::string image_id;
    std::string build_id;    // BuildId: recipe, platform and base image digests
    double seconds = 0;
};

// Pulls what is missing of FROM and `# syntax`, builds, tags render::image_reference, labels.
Task<BuildOutcome> build_image(engine::Engine& engine, Pool& pool, BuildInputs inputs,
                               engine::Progress progress);

}    // namespace trueup::build
