// SPDX-License-Identifier: Apache-2.0
// The labels we write. Compose's keep `docker compose -p NAME ps|logs|exec|down` working
// (docker/compose pkg/api/labels.go); ours say who owns a thing and what it was made from.
#pragma once

#include <string_view>

namespace trueup::model::labels {

// ours
// Controller name: nothing without it is touched.
inline constexpr std::string_view owner = "dev.trueup.owner";
inline constexpr std::string_view stack = "dev.trueup.stack";
inline constexpr std::string_view environment = "dev.trueup.environment";
// Commit a container was created for.
inline constexpr std::string_view revision = "dev.trueup.revision";
inline constexpr std::string_view config_hash = "dev.trueup.config-hash";    // ConfigHash
// Which content of files it was made with: render::content_label().
inline constexpr std::string_view content = "dev.trueup.content";
// Keyed hash over the labels that say whose a thing is: tells a copy of them from the real ones.
inline constexpr std::string_view seal = "dev.trueup.seal";
// The name that a container's place had when it was created; part of its seal.
inline constexpr std::string_view name = "dev.trueup.name";
// images: what they were built from.
inline constexpr std::string_view recipe = "dev.trueup.recipe";
inline constexpr std::string_view context = "dev.trueup.context";    // images: ContextId
// images: BuildId, with base digests.
inline constexpr std::string_view build = "dev.trueup.build";
// images: "true" where no layer of the build came out of a cache.
inline constexpr std::string_view uncached = "dev.trueup.uncached";
inline constexpr std::string_view image_revision = "org.opencontainers.image.revision";

// Compose's
inline constexpr std::string_view compose_project = "com.docker.compose.project";
inline constexpr std::string_view compose_service = "com.docker.compose.service";
inline constexpr std::string_view compose_number = "com.docker.compose.container-number";
inline constexpr std::string_view compose_oneoff = "com.docker.compose.oneoff";
inline constexpr std::string_view compose_config_hash = "com.docker.compose.config-hash";
inline constexpr std::string_view compose_working_dir = "com.docker.compose.project.working_dir";
inline constexpr std::string_view compose_config_files = "com.docker.compose.project.config_files";
inline constexpr std::string_view compose_version = "com.docker.compose.version";
inline constexpr std::string_view compose_image = "com.docker.compose.image";
inline constexpr std::string_view compose_depends_on = "com.docker.compose.depends_on";
inline constexpr std::string_view compose_network = "com.docker.compose.network";
inline constexpr std::string_view compose_volume = "com.docker.compose.volume";

}    // namespace trueup::model::labels
