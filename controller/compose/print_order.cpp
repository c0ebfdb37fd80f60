// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/print_order.hpp"

#include <algorithm>
#include <map>

#include "controller/base/text.hpp"

namespace trueup::compose {
namespace {

// Those that are not in the order of the alphabet; names that are left out follow.
std::string_view order_of(Object object) {
    switch (object) {
        case Object::file: return "name services networks volumes secrets configs models";
        case Object::service:
            return "profiles annotations attach build develop blkio_config cap_add cap_drop "
                   "cgroup_parent cgroup cpu_count cpu_percent cpu_period cpu_quota cpu_rt_period "
                   "cpu_rt_runtime cpus cpuset cpu_shares command configs container_name "
                   "credential_spec depends_on deploy device_cgroup_rules devices dns dns_opt "
                   "dns_search domainname entrypoint provider environment env_file expose extends "
                   "external_links extra_hosts group_add gpus hostname healthcheck image init ipc "
                   "isolation labels label_file links logging mem_limit mem_reservation "
                   "memswap_limit mem_swappiness mac_address models network_mode networks "
                   "oom_kill_disable oom_score_adj pid pids_limit platform ports privileged "
                   "pull_policy pull_refresh_after read_only restart runtime scale "
                   "secrets security_opt shm_size stdin_open stop_grace_period stop_signal "
                   "storage_opt sysctls tmpfs tty ulimits use_api_socket user userns_mode uts "
                   "volume_driver volumes volumes_from working_dir pre_start post_start pre_stop";
        case Object::build:
            return "context dockerfile dockerfile_inline entitlements args provenance sbom ssh "
                   "labels "
                   "cache_from cache_to no_cache no_cache_filter additional_contexts pull "
                   "extra_hosts "
                   "isolation network target secrets shm_size tags ulimits platforms privileged";
        case Object::block_io:
            return "weight weight_device device_read_bps device_read_iops device_write_bps "
                   "device_write_iops";
        case Object::dependency: return "condition restart required";
        case Object::deploy:
            return "mode replicas labels update_config rollback_config resources restart_policy "
                   "placement endpoint_mode";
        case Object::update:
            return "parallelism delay failure_action monitor max_failure_ratio order";
        case Object::reservations:
        case Object::limits: return "cpus memory pids devices generic_resources";
        case Object::device_request: return "capabilities driver count device_ids options";
        case Object::restart_policy: return "condition delay max_attempts window";
        case Object::placement: return "constraints preferences max_replicas_per_node";
        case Object::watch: return "path action target exec ignore include initial_sync";
        case Object::device: return "source target permissions";
        case Object::env_file: return "path required format";
        case Object::provider: return "type options";
        case Object::healthcheck:
            return "test timeout interval retries start_period start_interval disable";
        case Object::hook: return "command user privileged working_dir environment";
        case Object::service_network:
            return "priority gw_priority aliases interface_name ipv4_address ipv6_address "
                   "link_local_ips mac_address driver_opts";
        case Object::port: return "name mode host_ip target published protocol app_protocol";
        case Object::mount:
            return "type source target read_only consistency bind volume tmpfs image";
        case Object::mount_bind: return "selinux propagation create_host_path recursive";
        case Object::mount_tmpfs: return "size mode";
        case Object::file_reference: return "source target uid gid mode";
        case Object::ulimit: return "soft hard";
        case Object::network:
            return "name driver driver_opts ipam external internal attachable labels enable_ipv4 "
                   "enable_ipv6";
        case Object::ipam: return "driver config options";
        case Object::address_pool: return "subnet gateway ip_range aux_addresses";
        case Object::volume: return "name driver driver_opts external labels";
        case Object::secret:
        case Object::config:
            return "name file environment content external labels driver driver_opts "
                   "template_driver";
        case Object::model: return "name model context_size runtime_flags";
        default: return "";
    }
}

std::vector<const Attribute*> ordered(Object object) {
    std::vector<const Attribute*> all;
    for (const std::string_view name : base::split(order_of(object), ' ')) {
        if (const Attribute* attribute = find_attribute(object, name)) all.push_back(attribute);
    }
    for (const Attribute& attribute : rules_of(object).attributes) {
        if (std::find(all.begin(), all.end(), &attribute) == all.end()) all.push_back(&attribute);
    }
    return all;
}

}    // namespace

const std::vector<const Attribute*>& in_print_order(Object object) {
    static const auto all = [] {
        std::map<Object, std::vector<const Attribute*>> orders;
        for (int index = 0; index <= static_cast<int>(Object::external); ++index) {
            const auto each = static_cast<Object>(index);
            orders.emplace(each, ordered(each));
        }
        return orders;
    }();
    return all.at(object);
}

std::string_view print_name(Object object, std::string_view name, bool json) {
    const bool block = object == Object::block_rate || object == Object::block_weight;
    if (!json || !block) return name;
    return name == "path" ? "Path" : name == "rate" ? "Rate" : "Weight";
}

}    // namespace trueup::compose
