// SPDX-License-Identifier: Apache-2.0
// One service of a project (Compose Specification, "Services top-level element"), with every
// attribute that an engine or a rollout can act on. Plain comparable values; "" and 0 mean that the
// file does not say, unless a comment tells.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "controller/base/error.hpp"
#include "controller/model/build.hpp"
#include "controller/model/deploy.hpp"

namespace trueup::model {

// Values of variables; nothing = the variable is to be unset.
using Environment = std::map<std::string, std::optional<std::string>>;

struct Port {
    std::string host_ip;      // "" = all
    std::string published;    // "" = chosen by the engine; else "8000" or a range "8000-8010"
    std::uint16_t target = 0;
    std::string protocol = "tcp";
    std::string name;                // for people
    std::string mode = "ingress";    // or host: for schedulers
    std::string app_protocol;        // for people

    auto operator<=>(const Port&) const = default;
};

enum class MountKind : std::uint8_t { volume, bind, tmpfs, image };

struct Mount {
    MountKind kind = MountKind::volume;
    std::string source;    // volume: key in Project::volumes, "" = anonymous;
                           // bind: path in the tree (in_commit) or absolute path on the host;
                           // image: its reference
    std::string target;    // absolute path in the container
    bool read_only = false;
    bool in_commit = false;    // bind of a path of the commit: materialised read-only by content
    std::string content_id;    // bind in commit: git object id of the file or directory
    bool content_is_directory = false;

    // bind
    std::string propagation;         // "", private, rprivate, shared, rshared, slave, rslave
    bool create_host_path = true;    // a missing source becomes a folder
    std::string selinux;             // "", z, Z
    std::string recursive;           // "", enabled, disabled, writable, readonly
    // volume
    bool no_copy = false;    // leave out what the image has at the target
    StringMap labels;        // of the volume that is made for it
    // volume and image
    std::string subpath;
    // tmpfs
    std::int64_t tmpfs_size = 0;    // bytes; 0 = not limited
    std::uint32_t tmpfs_mode = 0;
    std::string consistency;    // Docker Desktop only

    auto operator<=>(const Mount&) const = default;
};

struct ServiceNetwork {
    Strings aliases;
    std::string ipv4_address;
    std::string ipv6_address;
    int priority = 0;    // the highest one is connected first
    Strings link_local_ips;
    std::string mac_address;    // `mac_address` of the service lands here, on the first network
    StringMap driver_options;
    int gateway_priority = 0;      // `gw_priority`: the highest one gives the default route
    std::string interface_name;    // in the container

    bool operator==(const ServiceNetwork&) const = default;
};

enum class DependencyCondition : std::uint8_t { started, healthy, completed_successfully };

struct Dependency {
    DependencyCondition condition = DependencyCondition::started;
    bool restart = false;
    bool required = true;

    bool operator==(const Dependency&) const = default;
};

struct Healthcheck {
    bool disabled = false;
    Strings test;                        // Engine form: ["CMD", …], ["CMD-SHELL", text], ["NONE"]
    std::optional<Duration> interval;    // nothing = the image's or the engine's default
    std::optional<Duration> timeout;
    std::optional<Duration> start_period;
    std::optional<Duration> start_interval;
    std::optional<int> retries;

    bool operator==(const Healthcheck&) const = default;
};

struct RestartPolicy {
    std::string name = "no";    // no | always | unless-stopped | on-failure
    int max_retries = 0;        // of on-failure
    bool written = false;       // else nobody said so: it is the engine's default

    bool operator==(const RestartPolicy&) const = default;
};

// A config or secret in a container.
struct FileReference {
    std::string source;    // key in Project::configs or Project::secrets
    std::string target;    // absolute path in the container
    std::string uid;       // "" = 0
    std::string gid;
    std::optional<std::uint32_t> mode;    // nothing = 0444; nothing of a mounted file of the host

    auto operator<=>(const FileReference&) const = default;
};
inline bool asks_for_owner_or_mode(const FileReference& file) {
    return file.mode || !file.uid.empty() || !file.gid.empty();
}

struct Device {
    std::string source;         // path on the host, or a qualified CDI name
    std::string target;         // path in the container
    std::string permissions;    // "rwm", "r", …

    auto operator<=>(const Device&) const = default;
};

struct Logging {
    std::string driver;
    StringMap options;

