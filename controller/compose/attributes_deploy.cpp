// SPDX-License-Identifier: Apache-2.0
// The attributes of `deploy`, and device requests, which `gpus` takes too.
#include "controller/compose/attribute_rows.hpp"

namespace trueup::compose {
namespace {

using enum Kind;
using enum Support;

constexpr std::string_view schedulers = "it is for schedulers of several hosts";
constexpr std::string_view no_service = "a single engine has no services to label; use `labels`";
constexpr std::string_view rollouts =
    "this version replaces one container after the other, the old one stopped before the new one "
    "starts "
    "and put back where the new one fails, whatever is written here";
constexpr std::string_view one_engine = "the engine's restart policy has no such value";

// One row a line, so that a change is one line.
// clang-format off
constexpr Attribute deploy_rows[] = {
    {"endpoint_mode", text, no_effect, schedulers, {}},
    {"labels", variables, no_effect, no_service, {.merge = Merge::sequence, .unique = Unique::key}},
    {"mode", text, no_effect, schedulers, {}},
    {"placement", object, no_effect, schedulers, {.inner = Object::placement}},
    {"replicas", optional_integer, supported, "", {.takes = Takes::integer_or_text}},
    {"resources", object, supported, "", {.inner = Object::resources}},
    {"restart_policy", object, supported, "", {.inner = Object::restart_policy}},
    {"rollback_config", object, no_effect, rollouts, {.inner = Object::update}},
    {"update_config", object, no_effect, rollouts, {.inner = Object::update}},
};
constexpr Attribute update_rows[] = {
    {"delay", duration, supported, "", {}},
    {"failure_action", text, supported, "", {}},
    {"max_failure_ratio", real, supported, "", {}},
    {"monitor", duration, supported, "", {}},
    {"order", text, supported, "", {.words = "start-first|stop-first"}},
    {"parallelism", optional_integer, supported, "", {.takes = Takes::integer_or_text}},
};
constexpr Attribute resources_rows[] = {
    {"limits", object, supported, "", {.inner = Object::limits}},
    {"reservations", object, supported, "", {.inner = Object::reservations}},
};
constexpr Attribute limits_rows[] = {
    {"cpus", cpus, supported, "", {}},
    {"memory", bytes, supported, "", {.takes = Takes::text}},
    {"pids", integer, supported, "", {}},
};
constexpr Attribute reservations_rows[] = {
    {"cpus", cpus, no_effect, schedulers, {}},
    {"devices", objects, supported, "", {.inner = Object::device_request}},
    {"generic_resources", objects, no_effect, schedulers, {.inner = Object::generic_resource}},
    {"memory", bytes, supported, "", {.takes = Takes::text}},
};
constexpr Attribute generic_resource_rows[] = {
    {"discrete_resource_spec", object, no_effect, schedulers, {.inner = Object::discrete_resource}},
};
constexpr Attribute discrete_resource_rows[] = {
    {"kind", text, no_effect, schedulers, {}},
    {"value", integer, no_effect, schedulers, {.takes = Takes::usual}},
};
constexpr Attribute device_request_rows[] = {
    {"capabilities", unique_texts, supported, "", {}},
    {"count", count, supported, "", {.takes = Takes::integer_or_text}},
    {"device_ids", unique_texts, supported, "", {}},
    {"driver", text, supported, "", {}},
    {"options", variables, supported, "", {}},
};
constexpr Attribute restart_policy_rows[] = {
    {"condition", text, supported, "", {}},
    {"delay", duration, no_effect, one_engine, {}},
    {"max_attempts", optional_integer, supported, "", {.takes = Takes::integer_or_text}},
    {"window", duration, no_effect, one_engine, {}},
};
constexpr Attribute placement_rows[] = {
    {"constraints", texts, no_effect, schedulers, {}},
    {"max_replicas_per_node", integer, no_effect, schedulers, {}},
    {"preferences", objects, no_effect, schedulers, {.inner = Object::preference}},
};
constexpr Attribute preference_rows[] = {
    {"spread", text, no_effect, schedulers, {}},
};
// clang-format on

constexpr ObjectRules rules[] = {
    {Object::deploy, "deploy", deploy_rows},
    {Object::update, "an update policy of deploy", update_rows},
    {Object::resources, "resources", resources_rows},
    {Object::limits, "limits", limits_rows},
    {Object::reservations, "reservations", reservations_rows},
    {Object::generic_resource, "a generic resource", generic_resource_rows},
    {Object::discrete_resource, "discrete_resource_spec", discrete_resource_rows},
    {Object::device_request, "a device request", device_request_rows},
    {Object::restart_policy, "restart_policy", restart_policy_rows},
    {Object::placement, "placement", placement_rows},
    {Object::preference, "a preference of placement", preference_rows},
};

}    // namespace

std::span<const ObjectRules> deploy_rules() { return rules; }

}    // namespace trueup::compose
