// SPDX-License-Identifier: Apache-2.0
// ConfigHash decides whether a container is replaced: it must change with every rendered attribute,
// and with nothing else.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string>

#include "controller/base/digest.hpp"
#include "tests/unit/render/small_project.hpp"

namespace trueup::render::test {
namespace {

std::string hash_of(const model::Project& project) {
    return config_hash(project, project.services.at("api"));
}

std::string hash_after(const std::function<void(model::Service&, model::Project&)>& change) {
    model::Project project = rich_project();
    change(project.services.at("api"), project);
    return hash_of(project);
}

struct Change {
    const char* what;
    std::function<void(model::Service&, model::Project&)> make;
};

using S = model::Service;
using P = model::Project;

const Change rendered[] = {
    {"image", [](S& it, P&) { it.image = "other"; }},
    {"command", [](S& it, P&) { it.command->push_back("x"); }},
    {"command order", [](S& it, P&) { std::swap(it.command->at(0), it.command->at(1)); }},
    {"command cleared", [](S& it, P&) { it.command = model::Strings(); }},
    {"command of the image", [](S& it, P&) { it.command.reset(); }},
    {"entrypoint", [](S& it, P&) { it.entrypoint->at(0) = "x"; }},
    {"entrypoint of the image", [](S& it, P&) { it.entrypoint.reset(); }},
    {"environment value", [](S& it, P&) { it.environment["MODE"] = "test"; }},
    {"environment name", [](S& it, P&) { it.environment["MORE"] = ""; }},
    {"environment unset", [](S& it, P&) { it.environment["MODE"].reset(); }},
    {"environment empty", [](S& it, P&) { it.environment["UNSET"] = ""; }},
    {"port", [](S& it, P&) { it.ports.push_back({"", "1", 1, "tcp"}); }},
    {"port published", [](S& it, P&) { it.ports[0].published = "8002"; }},
    {"port address", [](S& it, P&) { it.ports[0].host_ip = "::1"; }},
    {"port target", [](S& it, P&) { it.ports[0].target = 81; }},
    {"port protocol", [](S& it, P&) { it.ports[0].protocol = "sctp"; }},
    {"expose", [](S& it, P&) { it.expose.push_back("1"); }},
    {"mount", [](S& it, P&) { it.mounts.pop_back(); }},
    {"mount target", [](S& it, P&) { it.mounts[0].target = "/other"; }},
    {"mount read-only", [](S& it, P&) { it.mounts[0].read_only = true; }},
    {"content of a bound file", [](S& it, P&) { it.mounts[1].content_id = "0"; }},
    {"anonymous volume", [](S& it, P&) { it.mounts[2].target = "/other"; }},
    {"volume name", [](S&, P& project) { project.volumes.at("data").name = "fixed"; }},
    {"network", [](S& it, P&) { it.networks.erase("back"); }},
    {"network name", [](S&, P& project) { project.networks.at("back").name = "fixed"; }},
    {"network alias", [](S& it, P&) { it.networks["back"].aliases = {"a"}; }},
    {"network address", [](S& it, P&) { it.networks["front"].ipv4_address = "10.0.0.8"; }},
    {"network address 6", [](S& it, P&) { it.networks["front"].ipv6_address = "fd00::8"; }},
    {"first network", [](S& it, P&) { it.networks["back"].priority = 20; }},
    {"healthcheck", [](S& it, P&) { it.healthcheck.reset(); }},
    {"healthcheck test", [](S& it, P&) { it.healthcheck->test = {"NONE"}; }},
    {"healthcheck interval", [](S& it, P&) { it.healthcheck->interval.reset(); }},
    {"healthcheck timeout", [](S& it, P&) { it.healthcheck->timeout.reset(); }},
    {"healthcheck start_period", [](S& it, P&) { it.healthcheck->start_period.reset(); }},
    {"healthcheck start_interval", [](S& it, P&) { it.healthcheck->start_interval.reset(); }},
    {"healthcheck retries", [](S& it, P&) { it.healthcheck->retries = 6; }},
    {"restart", [](S& it, P&) { it.restart.name = "always"; }},
    {"restart retries", [](S& it, P&) { it.restart.max_retries = 4; }},
    {"label", [](S& it, P&) { it.labels["team"] = "x"; }},
    {"working_dir", [](S& it, P&) { it.working_dir = "/"; }},
    {"user", [](S& it, P&) { it.user = "root"; }},
    {"container_name", [](S& it, P&) { it.container_name = "x"; }},
    {"hostname", [](S& it, P&) { it.hostname = "x"; }},
    {"stop_signal", [](S& it, P&) { it.stop_signal = "SIGTERM"; }},
    {"stop_grace_period", [](S& it, P&) { it.stop_grace_period.reset(); }},
    {"init", [](S& it, P&) { it.init = false; }},
    {"build instead of image", [](S& it, P&) { it.build = model::Build(); }},
};

const Change rendered_too[] = {
    {"annotations", [](S& it, P&) { it.annotations["a"] = "b"; }},
    {"domainname", [](S& it, P&) { it.domain_name = "x"; }},
    {"platform", [](S& it, P&) { it.platform = "linux/arm64"; }},
    {"runtime", [](S& it, P&) { it.runtime = "x"; }},
    {"isolation", [](S& it, P&) { it.isolation = "x"; }},
    {"mac_address", [](S& it, P&) { it.mac_address = "02:42:ac:11:00:02"; }},
    {"network_mode", [](S& it, P&) { it.namespaces.network = "host"; }},
    {"network_mode of a service", [](S& it, P&) { it.namespaces.network = "service:db"; }},
    {"ipc", [](S& it, P&) { it.namespaces.ipc = "host"; }},
    {"pid", [](S& it, P&) { it.namespaces.pid = "service:db"; }},
    {"uts", [](S& it, P&) { it.namespaces.uts = "host"; }},
    {"userns_mode", [](S& it, P&) { it.namespaces.user = "host"; }},
    {"cgroup", [](S& it, P&) { it.namespaces.cgroup = "host"; }},
    {"cgroup_parent", [](S& it, P&) { it.cgroup_parent = "x"; }},
    {"privileged", [](S& it, P&) { it.privileged = true; }},
    {"read_only", [](S& it, P&) { it.read_only = true; }},
    {"tty", [](S& it, P&) { it.tty = true; }},
    {"stdin_open", [](S& it, P&) { it.stdin_open = true; }},
    {"cap_add", [](S& it, P&) { it.cap_add = {"ALL"}; }},
    {"cap_drop", [](S& it, P&) { it.cap_drop = {"ALL"}; }},
    {"security_opt", [](S& it, P&) { it.security_opt = {"apparmor=unconfined"}; }},
    {"systempaths", [](S& it, P&) { it.security_opt = {"systempaths=unconfined"}; }},
    {"group_add", [](S& it, P&) { it.group_add = {"mail"}; }},
    {"sysctls", [](S& it, P&) { it.sysctls["a"] = "b"; }},
    {"storage_opt", [](S& it, P&) { it.storage_opt["a"] = "b"; }},
    {"ulimits", [](S& it, P&) { it.ulimits["nproc"] = {1, 2}; }},
    {"ulimits hard", [](S& it, P&) { it.ulimits["nproc"] = {1, 3}; }},
    {"devices", [](S& it, P&) { it.devices = {{"/dev/a", "/dev/b", "r"}}; }},
    {"devices' permissions", [](S& it, P&) { it.devices = {{"/dev/a", "/dev/b", "rw"}}; }},
    {"device_cgroup_rules", [](S& it, P&) { it.device_cgroup_rules = {"c 1:3 mr"}; }},
    {"gpus", [](S& it, P&) { it.gpus.emplace(1); }},
    {"dns", [](S& it, P&) { it.dns = {"8.8.8.8", "9.9.9.9"}; }},
    {"dns order", [](S& it, P&) { it.dns = {"9.9.9.9", "8.8.8.8"}; }},
    {"dns_search", [](S& it, P&) { it.dns_search = {"x"}; }},
    {"dns_opt", [](S& it, P&) { it.dns_opt = {"x"}; }},
    {"extra_hosts", [](S& it, P&) { it.extra_hosts = {"a=10.0.0.1"}; }},
    {"external_links", [](S& it, P&) { it.external_links = {"a:b"}; }},
    {"volumes_from", [](S& it, P&) { it.volumes_from = {"db"}; }},
    {"tmpfs", [](S& it, P&) { it.tmpfs = {"/run"}; }},
    {"logging", [](S& it, P&) { it.logging = model::Logging{"json-file", {}}; }},
    {"logging options", [](S& it, P&) { it.logging = model::Logging{"json-file", {{"a", "b"}}}; }},
    {"restart of deploy",
     [](S& it, P&) {
         it.deploy = model::Deploy();
         it.deploy->restart = model::DeployRestart();
     }},
    {"mount propagation", [](S& it, P&) { it.mounts[0].propagation = "slave"; }},
    {"mount no_copy", [](S& it, P&) { it.mounts[0].no_copy = true; }},
    {"mount subpath", [](S& it, P&) { it.mounts[0].subpath = "x"; }},
    {"mount labels", [](S& it, P&) { it.mounts[0].labels["a"] = "b"; }},
    {"mount selinux", [](S& it, P&) { it.mounts[0].selinux = "z"; }},
    {"link_local_ips", [](S& it, P&) { it.networks["back"].link_local_ips = {"169.254.1.1"}; }},
    {"mac_address of a network", [](S& it, P&) { it.networks["back"].mac_address = "0"; }},
    {"driver_opts of a network", [](S& it, P&) { it.networks["back"].driver_options["a"] = "b"; }},
    {"gw_priority", [](S& it, P&) { it.networks["back"].gateway_priority = 1; }},
    {"interface_name", [](S& it, P&) { it.networks["back"].interface_name = "x"; }},
    {"mem_limit", [](S& it, P&) { it.resources.memory = 1; }},
    {"mem_reservation", [](S& it, P&) { it.resources.memory_reservation = 1; }},
    {"memswap_limit", [](S& it, P&) { it.resources.memory_swap = 1; }},
    {"mem_swappiness", [](S& it, P&) { it.resources.memory_swappiness = 1; }},
    {"shm_size", [](S& it, P&) { it.resources.shm_size = 1; }},
    {"oom_kill_disable", [](S& it, P&) { it.resources.oom_kill_disable = true; }},
    {"oom_score_adj", [](S& it, P&) { it.resources.oom_score_adj = 1; }},
    {"cpus", [](S& it, P&) { it.resources.nano_cpus = 1; }},
    {"cpu_shares", [](S& it, P&) { it.resources.cpu_shares = 1; }},
    {"cpu_period", [](S& it, P&) { it.resources.cpu_period = 1; }},
    {"cpu_quota", [](S& it, P&) { it.resources.cpu_quota = 1; }},
    {"cpu_rt_period", [](S& it, P&) { it.resources.cpu_rt_period = 1; }},
    {"cpu_rt_runtime", [](S& it, P&) { it.resources.cpu_rt_runtime = 1; }},
    {"cpu_count", [](S& it, P&) { it.resources.cpu_count = 1; }},
    {"cpu_percent", [](S& it, P&) { it.resources.cpu_percent = 0.01; }},
    {"cpuset", [](S& it, P&) { it.resources.cpuset = "0"; }},
    {"pids_limit", [](S& it, P&) { it.resources.pids = 1; }},
    {"content of a config",
     [](S& it, P& project) {
         project.configs["c"].content = "one";
         it.configs.push_back({"c", "/c", "", "", std::nullopt});
     }},
    {"other content of a config",
     [](S& it, P& project) {
         project.configs["c"].content = "two";
         it.configs.push_back({"c", "/c", "", "", std::nullopt});
     }},
    {"mode of a config",
     [](S& it, P& project) {
         project.configs["c"].content = "two";
         it.configs.push_back({"c", "/c", "", "", 0400});
     }},
    {"post_start",
     [](S& it, P&) { it.post_start.push_back({{"x"}, "", false, "", {}, "", false}); }},
    {"pre_stop", [](S& it, P&) { it.pre_stop.push_back({{"x"}, "", false, "", {}, "", false}); }},
    {"user of a hook",
     [](S& it, P&) { it.pre_stop.push_back({{"x"}, "root", false, "", {}, "", false}); }},
    {"blkio weight", [](S& it, P&) { it.resources.block_io.weight = 10; }},
    {"blkio read", [](S& it, P&) { it.resources.block_io.device_read_bps = {{"/dev/a", 1}}; }},
    {"blkio write", [](S& it, P&) { it.resources.block_io.device_write_bps = {{"/dev/a", 1}}; }},
};

TEST(ConfigHash, ChangesWithEveryRenderedAttribute) {
    std::set<std::string> seen{hash_of(rich_project())};
    for (const Change& change : rendered)
        EXPECT_TRUE(seen.insert(hash_after(change.make)).second) << change.what;
    for (const Change& change : rendered_too)
        EXPECT_TRUE(seen.insert(hash_after(change.make)).second) << change.what;
}

const Change not_rendered[] = {
    {"replicas", [](S& it, P&) { it.replicas = 5; }},
    {"dependencies", [](S& it, P&) { it.depends_on.clear(); }},
    {"place in the file", [](S& it, P&) { it.position = Position{"x.yaml", 9, 9}; }},
    {"order of ports", [](S& it, P&) { std::swap(it.ports[0], it.ports[2]); }},
    {"order of addresses", [](S& it, P&) { std::swap(it.ports[0], it.ports[1]); }},
    {"order of expose", [](S& it, P&) { std::swap(it.expose[0], it.expose[1]); }},
    {"order of mounts", [](S& it, P&) { std::reverse(it.mounts.begin(), it.mounts.end()); }},
    {"order of aliases",
     [](S& it, P&) {
         std::swap(it.networks["front"].aliases[0], it.networks["front"].aliases[1]);
     }},
    {"path of a bound file", [](S& it, P&) { it.mounts[1].source = "moved/app.ini"; }},
    {"another service", [](S& it, P& project) { project.services["db"] = it; }},
    {"options of a network", [](S&, P& project) { project.networks.at("back").internal = true; }},
    {"compose files", [](S&, P& project) { project.config_files = {"x.yaml"}; }},
    {"pull_policy", [](S& it, P&) { it.pull_policy = "always"; }},
    {"how deploy updates",
     [](S& it, P&) {
         it.deploy = model::Deploy();
         it.deploy->update = model::UpdatePolicy();
     }},
    {"cpus that are only reserved", [](S& it, P&) { it.resources.nano_cpu_reservation = 1; }},
};

// What these were in the first version. Containers and one-shots of older versions carry them: with
// another value a new version would replace every container, and run every one-shot again.
TEST(ConfigHash, IsThatOfOlderVersionsForWhatTheyKnew) {
    EXPECT_EQ(hash_of(rich_project()),
              "edd5fa823f8721f198abba3f2c4d11b6cf722ae7f34c870533b0ecd7c236ef0f");
    EXPECT_EQ(hash_of(small_project()),
              "33a722ffb142ea1fb8ca325cfa15993f135aa88c83ab70015c671e2f79d80cdd");
    model::Network plain = network("front");
    EXPECT_EQ(network_hash(plain),
              "62d0f08fbbbd8aa734dc8973148f9fa4cc88e5e38797402c2c5ae6f72a9f21d9");
    plain.driver = "bridge";
    plain.driver_options = {{"a", "b"}};
    plain.labels = {{"c", "d"}};
    EXPECT_EQ(network_hash(plain),
              "66846227730a1dab58654e38ec3613a2520700dfbb6269050344a01c07c25f36");
    EXPECT_EQ(volume_hash(rich_project().volumes.at("data")),
              "34f7db1a07536596b41cc250bf4d6dda0bc1c74988853c0e7be8e3201d466329");
}

TEST(ConfigHash, StaysWhenNothingOfTheContainerChanges) {
    const std::string before = hash_of(rich_project());
    for (const Change& change : not_rendered)
        EXPECT_EQ(hash_after(change.make), before) << change.what;
}

TEST(ConfigHash, OfABuiltServiceDoesNotKnowTheImage) {
    const auto built = [](const char* context, const char* image) {
        return hash_after([&](S& it, P&) {
            it.image = image;
            it.build = model::Build();
            it.build->context = context;
        });
    };
    EXPECT_EQ(built("a", "x:1"), built("b", "x:2"));
}

TEST(ConfigHash, IsThatOfTheLabelsWhateverTheReplicaAndRevision) {
    const model::Project project = rich_project();
    StackIdentity other = identity();
    other.revision = "other";
    other.bind_root = "/elsewhere";
    other.working_dir = "/x";
    const auto label = [&](int number, const StackIdentity& stack, const char* image) {
        const auto body =
            container_body(project, project.services.at("api"), number, stack, created_from(image));
        return std::string(body.at("Labels").at("dev.trueup.config-hash").as_string());
    };
    EXPECT_EQ(label(1, identity(), "a"), hash_of(project));
    EXPECT_EQ(label(2, other, "b"), hash_of(project));
}

TEST(ConfigHash, OnceFilledIsReturned) {
    EXPECT_EQ(hash_after([](S& it, P&) { it.config_hash = "known"; }), "known");
    EXPECT_EQ(hash_of(rich_project()).size(), 64U);
}

TEST(ResourceHash, ChangesWithWhatTheEngineIsTold) {
    model::Network base = network("n");
    std::set<std::string> seen{network_hash(base)};
    const auto changed = [&](auto change) {
        model::Network it = base;
        change(it);
        return seen.insert(network_hash(it)).second;
    };
    EXPECT_TRUE(changed([](model::Network& it) { it.driver = "bridge"; }));
    EXPECT_TRUE(changed([](model::Network& it) { it.driver_options["a"] = "b"; }));
    EXPECT_TRUE(changed([](model::Network& it) { it.internal = true; }));
    EXPECT_TRUE(changed([](model::Network& it) { it.attachable = true; }));
    EXPECT_TRUE(changed([](model::Network& it) { it.labels["a"] = "b"; }));
    EXPECT_TRUE(changed([](model::Network& it) { it.enable_ipv4 = true; }));
    EXPECT_TRUE(changed([](model::Network& it) { it.enable_ipv6 = false; }));
    EXPECT_TRUE(changed([](model::Network& it) { it.ipam.driver = "default"; }));
    EXPECT_TRUE(changed([](model::Network& it) { it.ipam.config = {{"10.1.0.0/16"}}; }));
    EXPECT_TRUE(changed([](model::Network& it) { it.ipam.options["a"] = "b"; }));
    EXPECT_FALSE(changed([](model::Network& it) { it.key = "other"; }));

    model::Volume volume;
    const std::string before = volume_hash(volume);
    volume.driver = "local";
    EXPECT_NE(volume_hash(volume), before);
}

TEST(ConfigHash, IsWrittenDownWithAKeySoThatNobodyCanTryTheValuesOfASecret) {
    const std::string hash = base::sha256_hex("what a service is");
    EXPECT_EQ(keyed_hash("", hash), hash);
    const std::string keyed = keyed_hash("of this engine", hash);
    EXPECT_EQ(keyed, base::hmac_sha256_hex("of this engine", "config " + hash));
    EXPECT_NE(keyed_hash("of another engine", hash), keyed);
    EXPECT_TRUE(is_hash_of(keyed, keyed, hash));
    EXPECT_TRUE(is_hash_of(hash, keyed, hash)) << "made before there were keys";
    EXPECT_FALSE(is_hash_of("", keyed, ""));
    EXPECT_FALSE(is_hash_of("other", keyed, hash));
}

}    // namespace
}    // namespace trueup::render::test