    bool operator==(const Logging&) const = default;
};

// A command in a running container (`post_start`, `pre_stop`), or, with an image, one in a
// container of its own before the service starts (`pre_start`).
struct Hook {
    Strings command;
    std::string user;
    bool privileged = false;
    std::string working_dir;
    Environment environment;
    std::string image;    // of pre_start
    bool per_replica = false;

    bool operator==(const Hook&) const = default;
};

// Whose namespace a service shares: `network_mode`, `ipc`, `pid`, `uts`, `userns_mode`, `cgroup`, as
// written: "host", "none", "service:NAME", "container:NAME", …; "" = a namespace of its own.
struct Namespaces {
    std::string network;
    std::string ipc;
    std::string pid;
    std::string uts;
    std::string user;
    std::string cgroup;

    bool operator==(const Namespaces&) const = default;
};

// A file of the commit that a service takes variables from (`env_file`).
struct VariableFile {
    std::string path;          // in the tree
    std::string content_id;    // git object id

    bool operator==(const VariableFile&) const = default;
};

struct Service {
    std::string name;
    std::string image;    // as written; "" when only `build` is given
    std::optional<Build> build;
    std::optional<Strings> command;    // nothing = the image's; empty = cleared
    std::optional<Strings> entrypoint;
    Environment environment;    // resolved; nothing = unset
    std::vector<VariableFile> variable_files;
    std::set<std::string> from_variable_files;    // names of variables that have their values there
    std::vector<Port> ports;
    Strings expose;
    std::vector<Mount> mounts;
    std::map<std::string, ServiceNetwork> networks;    // key in Project::networks
    std::map<std::string, Dependency> depends_on;
    std::optional<Healthcheck> healthcheck;
    RestartPolicy restart;
    StringMap labels;    // with those of label_file
    std::string working_dir;
    std::string user;
    std::string container_name;
    std::string hostname;
    std::string stop_signal;
    std::optional<Duration> stop_grace_period;
    int replicas = 1;    // `scale`, deploy.replicas
    bool init = false;
    bool reloads = false;    // `x-trueup`: it notices itself when its files change

    StringMap annotations;
    std::string domain_name;
    std::string platform;       // "linux/arm64"
    std::string pull_policy;    // "", always, never, missing, build, refresh, daily, every_1h, …
    std::optional<Duration> pull_every;    // of those that speak of time: at most so long ago
    std::string runtime;                   // "runc"
    std::string isolation;                 // Windows only
    std::string mac_address;               // as written; also in the first network
    Namespaces namespaces;                 // a network namespace excludes `networks`
    std::string cgroup_parent;
    bool privileged = false;
    bool read_only = false;    // the root file system
    bool tty = false;
    bool stdin_open = false;
    Strings cap_add;
    Strings cap_drop;
    Strings security_opt;    // "seccomp=FILE" names a path of the tree or an absolute one
    Strings group_add;
    StringMap sysctls;
    StringMap storage_opt;
    std::map<std::string, Ulimit> ulimits;
    std::vector<Device> devices;
    Strings device_cgroup_rules;    // "c 1:3 mr"
    std::optional<std::vector<DeviceRequest>> gpus;
    Strings dns;
    Strings dns_search;
    Strings dns_opt;
    Strings extra_hosts;       // "host=address", in the order of the file
    Strings links;             // "service:alias"
    Strings external_links;    // "container:alias"
    Strings volumes_from;      // "service", "service:ro", "container:name:ro"
    Strings tmpfs;             // "/run", "/run:size=64m,mode=755"
    std::vector<FileReference> configs;
    std::vector<FileReference> secrets;
    std::optional<Logging> logging;
    Resources resources;
    std::optional<Deploy> deploy;
    std::vector<Hook> pre_start;
    std::vector<Hook> post_start;
    std::vector<Hook> pre_stop;

    Position position;                           // of the service in its compose file
    std::vector<Position> security_positions;    // of each of security_opt, likewise
    std::string config_hash;     // ConfigHash, once the service is final; "" = not computed yet
    std::string unkeyed_hash;    // the same as it is without a key; "" = there is no key
    std::string compose_hash;    // what docker compose 2.26.1 would label it with; "" = not known

    bool operator==(const Service&) const = default;
};

}    // namespace trueup::model
