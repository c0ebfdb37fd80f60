// SPDX-License-Identifier: Apache-2.0
// How each attribute reaches the engine: whole bodies, as text.
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/render/small_project.hpp"

namespace trueup::render::test {
namespace {

TEST(RenderAttributes, OfConfig) {
    model::Project project = small_project();
    model::Service& api = project.services.at("api");
    api.domain_name = "example.org";
    api.tty = true;
    api.stdin_open = true;
    api.mac_address = "02:42:ac:11:00:02";
    json::object body = body_of(project);
    for (const char* known : {"Labels", "HostConfig", "NetworkingConfig"})
        body.stable_erase(body.find(known));
    EXPECT_EQ(pretty(body), R"({
  "Domainname": "example.org",
  "AttachStdout": true,
  "AttachStderr": true,
  "Tty": true,
  "OpenStdin": true,
  "MacAddress": "02:42:ac:11:00:02",
  "Image": "i"
})");
}

TEST(RenderAttributes, OfMemoryProcessorsAndProcesses) {
    EXPECT_EQ(host_with([](model::Service& api) {
                  model::Resources& it = api.resources;
                  it.memory = 64 << 20;
                  it.memory_reservation = 32 << 20;
                  it.memory_swap = -1;
                  it.memory_swappiness = 60;
                  it.shm_size = 1 << 20;
                  it.oom_kill_disable = true;
                  it.oom_score_adj = -500;
                  it.nano_cpus = 1'500'000'000;
                  it.nano_cpu_reservation = 1;
                  it.cpu_shares = 73;
                  it.cpu_period = 100'000;
                  it.cpu_quota = 50'000;
                  it.cpu_rt_period = 1'000'000;
                  it.cpu_rt_runtime = 950'000;
                  it.cpuset = "0-3";
                  it.cpu_count = 2;
                  it.cpu_percent = 12.5;
                  it.pids = -1;
                  api.ulimits = {{"nproc", {65'535, 65'535}}, {"memlock", {-1, -1}}};
              }),
              R"({
  "Memory": 67108864,
  "MemoryReservation": 33554432,
  "MemorySwap": -1,
  "MemorySwappiness": 60,
  "ShmSize": 1048576,
  "OomKillDisable": true,
  "OomScoreAdj": -500,
  "NanoCpus": 1500000000,
  "CpuShares": 73,
  "CpuPeriod": 100000,
  "CpuQuota": 50000,
  "CpuRealtimePeriod": 1000000,
  "CpuRealtimeRuntime": 950000,
  "CpusetCpus": "0-3",
  "CpuCount": 2,
  "CpuPercent": 1250,
  "PidsLimit": -1,
  "Ulimits": [{"Name":"memlock","Soft":-1,"Hard":-1},{"Name":"nproc","Soft":65535,"Hard":65535}]
})");
}

TEST(RenderAttributes, OfBlockIo) {
    EXPECT_EQ(host_with([](model::Service& api) {
                  model::BlockIo& it = api.resources.block_io;
                  it.weight = 300;
                  it.weight_device = {{"/dev/sda", 400}};
                  it.device_read_bps = {{"/dev/sdb", 1024}};
                  it.device_read_iops = {{"/dev/sdb", 120}};
                  it.device_write_bps = {{"/dev/sdb", 2048}};
                  it.device_write_iops = {{"/dev/sdb", 30}};
              }),
              R"({
  "BlkioWeight": 300,
  "BlkioWeightDevice": [{"Path":"/dev/sda","Weight":400}],
  "BlkioDeviceReadBps": [{"Path":"/dev/sdb","Rate":1024}],
  "BlkioDeviceReadIOps": [{"Path":"/dev/sdb","Rate":120}],
  "BlkioDeviceWriteBps": [{"Path":"/dev/sdb","Rate":2048}],
  "BlkioDeviceWriteIOps": [{"Path":"/dev/sdb","Rate":30}]
})");
}

TEST(RenderAttributes, OfDevices) {
    EXPECT_EQ(host_with([](model::Service& api) {
                  api.devices = {{"/dev/ttyUSB0", "/dev/tty1", "r"},
                                 {"/dev/null", "/dev/null2", ""},
                                 {"vendor.com/gpu=0", "vendor.com/gpu=0", "rwm"}};
                  api.device_cgroup_rules = {"c 1:3 mr", "a 7:* rmw"};
                  model::DeviceRequest tpu;
                  tpu.driver = "acme";
                  tpu.device_ids = {"t1", "t2"};
                  tpu.capabilities = {"tpu", "compute"};
                  tpu.options = {{"virtualization", "false"}};
                  api.resources.devices = {tpu};
                  model::DeviceRequest all;
                  all.count = -1;
                  api.gpus = std::vector<model::DeviceRequest>{all};
              }),
              R"({
  "Devices": [{"PathOnHost":"/dev/ttyUSB0","PathInContainer":"/dev/tty1","CgroupPermissions":"r"},{"PathOnHost":"/dev/null","PathInContainer":"/dev/null2","CgroupPermissions":"rwm"}],
  "DeviceCgroupRules": ["c 1:3 mr","a 7:* rmw"],
  "DeviceRequests": [{"Driver":"acme","DeviceIDs":["t1","t2"],"Capabilities":[["tpu","compute"]],"Options":{"virtualization":"false"}},{"Driver":"cdi","DeviceIDs":["vendor.com/gpu=0"]},{"Count":-1,"Capabilities":[["gpu"]]}]
})");
}

