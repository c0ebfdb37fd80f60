// SPDX-License-Identifier: Apache-2.0
// The controller's own configuration, /etc/trueup/config.yaml: what it may use and where. Values
// only; docs/configuration.md explains every field. Secrets are never in it, only the files that
// hold them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/v1alpha1/git_url.hpp"
#include "api/v1alpha1/stack.hpp"

namespace trueup::v1alpha1 {

inline constexpr std::string_view default_configuration_file = "/etc/trueup/config.yaml";

// A file or folder that the configuration names, and where it does. A relative path was joined to
// the folder of the configuration's file.
struct FilePath {
    std::string path;    // "" = not given
    Position position;

    bool given() const { return !path.empty(); }
    bool operator==(const FilePath& other) const { return path == other.path; }
};

struct EngineConfiguration {
    std::string name;
    std::string url;    // unix:///path | tcp://host:port | ssh://[user@]host[:port]
    Position url_position;
    bool tls = false;             // of tcp
    FilePath ca_file;             // "" = the machine's authorities
    FilePath certificate_file;    // both or neither
    FilePath key_file;
    FilePath identity_file;       // of ssh; "" = what ssh itself would take
    FilePath known_hosts_file;    // of ssh; likewise

    bool operator==(const EngineConfiguration&) const = default;
};

struct GitCredentialConfiguration {
    enum class Kind : std::uint8_t { none, basic, bearer, ssh_key };
    std::string name;
    std::string url;    // only repositories below it may be shown this credential
    Position url_position;
    Kind kind = Kind::none;       // none: only known_hosts_file or ca_file are given
    std::string username;         // of basic; of ssh: for urls that name no user
    FilePath secret_file;         // basic: password or token; bearer: token; ssh_key: passphrase
    FilePath private_key_file;    // of ssh_key
    FilePath known_hosts_file;    // of ssh
    FilePath ca_file;             // of https

    bool operator==(const GitCredentialConfiguration&) const = default;
};

// Either one registry, or a Docker config.json with any number of them.
struct RegistryCredentialConfiguration {
    std::string registry;    // normal, see registry_name()
    std::string username;
    FilePath password_file;
    FilePath docker_config;

    bool operator==(const RegistryCredentialConfiguration&) const = default;
};

struct Configuration {
    std::string name = "trueup";    // of this controller: what it creates carries it
    FilePath state_directory;       // not given = the default
    FilePath owner_key_file;        // not given = made in the state directory
    std::string desired;            // as of --desired; "" = not given
    Position desired_position;
    std::string desired_credentials;    // a git credential's name
    std::chrono::nanoseconds poll_interval = std::chrono::minutes(1);
    std::string api_listen = "127.0.0.1:9180";
    Position api_listen_position;    // not given = the default, or of the command line
    std::string metrics_listen = "127.0.0.1:9181";
    Position metrics_listen_position;
    int workers = 4;
    std::chrono::nanoseconds git_timeout = std::chrono::minutes(2);
    std::chrono::nanoseconds stop_grace_period = std::chrono::seconds(10);
    std::chrono::nanoseconds lock_timeout = std::chrono::seconds(60);
    std::string log_level = "info";              // debug | info | warning | error
    std::string log_format = "text";             // text | json
    std::vector<EngineConfiguration> engines;    // empty = $DOCKER_HOST as `default`
    bool ignore_other_engines = false;
    std::vector<GitCredentialConfiguration> git_credentials;
    std::vector<RegistryCredentialConfiguration> registry_credentials;
    std::vector<FilePath> host_roots;

    std::string file;    // it came from; "" = defaults only
    // Worth telling, not worth failing: a password that is sent without encryption.
    Problems warnings;

    bool operator==(const Configuration&) const = default;

    const GitCredentialConfiguration* git_credential(std::string_view name) const;
};

// Every problem at once, each with file:line:column and what to do; an empty text gives the defaults.
// Nothing is opened. A message never repeats what stands where a secret does not belong.
Result<Configuration> parse_configuration(std::string_view text, const std::string& file);

// What can be read of a file that is not all right, and what is wrong with it. A field that is wrong is
// as if not given. An error is only what no document can be read of.
struct ReadConfiguration {
    Configuration configuration;
    Problems problems;
};
Result<ReadConfiguration> read_configuration(std::string_view text, const std::string& file);

// Whether a text wants to be such a configuration: its kind says so, or nearly; without a kind that
// anybody knows, whether its fields are those of one.
bool is_configuration(std::string_view text);

// The registry that a host of an image reference or of a Docker config means: lower case, without
// scheme and path; Docker Hub's names are all "docker.io".
std::string registry_name(std::string_view written);

// Whether a repository lies at or below the prefix of a credential: same scheme, host, port and, if
// the prefix names one, user; its path part by part.
bool covers(const GitUrl& prefix, const GitUrl& url);
// A prefix of a credential's url, which need not name a repository.
Result<GitUrl> parse_git_prefix(std::string_view url);

}    // namespace trueup::v1alpha1
