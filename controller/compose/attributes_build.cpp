// SPDX-License-Identifier: Apache-2.0
// The attributes of `build`.
#include "controller/compose/attribute_rows.hpp"

namespace trueup::compose {
namespace {

using enum Kind;
using enum Support;

// The engine's API builds from one tar. For more, BuildKit calls back into the program that asked for the
// build, and only docker buildx answers that.
constexpr std::string_view contexts =
    "the engine's API takes one context; copy the folder into it, or name the image in FROM or "
    "COPY --from";
constexpr std::string_view exports =
    "the engine keeps the cache of its builds itself and exports none; build with docker buildx "
    "and name "
    "the result in `image`";
constexpr std::string_view stages = "the engine's API takes all stages or none; use no_cache";
constexpr std::string_view rights =
    "the engine grants a build no rights of the host; do that step in a container, or build with "
    "docker "
    "buildx and name the result in `image`";
constexpr std::string_view windows = "it is of Windows containers, which trueup does not run";
constexpr std::string_view attestations =
    "the engine keeps no attestations with its images; write false, or build with docker buildx "
    "and name "
    "the result in `image`";
constexpr std::string_view secret =
    "the engine's API hands no secrets or keys to a build; fetch what needs them before, or build "
    "with "
    "docker buildx and name the result in `image`";
constexpr std::string_view later =
    "of engines from API 1.42 (23.0) on; refused on older ones, which would leave it out";
constexpr std::string_view one_image =
    "one image is built: for `platform`, else for the only one here, else for the engine's own";

// One row a line, so that a change is one line.
// clang-format off
constexpr Attribute build_rows[] = {
    {"additional_contexts", variables, refused, contexts, {.merge = Merge::sequence, .unique = Unique::key}},
    {"args", variables, supported, "", {.merge = Merge::sequence, .unique = Unique::key}},
    {"cache_from", texts, supported, "", {}},
    {"cache_to", texts, refused, exports, {}},
    {"context", text, supported, "", {}},
    {"dockerfile", text, supported, "", {}},
    {"dockerfile_inline", text, supported, "", {}},
    {"entitlements", texts, refused, rights, {}},
    {"extra_hosts", hosts, supported, "", {.merge = Merge::hosts}},
    {"isolation", text, refused, windows, {}},
    {"labels", variables, supported, "", {.merge = Merge::sequence, .unique = Unique::key}},
    {"network", text, supported, "", {}},
    {"no_cache", flag, supported, "", {}},
    {"no_cache_filter", text_or_texts, refused, stages, {}},
    {"platforms", texts, supported, one_image, {}},
    {"privileged", flag, refused, rights, {}},
    {"provenance", text, refused, attestations, {.takes = Takes::text_or_flag}},
    {"pull", flag, supported, "", {}},
    {"sbom", text, refused, attestations, {.takes = Takes::text_or_flag}},
    {"secrets", texts_or_objects, refused, secret, {.inner = Object::file_reference}},
    {"shm_size", bytes, supported, later, {.takes = Takes::integer_or_text}},
    {"ssh", variables, refused, secret, {}},
    {"tags", texts, supported, "", {.unique = Unique::key}},
    {"target", text, supported, "", {}},
    {"ulimits", ulimits, supported, later, {.inner = Object::ulimit}},
};
// clang-format on

constexpr ObjectRules rules[] = {
    {Object::build, "build", build_rows},
};

}    // namespace

std::span<const ObjectRules> build_rules() { return rules; }

}    // namespace trueup::compose
