// SPDX-License-Identifier: Apache-2.0
// The attributes of `build`.
#include "controller/compose/attribute_rows.hpp"

namespace trueup::compose {
namespace {

using enum Kind;
using enum Support;

// One row a line, so that a change is one line.
// clang-format off
constexpr Attribute build_rows[] = {
    {"additional_contexts", variables, pending, "", {.merge = Merge::sequence, .unique = Unique::key}},
    {"args", variables, supported, "", {.merge = Merge::sequence, .unique = Unique::key}},
    {"cache_from", texts, pending, "", {}},
    {"cache_to", texts, pending, "", {}},
    {"context", text, supported, "", {}},
    {"dockerfile", text, supported, "", {}},
    {"dockerfile_inline", text, supported, "", {}},
    {"entitlements", texts, pending, "", {}},
    {"extra_hosts", hosts, pending, "", {.merge = Merge::hosts}},
    {"isolation", text, pending, "", {}},
    {"labels", variables, pending, "", {.merge = Merge::sequence, .unique = Unique::key}},
    {"network", text, pending, "", {}},
    {"no_cache", flag, pending, "", {}},
    {"no_cache_filter", text_or_texts, pending, "", {}},
    {"platforms", texts, pending, "", {}},
    {"privileged", flag, pending, "", {}},
    {"provenance", text, pending, "", {.takes = Takes::text_or_flag}},
    {"pull", flag, pending, "", {}},
    {"sbom", text, pending, "", {.takes = Takes::text_or_flag}},
    {"secrets", texts_or_objects, pending, "", {.inner = Object::file_reference}},
    {"shm_size", bytes, pending, "", {.takes = Takes::integer_or_text}},
    {"ssh", variables, pending, "", {}},
    {"tags", texts, pending, "", {.unique = Unique::key}},
    {"target", text, supported, "", {}},
    {"ulimits", ulimits, pending, "", {.inner = Object::ulimit}},
};
// clang-format on

constexpr ObjectRules rules[] = {
    {Object::build, "build", build_rows},
};

}    // namespace

std::span<const ObjectRules> build_rules() { return rules; }

}    // namespace trueup::compose
