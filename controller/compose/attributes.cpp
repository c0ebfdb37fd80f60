// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/attributes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string_view>

#include "controller/base/text.hpp"

namespace trueup::compose {
namespace {

using Names = std::span<const std::string_view>;

struct Rules {
    std::string_view what;    // "a service"
    Names supported;
    Names later;    // of the Compose Specification, not acted on yet
};

constexpr std::size_t most_advice = 200;

constexpr std::string_view known_tags[] = {"!reset", "!override"};
constexpr std::string_view core_tags[] = {"str", "int", "float", "bool", "null", "seq", "map"};

constexpr std::string_view file_supported[] = {"name", "networks", "services", "version",
                                               "volumes"};
constexpr std::string_view file_later[] = {"configs", "include", "models", "secrets"};

constexpr std::string_view service_supported[] = {
    "build",       "command",  "container_name", "depends_on", "deploy",
    "entrypoint",  "env_file", "environment",    "expose",     "healthcheck",
    "hostname",    "image",    "init",           "labels",     "networks",
    "ports",       "profiles", "restart",        "scale",      "stop_grace_period",
    "stop_signal", "user",     "volumes",        "working_dir"};
constexpr std::string_view service_later[] = {"annotations",
                                              "attach",
                                              "blkio_config",
                                              "cap_add",
                                              "cap_drop",
                                              "cgroup",
                                              "cgroup_parent",
                                              "configs",
                                              "cpu_count",
                                              "cpu_percent",
                                              "cpu_period",
                                              "cpu_quota",
                                              "cpu_rt_period",
                                              "cpu_rt_runtime",
                                              "cpu_shares",
                                              "cpus",
                                              "cpuset",
                                              "credential_spec",
                                              "develop",
                                              "device_cgroup_rules",
                                              "devices",
                                              "dns",
                                              "dns_opt",
                                              "dns_search",
                                              "domainname",
                                              "extends",
                                              "external_links",
                                              "extra_hosts",
                                              "gpus",
                                              "group_add",
                                              "ipc",
                                              "isolation",
                                              "label_file",
                                              "links",
                                              "logging",
                                              "mac_address",
                                              "mem_limit",
                                              "mem_reservation",
                                              "mem_swappiness",
                                              "memswap_limit",
                                              "models",
                                              "network_mode",
                                              "oom_kill_disable",
                                              "oom_score_adj",
                                              "pid",
                                              "pids_limit",
                                              "platform",
                                              "post_start",
                                              "pre_start",
                                              "pre_stop",
                                              "privileged",
                                              "provider",
                                              "pull_policy",
                                              "pull_refresh_after",
                                              "read_only",
                                              "runtime",
                                              "secrets",
                                              "security_opt",
                                              "shm_size",
                                              "stdin_open",
                                              "storage_opt",
                                              "sysctls",
                                              "tmpfs",
                                              "tty",
                                              "ulimits",
                                              "use_api_socket",
                                              "userns_mode",
                                              "uts",
                                              "volumes_from"};

constexpr std::string_view build_supported[] = {"args", "context", "dockerfile",
                                                "dockerfile_inline", "target"};
constexpr std::string_view build_later[] = {"additional_contexts",
                                            "cache_from",
                                            "cache_to",
                                            "entitlements",
                                            "extra_hosts",
                                            "isolation",
                                            "labels",
                                            "network",
                                            "no_cache",
                                            "no_cache_filter",
                                            "platforms",
                                            "privileged",
                                            "provenance",
                                            "pull",
                                            "sbom",
                                            "secrets",
                                            "shm_size",
                                            "ssh",
                                            "tags",
                                            "ulimits"};

constexpr std::string_view healthcheck_supported[] = {
    "disable", "interval", "retries", "start_interval", "start_period", "test", "timeout"};
constexpr std::string_view deploy_supported[] = {"replicas"};
constexpr std::string_view deploy_later[] = {"endpoint_mode",   "labels",       "mode",
                                             "placement",       "resources",    "restart_policy",
                                             "rollback_config", "update_config"};
constexpr std::string_view port_supported[] = {"host_ip",  "mode",      "name",
                                               "protocol", "published", "target"};
constexpr std::string_view port_later[] = {"app_protocol"};
constexpr std::string_view mount_supported[] = {"read_only", "source", "target", "type"};
constexpr std::string_view mount_later[] = {"bind", "consistency", "image", "tmpfs", "volume"};
constexpr std::string_view service_network_supported[] = {"aliases", "ipv4_address", "ipv6_address",
                                                          "priority"};
constexpr std::string_view service_network_later[] = {
    "driver_opts", "gw_priority", "interface_name", "link_local_ips", "mac_address"};
constexpr std::string_view dependency_supported[] = {"condition", "required", "restart"};
constexpr std::string_view env_file_supported[] = {"path", "required"};
constexpr std::string_view env_file_later[] = {"format"};
constexpr std::string_view network_supported[] = {"attachable", "driver", "driver_opts", "external",
                                                  "internal",   "labels", "name"};
constexpr std::string_view network_later[] = {"enable_ipv4", "enable_ipv6", "ipam"};
constexpr std::string_view volume_supported[] = {"driver", "driver_opts", "external", "labels",
                                                 "name"};

Rules rules_of(Object object) {
    switch (object) {
        case Object::file: return {"a compose file", file_supported, file_later};
        case Object::service: return {"a service", service_supported, service_later};
        case Object::build: return {"build", build_supported, build_later};
        case Object::healthcheck: return {"healthcheck", healthcheck_supported, {}};
        case Object::deploy: return {"deploy", deploy_supported, deploy_later};
        case Object::port: return {"a port", port_supported, port_later};
        case Object::mount: return {"a volume of a service", mount_supported, mount_later};
        case Object::service_network:
            return {"a network of a service", service_network_supported, service_network_later};
        case Object::dependency: return {"depends_on", dependency_supported, {}};
        case Object::env_file: return {"env_file", env_file_supported, env_file_later};
        case Object::network: return {"a network", network_supported, network_later};
        case Object::volume: return {"a volume", volume_supported, {}};
    }
    return {"", {}, {}};
}

bool is_in(std::string_view name, Names names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

template <class Check>
void for_each_entry(const yaml::Node* mapping, Check check) {
    if (mapping == nullptr) return;
    for (const yaml::Entry& entry : mapping->entries) check(entry.value);
}

bool is_resource_name(std::string_view name) {
    constexpr std::string_view others = "._-";
    return !name.empty() && std::all_of(name.begin(), name.end(), [&](char letter) {
        const bool plain = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                           (letter >= '0' && letter <= '9');
        return plain || others.find(letter) != others.npos;
    });
}

// Services, networks and volumes have names the engine accepts.
void check_names(const yaml::Node* mapping, Problems& problems) {
    if (mapping == nullptr) return;
    for (const yaml::Entry& entry : mapping->entries) {
        if (is_resource_name(entry.key)) continue;
        problems.push_back({entry.position(), fmt::format("'{}' is no name", entry.key),
                            "letters, digits, '.', '_' and '-'"});
    }
}

void check_list(const yaml::Node* list, Object object, Problems& problems) {
    if (list == nullptr) return;
    for (const yaml::Node& item : list->items) check_attributes(item, object, problems);
}

void check_service(const yaml::Node& service, Problems& problems) {
    check_attributes(service, Object::service, problems);
    const auto check = [&](std::string_view key, Object object) {
        if (const yaml::Node* found = service.find(key)) check_attributes(*found, object, problems);
    };
    check("build", Object::build);
    check("healthcheck", Object::healthcheck);
    check("deploy", Object::deploy);
    check_list(service.find("ports"), Object::port, problems);
    check_list(service.find("volumes"), Object::mount, problems);
    check_list(service.find("env_file"), Object::env_file, problems);
    for_each_entry(service.find("networks"), [&](const yaml::Node& value) {
        check_attributes(value, Object::service_network, problems);
    });
    for_each_entry(service.find("depends_on"), [&](const yaml::Node& value) {
        check_attributes(value, Object::dependency, problems);
    });
}

}    // namespace

void check_tags(const yaml::Node& node, Problems& problems) {
    constexpr std::string_view core = "tag:yaml.org,2002:";
    const bool known = node.tag.empty() || is_in(node.tag, known_tags) ||
                       (node.tag.starts_with(core) &&
                        is_in(std::string_view(node.tag).substr(core.size()), core_tags));
    if (!known) {
        problems.push_back({node.position(), fmt::format("the tag '{}' is not supported", node.tag),
                            "!reset and !override are"});
    }
    for (const yaml::Node& item : node.items) check_tags(item, problems);
    for (const yaml::Entry& entry : node.entries) check_tags(entry.value, problems);
}

void check_attributes(const yaml::Node& node, Object object, Problems& problems) {
    if (!node.is_mapping()) return;
    const Rules rules = rules_of(object);
    for (const yaml::Entry& entry : node.entries) {
        if (entry.key.starts_with("x-") || is_in(entry.key, rules.supported)) continue;
        if (is_in(entry.key, rules.later)) {
            problems.push_back({entry.position(),
                                fmt::format("'{}' of {} is not supported yet by this version",
                                            entry.key, rules.what),
                                "remove it; nothing is ever silently ignored"});
            continue;
        }
        // Advice is dear, and nobody reads the thousandth.
        const bool advise = problems.size() < most_advice;
        problems.push_back({entry.position(),
                            fmt::format("unknown field '{}' in {}", entry.key, rules.what),
                            advise ? base::suggest(entry.key, rules.supported) : std::string()});
    }
}

void check_file(const yaml::Node& file, Problems& problems) {
    check_attributes(file, Object::file, problems);
    for (const std::string_view kind : {"services", "networks", "volumes"})
        check_names(file.find(kind), problems);
    for_each_entry(file.find("services"),
                   [&](const yaml::Node& service) { check_service(service, problems); });
    for_each_entry(file.find("networks"), [&](const yaml::Node& network) {
        check_attributes(network, Object::network, problems);
    });
    for_each_entry(file.find("volumes"), [&](const yaml::Node& volume) {
        check_attributes(volume, Object::volume, problems);
    });
}

}    // namespace trueup::compose
