// SPDX-License-Identifier: Apache-2.0
// What a service may use and how it is replaced (Compose Deploy Specification, and the service
// attributes that say the same). Sizes are bytes, 0 = not limited, unless said otherwise.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "controller/model/build.hpp"

namespace trueup::model {

using Duration = std::chrono::nanoseconds;

// A device that a driver hands out, for example GPUs (`gpus`, `deploy.resources.reservations.devices`).
struct DeviceRequest {
    std::string driver;
    std::int64_t count = 0;    // -1 = all; 0 when device_ids says which
    Strings device_ids;
    Strings capabilities;    // all of them
    StringMap options;

    bool operator==(const DeviceRequest&) const = default;
};

struct BlockWeight {
    std::string path;
    std::uint16_t weight = 0;    // 10 to 1000

    auto operator<=>(const BlockWeight&) const = default;
};

struct BlockRate {
    std::string path;
    std::int64_t rate = 0;    // bytes or operations a second

    auto operator<=>(const BlockRate&) const = default;
};

struct BlockIo {
    std::uint16_t weight = 0;    // 10 to 1000; 0 = the engine's default
    std::vector<BlockWeight> weight_device;
    std::vector<BlockRate> device_read_bps;
    std::vector<BlockRate> device_read_iops;
    std::vector<BlockRate> device_write_bps;
    std::vector<BlockRate> device_write_iops;

    bool operator==(const BlockIo&) const = default;
};

// Where a service attribute and deploy.resources say the same, they agree, and this holds it once.
struct Resources {
    std::int64_t nano_cpus = 0;    // `cpus`, deploy.resources.limits.cpus; in 1e-9 of a processor
    std::int64_t memory = 0;       // `mem_limit`, deploy.resources.limits.memory
    std::int64_t pids = 0;         // `pids_limit`, deploy.resources.limits.pids; -1 = unlimited
    std::int64_t memory_reservation =
        0;    // `mem_reservation`, deploy.resources.reservations.memory
    std::int64_t nano_cpu_reservation =
        0;    // deploy.resources.reservations.cpus: for schedulers only
    std::vector<DeviceRequest> devices;    // deploy.resources.reservations.devices
    std::int64_t memory_swap = 0;          // `memswap_limit`; -1 = unlimited
    std::int64_t memory_swappiness = 0;    // percent; 0 = not set
    bool oom_kill_disable = false;
    std::int64_t oom_score_adj = 0;    // -1000 to 1000
    std::int64_t cpu_count = 0;        // Windows only
    double cpu_percent = 0;            // Windows only
    std::int64_t cpu_period = 0;       // microseconds
    std::int64_t cpu_quota = 0;        // microseconds a period
    std::int64_t cpu_rt_period = 0;
    std::int64_t cpu_rt_runtime = 0;
    std::int64_t cpu_shares = 0;
    std::string cpuset;    // "0-3", "0,1"
    std::int64_t shm_size = 0;
    BlockIo block_io;

    bool operator==(const Resources&) const = default;
};

// deploy.update_config and deploy.rollback_config: kept for rollouts.
struct UpdatePolicy {
    std::optional<std::uint64_t> parallelism;    // 0 = all at once
    std::optional<Duration> delay;               // between two groups
    std::string failure_action;                  // "", continue, pause, rollback
    std::optional<Duration> monitor;
    double max_failure_ratio = 0;
    std::string order;    // "", start-first, stop-first

    bool operator==(const UpdatePolicy&) const = default;
};

// deploy.restart_policy; the engine knows the condition and the number of attempts only.
struct DeployRestart {
    std::string condition;    // none | on-failure | any
    std::optional<Duration> delay;
    std::optional<std::uint64_t> max_attempts;
    std::optional<Duration> window;

    bool operator==(const DeployRestart&) const = default;
};

struct GenericResource {
    std::string kind;
    std::int64_t value = 0;

    auto operator<=>(const GenericResource&) const = default;
};

// What remains of `deploy` beside Resources, replicas and the restart policy.
struct Deploy {
    std::string mode;             // "", replicated, global, replicated-job, global-job
    std::string endpoint_mode;    // "", vip, dnsrr
    StringMap labels;             // of the service, not of its containers
    std::optional<UpdatePolicy> update;
    std::optional<UpdatePolicy> rollback;
    std::optional<DeployRestart> restart;
    Strings placement_constraints;
    Strings placement_spread;    // placement.preferences
    std::uint64_t max_replicas_per_node = 0;
    std::vector<GenericResource> generic_resources;

    bool operator==(const Deploy&) const = default;
};

}    // namespace trueup::model
