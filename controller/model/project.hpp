// SPDX-License-Identifier: Apache-2.0
// What is desired: a compose project after loading, in the words of the Compose Specification.
// Plain values, comparable, deterministic: the same commit and variables give an equal Project.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "controller/base/error.hpp"
#include "controller/model/build.hpp"
#include "controller/model/deploy.hpp"
#include "controller/model/service.hpp"

namespace trueup::model {

// One block of addresses (`networks.*.ipam.config`), as written: "10.1.0.0/16".
struct AddressPool {
    std::string subnet;
    std::string ip_range;
    std::string gateway;
    StringMap aux_addresses;    // name -> address

    auto operator<=>(const AddressPool&) const = default;
};

struct AddressManagement {
    std::string driver;
    std::vector<AddressPool> config;
    StringMap options;

    bool operator==(const AddressManagement&) const = default;
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
    std::optional<bool> enable_ipv4;    // nothing = the engine's default
    std::optional<bool> enable_ipv6;
    AddressManagement ipam;

    bool operator==(const Network&) const = default;
};

struct Volume {
    std::string key;
    std::string name;
    bool external = false;
    std::string driver;
    StringMap driver_options;    // a relative `device` of a bind is absolute here
    StringMap labels;

    bool operator==(const Volume&) const = default;
};

enum class FileOrigin : std::uint8_t { commit, host, environment, content };

// A config or a secret (`configs`, `secrets` of the project). The content of a secret never leaves
// the program but for the container it is made for.
struct FileObject {
    std::string key;
    std::string name;
    bool external = false;    // refused by the loader: single engines have no store of them
    FileOrigin origin = FileOrigin::content;
    std::string path;           // commit: path in the tree; host: absolute
    std::string environment;    // name of the variable that holds it
    std::string content;        // of environment and content; of a commit's file where a service
                                // asks for its owner or mode
    std::string content_id;     // commit: git object id of the file
    StringMap labels;
    std::string driver;
    StringMap driver_options;
    std::string template_driver;

    bool operator==(const FileObject&) const = default;
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
    std::map<std::string, FileObject> configs;
    std::map<std::string, FileObject> secrets;
    Strings disabled_services;    // by profile
    Strings config_files;         // tree paths, in the order of merging
    Problems warnings;            // worth telling, not worth failing

    // Filled by code/ from the Dockerfile or the Stack's spec.code; a service without an entry
    // has no code that could be compared.
    std::map<std::string, std::vector<CodeMapping>> code;

    bool operator==(const Project&) const = default;
};

}    // namespace trueup::model