TEST(RenderAttributes, OfSecurity) {
    EXPECT_EQ(host_with([](model::Service& api) {
                  api.cap_add = {"SYS_PTRACE", "NET_ADMIN"};
                  api.cap_drop = {"ALL"};
                  api.group_add = {"mail", "1001"};
                  api.privileged = true;
                  api.read_only = true;
                  api.security_opt = {"no-new-privileges:true", "systempaths=unconfined",
                                      "apparmor=unconfined"};
              }),
              R"({
  "CapAdd": ["NET_ADMIN","SYS_PTRACE"],
  "CapDrop": ["ALL"],
  "GroupAdd": ["1001","mail"],
  "Privileged": true,
  "ReadonlyRootfs": true,
  "MaskedPaths": [],
  "ReadonlyPaths": [],
  "SecurityOpt": ["apparmor=unconfined","no-new-privileges:true"]
})");
}

TEST(RenderAttributes, OfNamesAndTheRest) {
    EXPECT_EQ(host_with([](model::Service& api) {
                  api.dns = {"9.9.9.9", "8.8.8.8"};
                  api.dns_search = {"b.example", "a.example"};
                  api.dns_opt = {"use-vc"};
                  api.extra_hosts = {"one=10.0.0.1", "six=::1", "one=10.0.0.2"};
                  api.logging = model::Logging{"syslog", {{"tag", "api"}}};
                  api.sysctls = {{"net.core.somaxconn", "1024"}};
                  api.storage_opt = {{"size", "1G"}};
                  api.annotations = {{"com.example", "yes"}};
                  api.runtime = "runc";
                  api.isolation = "default";
                  api.init = true;
              }),
              R"({
  "LogConfig": {
    "Type": "syslog",
    "Config": {
      "tag": "api"
    }
  },
  "Dns": ["9.9.9.9","8.8.8.8"],
  "DnsSearch": ["b.example","a.example"],
  "DnsOptions": ["use-vc"],
  "ExtraHosts": ["one:10.0.0.1","six:::1","one:10.0.0.2"],
  "Sysctls": {
    "net.core.somaxconn": "1024"
  },
  "StorageOpt": {
    "size": "1G"
  },
  "Annotations": {
    "com.example": "yes"
  },
  "Runtime": "runc",
  "Isolation": "default",
  "Init": true
})");
}

std::string restart_with(const model::DeployRestart& wanted) {
    model::Service api;
    api.restart.name = "unless-stopped";
    api.deploy = model::Deploy();
    api.deploy->restart = wanted;
    const model::RestartPolicy policy = restart_policy(api);
    return policy.name + ":" + std::to_string(policy.max_retries);
}

TEST(RenderAttributes, TheRestartPolicyOfDeployDecides) {
    model::Service api;
    api.restart = {"on-failure", 2};
    EXPECT_EQ(restart_policy(api), api.restart);
    api.deploy = model::Deploy();
    EXPECT_EQ(restart_policy(api), api.restart);
    EXPECT_EQ(restart_with({"none", {}, 3, {}}), "no:0");
    EXPECT_EQ(restart_with({"on-failure", {}, 3, {}}), "on-failure:3");
    EXPECT_EQ(restart_with({"on-failure", {}, {}, {}}), "on-failure:0");
    // The engine takes a number of attempts only with on-failure.
    EXPECT_EQ(restart_with({"any", {}, 3, {}}), "always:0");
    EXPECT_EQ(restart_with({"", {}, {}, {}}), "always:0");
    // In the engine's own words.
    EXPECT_EQ(restart_with({"no", {}, 3, {}}), "no:0");
    EXPECT_EQ(restart_with({"always", {}, {}, {}}), "always:0");
    api.restart = {"no", 0};
    api.deploy->restart = model::DeployRestart{"unless-stopped", {}, 3, {}};
    EXPECT_EQ(restart_policy(api), (model::RestartPolicy{"unless-stopped", 0, true}));
}

}    // namespace
}    // namespace trueup::render::test
