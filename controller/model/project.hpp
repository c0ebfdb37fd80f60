// SPDX-License-Identifier: Apache-2.0
// What is desired: a compose project after loading, in the words of the Compose Specification.
// Plain values, comparable, deterministic: the same commit and variables give an equal Project.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "controller/base/error.hpp"

namespace trueup::model {

using Duration = std::chrono::nanoseconds;
using Strings = std::vector<std::string>;
using StringMap = std::map<std::string, std::string>;

struct Build {
    std::string context;    // directory in the tree, normal; "" is the project directory's root
    // Relative to the context, normal; may be "../x" resolved to tree path.
    std::string dockerfile = "Dockerfile";
    std::string dockerfile_inline;    // instead of `dockerfile`
    StringMap args;
    std::string target;    // "" = last stage

    // Filled by build/identify from the commit; "" until then.
    std::string context_id;    // ContextId: hash of the filtered context
    std::string recipe_id;     // hash of context_id, Dockerfile, target and args

    bool operator==(const Build&) const = default;
};

struct Port {
    std::string host_ip;      // "" = all
    std::string published;    // "" = chosen by the engine; else "8000" or a range "8000-8010"
    std::uint16_t target = 0;
    std::string protocol = "tcp";

    auto operator<=>(const Port&) const = default;
};

enum class MountKind : std::uint8_t { volume, bind };

struct Mount {
    MountKind kind = MountKind::volume;
    std::string source;    // volume: key in Project::volumes, "" = anonymous;
                           // bind: path in the tree (in_commit) or absolute path on the host
    std::string target;    // absolute path in the container
    bool read_only = false;
    bool in_commit = false;    // bind of a path of the commit: materialised read-only by content
    std::string content_id;    // bind in commit: git object id of the file or directory
    bool content_is_directory = false;

    auto operator<=>(const Mount&) const = default;
};

struct ServiceNetwork {
    Strings aliases;
    std::string ipv4_address;
    std::string ipv6_address;
    int priority = 0;

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

    bool operator==(const RestartPolicy&) const = default;
};

struct Service {
    std::string name;
    std::string image;    // as written; "" when only `build` is given
    std::optional<Build> build;
    std::optional<Strings> command;    // nothing = the image's; empty = cleared
    std::optional<Strings> entrypoint;
    std::map<std::string, std::optional<std::string>> environment;    // resolved; nothing = unset
    std::vector<Port> ports;
    Strings expose;
    std::vector<Mount> mounts;
    std::map<std::string, ServiceNetwork> networks;    // key in Project::networks
    std::map<std::string, Dependency> depends_on;
    std::optional<Healthcheck> healthcheck;
    RestartPolicy restart;
    StringMap labels;
    std::string working_dir;
    std::string user;
    std::string container_name;
    std::string hostname;
    std::string stop_signal;
    std::optional<Duration> stop_grace_period;
    int replicas = 1;
    bool init = false;
    Position position;          // of the service in its compose file
    std::string config_hash;    // ConfigHash, once the service is final; "" = not computed yet

    bool operator==(const Service&) const = default;
};

struct Network {
    std::string key;
    std::string name;    // on the engine: "<project>_<key>" unless named
    bool external = false;
    std::string driver;
    StringMap driver_options;
    bool internal = false;
    bool attachable = false;
    StringMap labels;

    bool operator==(const Network&) const = default;
};

struct Volume {
    std::string key;
    std::string name;
    bool external = false;
    std::string driver;
    StringMap driver_options;
    StringMap labels;

    bool operator==(const Volume&) const = default;
};

// Where the code of a service is: `from` in the commit is found at `to` in the container.
struct CodeMapping {
    std::string from;    // path in the tree: a file or a directory; "" is the root
    std::string to;      // absolute path in the container
    Strings ignore;      // globs below `to` that the application writes itself

    auto operator<=>(const CodeMapping&) const = default;
};

struct Project {
    std::string name;
    std::map<std::string, Service> services;    // enabled ones only
    std::map<std::string, Network> networks;    // used ones only
    std::map<std::string, Volume> volumes;
    Strings disabled_services;    // by profile
    Strings config_files;         // tree paths, in the order of merging
    Problems warnings;            // worth telling, not worth failing

    // Filled by code/ from the Dockerfile or the Stack's spec.code; a service without an entry
    // has no code that could be compared.
    std::map<std::string, std::vector<CodeMapping>> code;

    bool operator==(const Project&) const = default;
};

}    // namespace trueup::model
