// SPDX-License-Identifier: Apache-2.0
// HostConfig's part that Docker calls Resources.
#include <cmath>

#include "controller/render/json.hpp"
#include "controller/render/parts.hpp"

namespace trueup::render {
namespace {

namespace json = boost::json;

void add_memory(const model::Resources& wanted, json::object& host) {
    set(host, "Memory", wanted.memory);
    set(host, "MemoryReservation", wanted.memory_reservation);
    set(host, "MemorySwap", wanted.memory_swap);
    set(host, "MemorySwappiness", wanted.memory_swappiness);
    set(host, "ShmSize", wanted.shm_size);
    set(host, "OomKillDisable", wanted.oom_kill_disable);
    set(host, "OomScoreAdj", wanted.oom_score_adj);
}

void add_processors(const model::Resources& wanted, json::object& host) {
    set(host, "NanoCpus", wanted.nano_cpus);
    set(host, "CpuShares", wanted.cpu_shares);
    set(host, "CpuPeriod", wanted.cpu_period);
    set(host, "CpuQuota", wanted.cpu_quota);
    set(host, "CpuRealtimePeriod", wanted.cpu_rt_period);
    set(host, "CpuRealtimeRuntime", wanted.cpu_rt_runtime);
    set(host, "CpusetCpus", wanted.cpuset);
    set(host, "CpuCount", wanted.cpu_count);
    // Hundredths of a percent.
    set(host, "CpuPercent", static_cast<std::int64_t>(std::llround(wanted.cpu_percent * 100)));
}

json::array rates(const std::vector<model::BlockRate>& wanted) {
    json::array array;
    for (const model::BlockRate& each : wanted) {
        json::object rate;
        rate["Path"] = each.path;
        rate["Rate"] = each.rate;
        array.push_back(std::move(rate));
    }
    return array;
}

void add_block_io(const model::BlockIo& wanted, json::object& host) {
    set(host, "BlkioWeight", wanted.weight);
    json::array weights;
    for (const model::BlockWeight& each : wanted.weight_device) {
        json::object weight;
        weight["Path"] = each.path;
        weight["Weight"] = each.weight;
        weights.push_back(std::move(weight));
    }
    set(host, "BlkioWeightDevice", std::move(weights));
    set(host, "BlkioDeviceReadBps", rates(wanted.device_read_bps));
    set(host, "BlkioDeviceReadIOps", rates(wanted.device_read_iops));
    set(host, "BlkioDeviceWriteBps", rates(wanted.device_write_bps));
    set(host, "BlkioDeviceWriteIOps", rates(wanted.device_write_iops));
}

json::array limits_of_processes(const model::Service& service) {
    json::array array;
    for (const auto& [name, wanted] : service.ulimits) {
        json::object limit;
        limit["Name"] = name;
        limit["Soft"] = wanted.soft;
        limit["Hard"] = wanted.hard;
        array.push_back(std::move(limit));
    }
    return array;
}

json::object device_request(const model::DeviceRequest& wanted, model::Strings capabilities) {
    json::object request;
    set(request, "Driver", wanted.driver);
    set(request, "Count", wanted.count);
    set(request, "DeviceIDs", to_array(wanted.device_ids));
    // A list of alternatives, each a list of what it must have.
    json::array alternatives;
    if (!capabilities.empty()) alternatives.push_back(to_array(capabilities));
    set(request, "Capabilities", std::move(alternatives));
    set(request, "Options", wanted.options);
    return request;
}

void add_devices(const model::Service& service, json::object& host) {
    json::array devices;
    model::Strings qualified;
    for (const model::Device& each : service.devices) {
        if (is_qualified_device(each)) {
            qualified.push_back(each.source);
            continue;
        }
        json::object device;
        device["PathOnHost"] = each.source;
        device["PathInContainer"] = each.target;
        device["CgroupPermissions"] = each.permissions.empty() ? "rwm" : each.permissions;
        devices.push_back(std::move(device));
    }
    set(host, "Devices", std::move(devices));
    set(host, "DeviceCgroupRules", to_array(service.device_cgroup_rules));

    json::array requests;
    for (const model::DeviceRequest& each : service.resources.devices)
        requests.push_back(device_request(each, each.capabilities));
    if (!qualified.empty()) {
        model::DeviceRequest request;
        request.driver = "cdi";
        request.device_ids = std::move(qualified);
        requests.push_back(device_request(request, {}));
    }
    for (const model::DeviceRequest& each :
         service.gpus.value_or(std::vector<model::DeviceRequest>())) {
        model::Strings capabilities = each.capabilities;
        capabilities.emplace_back("gpu");
        requests.push_back(device_request(each, std::move(capabilities)));
    }
    set(host, "DeviceRequests", std::move(requests));
}

}    // namespace

// CDI: "vendor.com/class=device".
bool is_qualified_device(const model::Device& device) {
    const std::string& name = device.source;
    const std::size_t slash = name.find('/');
    const std::size_t equals = name.find('=');
    return name == device.target && slash != std::string::npos && slash > 0 &&
           equals != std::string::npos && equals > slash + 1 && equals + 1 < name.size();
}

void add_resources(const model::Service& service, json::object& host) {
    const model::Resources& wanted = service.resources;
    add_memory(wanted, host);
    add_processors(wanted, host);
    set(host, "PidsLimit", wanted.pids);
    add_block_io(wanted.block_io, host);
    set(host, "Ulimits", limits_of_processes(service));
    add_devices(service, host);
}

}    // namespace trueup::render
