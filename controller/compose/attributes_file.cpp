// SPDX-License-Identifier: Apache-2.0
// The attributes of a compose file itself, and of everything in it that is no service.
#include "controller/compose/attribute_rows.hpp"

namespace trueup::compose {
namespace {

using enum Kind;
using enum Support;

constexpr std::string_view no_configs =
    "a single engine has no store of configs; use file, environment or content";
constexpr std::string_view no_secrets =
    "a single engine has no store of secrets; use file or environment";
constexpr std::string_view models_note =
    "models are run by Docker Desktop; run the model as a service and name its address in "
    "`environment`";

// One row a line, so that a change is one line.
// clang-format off
constexpr Attribute file_rows[] = {
    {"configs", named, supported, "", {.inner = Object::config}},
    {"include", texts_or_objects, supported, "", {.inner = Object::include}},
    {"models", named, refused, models_note, {.inner = Object::model}},
    {"name", text, supported, "", {}},
    {"networks", named_or_null, supported, "", {.inner = Object::network}},
    {"secrets", named, supported, "", {.inner = Object::secret}},
    {"services", named, supported, "", {.inner = Object::service}},
    {"version", text, no_effect, "it is obsolete", {}},
    {"volumes", named_or_null, supported, "", {.inner = Object::volume}},
};
constexpr Attribute include_rows[] = {
    {"env_file", text_or_texts, supported, "", {}},
    {"path", text_or_texts, supported, "", {}},
    {"project_directory", text, supported, "", {}},
};
constexpr Attribute network_rows[] = {
    {"attachable", flag, supported, "", {}},
    {"driver", text, supported, "", {}},
    {"driver_opts", driver_options, supported, "", {}},
    {"enable_ipv4", optional_flag, supported, "", {}},
    {"enable_ipv6", optional_flag, supported, "", {}},
    {"external", external, supported, "", {.inner = Object::external}},
    {"internal", flag, supported, "", {}},
    {"ipam", object, supported, "", {.inner = Object::ipam}},
    {"labels", variables, supported, "", {.merge = Merge::sequence, .unique = Unique::key}},
    {"name", text, supported, "", {}},
};
constexpr Attribute ipam_rows[] = {
    {"config", objects, supported, "", {.inner = Object::address_pool, .merge = Merge::pools}},
    {"driver", text, supported, "", {}},
    {"options", text_map, supported, "", {}},
};
constexpr Attribute address_pool_rows[] = {
    {"aux_addresses", text_map, supported, "", {}},
    {"gateway", text, supported, "", {}},
    {"ip_range", text, supported, "", {}},
    {"subnet", text, supported, "", {}},
};
constexpr Attribute volume_rows[] = {
    {"driver", text, supported, "", {}},
    {"driver_opts", driver_options, supported, "", {}},
    {"external", external, supported, "", {.inner = Object::external}},
    {"labels", variables, supported, "", {.merge = Merge::sequence}},
    {"name", text, supported, "", {}},
};
constexpr Attribute secret_rows[] = {
    {"driver", text, refused, no_secrets, {}},
    {"driver_opts", driver_options, refused, no_secrets, {}},
    {"environment", text, supported, "", {}},
    {"external", external, refused, no_secrets, {.inner = Object::external}},
    {"file", text, supported, "", {}},
    {"labels", variables, no_effect, no_secrets, {}},
    {"name", text, supported, "", {}},
    {"template_driver", text, refused, no_secrets, {}},
};
constexpr Attribute config_rows[] = {
    {"content", text, supported, "", {}},
    {"environment", text, supported, "", {}},
    {"external", external, refused, no_configs, {.inner = Object::external}},
    {"file", text, supported, "", {}},
    {"labels", variables, no_effect, no_configs, {}},
    {"name", text, supported, "", {}},
    {"template_driver", text, refused, no_configs, {}},
};
constexpr Attribute model_rows[] = {
    {"context_size", integer, refused, models_note, {.takes = Takes::integer}},
    {"model", text, refused, models_note, {.required = true}},
    {"name", text, refused, models_note, {}},
    {"runtime_flags", texts, refused, models_note, {}},
};
constexpr Attribute external_rows[] = {
    {"name", text, supported, "", {}},
};
// clang-format on

constexpr ObjectRules rules[] = {
    {Object::none, "", {}},
    {Object::file, "a compose file", file_rows},
    {Object::include, "include", include_rows, false, false},
    {Object::network, "a network", network_rows},
    {Object::ipam, "ipam", ipam_rows},
    {Object::address_pool, "a block of ipam.config", address_pool_rows},
    {Object::volume, "a volume", volume_rows},
    {Object::secret, "a secret", secret_rows},
    {Object::config, "a config", config_rows},
    {Object::model, "a model", model_rows},
    {Object::external, "external", external_rows},
};

}    // namespace

std::span<const ObjectRules> file_rules() { return rules; }

}    // namespace trueup::compose
