// SPDX-License-Identifier: Apache-2.0
// Parts of a service that say what it may use and whom it talks to.
#include <cmath>
#include <utility>

#include "controller/compose/decode.hpp"
#include "controller/compose/fields.hpp"
#include "controller/compose/scalars.hpp"

namespace trueup::compose {
namespace {

std::int64_t nano(double cpus) { return std::llround(cpus * 1e9); }

void nano_cpus(const Fields& fields, std::int64_t& target) {
    double cpus = 0;
    fields.real("cpus", cpus);
    if (cpus != 0) target = nano(cpus);
}

std::vector<model::BlockRate> rates(const Fields& fields, std::string_view key) {
    std::vector<model::BlockRate> list;
    fields.items(key, [&](const yaml::Node& item) {
        model::BlockRate rate;
        Fields(item).text("path", rate.path);
        Fields(item).bytes("rate", rate.rate);
        list.push_back(std::move(rate));
    });
    return list;
}

model::BlockIo decode_block_io(const Fields& fields) {
    model::BlockIo block;
    fields.integer("weight", block.weight);
    fields.items("weight_device", [&](const yaml::Node& item) {
        model::BlockWeight weight;
        Fields(item).text("path", weight.path);
        Fields(item).integer("weight", weight.weight);
        block.weight_device.push_back(std::move(weight));
    });
    block.device_read_bps = rates(fields, "device_read_bps");
    block.device_read_iops = rates(fields, "device_read_iops");
    block.device_write_bps = rates(fields, "device_write_bps");
    block.device_write_iops = rates(fields, "device_write_iops");
    return block;
}

std::optional<model::UpdatePolicy> decode_update(const Fields& deploy, std::string_view key) {
    if (deploy.find(key) == nullptr) return std::nullopt;
    const Fields fields = deploy.inside(key);
    model::UpdatePolicy policy;
    if (const auto parallelism = fields.integer("parallelism"))
        policy.parallelism = static_cast<std::uint64_t>(*parallelism);
    fields.duration("delay", policy.delay);
    fields.text("failure_action", policy.failure_action);
    fields.duration("monitor", policy.monitor);
    fields.real("max_failure_ratio", policy.max_failure_ratio);
    fields.text("order", policy.order);
    return policy;
}

std::optional<model::DeployRestart> decode_restart(const Fields& deploy) {
    if (deploy.find("restart_policy") == nullptr) return std::nullopt;
    const Fields fields = deploy.inside("restart_policy");
    model::DeployRestart restart;
    fields.text("condition", restart.condition);
    fields.duration("delay", restart.delay);
    if (const auto attempts = fields.integer("max_attempts"))
        restart.max_attempts = static_cast<std::uint64_t>(*attempts);
    fields.duration("window", restart.window);
    return restart;
}

model::Deploy decode_deploy(const Fields& fields) {
    model::Deploy deploy;
    fields.text("mode", deploy.mode);
    fields.text("endpoint_mode", deploy.endpoint_mode);
    fields.map("labels", deploy.labels);
    deploy.update = decode_update(fields, "update_config");
    deploy.rollback = decode_update(fields, "rollback_config");
    deploy.restart = decode_restart(fields);
    const Fields placement = fields.inside("placement");
    placement.strings("constraints", deploy.placement_constraints);
    placement.integer("max_replicas_per_node", deploy.max_replicas_per_node);
    placement.items("preferences", [&](const yaml::Node& item) {
        std::string spread;
        Fields(item).text("spread", spread);
        deploy.placement_spread.push_back(std::move(spread));
    });
    fields.inside("resources")
        .inside("reservations")
        .items("generic_resources", [&](const yaml::Node& item) {
            model::GenericResource resource;
            const Fields spec = Fields(item).inside("discrete_resource_spec");
            spec.text("kind", resource.kind);
            spec.integer("value", resource.value);
            deploy.generic_resources.push_back(std::move(resource));
        });
    return deploy;
}

// deploy.restart_policy is the engine's in other words, or in its own: Compose takes those too.
std::optional<std::string_view> engine_policy(std::string_view condition) {
    if (condition == "none" || condition == "no") return "no";
    if (condition == "on-failure" || condition == "unless-stopped") return condition;
    if (condition == "any" || condition == "always" || condition.empty()) return "always";
    return std::nullopt;
}

void apply_restart(const model::DeployRestart& restart, model::RestartPolicy& policy) {
    if (const auto name = engine_policy(restart.condition)) policy.name = *name;
    const bool counts = policy.name == "on-failure" && restart.max_attempts;
    policy.max_retries = counts ? static_cast<int>(*restart.max_attempts) : 0;
}

}    // namespace

bool is_restart_condition(std::string_view text) { return engine_policy(text).has_value(); }

void decode_resources(const yaml::Node& service, model::Service& result) {
    const Fields fields(service);
    model::Resources& all = result.resources;
    nano_cpus(fields, all.nano_cpus);
    fields.bytes("mem_limit", all.memory);
    fields.bytes("mem_reservation", all.memory_reservation);
    fields.bytes("memswap_limit", all.memory_swap);
    fields.bytes("mem_swappiness", all.memory_swappiness);
    fields.integer("pids_limit", all.pids);
    fields.flag("oom_kill_disable", all.oom_kill_disable);
    fields.integer("oom_score_adj", all.oom_score_adj);
    fields.integer("cpu_count", all.cpu_count);
    fields.real("cpu_percent", all.cpu_percent);
    fields.integer("cpu_period", all.cpu_period);
    fields.integer("cpu_quota", all.cpu_quota);
    fields.integer("cpu_rt_period", all.cpu_rt_period);
    fields.integer("cpu_rt_runtime", all.cpu_rt_runtime);
    fields.integer("cpu_shares", all.cpu_shares);
    fields.text("cpuset", all.cpuset);
    fields.bytes("shm_size", all.shm_size);
    all.block_io = decode_block_io(fields.inside("blkio_config"));
    if (fields.find("deploy") == nullptr) return;
    const Fields deploy = fields.inside("deploy");
    const Fields limits = deploy.inside("resources").inside("limits");
    nano_cpus(limits, all.nano_cpus);
    limits.bytes("memory", all.memory);
    limits.integer("pids", all.pids);
    const Fields reservations = deploy.inside("resources").inside("reservations");
    nano_cpus(reservations, all.nano_cpu_reservation);
    reservations.bytes("memory", all.memory_reservation);
    if (const auto* devices = reservations.find("devices"))
        all.devices = decode_device_requests(*devices);
    result.deploy = decode_deploy(deploy);
    if (result.deploy->restart) apply_restart(*result.deploy->restart, result.restart);
}

std::vector<model::DeviceRequest> decode_device_requests(const yaml::Node& list) {
    std::vector<model::DeviceRequest> requests;
    for (const yaml::Node& item : list.items) {
        model::DeviceRequest request;
        const Fields fields(item);
        fields.text("driver", request.driver);
        const yaml::Node* count = fields.find("count");
        if (count != nullptr)
            request.count = count->text == "all" ? -1 : integer_of(*count).value_or(0);
        fields.strings("device_ids", request.device_ids);
        fields.strings("capabilities", request.capabilities);
        fields.map("options", request.options);
        requests.push_back(std::move(request));
    }
    return requests;
}

std::map<std::string, model::Ulimit> decode_ulimits(const yaml::Node& mapping) {
    std::map<std::string, model::Ulimit> limits;
    for (const yaml::Entry& entry : mapping.entries) {
        model::Ulimit limit;
        if (const auto single = integer_of(entry.value)) limit = {*single, *single};
        Fields(entry.value).integer("soft", limit.soft);
        Fields(entry.value).integer("hard", limit.hard);
        limits.emplace(entry.key, limit);
    }
    return limits;
}

std::map<std::string, model::ServiceNetwork> decode_networks(const yaml::Node& mapping) {
    std::map<std::string, model::ServiceNetwork> networks;
    for (const yaml::Entry& entry : mapping.entries) {
        model::ServiceNetwork network;
        const Fields fields(entry.value);
        fields.strings("aliases", network.aliases);
        fields.text("ipv4_address", network.ipv4_address);
        fields.text("ipv6_address", network.ipv6_address);
        fields.integer("priority", network.priority);
        fields.strings("link_local_ips", network.link_local_ips);
        fields.text("mac_address", network.mac_address);
        fields.map("driver_opts", network.driver_options);
        fields.integer("gw_priority", network.gateway_priority);
        fields.text("interface_name", network.interface_name);
        networks.emplace(entry.key, std::move(network));
    }
    return networks;
}

std::vector<model::Hook> decode_hooks(const yaml::Node& list) {
    std::vector<model::Hook> hooks;
    for (const yaml::Node& item : list.items) {
        model::Hook hook;
        const Fields fields(item);
        fields.strings("command", hook.command);
        fields.text("user", hook.user);
        fields.flag("privileged", hook.privileged);
        fields.text("working_dir", hook.working_dir);
        fields.environment("environment", hook.environment);
        fields.text("image", hook.image);
        fields.flag("per_replica", hook.per_replica);
        hooks.push_back(std::move(hook));
    }
    return hooks;
}

}    // namespace trueup::compose
