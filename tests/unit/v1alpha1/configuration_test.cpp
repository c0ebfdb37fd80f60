// SPDX-License-Identifier: Apache-2.0
#include "api/v1alpha1/configuration.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "api/v1alpha1/codec.hpp"

namespace trueup::v1alpha1 {
namespace {

const std::string head = "apiVersion: trueup.dev/v1alpha1\nkind: ControllerConfiguration\n";

std::string problems_of(const std::string& rest) {
    const auto read = parse_configuration(head + rest, "config.yaml");
    return read ? "none" : read.error().message();
}

std::string warnings_of(const std::string& rest) {
    const auto read = parse_configuration(head + rest, "config.yaml");
    if (!read) return read.error().message();
    std::string text;
    for (const Problem& warning : read->warnings) text += to_string(warning) + "\n";
    return text;
}

TEST(ParseConfiguration, NothingIsTheDefault) {
    const auto read = parse_configuration("", "/etc/trueup/config.yaml");
    ASSERT_TRUE(read) << read.error().message();
    EXPECT_EQ(read->name, "trueup");
    EXPECT_EQ(read->api_listen, "127.0.0.1:9180");
    EXPECT_EQ(read->workers, 4);
    EXPECT_EQ(read->lock_timeout, std::chrono::seconds(60));
    EXPECT_TRUE(read->engines.empty());
    EXPECT_FALSE(read->ignore_other_engines);
    EXPECT_EQ(*parse_configuration(head, "/etc/trueup/config.yaml"), *read);
}

TEST(ParseConfiguration, EveryField) {
    const auto read = parse_configuration(head + R"(name: host-7
stateDirectory: /var/lib/trueup
ownerKeyFile: owner.key
desiredState: {source: "git+https://git.example.com/ops.git//hosts?ref=main", credentials: ops, pollInterval: 30s}
api: {listen: "127.0.0.1:1"}
metrics: {listen: "127.0.0.1:2"}
workers: 8
gitTimeout: 1m
stopGracePeriod: 20s
lockTimeout: 3s
log: {level: debug, format: json}
engines:
  - {name: default, url: unix:///var/run/docker.sock}
  - {name: edge, url: tcp://edge.example.com:2376, tls: {caFile: tls/ca.pem, certificateFile: tls/c.pem, keyFile: tls/k.pem}}
  - {name: far, url: ssh://deploy@far.example.com, ssh: {identityFile: /k, knownHostsFile: ./known_hosts}}
ignoreOtherEngines: true
gitCredentials:
  - {name: ops, url: https://git.example.com, username: git, passwordFile: /run/secrets/ops, caFile: ca.pem}
  - {name: api, url: https://api.example.com/team/, bearerTokenFile: /run/secrets/api}
registryCredentials:
  - {registry: https://index.docker.io/v1/, username: me, passwordFile: hub}
  - {registry: "Registry.example.com:5000", username: me, passwordFile: registry}
  - {dockerConfig: /root/.docker/config.json}
hostRoots: [/etc/shop, /srv/data/]
)",
                                          "/etc/trueup/config.yaml");
    ASSERT_TRUE(read) << read.error().message();
    EXPECT_EQ(read->name, "host-7");
    EXPECT_EQ(read->state_directory.path, "/var/lib/trueup");
    EXPECT_EQ(read->owner_key_file.path, "/etc/trueup/owner.key");
    EXPECT_EQ(read->desired, "git+https://git.example.com/ops.git//hosts?ref=main");
    EXPECT_EQ(read->desired_credentials, "ops");
    EXPECT_EQ(read->poll_interval, std::chrono::seconds(30));
    EXPECT_EQ(read->api_listen + read->metrics_listen, "127.0.0.1:1127.0.0.1:2");
    EXPECT_EQ(read->workers, 8);
    EXPECT_EQ(read->git_timeout, std::chrono::minutes(1));
    EXPECT_EQ(read->stop_grace_period, std::chrono::seconds(20));
    EXPECT_EQ(read->lock_timeout, std::chrono::seconds(3));
    EXPECT_EQ(read->log_level + read->log_format, "debugjson");
    ASSERT_EQ(read->engines.size(), 3U);
    EXPECT_FALSE(read->engines[0].tls);
    EXPECT_TRUE(read->engines[1].tls);
    EXPECT_EQ(read->engines[1].ca_file.path, "/etc/trueup/tls/ca.pem");
    EXPECT_EQ(to_string(read->engines[1].ca_file.position), "/etc/trueup/config.yaml:16:66");
    EXPECT_EQ(read->engines[2].url, "ssh://deploy@far.example.com");
    EXPECT_EQ(read->engines[2].known_hosts_file.path, "/etc/trueup/./known_hosts");
    EXPECT_TRUE(read->ignore_other_engines);
    ASSERT_EQ(read->git_credentials.size(), 2U);
    EXPECT_EQ(read->git_credentials[0].kind, GitCredentialConfiguration::Kind::basic);
    EXPECT_EQ(read->git_credentials[0].secret_file.path, "/run/secrets/ops");
    EXPECT_EQ(read->git_credential("api")->kind, GitCredentialConfiguration::Kind::bearer);
    EXPECT_EQ(read->git_credential("nobody"), nullptr);
    ASSERT_EQ(read->registry_credentials.size(), 3U);
    EXPECT_EQ(read->registry_credentials[0].registry, "docker.io");
    EXPECT_EQ(read->registry_credentials[1].registry, "registry.example.com:5000");
    EXPECT_EQ(read->registry_credentials[2].docker_config.path, "/root/.docker/config.json");
    ASSERT_EQ(read->host_roots.size(), 2U);
    EXPECT_EQ(read->host_roots[1].path, "/srv/data");
    EXPECT_TRUE(read->warnings.empty());
}

TEST(ParseConfiguration, AllProblemsAtOnceWithTheirPlaces) {
    EXPECT_EQ(
        problems_of(R"(name: Host 7
workres: 3
workers: 0
stateDirectory: ~/state
desiredState: {source: /d, credentials: nobody, pollInterval: soon}
log: {level: loud}
engines:
  - {name: a, url: http://x:1}
  - {name: a, url: unix:///x, tls: {certificateFile: c}, ssh: {identityFile: k}}
  - {url: "ssh://me:hunter2@host"}
hostRoots: [/, etc, /a/../b]
metadata: {name: x}
)"),
        R"(config.yaml:3:7: name: 'Host 7' is not a valid name (lower-case letters, digits and inner '-', at most 63)
config.yaml:4:1: unknown field 'workres' (did you mean 'workers'?)
config.yaml:5:10: workers: '0' is not a whole number from 1 to 64
config.yaml:6:17: stateDirectory: this is no path (write an absolute path, or one that starts at the folder of this file)
config.yaml:7:41: desiredState.credentials: there is no git credential 'nobody' (the name of one of gitCredentials)
config.yaml:7:63: desiredState.pollInterval: 'soon' is not a duration (write a number and a unit, for example 30s, 5m or 1h30m)
config.yaml:8:14: log.level: unknown word 'loud' (one of: debug, info, warning, error)
config.yaml:10:20: engines[0].url: 'http://x:1' is no address of an engine (write unix:///path, tcp://host:port or ssh://user@host)
config.yaml:11:12: engines[1].name: there is a 'a' already (rename one of them)
config.yaml:11:36: engines[1].tls: a certificate and its key belong together (give both certificateFile and keyFile, or neither)
config.yaml:11:36: engines[1].tls: only tcp:// has tls (remove it)
config.yaml:11:63: engines[1].ssh: only ssh:// has it (remove it)
config.yaml:12:5: engines[2].name is missing (lower-case letters, digits and inner '-')
config.yaml:12:11: engines[2].url: the url carries a secret (tls and ssh name their keys as files; of ssh write ssh://user@host)
config.yaml:13:13: hostRoots: '/' cannot be one (write the absolute path of a folder, without '..'; the whole host cannot be allowed)
config.yaml:13:16: hostRoots: 'etc' cannot be one (write the absolute path of a folder, without '..'; the whole host cannot be allowed)
config.yaml:14:11: metadata: a configuration has none (the controller's name is the field 'name'))");
}

TEST(ParseConfiguration, CredentialsThatCannotBe) {
    EXPECT_EQ(
        problems_of(R"(gitCredentials:
  - {name: a, url: https://git.example.com/, passwordFile: p, bearerTokenFile: t}
  - {name: b, url: "https://me:hunter2@git.example.com/", username: x, passwordFile: p}
  - {name: c, url: /srv/git, username: x, passwordFile: p}
  - {name: d, username: x, passwordFile: p}
  - {name: e, url: https://git.example.com/, privateKeyFile: k, knownHostsFile: h, passphraseFile: p}
registryCredentials:
  - {registry: a.example.com, username: x}
  - {registry: docker.io, username: x, passwordFile: p}
  - {registry: index.docker.io, username: x, passwordFile: p}
  - {registry: b.example.com/team, username: x, passwordFile: p}
  - {dockerConfig: c.json, username: x}
)"),
        R"(config.yaml:4:5: gitCredentials[0].username is missing (servers that take tokens accept any, for example git)
config.yaml:4:5: gitCredentials[0]: more than one way to sign in (keep one of passwordFile, bearerTokenFile and privateKeyFile)
config.yaml:5:20: gitCredentials[1].url: the url carries a user name or a password (remove everything before the '@'; secrets do not belong into desired-state files)
config.yaml:6:20: gitCredentials[2].url: repositories on this machine need no credential (remove the credential)
config.yaml:7:5: gitCredentials[3].url is missing (which repositories it is for, for example https://git.example.com/team/)
config.yaml:8:62: gitCredentials[4].privateKeyFile: has no meaning for a http(s) url (use passwordFile or bearerTokenFile)
config.yaml:8:81: gitCredentials[4].knownHostsFile: has no meaning for a http(s) url (use passwordFile or bearerTokenFile)
config.yaml:8:100: gitCredentials[4].passphraseFile: has no meaning for a http(s) url (use passwordFile or bearerTokenFile)
config.yaml:10:5: registryCredentials[0].passwordFile is missing (the file that holds the password or token)
config.yaml:12:16: registryCredentials[2].registry: there is a credential for docker.io already (keep one of them)
config.yaml:13:16: registryCredentials[3].registry: 'b.example.com/team' is no registry (write its host, with the port if it has one: registry.example.com:5000)
config.yaml:14:38: registryCredentials[4].username: dockerConfig says this already (make two credentials of it))");
}

TEST(ParseConfiguration, SecretsInTheFileAreRefusedAndNotRepeated) {
    const std::string text = problems_of(R"(gitCredentials:
  - {name: a, url: https://git.example.com/, username: x, password: hunter2}
  - {name: b, url: https://git.example.com/, token: hunter2}
  - {name: c, url: https://git.example.com/, bearerToken: hunter2, passphrase: hunter2, privateKey: "hunter2"}
registryCredentials:
  - {registry: a.example.com, username: x, password: hunter2}
engines: [{name: x, url: "ssh://a:hunter2@b"}, {name: y, url: "tcp://hunter2@b:1"},
          {name: z, url: "ssh://b", ssh: {passphrase: hunter2}}]
)");
    EXPECT_EQ(text.find("hunter2"), std::string::npos) << text;
    EXPECT_NE(
        text.find("config.yaml:4:69: gitCredentials[0].password: secrets are not written into "
                  "this file (put it into a file that only the controller may read, and "
                  "write passwordFile: /path)"),
        std::string::npos)
        << text;
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 8) << text;
}

TEST(ParseConfiguration, WarnsOfWhatIsSentInTheClear) {
    EXPECT_EQ(
        warnings_of(
            R"(engines: [{name: a, url: "tcp://edge.example.com:2375"}, {name: b, url: "tcp://127.0.0.1:2375"}]
gitCredentials: [{name: a, url: http://git.example.com/, username: x, passwordFile: p}]
)"),
        R"(config.yaml:3:26: engines[0].url: this engine is reached without encryption, and whoever reaches it owns its host (protect it with tls: {caFile, certificateFile, keyFile}, or use ssh://)
config.yaml:4:33: gitCredentials[0].url: a secret is sent to this server without encryption (use https://)
)");
}

TEST(ParseConfiguration, KindsInTheWrongFile) {
    const std::string stack =
        "apiVersion: trueup.dev/v1alpha1\nkind: Stack\nmetadata: {name: x}\nspec: {}\n";
    EXPECT_FALSE(is_configuration(stack));
    EXPECT_TRUE(is_configuration(head));
    EXPECT_TRUE(is_configuration("kind: ControlerConfiguration\n"));
    EXPECT_FALSE(is_configuration("kind: [\n"));
    EXPECT_TRUE(is_configuration("kind: Configuration\nname: edge\n"));
    EXPECT_TRUE(is_configuration("apiVersion: trueup.dev/v1alpha1\nengines: []\n"));
    EXPECT_TRUE(is_configuration("kind: Controller\ndesiredState: {source: /etc/stacks}\n"));
    EXPECT_FALSE(is_configuration("kind: Stack\nengines: []\n"));
    EXPECT_FALSE(is_configuration("kind: Deployment\nspec: {}\nengines: []\n"));
    EXPECT_FALSE(is_configuration("services: {api: {image: x}}\n"));
    EXPECT_FALSE(is_configuration(""));
    EXPECT_NE(parse_configuration(stack, "c")
                  .error()
                  .message()
                  .find("c:2:7: kind: a Stack is no part of the controller's configuration"),
              std::string::npos);
    EXPECT_NE(parse_stacks(head, "s").error().message().find(
                  "s:2:7: kind: the controller's configuration is no desired state"),
              std::string::npos);
    EXPECT_EQ(problems_of("---\n" + head),
              "config.yaml:4:1: a second document: a controller has one configuration (remove one "
              "of them)");
}

TEST(GitPrefix, CoversWhatLiesBelowIt) {
    struct Row {
        std::string prefix;
        std::string url;
        bool covered;
    };
    for (const Row& row : std::vector<Row>{
             {"https://git.example.com", "https://git.example.com/a/b.git", true},
             {"https://git.example.com/", "https://git.example.com/a", true},
             {"https://git.example.com/team/", "https://git.example.com/team/shop.git", true},
             {"https://git.example.com/team", "https://git.example.com/teams/shop", false},
             {"https://git.example.com/team/shop", "https://git.example.com/team/shop.git", true},
             {"https://git.example.com/team", "https://git.example.com/team/../other/x", false},
             {"https://git.example.com/team", "https://git.example.com/team/%2e%2e/other/x", false},
             {"https://git.example.com", "http://git.example.com/a", false},
             {"https://git.example.com", "https://git.example.com:8443/a", false},
             {"https://git.example.com", "https://git.example.com.evil.example/a", false},
             {"https://git.example.com", "https://GIT.example.com/a", true},
             {"ssh://git@git.example.com", "git@git.example.com:team/shop.git", true},
             {"git@git.example.com:team", "ssh://git@git.example.com/team/shop.git", true},
             {"ssh://git@git.example.com/team", "git@git.example.com:other/shop.git", false},
             {"ssh://git@git.example.com", "ssh://root@git.example.com/shop.git", false},
             {"ssh://git.example.com", "ssh://root@git.example.com/shop.git", true},
             {"ssh://git@git.example.com", "ssh://git@git.example.com:2222/shop.git", false},
         }) {
        const auto prefix = parse_git_prefix(row.prefix);
        const auto url = parse_git_url(row.url);
        ASSERT_TRUE(prefix && url) << row.prefix << " " << row.url;
        EXPECT_EQ(covers(*prefix, *url), row.covered) << row.prefix << " " << row.url;
    }
}

TEST(RegistryName, NamesOfDockerHubAreOne) {
    for (const std::string_view name :
         {"docker.io", "index.docker.io", "https://index.docker.io/v1/", "registry-1.docker.io"})
        EXPECT_EQ(registry_name(name), "docker.io");
    EXPECT_EQ(registry_name("https://Registry.example.com:5000/v2/"), "registry.example.com:5000");
}

TEST(ParseConfiguration, OneEngineUnderTwoNamesIsRefused) {
    const std::string text =
        "apiVersion: trueup.dev/v1alpha1\nkind: ControllerConfiguration\nengines:\n"
        "  - {name: a, url: unix:///x}\n  - {name: b, url: tcp://127.0.0.1:1}\n"
        "  - {name: c, url: unix:///x}\n";
    const auto parsed = parse_configuration(text, "config.yaml");
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().message(),
              "config.yaml:6:20: engines[2].url: engines 'a' and 'c' are one and the same (remove "
              "one of them, and let its stacks name the other)");
}

}    // namespace
}    // namespace trueup::v1alpha1
