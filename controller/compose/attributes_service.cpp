// SPDX-License-Identifier: Apache-2.0
// The attributes of a service and of what stands in it.
#include "controller/compose/attribute_rows.hpp"

namespace trueup::compose {
namespace {

using enum Kind;
using enum Support;

constexpr std::string_view windows = "it is of Windows containers, which trueup does not run";
constexpr std::string_view windows_cpus =
    "it is of Windows containers, an engine on Linux takes it and does nothing; use `cpus`";
constexpr std::string_view before_start =
    "nothing but a container of its own can run before another one starts: write it as a service, "
    "and "
    "name that in `depends_on` with `condition: service_completed_successfully`";
constexpr std::string_view inside =
    "a hook runs in the service's container; write a service of its own, and name that in "
    "`depends_on` with `condition: service_completed_successfully`";
constexpr std::string_view foreground =
    "it is about the output of `docker compose up`; a controller has no terminal";
constexpr std::string_view watching = "it is for `docker compose watch` on a developer's machine";
constexpr std::string_view programs =
    "it runs a program of the machine compose is called on; run that program before";
constexpr std::string_view socket =
    "it hands the engine and its registry logins to the container; bind /var/run/docker.sock "
    "where that is wanted";
constexpr std::string_view conditions =
    "service_started|service_healthy|service_completed_successfully";
constexpr std::string_view models_note =
    "models are run by Docker Desktop; run the model as a service and name its address in "
    "`environment`";

constexpr std::string_view reloading =
    "true: the service itself notices changes of the files that are mounted into it";

// One row a line, so that a change is one line.
// clang-format off
constexpr Attribute service_rows[] = {
    {"annotations", variables, supported, "", {.merge = Merge::sequence, .unique = Unique::key}},
    {"attach", optional_flag, no_effect, foreground, {}},
    {"blkio_config", object, supported, "", {.inner = Object::block_io}},
    {"build", text_or_object, supported, "", {.inner = Object::build, .merge = Merge::build}},
    {"cap_add", unique_texts, supported, "", {.unique = Unique::key}},
    {"cap_drop", unique_texts, supported, "", {.unique = Unique::key}},
    {"cgroup", text, supported, "", {.words = "host|private"}},
    {"cgroup_parent", text, supported, "", {}},
    {"command", command, supported, "", {.merge = Merge::replace}},
    {"configs", texts_or_objects, supported, "", {.inner = Object::file_reference, .unique = Unique::config}},
    {"container_name", text, supported, "", {}},
    {"cpu_count", integer, no_effect, windows_cpus, {.takes = Takes::count}},
    {"cpu_percent", real, no_effect, windows_cpus, {.takes = Takes::percent}},
    {"cpu_period", integer, supported, "", {.takes = Takes::number}},
    {"cpu_quota", integer, supported, "", {.takes = Takes::number}},
    {"cpu_rt_period", integer, supported, "", {.takes = Takes::number}},
    {"cpu_rt_runtime", integer, supported, "", {.takes = Takes::number}},
    {"cpu_shares", integer, supported, "", {.takes = Takes::number}},
    {"cpus", real, supported, "", {}},
    {"cpuset", text, supported, "", {}},
    {"credential_spec", object, refused, windows, {.inner = Object::credential_spec}},
    {"depends_on", names_or_named, supported, "", {.inner = Object::dependency, .merge = Merge::dependencies}},
    {"deploy", object_or_null, supported, "", {.inner = Object::deploy}},
    {"develop", object_or_null, no_effect, watching, {.inner = Object::develop}},
    {"device_cgroup_rules", unique_texts, supported, "", {}},
    {"devices", texts_or_objects, supported, "", {.inner = Object::device, .unique = Unique::device}},
    {"dns", text_or_texts, supported, "", {.merge = Merge::sequence, .unique = Unique::key}},
    {"dns_opt", unique_texts, supported, "", {.merge = Merge::sequence, .unique = Unique::key}},
    {"dns_search", text_or_texts, supported, "", {.merge = Merge::sequence, .unique = Unique::key}},
    {"domainname", text, supported, "", {}},
    {"entrypoint", command, supported, "", {.merge = Merge::replace}},
    {"env_file", env_files, supported, "",
     {.inner = Object::env_file, .merge = Merge::sequence, .unique = Unique::path}},
    {"environment", variables, supported, "", {.merge = Merge::sequence, .unique = Unique::key}},
    {"expose", texts_or_numbers, supported, "", {.unique = Unique::value}},
    {"extends", text_or_object, supported, "", {.inner = Object::extends}},
    {"external_links", unique_texts, supported, "", {}},
    {"extra_hosts", hosts, supported, "", {.merge = Merge::hosts}},
    {"gpus", gpus, supported, "", {.inner = Object::device_request}},
    {"group_add", texts_or_numbers, supported, "", {}},
    {"healthcheck", object, supported, "", {.inner = Object::healthcheck}},
    {"hostname", text, supported, "", {}},
    {"image", text, supported, "", {}},
    {"init", optional_flag, supported, "", {}},
    {"ipc", text, supported, "", {}},
    {"isolation", text, refused, windows, {}},
    {"label_file", label_file, supported, "", {.merge = Merge::sequence}},
    {"labels", variables, supported, "", {.merge = Merge::sequence, .unique = Unique::key}},
    {"links", unique_texts, supported, "", {.unique = Unique::key}},
    {"logging", object, supported, "", {.inner = Object::logging, .merge = Merge::logging}},
    {"mac_address", text, supported, "", {}},
    {"mem_limit", bytes, supported, "", {}},
    {"mem_reservation", bytes, supported, "", {.takes = Takes::integer_or_text}},
    {"mem_swappiness", bytes, supported, "", {.takes = Takes::integer_or_text}},
    {"memswap_limit", bytes, supported, "", {}},
    {"models", names_or_named, refused, models_note, {.inner = Object::service_model, .merge = Merge::names}},
    {"network_mode", text, supported, "", {}},
    {"networks", names_or_named_or_null, supported, "", {.inner = Object::service_network, .merge = Merge::names}},
    {"oom_kill_disable", flag, supported, "", {}},
    {"oom_score_adj", integer, supported, "", {.takes = Takes::oom_score}},
    {"pid", text, supported, "", {.takes = Takes::text_or_null}},
    {"pids_limit", integer, supported, "", {.takes = Takes::number}},
    {"platform", text, supported, "", {}},
    {"ports", ports, supported, "", {.inner = Object::port, .unique = Unique::port}},
    {"post_start", objects, supported, "", {.inner = Object::hook}},
    {"pre_start", objects, refused, before_start, {.inner = Object::hook}},
    {"pre_stop", objects, supported, "", {.inner = Object::hook}},
    {"privileged", flag, supported, "", {}},
    {"profiles", unique_texts, supported, "", {.unique = Unique::key}},
    {"provider", object, refused, programs, {.inner = Object::provider}},
    {"pull_policy", text, supported, "", {}},
    {"pull_refresh_after", text, supported, "", {}},
    {"read_only", flag, supported, "", {}},
    {"restart", text, supported, "", {}},
    {"runtime", text, supported, "", {}},
    {"scale", optional_integer, supported, "", {.takes = Takes::integer_or_text}},
    {"secrets", texts_or_objects, supported, "", {.inner = Object::file_reference, .unique = Unique::secret}},
    {"security_opt", unique_texts, supported, "", {}},
    {"shm_size", bytes, supported, "", {}},
    {"stdin_open", flag, supported, "", {}},
    {"stop_grace_period", duration, supported, "", {}},
    {"stop_signal", text, supported, "", {}},
    {"storage_opt", free_map, supported, "", {}},
    {"sysctls", variables, supported, "", {.merge = Merge::sequence, .unique = Unique::key}},
    {"tmpfs", text_or_texts, supported, "", {.merge = Merge::sequence, .unique = Unique::key}},
    {"tty", flag, supported, "", {}},
    {"ulimits", ulimits, supported, "", {.inner = Object::ulimit, .merge = Merge::ulimit}},
    {"use_api_socket", flag, refused, socket, {.takes = Takes::boolean}},
    {"user", text, supported, "", {}},
    {"userns_mode", text, supported, "", {}},
    {"uts", text, supported, "", {}},
    {"volumes", texts_or_objects, supported, "", {.inner = Object::mount, .unique = Unique::target}},
    {"volumes_from", unique_texts, supported, "", {}},
    {"working_dir", text, supported, "", {}},
    {"x-trueup", object_or_null, supported, "", {.inner = Object::service_extension}},
};

constexpr Attribute block_io_rows[] = {
    {"device_read_bps", objects, supported, "", {.inner = Object::block_rate}},
    {"device_read_iops", objects, supported, "", {.inner = Object::block_rate}},
    {"device_write_bps", objects, supported, "", {.inner = Object::block_rate}},
    {"device_write_iops", objects, supported, "", {.inner = Object::block_rate}},
    {"weight", integer, supported, "", {}},
    {"weight_device", objects, supported, "", {.inner = Object::block_weight}},
};
constexpr Attribute block_rate_rows[] = {
    {"path", text, supported, "", {}},
    {"rate", bytes, supported, "", {.takes = Takes::integer_or_text}},
};
constexpr Attribute block_weight_rows[] = {
    {"path", text, supported, "", {}},
    {"weight", integer, supported, "", {}},
};
constexpr Attribute credential_spec_rows[] = {
    {"config", text, refused, windows, {}},
    {"file", text, refused, windows, {}},
    {"registry", text, refused, windows, {}},
};
constexpr Attribute dependency_rows[] = {
    {"condition", text, supported, "", {.words = conditions, .required = true}},
    {"required", optional_flag, supported, "", {.takes = Takes::boolean}},
    {"restart", flag, supported, "", {}},
};
constexpr Attribute develop_rows[] = {
    {"watch", objects, no_effect, "", {.inner = Object::watch}},
};
constexpr Attribute watch_rows[] = {
    {"action", text, no_effect, "", {.words = "rebuild|sync|restart|sync+restart|sync+exec", .required = true}},
    {"exec", object, no_effect, "", {.inner = Object::hook}},
    {"ignore", text_or_texts, no_effect, "", {}},
    {"include", text_or_texts, no_effect, "", {}},
    {"initial_sync", flag, no_effect, "", {.takes = Takes::boolean}},
    {"path", text, no_effect, "", {.required = true}},
    {"target", text, no_effect, "", {}},
};
constexpr Attribute device_rows[] = {
    {"permissions", text, supported, "", {}},
    {"source", text, supported, "", {.required = true}},
    {"target", text, supported, "", {}},
};
constexpr Attribute env_file_rows[] = {
    {"format", text, supported, "", {}},
    {"path", text, supported, "", {.required = true}},
    {"required", optional_flag, supported, "", {}},
};
constexpr Attribute extends_rows[] = {
    {"file", text, supported, "", {}},
    {"service", text, supported, "", {.required = true}},
};
constexpr Attribute provider_rows[] = {
    {"options", provider_options, refused, "", {}},
    {"type", text, refused, "", {.required = true}},
};
constexpr Attribute healthcheck_rows[] = {
    {"disable", flag, supported, "", {}},
    {"interval", duration, supported, "", {}},
    {"retries", optional_integer, supported, "", {.takes = Takes::usual}},
    {"start_interval", duration, supported, "", {}},
    {"start_period", duration, supported, "", {}},
    {"test", test, supported, "", {.merge = Merge::replace}},
    {"timeout", duration, supported, "", {}},
};
constexpr Attribute hook_rows[] = {
    {"command", command, supported, "", {.required = true}},
    {"environment", variables, supported, "", {}},
    {"image", text, refused, inside, {}},
    {"per_replica", flag, refused, inside, {}},
    {"privileged", flag, supported, "", {}},
    {"user", text, supported, "", {}},
    {"working_dir", text, supported, "", {}},
};
constexpr Attribute logging_rows[] = {
    {"driver", text, supported, "", {}},
    {"options", options, supported, "", {}},
};
constexpr Attribute service_model_rows[] = {
    {"endpoint_var", text, refused, models_note, {}},
    {"model_var", text, refused, models_note, {}},
};
constexpr Attribute service_network_rows[] = {
    {"aliases", unique_texts, supported, "", {.unique = Unique::key}},
    {"driver_opts", driver_options, supported, "", {}},
    {"gw_priority", integer, supported, "", {.takes = Takes::number}},
    {"interface_name", text, supported, "", {}},
    {"ipv4_address", text, supported, "", {}},
    {"ipv6_address", text, supported, "", {}},
    {"link_local_ips", unique_texts, supported, "", {.unique = Unique::key}},
    {"mac_address", text, supported, "", {}},
    {"priority", integer, supported, "", {.takes = Takes::number}},
};
constexpr Attribute service_extension_rows[] = {
    {"reloads", flag, supported, reloading, {.takes = Takes::boolean}},
};
constexpr std::string_view people = "it is for people and schedulers of several hosts";
constexpr Attribute port_rows[] = {
    {"app_protocol", text, no_effect, people, {}},
    {"host_ip", text, supported, "", {}},
    {"mode", text, no_effect, people, {}},
    {"name", text, no_effect, people, {}},
    {"protocol", text, supported, "", {}},
    {"published", text, supported, "", {.takes = Takes::integer_or_text}},
    {"target", integer, supported, "", {}},
};
constexpr Attribute mount_rows[] = {
    {"bind", object, supported, "", {.inner = Object::mount_bind}},
    {"consistency", text, no_effect, "it is of Docker Desktop", {}},
    {"image", object, supported, "", {.inner = Object::mount_image}},
    {"read_only", flag, supported, "", {}},
    {"source", text, supported, "", {}},
    {"target", text, supported, "", {}},
    {"tmpfs", object, supported, "", {.inner = Object::mount_tmpfs}},
    {"type", text, supported, "", {.words = "bind|volume|tmpfs|cluster|npipe|image", .required = true}},
    {"volume", object, supported, "", {.inner = Object::mount_volume}},
};
constexpr Attribute mount_bind_rows[] = {
    {"create_host_path", optional_flag, supported, "", {}},
    {"propagation", text, supported, "", {}},
    {"recursive", text, supported, "", {.words = "enabled|disabled|writable|readonly"}},
    {"selinux", text, supported, "", {.words = "z|Z"}},
};
constexpr Attribute mount_volume_rows[] = {
    {"labels", variables, supported, "", {}},
    {"nocopy", flag, supported, "", {}},
    {"subpath", text, supported, "", {}},
};
constexpr Attribute mount_tmpfs_rows[] = {
    {"mode", mode, supported, "", {}},
    {"size", bytes, supported, "", {.takes = Takes::count}},
};
constexpr Attribute mount_image_rows[] = {
    {"subpath", text, supported, "", {}},
};
constexpr Attribute file_reference_rows[] = {
    {"gid", text, supported, "", {}},
    {"mode", mode, supported, "", {}},
    {"source", text, supported, "", {}},
    {"target", text, supported, "", {}},
    {"uid", text, supported, "", {}},
};
constexpr Attribute ulimit_rows[] = {
    {"hard", integer, supported, "", {.required = true}},
    {"soft", integer, supported, "", {.required = true}},
};
// clang-format on

constexpr ObjectRules rules[] = {
    {Object::service, "a service", service_rows},
    {Object::block_io, "blkio_config", block_io_rows, false, false},
    {Object::block_rate, "a limit of blkio_config", block_rate_rows, false, false},
    {Object::block_weight, "a weight of blkio_config", block_weight_rows, false, false},
    {Object::credential_spec, "credential_spec", credential_spec_rows},
    {Object::dependency, "depends_on", dependency_rows},
    {Object::develop, "develop", develop_rows},
    {Object::watch, "develop.watch", watch_rows},
    {Object::device, "a device", device_rows},
    {Object::env_file, "env_file", env_file_rows, false, false},
    {Object::extends, "extends", extends_rows, false, false},
    {Object::provider, "provider", provider_rows},
    {Object::healthcheck, "healthcheck", healthcheck_rows},
    {Object::hook, "a hook", hook_rows},
    {Object::logging, "logging", logging_rows},
    {Object::service_model, "a model of a service", service_model_rows},
    {Object::service_network, "a network of a service", service_network_rows},
    {Object::service_extension, "x-trueup", service_extension_rows, false, false},
    {Object::port, "a port", port_rows},
    {Object::mount, "a volume of a service", mount_rows},
    {Object::mount_bind, "bind", mount_bind_rows},
    {Object::mount_volume, "volume", mount_volume_rows},
    {Object::mount_tmpfs, "tmpfs", mount_tmpfs_rows},
    {Object::mount_image, "image", mount_image_rows},
    {Object::file_reference, "a config or secret of a service", file_reference_rows},
    {Object::ulimit, "a limit of ulimits", ulimit_rows},
};

}    // namespace

std::span<const ObjectRules> service_rules() { return rules; }

}    // namespace trueup::compose
