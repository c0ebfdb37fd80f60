// SPDX-License-Identifier: Apache-2.0
// What a service may use: sizes, processors, limits, devices.
#include "tests/unit/compose/decode_support.hpp"

namespace trueup::compose::test {
namespace {

using model::Strings;

constexpr std::int64_t mebi = 1'048'576;

TEST(ComposeResources, SizesHaveUnitsOrAreBytes) {
    const auto memory = [](const std::string& text) {
        return decoded_web("mem_limit: " + text + "\n").resources.memory;
    };
    EXPECT_EQ(memory("64m"), 64 * mebi);
    EXPECT_EQ(memory("1.5gb"), 1'610'612'736);
    EXPECT_EQ(memory("512 MiB"), 512 * mebi);
    EXPECT_EQ(memory("1048576"), mebi);
    EXPECT_EQ(memory("'2048'"), 2048);
    EXPECT_EQ(memory("0x400"), 1024);
    EXPECT_EQ(memory("1e3"), 1000);
    EXPECT_EQ(memory("${NUMBER}k"), 5 * 1024);
}

TEST(ComposeResources, Memory) {
    const auto all = decoded_web(
                         "mem_reservation: 32m\nmemswap_limit: -1\nmem_swappiness: 60\n"
                         "shm_size: 16m\noom_kill_disable: true\noom_score_adj: -500\n")
                         .resources;
    EXPECT_EQ(all.memory_reservation, 32 * mebi);
    EXPECT_EQ(all.memory_swap, -1);
    EXPECT_EQ(all.memory_swappiness, 60);
    EXPECT_EQ(all.shm_size, 16 * mebi);
    EXPECT_TRUE(all.oom_kill_disable);
    EXPECT_EQ(all.oom_score_adj, -500);
}

TEST(ComposeResources, Processors) {
    const auto all = decoded_web(
                         "cpus: 0.5\ncpu_count: 2\ncpu_percent: 50\ncpu_period: 100000\n"
                         "cpu_quota: '50000'\ncpu_rt_period: 1000\ncpu_rt_runtime: 950\n"
                         "cpu_shares: 73\ncpuset: 0-3\npids_limit: -1\n")
                         .resources;
    EXPECT_EQ(all.nano_cpus, 500'000'000);
    EXPECT_EQ(all.cpu_count, 2);
    EXPECT_EQ(all.cpu_percent, 50);
    EXPECT_EQ(all.cpu_period, 100'000);
    EXPECT_EQ(all.cpu_quota, 50'000);
    EXPECT_EQ(all.cpu_rt_period, 1000);
    EXPECT_EQ(all.cpu_rt_runtime, 950);
    EXPECT_EQ(all.cpu_shares, 73);
    EXPECT_EQ(all.cpuset, "0-3");
    EXPECT_EQ(all.pids, -1);
}

TEST(ComposeResources, BlockDevices) {
    const auto block = decoded_web(
                           "blkio_config:\n"
                           "  weight: 300\n"
                           "  weight_device: [{path: /dev/sda, weight: 400}]\n"
                           "  device_read_bps: [{path: /dev/sda, rate: 12mb}]\n"
                           "  device_read_iops: [{path: /dev/sda, rate: 120}]\n"
                           "  device_write_bps: [{path: /dev/sdb, rate: '1024k'}]\n"
                           "  device_write_iops: [{path: /dev/sdb, rate: 30}]\n")
                           .resources.block_io;
    EXPECT_EQ(block.weight, 300);
    EXPECT_EQ(block.weight_device, (std::vector<model::BlockWeight>{{"/dev/sda", 400}}));
    EXPECT_EQ(block.device_read_bps, (std::vector<model::BlockRate>{{"/dev/sda", 12 * mebi}}));
    EXPECT_EQ(block.device_read_iops, (std::vector<model::BlockRate>{{"/dev/sda", 120}}));
    EXPECT_EQ(block.device_write_bps, (std::vector<model::BlockRate>{{"/dev/sdb", mebi}}));
    EXPECT_EQ(block.device_write_iops, (std::vector<model::BlockRate>{{"/dev/sdb", 30}}));
}

TEST(ComposeResources, UlimitsAreOneNumberOrTwo) {
    const auto limits =
        decoded_web("ulimits: {nproc: 65535, core: -1, nofile: {soft: 20000, hard: '40000'}}\n")
            .ulimits;
    EXPECT_EQ(limits,
              (std::map<std::string, model::Ulimit>{
                  {"core", {-1, -1}}, {"nofile", {20'000, 40'000}}, {"nproc", {65'535, 65'535}}}));
    EXPECT_EQ(decode_problems_of_web("ulimits: {nofile: {soft: 1}}\n"),
              "compose.yaml:4:23: services.web.ulimits.nofile: 'hard' is missing in a limit of "
              "ulimits");
}

TEST(ComposeResources, DevicesInEveryForm) {
    const auto devices = decoded_web(
                             "devices:\n  - /dev/a\n  - /dev/b:/dev/c\n  - /dev/d:/dev/e:r\n"
                             "  - {source: /dev/f, target: /dev/g, permissions: rw}\n")
                             .devices;
    EXPECT_EQ(devices, (std::vector<model::Device>{{"/dev/a", "/dev/a", "rwm"},
                                                   {"/dev/b", "/dev/c", "rwm"},
                                                   {"/dev/d", "/dev/e", "r"},
                                                   {"/dev/f", "/dev/g", "rw"}}));
    EXPECT_EQ(decode_problems_of_web("devices: ['a:b:c:d']\n").substr(0, 63),
              "compose.yaml:4:15: services.web.devices[0]: 'a:b:c:d' is no dev");
}

TEST(ComposeResources, GpusAreAllOrRequests) {
    const auto all = decoded_web("gpus: all\n").gpus;
    ASSERT_TRUE(all && all->size() == 1);
    EXPECT_EQ(all->at(0).count, -1);
    const auto some = decoded_web(
                          "gpus:\n  - {driver: nvidia, count: 2, capabilities: [compute], "
                          "options: {virtualization: false}}\n"
                          "  - {driver: 3dfx, device_ids: [voodoo2]}\n"
                          "  - {driver: amd}\n")
                          .gpus;
    ASSERT_TRUE(some && some->size() == 3);
    EXPECT_EQ(some->at(0).driver, "nvidia");
    EXPECT_EQ(some->at(0).count, 2);
    EXPECT_EQ(some->at(0).capabilities, Strings{"compute"});
    EXPECT_EQ(some->at(0).options, (model::StringMap{{"virtualization", "false"}}));
    EXPECT_EQ(some->at(1).count, 0);
    EXPECT_EQ(some->at(1).device_ids, Strings{"voodoo2"});
    EXPECT_EQ(some->at(2).count, -1);
    EXPECT_FALSE(decoded_web("").gpus);
}

TEST(ComposeResources, WhatIsNoAmountIsRefused) {
    EXPECT_EQ(
        decode_problems_of_web("mem_limit: lots\ncpus: half\npids_limit: 1.5\nshm_size: [1]\n"
                               "oom_score_adj: 2000\n"),
        "compose.yaml:4:16: services.web.mem_limit: 'lots' is not a size (for example 512m, "
        "1.5gb or 1048576)\n"
        "compose.yaml:5:11: services.web.cpus: 'half' is not a number\n"
        "compose.yaml:6:17: services.web.pids_limit: '1.5' is not a whole number\n"
        "compose.yaml:7:15: services.web.shm_size: expected a number, got a list\n"
        "compose.yaml:8:20: services.web.oom_score_adj: 2000 is out of range (-1000 to 1000)");
}

}    // namespace
}    // namespace trueup::compose::test
