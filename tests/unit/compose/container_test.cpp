// SPDX-License-Identifier: Apache-2.0
// What the container itself is like: namespaces, rights, kernel settings, names, logging, hooks.
#include <fmt/format.h>

#include "tests/unit/compose/decode_support.hpp"

namespace trueup::compose::test {
namespace {

using model::StringMap;
using model::Strings;

TEST(ComposeContainer, NamespacesAreKeptAsWritten) {
    const std::string other = "  db: {image: x}\n";
    const auto spaces = decoded_web(
        "network_mode: 'service:db'\nipc: 'service:db'\npid: host\nuts: host\n"
        "userns_mode: host\ncgroup: private\ncgroup_parent: m-executor\n",
        other);
    EXPECT_EQ(spaces.namespaces.network, "service:db");
    EXPECT_EQ(spaces.namespaces.ipc, "service:db");
    EXPECT_EQ(spaces.namespaces.pid, "host");
    EXPECT_EQ(spaces.namespaces.uts, "host");
    EXPECT_EQ(spaces.namespaces.user, "host");
    EXPECT_EQ(spaces.namespaces.cgroup, "private");
    EXPECT_EQ(spaces.cgroup_parent, "m-executor");
    EXPECT_TRUE(spaces.networks.empty());
    EXPECT_TRUE(spaces.depends_on.at("db").restart);
    const std::string both = decode_problems_of_web("network_mode: host\nnetworks: [default]\n");
    EXPECT_TRUE(
        both.starts_with("compose.yaml:4:19: services.web: network_mode and networks exclude "
                         "each other (keep one)"))
        << both;
}

TEST(ComposeContainer, Rights) {
    const auto web = decoded_web(
        "privileged: true\nread_only: 'yes'\ntty: true\nstdin_open: on\ncap_add: [ALL]\n"
        "cap_drop: [NET_ADMIN, SYS_ADMIN]\nsecurity_opt: ['label:user:USER', "
        "'no-new-privileges:true']\ngroup_add: [mail, 1000]\n"
        "device_cgroup_rules: ['c 1:3 mr']\n");
    EXPECT_TRUE(web.privileged && web.read_only && web.tty && web.stdin_open);
    EXPECT_EQ(web.cap_add, Strings{"ALL"});
    EXPECT_EQ(web.cap_drop, (Strings{"NET_ADMIN", "SYS_ADMIN"}));
    EXPECT_EQ(web.security_opt, (Strings{"label:user:USER", "no-new-privileges:true"}));
    EXPECT_EQ(web.group_add, (Strings{"mail", "1000"}));
    EXPECT_EQ(web.device_cgroup_rules, Strings{"c 1:3 mr"});
}

TEST(ComposeContainer, KernelAndStorageSettings) {
    const StringMap wanted{{"net.core.somaxconn", "1024"}, {"net.ipv4.tcp_syncookies", "0"}};
    EXPECT_EQ(
        decoded_web("sysctls: {net.core.somaxconn: 1024, net.ipv4.tcp_syncookies: 0}\n").sysctls,
        wanted);
    EXPECT_EQ(
        decoded_web("sysctls: [net.core.somaxconn=1024, net.ipv4.tcp_syncookies=0]\n").sysctls,
        wanted);
    EXPECT_EQ(decoded_web("storage_opt: {size: 1G}\n").storage_opt, (StringMap{{"size", "1G"}}));
    EXPECT_EQ(decoded_web("annotations: [com.example.foo=bar]\n").annotations,
              (StringMap{{"com.example.foo", "bar"}}));
}

TEST(ComposeContainer, NamesAndKinds) {
    const auto web = decoded_web(
        "domainname: example.com\nplatform: linux/arm64\npull_policy: if_not_present\n"
        "runtime: runc\nisolation: default\nmac_address: '02:42:ac:11:65:43'\n");
    EXPECT_EQ(web.domain_name, "example.com");
    EXPECT_EQ(web.platform, "linux/arm64");
    EXPECT_EQ(web.pull_policy, "missing");
    EXPECT_EQ(web.runtime, "runc");
    EXPECT_EQ(web.isolation, "default");
    EXPECT_EQ(web.mac_address, "02:42:ac:11:65:43");
    EXPECT_EQ(web.networks.at("default").mac_address, "02:42:ac:11:65:43");
}

TEST(ComposeContainer, PullPolicies) {
    using std::chrono::hours;
    const auto every = [](const std::string& lines) { return decoded_web(lines).pull_every; };
    for (const char* plain : {"always", "missing", "never", "build"})
        EXPECT_EQ(every(std::string("pull_policy: ") + plain + "\n"), std::nullopt) << plain;
    EXPECT_EQ(every("pull_policy: daily\n"), hours(24));
    EXPECT_EQ(every("pull_policy: weekly\n"), hours(7 * 24));
    EXPECT_EQ(every("pull_policy: every_1d12h\n"), hours(36));
    EXPECT_EQ(every("pull_policy: refresh\npull_refresh_after: 2h\n"), hours(2));
    EXPECT_EQ(problems_of_web("pull_policy: daily\n"), "loaded");
    EXPECT_EQ(decode_problems_of_web("pull_policy: sometimes\n").substr(0, 75),
              "compose.yaml:4:18: services.web.pull_policy: 'sometimes' is no pull policy ");
    EXPECT_EQ(
        decode_problems_of_web("pull_policy: every_0s\n"),
        "compose.yaml:4:18: services.web.pull_policy: 'every_0s' is no time between two pulls "
        "(a duration such as 12h or 3d)");
    EXPECT_EQ(decode_problems_of_web("pull_policy: refresh\n"),
              "compose.yaml:4:18: services.web.pull_policy: pull_policy refresh does not say how "
              "often (add pull_refresh_after, or write every_<duration>)");
    EXPECT_EQ(decode_problems_of_web("pull_refresh_after: soon\npull_policy: refresh\n"),
              "compose.yaml:4:25: services.web.pull_refresh_after: 'soon' is no time between two "
              "pulls (a duration such as 12h or 3d)");
    EXPECT_EQ(decode_problems_of_web("pull_refresh_after: 1h\n"),
              "compose.yaml:4:25: services.web.pull_refresh_after: pull_refresh_after is of "
              "pull_policy refresh (write pull_policy: refresh, or every_<duration> alone)");
}

TEST(ComposeContainer, WindowsOnly) {
    const auto loaded = load_text(web_with("cpu_count: 2\ncpu_percent: 5\nisolation: default\n"));
    ASSERT_TRUE(loaded) << loaded.error().message();
    ASSERT_EQ(loaded->warnings.size(), 2U);
    EXPECT_NE(loaded->warnings[0].message.find("cpu_count: it has no effect"), std::string::npos);
    EXPECT_EQ(problems_of_web("isolation: hyperv\n"),
              "compose.yaml:4:5: services.web.isolation: 'isolation' of a service is not "
              "supported (it is of Windows containers, which trueup does not run)");
}

TEST(ComposeContainer, NamesOfOthers) {
    const auto web = decoded_web(
        "dns: 8.8.8.8\ndns_search: [dc1.example.com, dc2.example.com]\ndns_opt: [use-vc]\n"
        "extra_hosts: ['b:1.1.1.1', 'a=[::1]', 'b:2.2.2.2']\nexternal_links: ['redis:cache']\n");
    EXPECT_EQ(web.dns, Strings{"8.8.8.8"});
    EXPECT_EQ(web.dns_search, (Strings{"dc1.example.com", "dc2.example.com"}));
    EXPECT_EQ(web.dns_opt, Strings{"use-vc"});
    EXPECT_EQ(web.extra_hosts, (Strings{"a=::1", "b=1.1.1.1", "b=2.2.2.2"}));
    EXPECT_EQ(web.external_links, Strings{"redis:cache"});
    EXPECT_EQ(decoded_web("extra_hosts: {a: 1.1.1.1, b: [2.2.2.2, 3.3.3.3]}\n").extra_hosts,
              (Strings{"a=1.1.1.1", "b=2.2.2.2", "b=3.3.3.3"}));
}

TEST(ComposeContainer, LinksAndVolumesFromAreDependencies) {
    const auto web = decoded_web(
        "links: ['db:sql', cache]\nvolumes_from: ['files:ro', "
        "'container:other']\n",
        "  db: {image: x}\n  cache: {image: x}\n  files: {image: x}\n");
    EXPECT_EQ(web.links, (Strings{"db:sql", "cache"}));
    EXPECT_EQ(web.volumes_from, (Strings{"files:ro", "container:other"}));
    ASSERT_EQ(web.depends_on.size(), 3U);
    EXPECT_TRUE(web.depends_on.at("db").restart);
    EXPECT_TRUE(web.depends_on.at("cache").restart);
    EXPECT_FALSE(web.depends_on.at("files").restart);
}

TEST(ComposeContainer, Logging) {
    const auto logging =
        decoded_web(
            "logging: {driver: syslog, options: {syslog-address: 'tcp://10.0.0.1', tries: 3}}\n")
            .logging;
    ASSERT_TRUE(logging);
    EXPECT_EQ(logging->driver, "syslog");
    EXPECT_EQ(logging->options, (StringMap{{"syslog-address", "tcp://10.0.0.1"}, {"tries", "3"}}));
}

TEST(ComposeContainer, Hooks) {
    const auto web = decoded_web(
        "pre_start: [{command: [migrate]}, {command: a 'b c', image: tools}]\n"
        "post_start: [{command: ./up.sh, user: root, privileged: true, working_dir: /w, "
        "environment: [A=1, SET]}]\n"
        "pre_stop: [{command: ./down.sh}]\n");
    ASSERT_EQ(web.pre_start.size(), 2U);
    EXPECT_EQ(web.pre_start[0].image, "nginx");
    EXPECT_EQ(web.pre_start[1].command, (Strings{"a", "b c"}));
    EXPECT_EQ(web.pre_start[1].image, "tools");
    ASSERT_EQ(web.post_start.size(), 1U);
    const model::Hook& hook = web.post_start[0];
    EXPECT_EQ(hook.command, Strings{"./up.sh"});
    EXPECT_EQ(hook.user, "root");
    EXPECT_TRUE(hook.privileged);
    EXPECT_EQ(hook.working_dir, "/w");
    EXPECT_EQ(hook.environment, (model::Environment{{"A", "1"}, {"SET", std::nullopt}}));
    EXPECT_EQ(web.pre_stop.at(0).command, Strings{"./down.sh"});
    EXPECT_EQ(decode_problems_of_web("post_start: [{user: root}]\n"),
              "compose.yaml:4:18: services.web.post_start[0]: 'command' is missing in a hook");
    constexpr std::string_view advice =
        "is not supported (a hook runs in the service's container; write a service of its own, and "
        "name that in `depends_on` with `condition: service_completed_successfully`)";
    EXPECT_EQ(problems_of_web("post_start: [{command: x, image: other}]\n"
                              "pre_stop: [{command: x, per_replica: true}]\n"),
              fmt::format("compose.yaml:4:31: services.web.post_start[0].image: 'image' of a hook "
                          "{0}\ncompose.yaml:5:29: services.web.pre_stop[0].per_replica: "
                          "'per_replica' of a hook {0}",
                          advice));
    EXPECT_EQ(problems_of_web("pre_stop: [{command: x, per_replica: false}]\n"), "loaded");
}

TEST(ComposeContainer, TemporaryFileSystems) {
    EXPECT_EQ(decoded_web("tmpfs: /run\n").tmpfs, Strings{"/run"});
    EXPECT_EQ(decoded_web("tmpfs: ['/run:size=64m,mode=755', /tmp]\n").tmpfs,
              (Strings{"/run:size=64m,mode=755", "/tmp"}));
}

}    // namespace
}    // namespace trueup::compose::test
